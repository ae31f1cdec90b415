/* zip_test.c */
#include "support/lab.h"

static void puts_the_items_of_one_number_together(void **state)
{
	struct lab *lab = *state;
	struct rx_source *a = lab_hot(lab, "-1-2----3-|");
	struct rx_source *b = lab_hot(lab, "--4--5-----6|");
	struct rx_source *in[] = {a, b};

	lab_expect_events(lab, rx_zip(lab_ctx(lab), in, 2, 0),
			  "20:[1,4] 50:[2,5] 110:[3,6] 110:|", 500);
}

static void ends_when_an_ended_source_has_no_item_left(void **state)
{
	struct lab *lab = *state;
	struct rx_source *a = lab_hot(lab, "-1-2|");
	struct rx_source *b = lab_hot(lab, "-----4--5--6|");
	struct rx_source *in[] = {a, b};

	lab_expect_events(lab, rx_zip(lab_ctx(lab), in, 2, 0),
			  "50:[1,4] 80:[2,5] 80:|", 500);
}

static void ends_at_once_when_one_ends_without_an_item_waiting(void **state)
{
	struct lab *lab = *state;
	struct rx_source *a = lab_hot(lab, "-1-|");
	struct rx_source *b = lab_hot(lab, "-4-----5");
	struct rx_source *in[] = {a, b};

	lab_expect_events(lab, rx_zip(lab_ctx(lab), in, 2, 0), "10:[1,4] 30:|",
			  500);
}

static void an_error_of_any_ends_it(void **state)
{
	struct lab *lab = *state;
	struct rx_source *a = lab_hot(lab, "-1-2-3");
	struct rx_source *b = lab_hot(lab, "--#");
	struct rx_source *in[] = {a, b};

	lab_expect_events(lab, rx_zip(lab_ctx(lab), in, 2, 0), "20:#error",
			  500);
}

static void emits_under_the_causes_of_all(void **state)
{
	struct lab *lab = *state;
	struct rx_source *a = lab_hot(lab, "-1-2|");
	struct rx_source *b = lab_hot(lab, "---4");
	struct rx_source *in[] = {a, b};

	lab_show_causes(lab);
	lab_expect_events(lab, rx_zip(lab_ctx(lab), in, 2, 0), "30:[1,4]<1,4>",
			  30);
}

static void refuses_an_item_too_many(void **state)
{
	struct lab *lab = *state;
	struct rx_source *a = lab_hot(lab, "-123|");
	struct rx_source *b = lab_hot(lab, "-----456|");
	struct rx_source *in[] = {a, b};

	lab_skip_errors(lab);
	lab_expect_events(
		lab, rx_zip(lab_ctx(lab), in, 2, 2),
		"30:!zip holds 2 items, its max_buffer 50:[1,4] 60:[2,5] 60:|",
		500);
}

static void of_nothing_ends(void **state)
{
	struct lab *lab = *state;

	lab_expect_events(lab, rx_zip(lab_ctx(lab), NULL, 0, 0), "0:|", 500);
}

static void can_be_cancelled_inside_next(void **state)
{
	struct lab *lab = *state;
	struct rx_source *a = lab_hot(lab, "-12");
	struct rx_source *b = lab_hot(lab, "-34");
	struct rx_source *in[] = {a, b};

	lab_cancel_after(lab, 1);
	lab_expect_events(lab, rx_zip(lab_ctx(lab), in, 2, 0), "10:[1,3]", 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(puts_the_items_of_one_number_together),
		lab_test(ends_when_an_ended_source_has_no_item_left),
		lab_test(ends_at_once_when_one_ends_without_an_item_waiting),
		lab_test(an_error_of_any_ends_it),
		lab_test(emits_under_the_causes_of_all),
		lab_test(refuses_an_item_too_many),
		lab_test(of_nothing_ends),
		lab_test(can_be_cancelled_inside_next),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
