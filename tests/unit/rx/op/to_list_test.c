/* to_list_test.c */
#include "support/lab.h"

static void gives_all_as_an_array_under_all_causes(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b-|");

	lab_show_causes(lab);
	lab_expect_events(lab, rx_to_list(in, 0), "50:[a,b]<a,b> 50:|", 500);
}

static void of_nothing_is_an_empty_array(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-|");

	lab_expect_events(lab, rx_to_list(in, 0), "10:[] 10:|", 500);
}

static void gives_nothing_before_an_error(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a#");

	lab_expect_events(lab, rx_to_list(in, 0), "20:#error", 500);
}

static void refuses_an_item_too_many(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "abc|");

	lab_skip_errors(lab);
	lab_expect_events(
		lab, rx_to_list(in, 2),
		"20:!to_list holds 2 items, its max_buffer 30:[a,b] 30:|", 500);
}

static void ends_when_it_is_full_without_a_handler(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "abc|");

	lab_expect_events(lab, rx_to_list(in, 2),
			  "20:#to_list holds 2 items, its max_buffer", 500);
}

static void can_be_cancelled_inside_next(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "a|");

	lab_cancel_after(lab, 1);
	lab_expect_events(lab, rx_to_list(in, 0), "10:[a]", 500);
}

static void to_set_gives_each_once_in_order_of_first_occurrence(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "2121|");

	lab_expect_events(lab, rx_to_set(in, 0), "40:[2,1] 40:|", 500);
}

static void to_set_refuses_an_item_too_many(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "1231|");

	lab_skip_errors(lab);
	lab_expect_events(
		lab, rx_to_set(in, 2),
		"20:!to_set holds 2 items, its max_buffer 40:[1,2] 40:|", 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(gives_all_as_an_array_under_all_causes),
		lab_test(of_nothing_is_an_empty_array),
		lab_test(gives_nothing_before_an_error),
		lab_test(refuses_an_item_too_many),
		lab_test(ends_when_it_is_full_without_a_handler),
		lab_test(can_be_cancelled_inside_next),
		lab_test(to_set_gives_each_once_in_order_of_first_occurrence),
		lab_test(to_set_refuses_an_item_too_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
