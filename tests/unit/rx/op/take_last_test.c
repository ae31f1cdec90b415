/* take_last_test.c */
#include "support/lab.h"

static void gives_the_last_items_at_the_end(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "abc-|");

	lab_show_causes(lab);
	lab_expect_events(lab, rx_take_last(in, 2), "40:b<b> 40:c<c> 40:|",
			  500);
}

static void of_none_ends_with_the_source(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "abc-|");

	lab_expect_events(lab, rx_take_last(in, 0), "40:|", 500);
}

static void gives_nothing_before_an_error(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "abc-#");

	lab_expect_events(lab, rx_take_last(in, 2), "40:#error", 500);
}

static void can_be_cancelled_inside_next(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "abc-|");

	lab_cancel_after(lab, 1);
	lab_expect_events(lab, rx_take_last(in, 2), "40:b", 500);
}

static void buffer_gives_one_array(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "abc-|");

	lab_show_causes(lab);
	lab_expect_events(lab, rx_take_last_buffer(in, 2), "40:[b,c]<b,c> 40:|",
			  500);
}

static void buffer_of_nothing_is_an_empty_array(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-|");

	lab_expect_events(lab, rx_take_last_buffer(in, 2), "10:[] 10:|", 500);
}

static void buffer_can_be_cancelled_inside_next(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "ab|");

	lab_cancel_after(lab, 1);
	lab_expect_events(lab, rx_take_last_buffer(in, 2), "20:[a,b]", 500);
}

static void skip_gives_an_item_once_so_many_came_after_it(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "abcd-|");

	lab_show_causes(lab);
	lab_expect_events(lab, rx_skip_last(in, 2), "20:a<a> 30:b<b> 50:|",
			  500);
}

static void skip_takes_null_for_a_value(void **state)
{
	struct lab *lab = *state;
	const struct value items[] = {value_null(), value_int(1)};

	lab_expect_events(lab, rx_skip_last(rx_of(lab_ctx(lab), items, 2), 1),
			  "0:null 0:|", 500);
}

static void skip_passes_an_error_on(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "abc#");

	lab_expect_events(lab, rx_skip_last(in, 2), "20:a 30:#error", 500);
}

static void skip_can_be_cancelled_inside_next(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "abcd|");

	lab_cancel_after(lab, 1);
	lab_expect_events(lab, rx_skip_last(in, 2), "20:a", 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(gives_the_last_items_at_the_end),
		lab_test(of_none_ends_with_the_source),
		lab_test(gives_nothing_before_an_error),
		lab_test(can_be_cancelled_inside_next),
		lab_test(buffer_gives_one_array),
		lab_test(buffer_of_nothing_is_an_empty_array),
		lab_test(buffer_can_be_cancelled_inside_next),
		lab_test(skip_gives_an_item_once_so_many_came_after_it),
		lab_test(skip_takes_null_for_a_value),
		lab_test(skip_passes_an_error_on),
		lab_test(skip_can_be_cancelled_inside_next),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
