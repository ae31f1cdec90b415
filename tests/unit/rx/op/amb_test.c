/* amb_test.c */
#include "support/lab.h"

static void who_signals_first_wins(void **state)
{
	struct lab *lab = *state;
	struct rx_source *a = lab_hot(lab, "----1-2-|");
	struct rx_source *b = lab_hot(lab, "--3---4-|");
	struct rx_source *in[] = {a, b};

	lab_expect_events(lab, rx_amb(lab_ctx(lab), in, 2), "20:3 60:4 80:|",
			  500);
}

static void an_error_may_win(void **state)
{
	struct lab *lab = *state;
	struct rx_source *a = lab_hot(lab, "----1-2-|");
	struct rx_source *b = lab_hot(lab, "--#");
	struct rx_source *in[] = {a, b};

	lab_expect_events(lab, rx_amb(lab_ctx(lab), in, 2), "20:#error", 500);
}

static void the_end_may_win(void **state)
{
	struct lab *lab = *state;
	struct rx_source *a = lab_hot(lab, "--|");
	struct rx_source *b = lab_hot(lab, "---1");
	struct rx_source *in[] = {a, b};

	lab_expect_events(lab, rx_amb(lab_ctx(lab), in, 2), "20:|", 500);
}

static void who_signals_at_once_wins_before_the_others_begin(void **state)
{
	struct lab *lab = *state;
	struct rx_source *a = lab_cold(lab, "1-2|");
	struct rx_source *b = lab_cold(lab, "3");
	struct rx_source *in[] = {a, b};

	lab_expect_events(lab, rx_amb(lab_ctx(lab), in, 2), "0:1 20:2 30:|",
			  500);
	assert_int_equal(lab_cold_runs(lab), 1);
}

static void can_be_cancelled_inside_next(void **state)
{
	struct lab *lab = *state;
	struct rx_source *a = lab_hot(lab, "----1-2-|");
	struct rx_source *b = lab_hot(lab, "--3---4-|");
	struct rx_source *in[] = {a, b};

	lab_cancel_after(lab, 1);
	lab_expect_events(lab, rx_amb(lab_ctx(lab), in, 2), "20:3", 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(who_signals_first_wins),
		lab_test(an_error_may_win),
		lab_test(the_end_may_win),
		lab_test(who_signals_at_once_wins_before_the_others_begin),
		lab_test(can_be_cancelled_inside_next),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
