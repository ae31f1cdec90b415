/* if_empty_test.c */
#include "support/lab.h"

static void the_default_comes_when_there_was_nothing(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "---|");

	lab_expect_events(lab, rx_default_if_empty(in, value_int(1)),
			  "30:1 30:|", 500);
}

static void the_default_does_not_come_when_there_was_something(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-|");

	lab_expect_events(lab, rx_default_if_empty(in, value_int(1)),
			  "10:a 30:|", 500);
}

static void the_default_does_not_come_after_an_error(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "--#");

	lab_expect_events(lab, rx_default_if_empty(in, value_int(1)),
			  "20:#error", 500);
}

static void can_be_cancelled_in_the_default(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "--|");

	lab_cancel_after(lab, 1);
	lab_expect_events(lab, rx_default_if_empty(in, value_int(1)), "20:1",
			  500);
}

static void throw_if_empty_raises_its_message(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "--|");

	lab_expect_events(lab, rx_throw_if_empty(in, STR("none")), "20:#none",
			  500);
}

static void throw_if_empty_lets_an_end_pass_after_an_item(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a|");

	lab_expect_events(lab, rx_throw_if_empty(in, STR("none")), "10:a 20:|",
			  500);
}

static void switch_if_empty_goes_on_with_the_other(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "--|");
	struct rx_source *b = lab_cold(lab, "-x-|");

	lab_expect_events(lab, rx_switch_if_empty(in, b), "30:x 50:|", 500);
}

static void switch_if_empty_never_subscribes_the_other_after_an_item(
	void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a|");
	struct rx_source *b = lab_cold(lab, "-x-|");

	lab_expect_events(lab, rx_switch_if_empty(in, b), "10:a 20:|", 500);
	assert_int_equal(lab_cold_runs(lab), 0);
}

static void switch_if_empty_passes_the_error_of_the_other(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "--|");
	struct rx_source *b = lab_cold(lab, "-#");

	lab_expect_events(lab, rx_switch_if_empty(in, b), "30:#error", 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(the_default_comes_when_there_was_nothing),
		lab_test(the_default_does_not_come_when_there_was_something),
		lab_test(the_default_does_not_come_after_an_error),
		lab_test(can_be_cancelled_in_the_default),
		lab_test(throw_if_empty_raises_its_message),
		lab_test(throw_if_empty_lets_an_end_pass_after_an_item),
		lab_test(switch_if_empty_goes_on_with_the_other),
		lab_test(
			switch_if_empty_never_subscribes_the_other_after_an_item),
		lab_test(switch_if_empty_passes_the_error_of_the_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
