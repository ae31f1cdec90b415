/* take_with_time_test.c */
#include "support/lab.h"

static void ends_when_the_time_is_up(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a--b--c-|");

	lab_expect_events(lab, rx_take_with_time(in, 55), "10:a 40:b 55:|",
			  500);
}

static void ends_with_a_shorter_source(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a|");

	lab_expect_events(lab, rx_take_with_time(in, 50), "10:a 20:|", 500);
}

static void passes_an_error_on(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a#");

	lab_expect_events(lab, rx_take_with_time(in, 50), "10:a 20:#error",
			  500);
}

static void can_be_cancelled_inside_next(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b|");

	lab_cancel_after(lab, 1);
	lab_expect_events(lab, rx_take_with_time(in, 50), "10:a", 500);
}

static void skip_drops_what_comes_before(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a--b--c-|");

	lab_expect_events(lab, rx_skip_with_time(in, 35), "40:b 70:c 90:|",
			  500);
}

static void skip_passes_an_early_end_and_error(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a|");

	lab_expect_events(lab, rx_skip_with_time(in, 50), "20:|", 500);
}

static void skip_passes_an_early_error(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a#");

	lab_expect_events(lab, rx_skip_with_time(in, 50), "20:#error", 500);
}

static void delay_subscription_subscribes_later(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_cold(lab, "-a-|");

	lab_expect_events(lab, rx_delay_subscription(in, 30), "40:a 60:|", 500);
}

static void delay_subscription_works_for_the_cause_that_subscribed_it(
	void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "a|");
	struct rx_source *b = lab_cold(lab, "-x|");

	lab_show_causes(lab);
	lab_expect_events(
		lab,
		rx_flat_map(in, lab_always(lab, rx_delay_subscription(b, 30)),
			    0, 0),
		"40:x<a> 50:|", 500);
}

static void delay_subscription_can_be_cancelled_before(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_cold(lab, "-a-|");

	lab_expect_events(lab, rx_delay_subscription(in, 300), "", 20);
	assert_int_equal(lab_cold_runs(lab), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(ends_when_the_time_is_up),
		lab_test(ends_with_a_shorter_source),
		lab_test(passes_an_error_on),
		lab_test(can_be_cancelled_inside_next),
		lab_test(skip_drops_what_comes_before),
		lab_test(skip_passes_an_early_end_and_error),
		lab_test(skip_passes_an_early_error),
		lab_test(delay_subscription_subscribes_later),
		lab_test(
			delay_subscription_works_for_the_cause_that_subscribed_it),
		lab_test(delay_subscription_can_be_cancelled_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
