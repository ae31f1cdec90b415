/* buffer_toggle_test.c */
#include "support/lab.h"

static void gives_an_array_for_each_opening(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b-c-d-|");
	struct rx_source *b = lab_hot(lab, "--x---x---");

	lab_expect_events(lab, rx_buffer_toggle(in, b, rx_dur_ms(30), 0),
			  "50:[b] 90:[d] 90:|", 500);
}

static void arrays_may_overlap_and_end_in_the_order_of_their_openings(
	void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b-c-d|");
	struct rx_source *b = lab_hot(lab, "x-x");

	lab_expect_events(lab, rx_buffer_toggle(in, b, rx_dur_ms(40), 0),
			  "40:[a,b] 60:[b,c] 80:|", 500);
}

static void the_end_of_the_source_closes_them_all(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b-|");
	struct rx_source *b = lab_hot(lab, "x-x");

	lab_expect_events(lab, rx_buffer_toggle(in, b, rx_dur_ms(900), 0),
			  "50:[a,b] 50:[b] 50:|", 500);
}

static void the_span_is_asked_of_the_opening(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b-c-d-|");
	struct rx_source *b = lab_hot(lab, "3");

	lab_expect_events(
		lab, rx_buffer_toggle(in, b, rx_dur_fn(lab_times_ten()), 0),
		"30:[a] 90:|", 500);
}

static void an_opening_whose_span_fails_is_an_item_error(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b-c-d-|");
	struct rx_source *b = lab_hot(lab, "x1");

	lab_skip_errors(lab);
	lab_expect_events(
		lab, rx_buffer_toggle(in, b, rx_dur_fn(lab_times_ten()), 0),
		"0:!bad 20:[] 90:|", 500);
}

static void ends_with_the_error_of_a_span_without_a_handler(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b-c-d-|");
	struct rx_source *b = lab_hot(lab, "3x");

	lab_expect_events(
		lab, rx_buffer_toggle(in, b, rx_dur_fn(lab_times_ten()), 0),
		"10:#bad", 500);
}

static void an_error_of_the_source_drops_what_is_held(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a#");
	struct rx_source *b = lab_hot(lab, "x");

	lab_expect_events(lab, rx_buffer_toggle(in, b, rx_dur_ms(40), 0),
			  "20:#error", 500);
}

static void an_error_of_the_openings_is_an_error(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b");
	struct rx_source *b = lab_hot(lab, "x#");

	lab_expect_events(lab, rx_buffer_toggle(in, b, rx_dur_ms(40), 0),
			  "10:#error", 500);
}

static void refuses_an_item_too_many(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-abc|");
	struct rx_source *b = lab_hot(lab, "x");

	lab_skip_errors(lab);
	lab_expect_events(
		lab, rx_buffer_toggle(in, b, rx_dur_ms(90), 2),
		"30:!buffer_toggle holds 2 items, its max_buffer 40:[a,b] 40:|",
		500);
}

static void emits_under_the_causes_of_all(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-ab|");
	struct rx_source *b = lab_hot(lab, "x");

	lab_show_causes(lab);
	lab_expect_events(lab, rx_buffer_toggle(in, b, rx_dur_ms(90), 2),
			  "30:[a,b]<a,b> 30:|", 500);
}

static void can_be_cancelled_inside_next(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-ab|");
	struct rx_source *b = lab_hot(lab, "(xy)");

	lab_cancel_after(lab, 1);
	lab_expect_events(lab, rx_buffer_toggle(in, b, rx_dur_ms(90), 0),
			  "30:[a,b]", 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(gives_an_array_for_each_opening),
		lab_test(
			arrays_may_overlap_and_end_in_the_order_of_their_openings),
		lab_test(the_end_of_the_source_closes_them_all),
		lab_test(the_span_is_asked_of_the_opening),
		lab_test(an_opening_whose_span_fails_is_an_item_error),
		lab_test(ends_with_the_error_of_a_span_without_a_handler),
		lab_test(an_error_of_the_source_drops_what_is_held),
		lab_test(an_error_of_the_openings_is_an_error),
		lab_test(refuses_an_item_too_many),
		lab_test(emits_under_the_causes_of_all),
		lab_test(can_be_cancelled_inside_next),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
