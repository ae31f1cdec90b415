/* sample_test.c */
#include "support/lab.h"

static void gives_the_latest_at_each_tick_if_it_is_new(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-ab-----c----|");

	lab_expect_events(lab, rx_sample(in, 30), "30:b 90:c 150:|", 500);
}

static void the_last_item_and_the_end_wait_for_the_next_tick(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a--b|");

	lab_expect_events(lab, rx_sample(in, 30), "30:a 60:b 60:|", 500);
}

static void an_error_comes_at_once(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a#");

	lab_expect_events(lab, rx_sample(in, 30), "20:#error", 500);
}

static void emits_under_the_cause_of_the_item(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-ab-|");

	lab_show_causes(lab);
	lab_expect_events(lab, rx_sample(in, 30), "30:b<b> 60:|", 500);
}

static void can_be_cancelled_inside_next(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-ab-c---|");

	lab_cancel_after(lab, 1);
	lab_expect_events(lab, rx_sample(in, 30), "30:b", 500);
}

static void another_stream_may_tick(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-ab---c---|");
	struct rx_source *b = lab_hot(lab, "---x-x---x-x");

	lab_expect_events(lab, rx_sample_on(in, b), "30:b 90:c 110:|", 500);
}

static void the_end_of_the_ticks_leaves_only_the_end(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-ab---c---|");
	struct rx_source *b = lab_hot(lab, "---x|");

	lab_expect_events(lab, rx_sample_on(in, b), "30:b 100:|", 500);
}

static void both_ended_is_the_end(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a|");
	struct rx_source *b = lab_hot(lab, "---|");

	lab_expect_events(lab, rx_sample_on(in, b), "30:|", 500);
}

static void an_error_of_the_ticks_is_an_error(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-ab---c---|");
	struct rx_source *b = lab_hot(lab, "---#");

	lab_expect_events(lab, rx_sample_on(in, b), "30:#error", 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(gives_the_latest_at_each_tick_if_it_is_new),
		lab_test(the_last_item_and_the_end_wait_for_the_next_tick),
		lab_test(an_error_comes_at_once),
		lab_test(emits_under_the_cause_of_the_item),
		lab_test(can_be_cancelled_inside_next),
		lab_test(another_stream_may_tick),
		lab_test(the_end_of_the_ticks_leaves_only_the_end),
		lab_test(both_ended_is_the_end),
		lab_test(an_error_of_the_ticks_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
