/* timestamp_test.c */
#include "support/lab.h"

static void adds_the_time(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b|");

	lab_expect_events(
		lab, rx_timestamp(in),
		"10:{value:a,timestamp:10} 30:{value:b,timestamp:30} 40:|",
		500);
}

static void time_interval_adds_the_time_since_the_item_before(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b|");

	lab_expect_events(
		lab, rx_time_interval(in),
		"10:{value:a,interval:10} 30:{value:b,interval:20} 40:|", 500);
}

static void passes_an_error_on(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-#");

	lab_expect_events(lab, rx_time_interval(in), "10:#error", 500);
}

static void can_be_cancelled_inside_next(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b|");

	lab_cancel_after(lab, 1);
	lab_expect_events(lab, rx_timestamp(in), "10:{value:a,timestamp:10}",
			  500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(adds_the_time),
		lab_test(time_interval_adds_the_time_since_the_item_before),
		lab_test(passes_an_error_on),
		lab_test(can_be_cancelled_inside_next),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
