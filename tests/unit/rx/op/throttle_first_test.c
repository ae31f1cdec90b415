/* throttle_first_test.c */
#include "support/lab.h"

static void drops_what_comes_within_the_span(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-ab--c-d---e|");

	lab_expect_events(lab, rx_throttle_first(in, 30),
			  "10:a 50:c 110:e 120:|", 500);
}

static void passes_an_error_on(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-ab#");

	lab_expect_events(lab, rx_throttle_first(in, 30), "10:a 30:#error",
			  500);
}

static void can_be_cancelled_inside_next(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a----b|");

	lab_cancel_after(lab, 1);
	lab_expect_events(lab, rx_throttle_first(in, 30), "10:a", 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(drops_what_comes_within_the_span),
		lab_test(passes_an_error_on),
		lab_test(can_be_cancelled_inside_next),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
