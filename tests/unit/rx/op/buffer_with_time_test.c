/* buffer_with_time_test.c */
#include "support/lab.h"

static void gives_what_came_in_each_span_empty_ones_too(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b--------c-|");

	lab_expect_events(lab, rx_buffer_with_time(in, 45, 45, 0),
			  "45:[a,b] 90:[] 135:[c] 140:[] 140:|", 500);
}

static void overlaps_when_it_shifts_less(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a--b--c|");

	lab_expect_events(lab, rx_buffer_with_time(in, 42, 24, 0),
			  "42:[a,b] 66:[b] 80:[c] 80:[] 80:|", 500);
}

static void leaves_gaps_when_it_shifts_more(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a--b--c|");

	lab_expect_events(lab, rx_buffer_with_time(in, 20, 55, 0),
			  "20:[a] 75:[c] 80:|", 500);
}

static void drops_what_it_holds_on_an_error(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-#");

	lab_expect_events(lab, rx_buffer_with_time(in, 40, 40, 0), "30:#error",
			  500);
}

static void refuses_an_item_too_many(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-abc---|");

	lab_skip_errors(lab);
	lab_show_causes(lab);
	lab_expect_events(lab, rx_buffer_with_time(in, 50, 50, 2),
			  "30:!buffer_with_time holds 2 items, its "
			  "max_buffer<c> 50:[a,b]<a,b> 70:[]<> 70:|",
			  500);
}

static void ends_when_it_is_full_without_a_handler(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-abc---|");

	lab_expect_events(lab, rx_buffer_with_time(in, 50, 50, 2),
			  "30:#buffer_with_time holds 2 items, its max_buffer",
			  500);
}

static void can_be_cancelled_inside_next(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b-|");

	lab_cancel_after(lab, 1);
	lab_expect_events(lab, rx_buffer_with_time(in, 20, 20, 0), "20:[a]",
			  500);
}

static void can_be_cancelled_in_the_rest(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a|");

	lab_cancel_after(lab, 1);
	lab_expect_events(lab, rx_buffer_with_time(in, 50, 10, 0), "20:[a]",
			  500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(gives_what_came_in_each_span_empty_ones_too),
		lab_test(overlaps_when_it_shifts_less),
		lab_test(leaves_gaps_when_it_shifts_more),
		lab_test(drops_what_it_holds_on_an_error),
		lab_test(refuses_an_item_too_many),
		lab_test(ends_when_it_is_full_without_a_handler),
		lab_test(can_be_cancelled_inside_next),
		lab_test(can_be_cancelled_in_the_rest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
