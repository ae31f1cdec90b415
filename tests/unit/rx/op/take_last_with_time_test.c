/* take_last_with_time_test.c */
#include "support/lab.h"

static void gives_the_items_of_the_last_span(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a--b--c-|");

	lab_expect_events(lab, rx_take_last_with_time(in, 55, 0),
			  "90:b 90:c 90:|", 500);
}

static void gives_nothing_before_an_error(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a--b--c-#");

	lab_expect_events(lab, rx_take_last_with_time(in, 55, 0), "90:#error",
			  500);
}

static void refuses_an_item_too_many(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-abc|");

	lab_skip_errors(lab);
	lab_expect_events(lab, rx_take_last_with_time(in, 100, 2),
			  "30:!take_last_with_time holds 2 items, its "
			  "max_buffer 40:a 40:b 40:|",
			  500);
}

static void can_be_cancelled_inside_next(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-ab|");

	lab_cancel_after(lab, 1);
	lab_expect_events(lab, rx_take_last_with_time(in, 100, 0), "30:a", 500);
}

static void skip_gives_an_item_once_it_is_old_enough(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a--b--c-|");

	lab_expect_events(lab, rx_skip_last_with_time(in, 25, 0),
			  "40:a 70:b 90:|", 500);
}

static void skip_gives_old_ones_at_the_end(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a----|");

	lab_expect_events(lab, rx_skip_last_with_time(in, 25, 0), "60:a 60:|",
			  500);
}

static void skip_emits_under_the_cause_of_the_item(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a--b|");

	lab_show_causes(lab);
	lab_expect_events(lab, rx_skip_last_with_time(in, 25, 0),
			  "40:a<a> 50:|", 500);
}

static void skip_can_be_cancelled_inside_next(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-(ab)-----c|");

	lab_cancel_after(lab, 1);
	lab_expect_events(lab, rx_skip_last_with_time(in, 25, 0), "100:a", 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(gives_the_items_of_the_last_span),
		lab_test(gives_nothing_before_an_error),
		lab_test(refuses_an_item_too_many),
		lab_test(can_be_cancelled_inside_next),
		lab_test(skip_gives_an_item_once_it_is_old_enough),
		lab_test(skip_gives_old_ones_at_the_end),
		lab_test(skip_emits_under_the_cause_of_the_item),
		lab_test(skip_can_be_cancelled_inside_next),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
