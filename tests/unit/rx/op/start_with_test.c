/* start_with_test.c */
#include "support/lab.h"

static void emits_first_then_subscribes(void **state)
{
	struct lab *lab = *state;
	const struct value items[] = {value_int(1), value_int(2)};
	struct rx_source *in = lab_hot(lab, "-a-|");

	lab_expect_events(lab, rx_start_with(in, items, 2), "0:1 0:2 10:a 30:|",
			  500);
}

static void cancelled_in_its_first_item_never_subscribes(void **state)
{
	struct lab *lab = *state;
	const struct value items[] = {value_int(1), value_int(2)};
	struct rx_source *in = lab_cold(lab, "-a-|");

	lab_cancel_after(lab, 1);
	lab_expect_events(lab, rx_start_with(in, items, 2), "0:1", 500);
	assert_int_equal(lab_cold_runs(lab), 0);
}

static void passes_an_error_on(void **state)
{
	struct lab *lab = *state;
	const struct value items[] = {value_int(1)};
	struct rx_source *in = lab_hot(lab, "-#");

	lab_expect_events(lab, rx_start_with(in, items, 1), "0:1 10:#error",
			  500);
}

static void end_with_emits_after_the_end(void **state)
{
	struct lab *lab = *state;
	const struct value items[] = {value_int(1), value_int(2)};
	struct rx_source *in = lab_hot(lab, "-a-|");

	lab_expect_events(lab, rx_end_with(in, items, 2), "10:a 30:1 30:2 30:|",
			  500);
}

static void end_with_says_nothing_after_an_error(void **state)
{
	struct lab *lab = *state;
	const struct value items[] = {value_int(1)};
	struct rx_source *in = lab_hot(lab, "-a-#");

	lab_expect_events(lab, rx_end_with(in, items, 1), "10:a 30:#error",
			  500);
}

static void end_with_can_be_cancelled_inside_next(void **state)
{
	struct lab *lab = *state;
	const struct value items[] = {value_int(1), value_int(2)};
	struct rx_source *in = lab_hot(lab, "-|");

	lab_cancel_after(lab, 1);
	lab_expect_events(lab, rx_end_with(in, items, 2), "10:1", 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(emits_first_then_subscribes),
		lab_test(cancelled_in_its_first_item_never_subscribes),
		lab_test(passes_an_error_on),
		lab_test(end_with_emits_after_the_end),
		lab_test(end_with_says_nothing_after_an_error),
		lab_test(end_with_can_be_cancelled_inside_next),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
