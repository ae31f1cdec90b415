/* window_with_time_test.c */
#include "support/lab.h"

static struct rx_source *tell_errors(struct lab *lab, const struct rx_inner *in,
				     struct rx_source *arg)
{
	return rx_catch(in->source, NULL, lab_identity(lab));
}

static void gives_what_came_in_each_span(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b--------c-|");

	lab_expect_events(lab,
			  rx_window_with_time(in, 45, 45, lab_to_list(lab)),
			  "45:[a,b] 90:[] 135:[c] 140:[] 140:|", 500);
}

static void overlaps_when_it_shifts_less(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a--b--c|");

	lab_expect_events(lab,
			  rx_window_with_time(in, 42, 24, lab_to_list(lab)),
			  "42:[a,b] 66:[b] 80:[c] 80:[] 80:|", 500);
}

static void leaves_gaps_when_it_shifts_more(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a--b--c|");

	lab_expect_events(lab,
			  rx_window_with_time(in, 25, 55, lab_to_list(lab)),
			  "25:[a] 80:[c] 80:|", 500);
}

static void an_error_reaches_the_blocks_and_the_outcome(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "ab#");

	lab_expect_events(lab,
			  rx_window_with_time(in, 50, 50,
					      lab_block(lab, tell_errors,
							NULL)),
			  "0:a 10:b 20:error 20:#error", 500);
}

static void can_be_cancelled_inside_next(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "abc|");

	lab_cancel_after(lab, 1);
	lab_expect_events(lab,
			  rx_window_with_time(in, 15, 15, lab_to_list(lab)),
			  "15:[a,b]", 500);
}

static void or_count_closes_a_full_one_and_starts_the_time_anew(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-ab--c------|");

	lab_expect_events(
		lab, rx_window_with_time_or_count(in, 65, 2, lab_to_list(lab)),
		"20:[a,b] 85:[c] 120:[] 120:|", 500);
}

static void or_count_can_be_cancelled_inside_next(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-ab--c------|");

	lab_cancel_after(lab, 1);
	lab_expect_events(
		lab, rx_window_with_time_or_count(in, 60, 2, lab_to_list(lab)),
		"20:[a,b]", 500);
}

static struct rx_source *first_fails(struct lab *lab, const struct rx_inner *in,
				     struct rx_source *arg)
{
	if (lab_now_ms(lab) == 0) {
		rx_source_unref(in->source);
		return rx_throw(lab_ctx(lab), STR("first"));
	}
	return rx_to_list(in->source, 0);
}

static void a_failed_window_leaves_the_next_its_length(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-0--1-2-3-|");
	struct rx_block *block = lab_block(lab, first_fails, NULL);

	lab_skip_errors(lab);
	lab_expect_events(lab, rx_window_with_time(in, 45, 25, block),
			  "0:!first 70:[1,2] 95:[2,3] 100:[3] 100:|", 300);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(gives_what_came_in_each_span),
		lab_test(overlaps_when_it_shifts_less),
		lab_test(leaves_gaps_when_it_shifts_more),
		lab_test(an_error_reaches_the_blocks_and_the_outcome),
		lab_test(can_be_cancelled_inside_next),
		lab_test(or_count_closes_a_full_one_and_starts_the_time_anew),
		lab_test(or_count_can_be_cancelled_inside_next),
		lab_test(a_failed_window_leaves_the_next_its_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
