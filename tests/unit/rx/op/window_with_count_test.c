/* window_with_count_test.c */
#include "support/lab.h"

static struct rx_source *tell_errors(struct lab *lab, const struct rx_inner *in,
				     struct rx_source *arg)
{
	return rx_catch(in->source, NULL, lab_identity(lab));
}

static void the_window_after_the_last_full_one_counts_though_it_is_empty(
	void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b-c-d-|");

	lab_expect_events(lab, rx_window_with_count(in, 2, 2, lab_to_list(lab)),
			  "30:[a,b] 70:[c,d] 90:[] 90:|", 500);
}

static void overlaps_when_it_skips_less(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "abc|");

	lab_expect_events(lab, rx_window_with_count(in, 2, 1, lab_to_list(lab)),
			  "10:[a,b] 20:[b,c] 30:[c] 30:[] 30:|", 500);
}

static void leaves_gaps_when_it_skips_more(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "abcd|");

	lab_expect_events(lab, rx_window_with_count(in, 1, 3, lab_to_list(lab)),
			  "0:[a] 30:[d] 40:|", 500);
}

static void an_error_reaches_the_blocks_and_the_outcome(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "ab#");

	lab_expect_events(lab,
			  rx_window_with_count(
				  in, 5, 5, lab_block(lab, tell_errors, NULL)),
			  "0:a 10:b 20:error 20:#error", 500);
}

static void can_be_cancelled_inside_next(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "abc|");

	lab_cancel_after(lab, 1);
	lab_expect_events(lab, rx_window_with_count(in, 2, 1, lab_to_list(lab)),
			  "10:[a,b]", 500);
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
	struct rx_source *in = lab_hot(lab, "-0-1-2-3-|");
	struct rx_block *block = lab_block(lab, first_fails, NULL);

	lab_skip_errors(lab);
	lab_expect_events(lab, rx_window_with_count(in, 2, 1, block),
			  "0:!first 50:[1,2] 70:[2,3] 90:[3] 90:[] 90:|", 300);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(
			the_window_after_the_last_full_one_counts_though_it_is_empty),
		lab_test(overlaps_when_it_skips_less),
		lab_test(leaves_gaps_when_it_skips_more),
		lab_test(an_error_reaches_the_blocks_and_the_outcome),
		lab_test(can_be_cancelled_inside_next),
		lab_test(a_failed_window_leaves_the_next_its_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
