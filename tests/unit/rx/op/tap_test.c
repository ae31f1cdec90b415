/* tap_test.c */
#include "support/lab.h"

static void passes_everything_on(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b-|");

	lab_expect_events(lab, rx_tap(in, STR("in")), "10:a 30:b 50:|", 500);
}

static void passes_an_error_on(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-#");

	lab_expect_events(lab, rx_tap(in, STR("in")), "10:a 30:#error", 500);
}

static void can_be_cancelled_inside_next(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b-|");

	lab_cancel_after(lab, 1);
	lab_expect_events(lab, rx_tap(in, STR("in")), "10:a", 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(passes_everything_on),
		lab_test(passes_an_error_on),
		lab_test(can_be_cancelled_inside_next),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
