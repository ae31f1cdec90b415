/* sequence_equal_test.c */
#include "support/lab.h"

static void is_true_when_both_give_the_same_whenever(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-1-2-|");
	struct rx_source *b = lab_hot(lab, "---1-2---|");

	lab_expect_events(lab, rx_sequence_equal(in, b, 0), "90:true 90:|",
			  500);
}

static void is_false_as_soon_as_an_item_differs(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-1-2-|");
	struct rx_source *b = lab_hot(lab, "---1-3---|");

	lab_expect_events(lab, rx_sequence_equal(in, b, 0), "50:false 50:|",
			  500);
}

static void is_false_when_one_comes_after_the_end_of_the_other(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-1|");
	struct rx_source *b = lab_hot(lab, "1----2-|");

	lab_expect_events(lab, rx_sequence_equal(in, b, 0), "50:false 50:|",
			  500);
}

static void is_false_at_the_end_when_one_is_ahead(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-12---|");
	struct rx_source *b = lab_hot(lab, "1--|");

	lab_expect_events(lab, rx_sequence_equal(in, b, 0), "30:false 30:|",
			  500);
}

static void of_two_empty_ones_is_true(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "--|");
	struct rx_source *b = lab_hot(lab, "---|");

	lab_expect_events(lab, rx_sequence_equal(in, b, 0), "30:true 30:|",
			  500);
}

static void an_error_of_either_is_an_error(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "--1-|");
	struct rx_source *b = lab_hot(lab, "---#");

	lab_expect_events(lab, rx_sequence_equal(in, b, 0), "30:#error", 500);
}

static void refuses_an_item_too_many(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "123|");
	struct rx_source *b = lab_hot(lab, "----1");

	lab_skip_errors(lab);
	lab_expect_events(lab, rx_sequence_equal(in, b, 2),
			  "20:!sequence_equal holds 2 items, its max_buffer",
			  45);
}

static void can_be_cancelled_in_the_answer(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "1");
	struct rx_source *b = lab_hot(lab, "-2");

	lab_cancel_after(lab, 1);
	lab_expect_events(lab, rx_sequence_equal(in, b, 2), "10:false", 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(is_true_when_both_give_the_same_whenever),
		lab_test(is_false_as_soon_as_an_item_differs),
		lab_test(is_false_when_one_comes_after_the_end_of_the_other),
		lab_test(is_false_at_the_end_when_one_is_ahead),
		lab_test(of_two_empty_ones_is_true),
		lab_test(an_error_of_either_is_an_error),
		lab_test(refuses_an_item_too_many),
		lab_test(can_be_cancelled_in_the_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
