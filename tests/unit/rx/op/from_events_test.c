/* from_events_test.c */
#include "support/lab.h"

static void plays_its_events_at_their_times(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_cold(lab, "-a(bc)-|");

	lab_expect_events(lab, in, "10:a 20:b 20:c 70:|", 500);
}

static void plays_anew_for_each_subscription(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_cold(lab, "-a-|");

	lab_expect_events(lab, rx_repeat(in, 2, RX_NO_WAIT), "10:a 40:a 60:|",
			  500);
}

static void plays_what_is_due_at_once_within_the_subscription(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_cold(lab, "a-#");

	lab_expect_events(lab, in, "0:a 20:#error", 500);
}

static void can_be_cancelled_between_two_of_one_time(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_cold(lab, "-(ab)-|");

	lab_cancel_after(lab, 1);
	lab_expect_events(lab, in, "10:a", 500);
}

static void without_an_end_stays_open(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_cold(lab, "-a-");

	lab_expect_events(lab, in, "10:a", 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(plays_its_events_at_their_times),
		lab_test(plays_anew_for_each_subscription),
		lab_test(plays_what_is_due_at_once_within_the_subscription),
		lab_test(can_be_cancelled_between_two_of_one_time),
		lab_test(without_an_end_stays_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
