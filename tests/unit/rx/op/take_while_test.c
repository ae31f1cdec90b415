/* take_while_test.c */
#include "support/lab.h"

static int below_two(struct value v, const struct rx_vars *vars,
		     struct value *out, struct weir_error *err)
{
	*out = value_bool(vars->index < 2);
	return 0;
}

static void gives_items_until_one_fails_the_test(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "5-6-1-7|");

	lab_expect_events(lab, rx_take_while(in, lab_above(3), false),
			  "0:5 20:6 40:|", 500);
}

static void inclusive_gives_that_one_too(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "5-6-1-7|");

	lab_expect_events(lab, rx_take_while(in, lab_above(3), true),
			  "0:5 20:6 40:1 40:|", 500);
}

static void inclusive_can_be_cancelled_in_that_one(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "5-1-7|");

	lab_cancel_after(lab, 2);
	lab_expect_events(lab, rx_take_while(in, lab_above(3), true),
			  "0:5 20:1", 500);
}

static void ends_with_the_error_of_the_predicate(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "5-x-6|");

	lab_expect_events(lab, rx_take_while(in, lab_above(3), false),
			  "0:5 20:#bad", 500);
}

static void skips_an_item_that_fails(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "5-x-6|");

	lab_skip_errors(lab);
	lab_expect_events(lab, rx_take_while(in, lab_above(3), false),
			  "0:5 20:!bad 40:6 50:|", 500);
}

static void indexed_lends_the_number(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "abcd|");

	lab_expect_events(lab,
			  rx_take_while_indexed(in, lab_fn(below_two), false),
			  "0:a 10:b 20:|", 500);
}

static void skip_begins_with_the_first_that_fails_the_test(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "5-6-1-7|");

	lab_expect_events(lab, rx_skip_while(in, lab_above(3)),
			  "40:1 60:7 70:|", 500);
}

static void skip_indexed_lends_the_number(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "abcd|");

	lab_expect_events(lab, rx_skip_while_indexed(in, lab_fn(below_two)),
			  "20:c 30:d 40:|", 500);
}

static void skip_goes_on_skipping_after_an_item_error(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "5x1-7|");

	lab_skip_errors(lab);
	lab_expect_events(lab, rx_skip_while(in, lab_above(3)),
			  "10:!bad 20:1 40:7 50:|", 500);
}

static void skip_passes_an_error_on(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "5#");

	lab_expect_events(lab, rx_skip_while(in, lab_above(3)), "10:#error",
			  500);
}

static void skip_can_be_cancelled_inside_next(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "123|");

	lab_cancel_after(lab, 2);
	lab_expect_events(lab, rx_skip_while(in, lab_above(3)), "0:1 10:2",
			  500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(gives_items_until_one_fails_the_test),
		lab_test(inclusive_gives_that_one_too),
		lab_test(inclusive_can_be_cancelled_in_that_one),
		lab_test(ends_with_the_error_of_the_predicate),
		lab_test(skips_an_item_that_fails),
		lab_test(indexed_lends_the_number),
		lab_test(skip_begins_with_the_first_that_fails_the_test),
		lab_test(skip_indexed_lends_the_number),
		lab_test(skip_goes_on_skipping_after_an_item_error),
		lab_test(skip_passes_an_error_on),
		lab_test(skip_can_be_cancelled_inside_next),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
