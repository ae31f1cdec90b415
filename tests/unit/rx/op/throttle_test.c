/* throttle_test.c */
#include "support/lab.h"

static void leading_is_the_first_of_a_span(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-ab---c--|");

	lab_expect(lab, rx_throttle(in, rx_dur_ms(30), true, false),
		   "-a----c--|");
}

static void trailing_is_the_last_of_a_span(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-ab---c--|");

	lab_expect(lab, rx_throttle(in, rx_dur_ms(30), false, true),
		   "----b--c-|");
}

static void with_both_the_last_opens_the_next_span(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-ab---c--|");

	lab_expect(lab, rx_throttle(in, rx_dur_ms(30), true, true),
		   "-a--b--c-|");
}

static void a_lone_item_comes_out_once(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a------b----|");

	lab_expect(lab, rx_throttle(in, rx_dur_ms(30), true, true),
		   "-a------b----|");
}

static void the_end_waits_for_the_last_item_of_the_span(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-ab|");

	lab_expect(lab, rx_throttle(in, rx_dur_ms(40), true, true),
		   "-a---(b|)");
}

static void the_end_does_not_wait_for_a_span_without_one(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-|");

	lab_expect(lab, rx_throttle(in, rx_dur_ms(40), true, true), "-a-|");
}

static void an_error_drops_the_item_that_waits(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-ab#");

	lab_expect(lab, rx_throttle(in, rx_dur_ms(40), true, true), "-a-#");
}

static void the_span_is_asked_of_the_item_that_opens_it(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-1--3-1--2----|");

	lab_expect(lab,
		   rx_throttle(in, rx_dur_fn(lab_times_ten()), true, false),
		   "-1--3----2----|");
}

static void a_stream_may_be_the_span(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-ab-----c|");
	struct rx_source *b = lab_cold(lab, "---x|");

	lab_expect(lab, rx_throttle(in, rx_dur_source(b), false, true),
		   "----b------(c|)");
}

static void a_span_that_is_over_at_once_lets_all_through(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-ab-c|");
	struct rx_source *none = rx_empty(lab_ctx(lab));

	lab_expect(lab, rx_throttle(in, rx_dur_source(none), false, true),
		   "-ab-c|");
}

static void an_error_of_the_span_is_an_error(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-ab-c|");
	struct rx_source *bad = rx_throw(lab_ctx(lab), STR("bad"));

	lab_expect_events(lab, rx_throttle(in, rx_dur_source(bad), true, true),
			  "10:#bad", 500);
}

static void an_item_whose_span_fails_is_skipped(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-x2-x-----|");

	lab_skip_errors(lab);
	lab_show_causes(lab);
	lab_expect_events(
		lab, rx_throttle(in, rx_dur_fn(lab_times_ten()), true, true),
		"10:!bad<x> 20:2<2> 40:!bad<x> 100:|", 500);
}

static void an_item_whose_span_fails_does_not_wait(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-x2------|");

	lab_skip_errors(lab);
	lab_expect_events(
		lab, rx_throttle(in, rx_dur_fn(lab_times_ten()), false, true),
		"10:!bad 40:2 90:|", 500);
}

static void ends_with_the_error_of_the_program(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-x2|");

	lab_expect_events(
		lab, rx_throttle(in, rx_dur_fn(lab_times_ten()), true, true),
		"10:#bad", 500);
}

static void emits_under_the_cause_of_the_item(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-abc-----|");

	lab_show_causes(lab);
	lab_expect_events(lab, rx_throttle(in, rx_dur_ms(30), true, true),
			  "10:a<a> 40:c<c> 90:|", 500);
}

static void can_be_cancelled_inside_next(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-ab|");

	lab_cancel_after(lab, 1);
	lab_expect_events(lab, rx_throttle(in, rx_dur_ms(30), true, true),
			  "10:a", 500);
}

static void can_be_cancelled_while_it_emits_the_last(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-ab|");

	lab_cancel_after(lab, 2);
	lab_expect_events(lab, rx_throttle(in, rx_dur_ms(30), true, true),
			  "10:a 40:b", 500);
}

static void lets_go_of_what_waits_when_it_is_cancelled(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-ab");

	lab_expect(lab, rx_throttle(in, rx_dur_ms(90), true, true), "-a-");
}

static void push_once(struct lab *lab, struct value v)
{
	lab_on_next(lab, NULL);
	lab_push(lab, value_int(7));
}

static void an_item_that_comes_while_it_emits_is_within_the_span(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a---------");

	lab_on_next(lab, push_once);
	lab_expect(lab, rx_throttle(in, rx_dur_ms(30), true, true),
		   "-a--7------");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(leading_is_the_first_of_a_span),
		lab_test(trailing_is_the_last_of_a_span),
		lab_test(with_both_the_last_opens_the_next_span),
		lab_test(a_lone_item_comes_out_once),
		lab_test(the_end_waits_for_the_last_item_of_the_span),
		lab_test(the_end_does_not_wait_for_a_span_without_one),
		lab_test(an_error_drops_the_item_that_waits),
		lab_test(the_span_is_asked_of_the_item_that_opens_it),
		lab_test(a_stream_may_be_the_span),
		lab_test(a_span_that_is_over_at_once_lets_all_through),
		lab_test(an_error_of_the_span_is_an_error),
		lab_test(an_item_whose_span_fails_is_skipped),
		lab_test(an_item_whose_span_fails_does_not_wait),
		lab_test(ends_with_the_error_of_the_program),
		lab_test(emits_under_the_cause_of_the_item),
		lab_test(can_be_cancelled_inside_next),
		lab_test(can_be_cancelled_while_it_emits_the_last),
		lab_test(lets_go_of_what_waits_when_it_is_cancelled),
		lab_test(an_item_that_comes_while_it_emits_is_within_the_span),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
