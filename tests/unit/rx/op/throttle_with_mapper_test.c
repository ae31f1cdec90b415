/* throttle_with_mapper_test.c */
#include "support/lab.h"

static void is_quiet_for_the_span_of_the_item(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-1----3-2-----|");

	lab_expect_events(
		lab, rx_throttle_with_mapper(in, rx_dur_fn(lab_times_ten())),
		"20:1 100:2 140:|", 500);
}

static void a_stream_may_say_when_it_is_quiet(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-----b|");
	struct rx_source *b = lab_cold(lab, "--x|");

	lab_expect_events(lab, rx_throttle_with_mapper(in, rx_dur_source(b)),
			  "30:a 80:b 80:|", 500);
}

static void lets_the_waiting_item_out_at_the_end(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-3|");

	lab_expect_events(
		lab, rx_throttle_with_mapper(in, rx_dur_fn(lab_times_ten())),
		"20:3 20:|", 500);
}

static void drops_the_waiting_item_on_an_error(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-3#");

	lab_expect_events(
		lab, rx_throttle_with_mapper(in, rx_dur_fn(lab_times_ten())),
		"20:#error", 500);
}

static void an_item_whose_span_fails_leaves_what_waits(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-3x-----|");

	lab_skip_errors(lab);
	lab_expect_events(
		lab, rx_throttle_with_mapper(in, rx_dur_fn(lab_times_ten())),
		"20:!bad 40:3 80:|", 500);
}

static void ends_with_the_error_of_the_program(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-3x-----|");

	lab_expect_events(
		lab, rx_throttle_with_mapper(in, rx_dur_fn(lab_times_ten())),
		"20:#bad", 500);
}

static void a_duration_must_be_a_number(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-3|");

	lab_expect_events(
		lab, rx_throttle_with_mapper(in, rx_dur_fn(lab_is_number())),
		"10:#throttle_with_mapper: the duration is boolean, not a "
		"number of milliseconds",
		500);
}

static void an_error_of_the_span_is_an_error(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-----|");
	struct rx_source *b = lab_cold(lab, "--#");

	lab_expect_events(lab, rx_throttle_with_mapper(in, rx_dur_source(b)),
			  "30:#error", 500);
}

static void emits_under_the_cause_of_the_item(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-1----2---|");

	lab_show_causes(lab);
	lab_expect_events(lab, rx_throttle_with_mapper(in, rx_dur_ms(20)),
			  "30:1<1> 80:2<2> 100:|", 500);
}

static void can_be_cancelled_inside_next(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-1----2---|");

	lab_cancel_after(lab, 1);
	lab_expect_events(lab, rx_throttle_with_mapper(in, rx_dur_ms(20)),
			  "30:1", 500);
}

static void audit_gives_the_latest_at_the_end_of_the_span(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-abc---d-----|");

	lab_expect_events(lab, rx_audit(in, rx_dur_ms(30)), "40:c 100:d 130:|",
			  500);
}

static void audit_ends_with_its_span(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-ab|");

	lab_expect_events(lab, rx_audit(in, rx_dur_ms(30)), "40:b 40:|", 500);
}

static void audit_drops_on_an_error(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-ab#");

	lab_expect_events(lab, rx_audit(in, rx_dur_ms(30)), "30:#error", 500);
}

static void audit_skips_an_item_whose_span_fails(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-x1---|");

	lab_skip_errors(lab);
	lab_show_causes(lab);
	lab_expect_events(lab, rx_audit(in, rx_dur_fn(lab_times_ten())),
			  "10:!bad<x> 30:1<1> 60:|", 500);
}

static void audit_can_be_cancelled_inside_next(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-abc---d-----|");

	lab_cancel_after(lab, 1);
	lab_expect_events(lab, rx_audit(in, rx_dur_ms(30)), "40:c", 500);
}

static void a_busy_source_is_heard_within_the_longest_wait(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-3-3-3-3-4-----|");

	lab_show_causes(lab);
	lab_expect_events(
		lab,
		rx_debounce_with_mapper(in, rx_dur_fn(lab_times_ten()), 55),
		"65:3<3> 125:4<4> 150:|", 500);
}

static void the_longest_wait_bounds_a_stream_that_is_never_quiet(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b-----c|");
	struct rx_source *never = rx_never(lab_ctx(lab));

	lab_expect_events(lab,
			  rx_debounce_with_mapper(in, rx_dur_source(never), 55),
			  "65:b 100:c 100:|", 500);
}

static void the_longest_wait_goes_when_it_is_cancelled(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-3----3");

	lab_cancel_after(lab, 1);
	lab_expect_events(
		lab,
		rx_debounce_with_mapper(in, rx_dur_fn(lab_times_ten()), 25),
		"35:3", 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(is_quiet_for_the_span_of_the_item),
		lab_test(a_busy_source_is_heard_within_the_longest_wait),
		lab_test(the_longest_wait_bounds_a_stream_that_is_never_quiet),
		lab_test(the_longest_wait_goes_when_it_is_cancelled),
		lab_test(a_stream_may_say_when_it_is_quiet),
		lab_test(lets_the_waiting_item_out_at_the_end),
		lab_test(drops_the_waiting_item_on_an_error),
		lab_test(an_item_whose_span_fails_leaves_what_waits),
		lab_test(ends_with_the_error_of_the_program),
		lab_test(a_duration_must_be_a_number),
		lab_test(an_error_of_the_span_is_an_error),
		lab_test(emits_under_the_cause_of_the_item),
		lab_test(can_be_cancelled_inside_next),
		lab_test(audit_gives_the_latest_at_the_end_of_the_span),
		lab_test(audit_ends_with_its_span),
		lab_test(audit_drops_on_an_error),
		lab_test(audit_skips_an_item_whose_span_fails),
		lab_test(audit_can_be_cancelled_inside_next),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
