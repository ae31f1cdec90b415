/* to_marbles_test.c */
#include "support/lab.h"

static void draws_the_stream_at_its_end(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "--1--2|");

	lab_expect_events(lab, rx_to_marbles(in, 10), "60:--1---2-| 60:|", 500);
}

static void rounds_times_to_frames(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-1-2|");

	lab_expect_events(lab, rx_to_marbles(in, 20), "40:-1-2-| 40:|", 500);
}

static void puts_longer_items_into_parentheses(void **state)
{
	struct lab *lab = *state;
	const struct value items[] = {value_int(12), value_cstr("ab"),
				      value_double(2.5),
				      value_cstr("\303\244")};

	lab_expect_events(lab, rx_to_marbles(rx_of(lab_ctx(lab), items, 4), 10),
			  "0:(12)(ab)(2.5)\303\244| 0:|", 500);
}

static void draws_arrays(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "[a1]|");

	lab_expect_events(lab, rx_to_marbles(in, 10),
			  "40:([\"a\", 1])----| 40:|", 500);
}

static void draws_an_error_as_the_only_item_too(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "1-#");

	lab_expect_events(lab, rx_to_marbles(in, 10), "20:1--(error) 20:|",
			  500);
}

static void can_be_cancelled_inside_next(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "1|");

	lab_cancel_after(lab, 1);
	lab_expect_events(lab, rx_to_marbles(in, 10), "10:1-|", 500);
}

static void does_not_draw_without_end(void **state)
{
	struct lab *lab = *state;

	lab_expect_events(
		lab,
		rx_to_marbles(rx_timer_source(lab_ctx(lab), 2000000, -1), 1),
		"2000000:#to_marbles: the drawing is too long", 2000001);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(draws_the_stream_at_its_end),
		lab_test(rounds_times_to_frames),
		lab_test(puts_longer_items_into_parentheses),
		lab_test(draws_arrays),
		lab_test(draws_an_error_as_the_only_item_too),
		lab_test(can_be_cancelled_inside_next),
		lab_test(does_not_draw_without_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
