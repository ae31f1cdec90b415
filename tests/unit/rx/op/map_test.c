/* map_test.c */
#include "support/lab.h"

static void push_seven(struct lab *lab, struct value v)
{
	lab_on_next(lab, NULL);
	lab_push(lab, value_int(7));
}

static void gives_each_item_to_the_mapper(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-1-2-|");

	lab_expect_events(lab, rx_map(in, lab_times_ten()), "10:10 30:20 50:|",
			  500);
}

static void ends_with_the_error_of_the_mapper_and_lets_go_of_its_source(
	void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-1-x-2-|");

	lab_expect_events(lab, rx_map(in, lab_times_ten()), "10:10 30:#bad",
			  500);
}

static void skips_an_item_that_fails_when_item_errors_are_handled(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-1-x-2-|");

	lab_skip_errors(lab);
	lab_show_causes(lab);
	lab_expect_events(lab, rx_map(in, lab_times_ten()),
			  "10:10<1> 30:!bad<x> 50:20<2> 70:|", 500);
}

static void can_be_cancelled_inside_next(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-1-2-3-|");

	lab_cancel_after(lab, 2);
	lab_expect_events(lab, rx_map(in, lab_times_ten()), "10:10 30:20", 500);
}

static void passes_an_error_on(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-1-#");

	lab_expect_events(lab, rx_map(in, lab_times_ten()), "10:10 30:#error",
			  500);
}

static void lends_the_number_of_the_item_when_indexed(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b-c-|");

	lab_expect_events(lab, rx_map_indexed(in, lab_index()),
			  "10:0 30:1 50:2 70:|", 500);
}

static void an_error_of_an_indexed_mapper_counts_the_item(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b-|");

	lab_skip_errors(lab);
	lab_expect_events(lab, rx_map_indexed(in, lab_fail()),
			  "10:!bad 30:!bad 50:|", 500);
}

static void an_item_pushed_from_inside_next_comes_within_it(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-1-2-|");

	lab_on_next(lab, push_seven);
	lab_expect_events(lab, rx_map(in, lab_times_ten()),
			  "10:10 10:70 30:20 50:|", 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(gives_each_item_to_the_mapper),
		lab_test(
			ends_with_the_error_of_the_mapper_and_lets_go_of_its_source),
		lab_test(skips_an_item_that_fails_when_item_errors_are_handled),
		lab_test(can_be_cancelled_inside_next),
		lab_test(passes_an_error_on),
		lab_test(lends_the_number_of_the_item_when_indexed),
		lab_test(an_error_of_an_indexed_mapper_counts_the_item),
		lab_test(an_item_pushed_from_inside_next_comes_within_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
