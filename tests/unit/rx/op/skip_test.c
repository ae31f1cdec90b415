/* skip_test.c */
#include "support/lab.h"

static void drops_the_first_items(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b-c-|");

	lab_expect_events(lab, rx_skip(in, 2), "50:c 70:|", 500);
}

static void of_more_than_there_are_gives_only_the_end(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b-|");

	lab_expect_events(lab, rx_skip(in, 5), "50:|", 500);
}

static void passes_an_error_on(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-#");

	lab_expect_events(lab, rx_skip(in, 5), "30:#error", 500);
}

static void can_be_cancelled_inside_next(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b-c-|");

	lab_cancel_after(lab, 1);
	lab_expect_events(lab, rx_skip(in, 1), "30:b", 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(drops_the_first_items),
		lab_test(of_more_than_there_are_gives_only_the_end),
		lab_test(passes_an_error_on),
		lab_test(can_be_cancelled_inside_next),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
