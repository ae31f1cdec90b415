/* filter_test.c */
#include "support/lab.h"

static int is_odd_index(struct value v, const struct rx_vars *vars,
			struct value *out, struct weir_error *err)
{
	*out = value_bool(vars->index % 2 == 1);
	return 0;
}

static void lets_through_what_the_predicate_holds_for(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-1-a-2-b-|");

	lab_expect_events(lab, rx_filter(in, lab_is_number()), "10:1 50:2 90:|",
			  500);
}

static void without_a_predicate_is_the_source_itself(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-1-a-|");

	lab_expect_events(lab, rx_filter(in, NULL), "10:1 30:a 50:|", 500);
}

static void ends_with_the_error_of_the_predicate(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-5-x-6-|");

	lab_expect_events(lab, rx_filter(in, lab_above(3)), "10:5 30:#bad",
			  500);
}

static void skips_an_item_that_fails_when_item_errors_are_handled(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-5-x-6-|");

	lab_skip_errors(lab);
	lab_expect_events(lab, rx_filter(in, lab_above(3)),
			  "10:5 30:!bad 50:6 70:|", 500);
}

static void drops_the_cause_of_what_it_drops(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-1-5-|");

	lab_show_causes(lab);
	lab_expect_events(lab, rx_filter(in, lab_above(3)), "30:5<5> 50:|",
			  500);
}

static void can_be_cancelled_inside_next(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-5-6-7-|");

	lab_cancel_after(lab, 2);
	lab_expect_events(lab, rx_filter(in, lab_above(3)), "10:5 30:6", 500);
}

static void lends_the_number_of_the_item_when_indexed(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b-c-|");

	lab_expect_events(lab, rx_filter_indexed(in, lab_fn(is_odd_index)),
			  "30:b 70:|", 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(lets_through_what_the_predicate_holds_for),
		lab_test(without_a_predicate_is_the_source_itself),
		lab_test(ends_with_the_error_of_the_predicate),
		lab_test(skips_an_item_that_fails_when_item_errors_are_handled),
		lab_test(drops_the_cause_of_what_it_drops),
		lab_test(can_be_cancelled_inside_next),
		lab_test(lends_the_number_of_the_item_when_indexed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
