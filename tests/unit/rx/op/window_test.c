/* window_test.c */
#include "support/lab.h"

static struct rx_source *tell_errors(struct lab *lab, const struct rx_inner *in,
				     struct rx_source *arg)
{
	return rx_catch(in->source, NULL, lab_identity(lab));
}

static struct rx_source *later(struct lab *lab, const struct rx_inner *in,
			       struct rx_source *arg)
{
	return rx_delay(in->source, 30, 0);
}

/* The first window fails at once. */
static struct rx_source *throw_when_odd(struct lab *lab,
					const struct rx_inner *in,
					struct rx_source *arg)
{
	if (lab_now_ms(lab) > 0)
		return in->source;
	rx_source_unref(in->source);
	return rx_throw(lab_ctx(lab), STR("odd"));
}

static void gives_each_stretch_to_a_block(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b--c-|");
	struct rx_source *b = lab_hot(lab, "----x");

	lab_expect_events(lab, rx_window(in, b, lab_to_list(lab)),
			  "40:[a,b] 80:[c] 80:|", 500);
}

static void the_end_of_the_boundaries_only_stops_new_windows(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b-c|");
	struct rx_source *b = lab_hot(lab, "--x|");

	lab_expect_events(lab, rx_window(in, b, lab_to_list(lab)),
			  "20:[a] 60:[b,c] 60:|", 500);
}

static void an_error_of_the_boundaries_reaches_the_window_and_the_outcome(
	void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b-c|");
	struct rx_source *b = lab_hot(lab, "--#");

	lab_expect_events(lab,
			  rx_window(in, b, lab_block(lab, tell_errors, NULL)),
			  "10:a 20:error 20:#error", 500);
}

static void an_error_of_the_source_reaches_the_window_and_the_outcome(
	void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-#");
	struct rx_source *b = lab_hot(lab, "-----");

	lab_expect_events(lab,
			  rx_window(in, b, lab_block(lab, tell_errors, NULL)),
			  "10:a 30:error 30:#error", 500);
}

static void waits_for_a_block_that_is_still_at_work(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a|");

	lab_expect_events(lab,
			  rx_window(in, rx_never(lab_ctx(lab)),
				    lab_block(lab, later, NULL)),
			  "40:a 50:|", 500);
}

static void a_block_that_fails_is_an_item_error(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-x-1-|");
	struct rx_source *b = lab_hot(lab, "--x");

	lab_skip_errors(lab);
	lab_expect_events(
		lab, rx_window(in, b, lab_block(lab, throw_when_odd, NULL)),
		"0:!odd 30:1 50:|", 500);
}

static void can_be_cancelled_inside_next(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b|");
	struct rx_source *b = lab_hot(lab, "--x");

	lab_cancel_after(lab, 1);
	lab_expect_events(lab, rx_window(in, b, lab_to_list(lab)), "20:[a]",
			  500);
}

static void can_be_cancelled_by_what_a_closing_window_gives(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b|");
	struct rx_source *b = lab_hot(lab, "--x-x");

	lab_cancel_after(lab, 1);
	lab_expect_events(lab, rx_take(rx_window(in, b, lab_to_list(lab)), 1),
			  "20:[a]", 500);
}

static void when_asks_for_a_span_anew_each_time(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a--b---|");

	lab_expect_events(lab,
			  rx_window_when(in, rx_dur_ms(30), lab_to_list(lab)),
			  "30:[a] 60:[b] 80:[] 80:|", 500);
}

static void when_takes_a_stream(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a--b---|");
	struct rx_source *b = lab_cold(lab, "---x");

	lab_expect_events(
		lab, rx_window_when(in, rx_dur_source(b), lab_to_list(lab)),
		"30:[a] 60:[b] 80:[] 80:|", 500);
}

static void when_passes_the_error_of_the_span(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a--b---|");
	struct rx_source *b = lab_cold(lab, "---#");

	lab_expect_events(
		lab, rx_window_when(in, rx_dur_source(b), lab_to_list(lab)),
		"30:#error", 500);
}

static void when_can_be_cancelled_inside_next(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a--b---|");

	lab_cancel_after(lab, 1);
	lab_expect_events(lab,
			  rx_window_when(in, rx_dur_ms(30), lab_to_list(lab)),
			  "30:[a]", 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(gives_each_stretch_to_a_block),
		lab_test(the_end_of_the_boundaries_only_stops_new_windows),
		lab_test(
			an_error_of_the_boundaries_reaches_the_window_and_the_outcome),
		lab_test(
			an_error_of_the_source_reaches_the_window_and_the_outcome),
		lab_test(waits_for_a_block_that_is_still_at_work),
		lab_test(a_block_that_fails_is_an_item_error),
		lab_test(can_be_cancelled_inside_next),
		lab_test(can_be_cancelled_by_what_a_closing_window_gives),
		lab_test(when_asks_for_a_span_anew_each_time),
		lab_test(when_takes_a_stream),
		lab_test(when_passes_the_error_of_the_span),
		lab_test(when_can_be_cancelled_inside_next),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
