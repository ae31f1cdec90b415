/* all_test.c */
#include "support/lab.h"

static void is_true_at_the_end(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-5-6|");

	lab_expect_events(lab, rx_all(in, lab_above(3)), "40:true 40:|", 500);
}

static void is_false_as_soon_as_one_does_not_hold(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-5-1-6|");

	lab_expect_events(lab, rx_all(in, lab_above(3)), "30:false 30:|", 500);
}

static void ends_with_the_error_of_the_predicate(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-x|");

	lab_expect_events(lab, rx_all(in, lab_above(3)), "10:#bad", 500);
}

static void skips_an_item_that_fails(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-x-|");

	lab_skip_errors(lab);
	lab_expect_events(lab, rx_all(in, lab_above(3)), "10:!bad 30:true 30:|",
			  500);
}

static void can_be_cancelled_in_the_answer(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-1|");

	lab_cancel_after(lab, 1);
	lab_expect_events(lab, rx_all(in, lab_above(3)), "10:false", 500);
}

static void some_is_true_as_soon_as_one_holds(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-1-5-6|");

	lab_expect_events(lab, rx_some(in, lab_above(3)), "30:true 30:|", 500);
}

static void some_is_false_at_the_end(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-1|");

	lab_expect_events(lab, rx_some(in, lab_above(3)), "20:false 20:|", 500);
}

static void some_without_a_predicate_asks_whether_there_is_an_item(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-1|");

	lab_expect_events(lab, rx_some(in, NULL), "10:true 10:|", 500);
}

static void contains_compares_as_json(void **state)
{
	struct lab *lab = *state;
	const struct value items[] = {value_bool(true), value_double(1.0)};

	lab_expect_events(
		lab, rx_contains(rx_of(lab_ctx(lab), items, 1), value_int(1)),
		"0:false 0:|", 500);
	value_unref(items[1]);
}

static void contains_finds(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-1-5-6|");

	lab_expect_events(lab, rx_contains(in, value_double(5.0)),
			  "30:true 30:|", 500);
}

static void is_empty_is_true_at_the_end(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "--|");

	lab_expect_events(lab, rx_is_empty(in), "20:true 20:|", 500);
}

static void is_empty_is_false_at_the_first_item(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-|");

	lab_expect_events(lab, rx_is_empty(in), "10:false 10:|", 500);
}

static void an_error_is_no_answer(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-#");

	lab_expect_events(lab, rx_is_empty(in), "10:#error", 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(is_true_at_the_end),
		lab_test(is_false_as_soon_as_one_does_not_hold),
		lab_test(ends_with_the_error_of_the_predicate),
		lab_test(skips_an_item_that_fails),
		lab_test(can_be_cancelled_in_the_answer),
		lab_test(some_is_true_as_soon_as_one_holds),
		lab_test(some_is_false_at_the_end),
		lab_test(
			some_without_a_predicate_asks_whether_there_is_an_item),
		lab_test(contains_compares_as_json),
		lab_test(contains_finds),
		lab_test(is_empty_is_true_at_the_end),
		lab_test(is_empty_is_false_at_the_first_item),
		lab_test(an_error_is_no_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
