/* interval_test.c */
#include "support/lab.h"

static void ticks_from_the_first_period_on(void **state)
{
	struct lab *lab = *state;

	lab_expect_events(lab, rx_interval(lab_ctx(lab), 20), "20:0 40:1 60:2",
			  70);
}

static void timer_gives_one_zero_and_ends(void **state)
{
	struct lab *lab = *state;

	lab_expect_events(lab, rx_timer_source(lab_ctx(lab), 30, -1),
			  "30:0 30:|", 500);
}

static void timer_with_a_period_goes_on(void **state)
{
	struct lab *lab = *state;

	lab_expect_events(lab, rx_timer_source(lab_ctx(lab), 10, 30),
			  "10:0 40:1 70:2", 80);
}

static void counts_anew_from_each_subscription(void **state)
{
	struct lab *lab = *state;

	lab_expect_events(lab,
			  rx_repeat(rx_take(rx_interval(lab_ctx(lab), 20), 2),
				    2, RX_NO_WAIT),
			  "20:0 40:1 60:0 80:1 80:|", 500);
}

static void can_be_cancelled_inside_a_tick(void **state)
{
	struct lab *lab = *state;

	lab_cancel_after(lab, 2);
	lab_expect_events(lab, rx_interval(lab_ctx(lab), 20), "20:0 40:1", 500);
}

static void works_for_the_cause_that_subscribed_it(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "a|");

	lab_show_causes(lab);
	lab_expect_events(
		lab,
		rx_flat_map(in,
			    lab_always(lab,
				       rx_take(rx_interval(lab_ctx(lab), 20),
					       2)),
			    0, 0),
		"20:0<a> 40:1<a> 40:|", 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(ticks_from_the_first_period_on),
		lab_test(timer_gives_one_zero_and_ends),
		lab_test(timer_with_a_period_goes_on),
		lab_test(counts_anew_from_each_subscription),
		lab_test(can_be_cancelled_inside_a_tick),
		lab_test(works_for_the_cause_that_subscribed_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
