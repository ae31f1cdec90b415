/* take_until_test.c */
#include "support/lab.h"

static void an_item_of_the_other_ends_it(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b-c-|");
	struct rx_source *b = lab_hot(lab, "----x");

	lab_expect_events(lab, rx_take_until(in, b), "10:a 30:b 40:|", 500);
}

static void the_end_of_the_other_does_not(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b-|");
	struct rx_source *b = lab_hot(lab, "--|");

	lab_expect_events(lab, rx_take_until(in, b), "10:a 30:b 50:|", 500);
}

static void an_error_of_the_other_does(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b-|");
	struct rx_source *b = lab_hot(lab, "--#");

	lab_expect_events(lab, rx_take_until(in, b), "10:a 20:#error", 500);
}

static void a_signal_at_once_comes_before_the_first_item(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_cold(lab, "a");

	lab_expect_events(
		lab, rx_take_until(in, rx_just(lab_ctx(lab), value_int(1))),
		"0:|", 500);
	assert_int_equal(lab_cold_runs(lab), 0);
}

static void can_be_cancelled_inside_next(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b-|");
	struct rx_source *b = lab_hot(lab, "----x");

	lab_cancel_after(lab, 1);
	lab_expect_events(lab, rx_take_until(in, b), "10:a", 500);
}

static void skip_begins_with_an_item_of_the_other(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b-c-|");
	struct rx_source *b = lab_hot(lab, "--x");

	lab_expect_events(lab, rx_skip_until(in, b), "30:b 50:c 70:|", 500);
}

static void skip_passes_the_end_though_the_gate_never_opened(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-|");
	struct rx_source *b = lab_hot(lab, "----x");

	lab_expect_events(lab, rx_skip_until(in, b), "30:|", 500);
}

static void skip_ends_with_an_error_of_the_other(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b|");
	struct rx_source *b = lab_hot(lab, "--#");

	lab_expect_events(lab, rx_skip_until(in, b), "20:#error", 500);
}

static void skip_stays_closed_when_the_other_ends(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b|");
	struct rx_source *b = lab_hot(lab, "--|");

	lab_expect_events(lab, rx_skip_until(in, b), "40:|", 500);
}

static void skip_can_be_cancelled_inside_next(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b-c|");
	struct rx_source *b = lab_hot(lab, "x");

	lab_cancel_after(lab, 1);
	lab_expect_events(lab, rx_skip_until(in, b), "10:a", 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(an_item_of_the_other_ends_it),
		lab_test(the_end_of_the_other_does_not),
		lab_test(an_error_of_the_other_does),
		lab_test(a_signal_at_once_comes_before_the_first_item),
		lab_test(can_be_cancelled_inside_next),
		lab_test(skip_begins_with_an_item_of_the_other),
		lab_test(skip_passes_the_end_though_the_gate_never_opened),
		lab_test(skip_ends_with_an_error_of_the_other),
		lab_test(skip_stays_closed_when_the_other_ends),
		lab_test(skip_can_be_cancelled_inside_next),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
