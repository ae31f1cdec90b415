/* take_test.c */
#include "support/lab.h"

static void push_seven(struct lab *lab, struct value v)
{
	lab_on_next(lab, NULL);
	lab_push(lab, value_int(7));
}

static void gives_the_first_items_then_ends(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b-c-|");

	lab_expect_events(lab, rx_take(in, 2), "10:a 30:b 30:|", 500);
}

static void of_none_ends_at_once_without_subscribing(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_cold(lab, "-a-|");

	lab_expect_events(lab, rx_take(in, 0), "0:|", 500);
	assert_int_equal(lab_cold_runs(lab), 0);
}

static void ends_with_a_shorter_source(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-|");

	lab_expect_events(lab, rx_take(in, 5), "10:a 30:|", 500);
}

static void passes_an_error_on(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-#");

	lab_expect_events(lab, rx_take(in, 5), "10:a 30:#error", 500);
}

static void stops_a_long_synchronous_source(void **state)
{
	struct lab *lab = *state;

	lab_expect_events(lab,
			  rx_take(rx_range(lab_ctx(lab), 0, 1000000, 1), 3),
			  "0:0 0:1 0:2 0:|", 500);
}

static void stops_an_endless_one(void **state)
{
	struct lab *lab = *state;

	lab_expect_events(lab,
			  rx_take(rx_repeat_value(lab_ctx(lab), value_int(7),
						  RX_FOREVER),
				  2),
			  "0:7 0:7 0:|", 500);
}

static void can_be_cancelled_inside_its_last_item(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b-|");

	lab_cancel_after(lab, 2);
	lab_expect_events(lab, rx_take(in, 2), "10:a 30:b", 500);
}

static void an_item_pushed_from_inside_its_last_is_one_too_many(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b-|");

	lab_on_next(lab, push_seven);
	lab_expect_events(lab, rx_take(in, 1), "10:a 10:|", 500);
}

static void an_item_pushed_from_inside_counts(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b-|");

	lab_on_next(lab, push_seven);
	lab_expect_events(lab, rx_take(in, 2), "10:a 10:7 10:|", 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(gives_the_first_items_then_ends),
		lab_test(of_none_ends_at_once_without_subscribing),
		lab_test(ends_with_a_shorter_source),
		lab_test(passes_an_error_on),
		lab_test(stops_a_long_synchronous_source),
		lab_test(stops_an_endless_one),
		lab_test(can_be_cancelled_inside_its_last_item),
		lab_test(an_item_pushed_from_inside_its_last_is_one_too_many),
		lab_test(an_item_pushed_from_inside_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
