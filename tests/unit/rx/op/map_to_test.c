/* map_to_test.c */
#include "support/lab.h"

static void gives_the_same_for_each(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b|");

	lab_expect_events(lab, rx_map_to(in, value_int(7)), "10:7 30:7 40:|",
			  500);
}

static void passes_an_error_on(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a#");

	lab_expect_events(lab, rx_map_to(in, value_int(7)), "10:7 20:#error",
			  500);
}

static void can_be_cancelled_inside_next(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b|");

	lab_cancel_after(lab, 1);
	lab_expect_events(lab, rx_map_to(in, value_int(7)), "10:7", 500);
}

static void ignore_elements_gives_only_the_end(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b|");

	lab_expect_events(lab, rx_ignore_elements(in), "40:|", 500);
}

static void ignore_elements_passes_an_error_on(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a#");

	lab_expect_events(lab, rx_ignore_elements(in), "20:#error", 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(gives_the_same_for_each),
		lab_test(passes_an_error_on),
		lab_test(can_be_cancelled_inside_next),
		lab_test(ignore_elements_gives_only_the_end),
		lab_test(ignore_elements_passes_an_error_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
