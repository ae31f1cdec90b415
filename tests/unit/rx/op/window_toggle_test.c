/* window_toggle_test.c */
#include "support/lab.h"

static struct rx_source *tell_errors(struct lab *lab, const struct rx_inner *in,
				     struct rx_source *arg)
{
	return rx_catch(in->source, NULL, lab_identity(lab));
}

static void gives_a_stretch_for_each_opening(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b-c-d-|");
	struct rx_source *b = lab_hot(lab, "--x---x---");

	lab_expect_events(
		lab, rx_window_toggle(in, b, rx_dur_ms(30), lab_to_list(lab)),
		"50:[b] 90:[d] 90:|", 500);
}

static void stretches_may_overlap(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b-c-d|");
	struct rx_source *b = lab_hot(lab, "x-x");

	lab_expect_events(
		lab, rx_window_toggle(in, b, rx_dur_ms(40), lab_to_list(lab)),
		"40:[a,b] 60:[b,c] 80:|", 500);
}

static void the_end_of_the_openings_does_nothing(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b-|");
	struct rx_source *b = lab_hot(lab, "x|");

	lab_expect_events(
		lab, rx_window_toggle(in, b, rx_dur_ms(20), lab_to_list(lab)),
		"20:[a] 50:|", 500);
}

static void an_error_of_any_reaches_the_blocks_and_the_outcome(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b-c");
	struct rx_source *b = lab_hot(lab, "x-#");

	lab_expect_events(lab,
			  rx_window_toggle(in, b, rx_dur_ms(90),
					   lab_block(lab, tell_errors, NULL)),
			  "10:a 20:error 20:#error", 500);
}

static void an_opening_whose_span_fails_is_an_item_error(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b-c-|");
	struct rx_source *b = lab_hot(lab, "x3");

	lab_skip_errors(lab);
	lab_expect_events(lab,
			  rx_window_toggle(in, b, rx_dur_fn(lab_times_ten()),
					   lab_to_list(lab)),
			  "0:!bad 0:[] 40:[b] 70:|", 500);
}

static void can_be_cancelled_inside_next(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b");
	struct rx_source *b = lab_hot(lab, "(xy)");

	lab_cancel_after(lab, 1);
	lab_expect_events(
		lab, rx_window_toggle(in, b, rx_dur_ms(20), lab_to_list(lab)),
		"20:[a]", 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(gives_a_stretch_for_each_opening),
		lab_test(stretches_may_overlap),
		lab_test(the_end_of_the_openings_does_nothing),
		lab_test(an_error_of_any_reaches_the_blocks_and_the_outcome),
		lab_test(an_opening_whose_span_fails_is_an_item_error),
		lab_test(can_be_cancelled_inside_next),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
