/* buffer_with_count_test.c */
#include "support/lab.h"

static void gives_full_arrays_and_the_rest(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b-c-|");

	lab_expect_events(lab, rx_buffer_with_count(in, 2, 2),
			  "30:[a,b] 70:[c] 70:|", 500);
}

static void does_not_give_an_empty_rest(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b-|");

	lab_expect_events(lab, rx_buffer_with_count(in, 2, 2), "30:[a,b] 50:|",
			  500);
}

static void overlaps_when_it_skips_less(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "abcd|");

	lab_expect_events(lab, rx_buffer_with_count(in, 3, 1),
			  "20:[a,b,c] 30:[b,c,d] 40:[c,d] 40:[d] 40:|", 500);
}

static void leaves_gaps_when_it_skips_more(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "abcdef|");

	lab_expect_events(lab, rx_buffer_with_count(in, 1, 3),
			  "0:[a] 30:[d] 60:|", 500);
}

static void drops_what_it_holds_on_an_error(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-#");

	lab_expect_events(lab, rx_buffer_with_count(in, 2, 2), "30:#error",
			  500);
}

static void emits_under_the_causes_of_all(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "abc|");

	lab_show_causes(lab);
	lab_expect_events(lab, rx_buffer_with_count(in, 2, 2),
			  "10:[a,b]<a,b> 30:[c]<c> 30:|", 500);
}

static void can_be_cancelled_inside_next(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "abcdef|");

	lab_cancel_after(lab, 1);
	lab_expect_events(lab, rx_buffer_with_count(in, 2, 1), "10:[a,b]", 500);
}

static void can_be_cancelled_in_the_rest(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "ab|");

	lab_cancel_after(lab, 1);
	lab_expect_events(lab, rx_buffer_with_count(in, 3, 1), "20:[a,b]", 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(gives_full_arrays_and_the_rest),
		lab_test(does_not_give_an_empty_rest),
		lab_test(overlaps_when_it_skips_less),
		lab_test(leaves_gaps_when_it_skips_more),
		lab_test(drops_what_it_holds_on_an_error),
		lab_test(emits_under_the_causes_of_all),
		lab_test(can_be_cancelled_inside_next),
		lab_test(can_be_cancelled_in_the_rest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
