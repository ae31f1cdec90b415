/* delay_with_mapper_test.c */
#include "support/lab.h"

static void delays_each_by_its_own_span(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-3-1-|");

	lab_expect_events(
		lab, rx_delay_with_mapper(in, rx_dur_fn(lab_times_ten()), 0),
		"40:3 40:1 50:|", 500);
}

static void the_end_waits_for_the_last_item(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-5|");

	lab_expect_events(
		lab, rx_delay_with_mapper(in, rx_dur_fn(lab_times_ten()), 0),
		"60:5 60:|", 500);
}

static void a_stream_may_say_when(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-ab|");
	struct rx_source *b = lab_cold(lab, "---x");

	lab_expect_events(lab, rx_delay_with_mapper(in, rx_dur_source(b), 0),
			  "40:a 50:b 50:|", 500);
}

static void lets_an_error_overtake(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-5#");

	lab_expect_events(
		lab, rx_delay_with_mapper(in, rx_dur_fn(lab_times_ten()), 0),
		"20:#error", 500);
}

static void skips_an_item_whose_span_fails(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-x1|");

	lab_skip_errors(lab);
	lab_show_causes(lab);
	lab_expect_events(
		lab, rx_delay_with_mapper(in, rx_dur_fn(lab_times_ten()), 0),
		"10:!bad<x> 30:1<1> 30:|", 500);
}

static void ends_with_the_error_of_the_program(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-3x|");

	lab_expect_events(
		lab, rx_delay_with_mapper(in, rx_dur_fn(lab_times_ten()), 0),
		"20:#bad", 500);
}

static void an_error_of_the_span_is_an_error(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-ab|");
	struct rx_source *b = lab_cold(lab, "---#");

	lab_expect_events(lab, rx_delay_with_mapper(in, rx_dur_source(b), 0),
			  "40:#error", 500);
}

static void refuses_an_item_too_many(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-abc|");

	lab_skip_errors(lab);
	lab_expect_events(lab, rx_delay_with_mapper(in, rx_dur_ms(50), 2),
			  "30:!delay_with_mapper holds 2 items, its max_buffer "
			  "60:a 70:b 70:|",
			  500);
}

static void can_be_cancelled_inside_next(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-(ab)-|");

	lab_cancel_after(lab, 1);
	lab_expect_events(lab, rx_delay_with_mapper(in, rx_dur_ms(30), 0),
			  "40:a", 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(delays_each_by_its_own_span),
		lab_test(the_end_waits_for_the_last_item),
		lab_test(a_stream_may_say_when),
		lab_test(lets_an_error_overtake),
		lab_test(skips_an_item_whose_span_fails),
		lab_test(ends_with_the_error_of_the_program),
		lab_test(an_error_of_the_span_is_an_error),
		lab_test(refuses_an_item_too_many),
		lab_test(can_be_cancelled_inside_next),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
