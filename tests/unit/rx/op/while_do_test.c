/* while_do_test.c */
#include "rx/host.h"
#include "support/lab.h"
#include "support/told.h"

static bool below(void *arg)
{
	int *left = arg;

	return (*left)-- > 0;
}

static void asks_before_each_run(void **state)
{
	struct lab *lab = *state;
	int left = 2;

	lab_expect_events(lab,
			  rx_while_do(lab_cold(lab, "-a|"), below, host(&left)),
			  "10:a 30:a 40:|", 100);
	assert_string_equal(told, "D");
}

static void may_never_run(void **state)
{
	struct lab *lab = *state;
	int left = 0;

	lab_expect_events(lab,
			  rx_while_do(lab_cold(lab, "-a|"), below, host(&left)),
			  "0:|", 100);
}

static void do_while_runs_once_at_least(void **state)
{
	struct lab *lab = *state;
	int left = 0;

	lab_expect(lab, rx_do_while(lab_cold(lab, "-a|"), below, host(&left)),
		   "-a|");
}

static void an_error_ends_it(void **state)
{
	struct lab *lab = *state;
	int left = 9;

	lab_expect(lab, rx_do_while(lab_cold(lab, "-a#"), below, host(&left)),
		   "-a#");
}

static void goes_round_without_recursion(void **state)
{
	struct lab *lab = *state;
	int left = 200000;

	lab_expect_events(
		lab, rx_while_do(rx_empty(lab_ctx(lab)), below, host(&left)),
		"0:|", 100);
}

static void can_be_cancelled_inside_next(void **state)
{
	struct lab *lab = *state;
	int left = 9;

	lab_cancel_after(lab, 2);
	lab_expect_events(
		lab, rx_while_do(lab_cold(lab, "(a|)"), below, host(&left)),
		"0:a 0:a", 100);
	assert_int_equal(left, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(asks_before_each_run),
		lab_test(may_never_run),
		lab_test(do_while_runs_once_at_least),
		lab_test(an_error_ends_it),
		lab_test(goes_round_without_recursion),
		lab_test(can_be_cancelled_inside_next),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
