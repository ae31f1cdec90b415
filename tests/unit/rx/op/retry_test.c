/* retry_test.c */
#include "support/lab.h"

static void subscribes_anew_after_an_error(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_cold(lab, "-a-#");

	lab_expect_events(lab, rx_retry(in, 3), "10:a 40:a 70:a 90:#error",
			  500);
}

static void ends_with_the_first_good_run(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_cold(lab, "-a-|");

	lab_expect_events(lab, rx_retry(in, 3), "10:a 30:|", 500);
}

static void of_no_run_ends_at_once(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_cold(lab, "-a-|");

	lab_expect_events(lab, rx_retry(in, 0), "0:|", 500);
}

static void goes_round_without_recursion(void **state)
{
	struct lab *lab = *state;

	lab_expect_events(
		lab, rx_retry(rx_throw(lab_ctx(lab), STR("again")), 200000),
		"0:#again", 500);
}

static void for_ever_can_be_cancelled_while_it_pauses(void **state)
{
	struct lab *lab = *state;

	lab_expect_events(
		lab,
		rx_take_until(rx_retry(rx_switch_if_empty(
					       rx_throw(lab_ctx(lab), STR("x")),
					       rx_never(lab_ctx(lab))),
				       10000),
			      rx_timer_source(lab_ctx(lab), 0, -1)),
		"0:|", 500);
}

static void can_be_cancelled_inside_next(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_cold(lab, "-a-#");

	lab_cancel_after(lab, 2);
	lab_expect_events(lab, rx_retry(in, RX_FOREVER), "10:a 40:a", 500);
}

static void repeat_subscribes_anew_after_the_end(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_cold(lab, "-a-|");

	lab_expect_events(lab, rx_repeat(in, 3), "10:a 40:a 70:a 90:|", 500);
}

static void repeat_ends_with_the_first_error(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_cold(lab, "-a-#");

	lab_expect_events(lab, rx_repeat(in, 3), "10:a 30:#error", 500);
}

static void repeat_of_no_run_ends_at_once(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_cold(lab, "-a-|");

	lab_expect_events(lab, rx_repeat(in, 0), "0:|", 500);
}

static void repeat_goes_round_without_recursion(void **state)
{
	struct lab *lab = *state;

	lab_expect_events(lab, rx_repeat(rx_empty(lab_ctx(lab)), 200000), "0:|",
			  500);
}

static void repeat_for_ever_can_be_taken_from(void **state)
{
	struct lab *lab = *state;

	lab_expect_events(lab,
			  rx_take(rx_repeat(rx_just(lab_ctx(lab), value_int(1)),
					    RX_FOREVER),
				  3),
			  "0:1 0:1 0:1 0:|", 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(subscribes_anew_after_an_error),
		lab_test(ends_with_the_first_good_run),
		lab_test(of_no_run_ends_at_once),
		lab_test(goes_round_without_recursion),
		lab_test(for_ever_can_be_cancelled_while_it_pauses),
		lab_test(can_be_cancelled_inside_next),
		lab_test(repeat_subscribes_anew_after_the_end),
		lab_test(repeat_ends_with_the_first_error),
		lab_test(repeat_of_no_run_ends_at_once),
		lab_test(repeat_goes_round_without_recursion),
		lab_test(repeat_for_ever_can_be_taken_from),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
