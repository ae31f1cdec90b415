/* buffer_until_test.c */
#include "support/lab.h"

static void until_the_match_closes_and_belongs_to_it(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-1-2-9-3-8-4-|");

	lab_expect_events(lab, rx_buffer_until(in, lab_above(7), 0),
			  "50:[1,2,9] 90:[3,8] 130:[4] 130:|", 500);
}

static void while_what_does_not_match_closes_and_is_dropped(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-8-9-1-2-8-|");

	lab_expect_events(lab, rx_buffer_while(in, lab_above(7), 0),
			  "50:[8,9] 110:[8] 110:|", 500);
}

static void gives_no_empty_arrays(void **state)
{
	struct lab *lab = *state;

	lab_expect_events(
		lab, rx_buffer_while(lab_hot(lab, "-1-2-|"), lab_above(7), 0),
		"50:|", 500);
}

static void a_match_may_be_an_array_alone(void **state)
{
	struct lab *lab = *state;

	lab_expect_events(lab,
			  rx_buffer_until(lab_hot(lab, "-9|"), lab_above(7), 0),
			  "10:[9] 20:|", 500);
}

static void drops_what_is_there_on_an_error(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-1-#");

	lab_expect_events(lab, rx_buffer_until(in, lab_above(7), 0),
			  "30:#error", 500);
}

static void skips_an_item_whose_predicate_fails(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-8x9-|");

	lab_skip_errors(lab);
	lab_expect_events(lab, rx_buffer_while(in, lab_above(7), 0),
			  "20:!bad 50:[8,9] 50:|", 500);
}

static void ends_with_the_error_of_the_predicate(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-1x9|");

	lab_expect_events(lab, rx_buffer_until(in, lab_above(7), 0), "20:#bad",
			  500);
}

static void an_item_too_many_is_refused_and_closes_all_the_same(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-1239-4|");

	lab_skip_errors(lab);
	lab_expect_events(
		lab, rx_buffer_until(in, lab_above(7), 2),
		"30:!buffer_until holds 2 items, its max_buffer "
		"40:!buffer_until holds 2 items, its max_buffer 40:[1,2] "
		"70:[4] 70:|",
		500);
}

static void ends_when_it_is_full_without_a_handler(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-129|");

	lab_expect_events(lab, rx_buffer_until(in, lab_above(7), 2),
			  "30:#buffer_until holds 2 items, its max_buffer",
			  500);
}

static void an_array_works_for_all_its_causes(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-1-9-|");

	lab_show_causes(lab);
	lab_expect_events(lab, rx_buffer_until(in, lab_above(7), 0),
			  "30:[1,9]<1,9> 50:|", 500);
}

static void can_be_cancelled_inside_next(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-1-9-2|");

	lab_cancel_after(lab, 1);
	lab_expect_events(lab, rx_buffer_until(in, lab_above(7), 0), "30:[1,9]",
			  500);
}

static void lets_go_of_what_is_there_when_it_is_cancelled(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-1-2");

	lab_expect(lab, rx_buffer_until(in, lab_above(7), 0), "-----");
}

static void push_once(struct lab *lab, struct value v)
{
	lab_on_next(lab, NULL);
	lab_push(lab, value_int(7));
}

static void an_item_pushed_from_inside_begins_the_next(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-1-9-2-|");

	lab_on_next(lab, push_once);
	lab_expect_events(lab, rx_buffer_until(in, lab_above(7), 0),
			  "30:[1,9] 70:[7,2] 70:|", 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(until_the_match_closes_and_belongs_to_it),
		lab_test(while_what_does_not_match_closes_and_is_dropped),
		lab_test(gives_no_empty_arrays),
		lab_test(a_match_may_be_an_array_alone),
		lab_test(drops_what_is_there_on_an_error),
		lab_test(skips_an_item_whose_predicate_fails),
		lab_test(ends_with_the_error_of_the_predicate),
		lab_test(an_item_too_many_is_refused_and_closes_all_the_same),
		lab_test(ends_when_it_is_full_without_a_handler),
		lab_test(an_array_works_for_all_its_causes),
		lab_test(can_be_cancelled_inside_next),
		lab_test(lets_go_of_what_is_there_when_it_is_cancelled),
		lab_test(an_item_pushed_from_inside_begins_the_next),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
