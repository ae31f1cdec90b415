/* limit_rate_test.c */
#include "support/lab.h"

static void lets_through_what_the_bucket_holds(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-abcd-----------e|");

	lab_expect(lab, rx_limit_rate(in, 2, 100, RX_RATE_DROP, 0),
		   "-ab-------------e|");
}

static void delays_what_has_no_token(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-abcd-----------e|");

	lab_expect(lab, rx_limit_rate(in, 2, 100, RX_RATE_DELAY, 0),
		   "-ab---c----d----e|");
}

static void ends_when_there_is_no_token(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-abcd|");

	lab_expect_events(lab, rx_limit_rate(in, 2, 100, RX_RATE_ERROR, 0),
			  "10:a 20:b 30:#rate", 500);
}

static void the_bucket_never_holds_more_than_n(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-------------------(abc)-|");

	lab_expect_events(lab, rx_limit_rate(in, 2, 40, RX_RATE_DROP, 0),
			  "190:a 190:b 250:|", 500);
}

/* 3 in 100 ms: a token each 33.3 ms, without drift. */
static void a_token_may_take_a_fraction_of_a_millisecond(void **state)
{
	struct lab *lab = *state;
	struct rx_source *all = rx_range(lab_ctx(lab), 0, 9, 1);

	lab_expect_events(lab, rx_limit_rate(all, 3, 100, RX_RATE_DELAY, 0),
			  "0:0 0:1 0:2 34:3 67:4 100:5 134:6 167:7 200:8 200:|",
			  500);
}

static void the_greatest_bucket_does_not_overflow(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a---------b|");

	lab_expect(lab,
		   rx_limit_rate(in, UINT32_MAX, RX_RATE_PER_MAX_MS,
				 RX_RATE_DROP, 0),
		   "-a---------b|");
}

static void the_end_waits_for_what_waits(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-ab|");

	lab_expect(lab, rx_limit_rate(in, 1, 60, RX_RATE_DELAY, 0),
		   "-a-----(b|)");
}

static void an_error_overtakes_what_waits(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-ab#");

	lab_expect(lab, rx_limit_rate(in, 1, 60, RX_RATE_DELAY, 0), "-a-#");
}

static void refuses_an_item_too_many(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-abc|");

	lab_skip_errors(lab);
	lab_show_causes(lab);
	lab_expect_events(lab, rx_limit_rate(in, 1, 60, RX_RATE_DELAY, 1),
			  "10:a<a> 30:!limit_rate holds 1 items, its "
			  "max_buffer<c> 70:b<b> 70:|",
			  500);
}

static void can_be_cancelled_inside_next(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-(abcd)|");

	lab_cancel_after(lab, 2);
	lab_expect_events(lab, rx_limit_rate(in, 1, 60, RX_RATE_DELAY, 0),
			  "10:a 70:b", 500);
}

static void lets_go_of_what_waits_when_it_is_cancelled(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-abc");

	lab_expect(lab, rx_limit_rate(in, 1, 60, RX_RATE_DELAY, 0), "-a--");
}

static void push_once(struct lab *lab, struct value v)
{
	lab_on_next(lab, NULL);
	lab_push(lab, value_int(7));
}

static void an_item_pushed_from_inside_takes_a_token_in_turn(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-ab----------------|");

	lab_on_next(lab, push_once);
	lab_expect(lab, rx_limit_rate(in, 1, 60, RX_RATE_DELAY, 0),
		   "-a-----7-----b-----|");
}

static void a_source_that_can_wait_does(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = rx_range(lab_ctx(lab), 0, 1000000, 1);

	lab_expect_events(
		lab, rx_take(rx_limit_rate(in, 1, 20, RX_RATE_DELAY, 1), 3),
		"0:0 20:1 40:2 40:|", 300);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(lets_through_what_the_bucket_holds),
		lab_test(delays_what_has_no_token),
		lab_test(ends_when_there_is_no_token),
		lab_test(the_bucket_never_holds_more_than_n),
		lab_test(a_token_may_take_a_fraction_of_a_millisecond),
		lab_test(the_greatest_bucket_does_not_overflow),
		lab_test(the_end_waits_for_what_waits),
		lab_test(an_error_overtakes_what_waits),
		lab_test(refuses_an_item_too_many),
		lab_test(can_be_cancelled_inside_next),
		lab_test(lets_go_of_what_waits_when_it_is_cancelled),
		lab_test(an_item_pushed_from_inside_takes_a_token_in_turn),
		lab_test(a_source_that_can_wait_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
