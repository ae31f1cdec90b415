/* range_test.c */
#include "support/lab.h"

static void counts_up_to_the_stop(void **state)
{
	struct lab *lab = *state;

	lab_expect_events(lab, rx_range(lab_ctx(lab), 0, 6, 2),
			  "0:0 0:2 0:4 0:|", 500);
}

static void counts_down(void **state)
{
	struct lab *lab = *state;

	lab_expect_events(lab, rx_range(lab_ctx(lab), 3, 0, -1),
			  "0:3 0:2 0:1 0:|", 500);
}

static void is_empty_when_the_stop_is_behind(void **state)
{
	struct lab *lab = *state;

	lab_expect_events(lab, rx_range(lab_ctx(lab), 3, 0, 1), "0:|", 500);
}

static void a_step_of_zero_is_an_error(void **state)
{
	struct lab *lab = *state;

	lab_expect_events(lab, rx_range(lab_ctx(lab), 0, 3, 0),
			  "0:#range: the step is 0", 500);
}

static void does_not_overflow_at_the_end_of_the_numbers(void **state)
{
	struct lab *lab = *state;

	lab_expect_events(lab,
			  rx_count(rx_range(lab_ctx(lab), INT64_MAX - 2,
					    INT64_MAX, 2),
				   NULL),
			  "0:1 0:|", 500);
}

static void knows_how_many_it_has_over_the_whole_span(void **state)
{
	struct lab *lab = *state;

	lab_expect_events(
		lab,
		rx_take(rx_range(lab_ctx(lab), INT64_MIN, INT64_MAX, 1), 1),
		"0:-9.22337e+18 0:|", 500);
}

static void goes_on_after_a_pause(void **state)
{
	struct lab *lab = *state;

	lab_expect_events(lab,
			  rx_count(rx_range(lab_ctx(lab), 0, 10000, 1), NULL),
			  "0:10000 0:|", 500);
}

static void keeps_its_cause_over_a_pause(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a|");

	lab_show_causes(lab);
	lab_expect_events(
		lab,
		rx_skip(rx_concat_map(in,
				      lab_always(lab, rx_range(lab_ctx(lab), 0,
							       10000, 1)),
				      0),
			9999),
		"10:9999<a> 20:|", 500);
}

static void can_be_cancelled_while_it_pauses(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "(ab)-|");

	lab_expect_events(
		lab,
		rx_count(rx_switch_map(in,
				       lab_always(lab, rx_range(lab_ctx(lab), 0,
								5000, 1))),
			 NULL),
		"50:9096 50:|", 500);
}

static void repeat_value_repeats(void **state)
{
	struct lab *lab = *state;

	lab_expect_events(lab, rx_repeat_value(lab_ctx(lab), value_int(7), 3),
			  "0:7 0:7 0:7 0:|", 500);
}

static void repeat_value_of_none_ends(void **state)
{
	struct lab *lab = *state;

	lab_expect_events(lab, rx_repeat_value(lab_ctx(lab), value_int(7), 0),
			  "0:|", 500);
}

static void repeat_value_for_ever_can_be_cancelled(void **state)
{
	struct lab *lab = *state;

	lab_cancel_after(lab, 2);
	lab_expect_events(
		lab, rx_repeat_value(lab_ctx(lab), value_int(7), RX_FOREVER),
		"0:7 0:7", 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(counts_up_to_the_stop),
		lab_test(counts_down),
		lab_test(is_empty_when_the_stop_is_behind),
		lab_test(a_step_of_zero_is_an_error),
		lab_test(does_not_overflow_at_the_end_of_the_numbers),
		lab_test(knows_how_many_it_has_over_the_whole_span),
		lab_test(goes_on_after_a_pause),
		lab_test(keeps_its_cause_over_a_pause),
		lab_test(can_be_cancelled_while_it_pauses),
		lab_test(repeat_value_repeats),
		lab_test(repeat_value_of_none_ends),
		lab_test(repeat_value_for_ever_can_be_cancelled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
