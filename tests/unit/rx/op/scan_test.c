/* scan_test.c */
#include "support/lab.h"

static void push_seven(struct lab *lab, struct value v)
{
	lab_on_next(lab, NULL);
	lab_push(lab, value_int(7));
}

static void gives_each_running_result(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-1-2-3-|");

	lab_expect_events(lab, rx_scan(in, lab_add(), true, value_int(10)),
			  "10:11 30:13 50:16 70:|", 500);
}

static void takes_the_first_item_as_the_seed(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-1-2-3-|");

	lab_expect_events(lab, rx_scan(in, lab_add(), false, value_null()),
			  "10:1 30:3 50:6 70:|", 500);
}

static void keeps_its_state_over_an_item_that_fails(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-1-x-3-|");

	lab_skip_errors(lab);
	lab_expect_events(lab, rx_scan(in, lab_add(), true, value_int(0)),
			  "10:1 30:!bad 50:4 70:|", 500);
}

static void ends_with_the_error_of_the_accumulator(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-1-x-3-|");

	lab_expect_events(lab, rx_scan(in, lab_add(), true, value_int(0)),
			  "10:1 30:#bad", 500);
}

static void can_be_cancelled_inside_next(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-1-2-3-|");

	lab_cancel_after(lab, 1);
	lab_expect_events(lab, rx_scan(in, lab_add(), true, value_int(0)),
			  "10:1", 500);
}

static void an_item_pushed_from_inside_next_is_gathered_too(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-1-2-|");

	lab_on_next(lab, push_seven);
	lab_expect_events(lab, rx_scan(in, lab_add(), true, value_int(0)),
			  "10:1 10:8 30:10 50:|", 500);
}

static void every_subscription_starts_with_the_seed(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_cold(lab, "-1-2|");

	lab_expect_events(lab,
			  rx_repeat(rx_scan(in, lab_add(), true, value_int(0)),
				    2, RX_NO_WAIT),
			  "10:1 30:3 50:1 70:3 80:|", 500);
}

static void reduce_gives_the_last_result_at_the_end(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-1-2-3-|");

	lab_expect_events(lab, rx_reduce(in, lab_add(), true, value_int(10)),
			  "70:16 70:|", 500);
}

static void reduce_of_nothing_gives_the_seed(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "---|");

	lab_expect_events(lab, rx_reduce(in, lab_add(), true, value_int(10)),
			  "30:10 30:|", 500);
}

static void reduce_of_nothing_without_a_seed_is_an_error(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "---|");

	lab_expect_events(lab, rx_reduce(in, lab_add(), false, value_null()),
			  "30:#empty", 500);
}

static void reduce_gives_nothing_before_an_error(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-1-#");

	lab_expect_events(lab, rx_reduce(in, lab_add(), true, value_int(10)),
			  "30:#error", 500);
}

static void reduce_can_be_cancelled_inside_next(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-1-|");

	lab_cancel_after(lab, 1);
	lab_expect_events(lab, rx_reduce(in, lab_add(), true, value_int(10)),
			  "30:11", 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(gives_each_running_result),
		lab_test(takes_the_first_item_as_the_seed),
		lab_test(keeps_its_state_over_an_item_that_fails),
		lab_test(ends_with_the_error_of_the_accumulator),
		lab_test(can_be_cancelled_inside_next),
		lab_test(an_item_pushed_from_inside_next_is_gathered_too),
		lab_test(every_subscription_starts_with_the_seed),
		lab_test(reduce_gives_the_last_result_at_the_end),
		lab_test(reduce_of_nothing_gives_the_seed),
		lab_test(reduce_of_nothing_without_a_seed_is_an_error),
		lab_test(reduce_gives_nothing_before_an_error),
		lab_test(reduce_can_be_cancelled_inside_next),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
