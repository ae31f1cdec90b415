/* timeout_with_mapper_test.c */
#include "support/lab.h"

static void the_first_limit_holds_until_the_first_item(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-----a|");

	lab_expect_events(lab,
			  rx_timeout_with_mapper(in, rx_dur_ms(30), NULL, NULL),
			  "30:#timeout", 500);
}

static void without_a_mapper_only_the_first_item_has_a_limit(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a---------b-|");

	lab_expect_events(lab,
			  rx_timeout_with_mapper(in, rx_dur_ms(30), NULL, NULL),
			  "10:a 110:b 130:|", 500);
}

static void asks_each_item_for_its_limit(void **state)
{
	struct lab *lab = *state;
	struct rx_dur each = rx_dur_fn(lab_times_ten());
	struct rx_source *in = lab_hot(lab, "-5----2---|");

	lab_expect_events(
		lab, rx_timeout_with_mapper(in, rx_dur_ms(30), &each, NULL),
		"10:5 60:#timeout", 500);
}

static void a_stream_may_be_the_limit(void **state)
{
	struct lab *lab = *state;
	struct rx_dur each = rx_dur_source(lab_cold(lab, "---x"));
	struct rx_source *in = lab_hot(lab, "-a-b---c|");

	lab_expect_events(
		lab, rx_timeout_with_mapper(in, rx_dur_ms(30), &each, NULL),
		"10:a 30:b 60:#timeout", 500);
}

static void the_other_takes_over(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-----a|");
	struct rx_source *b = lab_cold(lab, "-x|");

	lab_expect_events(lab,
			  rx_timeout_with_mapper(in, rx_dur_ms(30), NULL, b),
			  "40:x 50:|", 500);
}

static void an_item_whose_limit_fails_is_an_item_error(void **state)
{
	struct lab *lab = *state;
	struct rx_dur each = rx_dur_fn(lab_times_ten());
	struct rx_source *in = lab_hot(lab, "-x-----|");

	lab_skip_errors(lab);
	lab_expect_events(
		lab, rx_timeout_with_mapper(in, rx_dur_ms(30), &each, NULL),
		"10:x 10:!bad 70:|", 500);
}

static void ends_with_the_error_of_the_program(void **state)
{
	struct lab *lab = *state;
	struct rx_dur each = rx_dur_fn(lab_times_ten());
	struct rx_source *in = lab_hot(lab, "-x-----|");

	lab_expect_events(
		lab, rx_timeout_with_mapper(in, rx_dur_ms(30), &each, NULL),
		"10:x 10:#bad", 500);
}

static void an_error_of_the_limit_is_an_error(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-----a|");
	struct rx_source *b = lab_cold(lab, "-#");

	lab_expect_events(
		lab, rx_timeout_with_mapper(in, rx_dur_source(b), NULL, NULL),
		"10:#error", 500);
}

static void a_limit_that_is_over_at_once_never_subscribes_the_source(
	void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_cold(lab, "-a|");

	lab_expect_events(lab,
			  rx_timeout_with_mapper(
				  in, rx_dur_source(rx_empty(lab_ctx(lab))),
				  NULL, rx_just(lab_ctx(lab), value_int(1))),
			  "0:1 0:|", 500);
	assert_int_equal(lab_cold_runs(lab), 0);
}

static void can_be_cancelled_inside_next(void **state)
{
	struct lab *lab = *state;
	struct rx_dur each = rx_dur_ms(20);
	struct rx_source *in = lab_hot(lab, "-a-b|");

	lab_cancel_after(lab, 1);
	lab_expect_events(
		lab, rx_timeout_with_mapper(in, rx_dur_ms(30), &each, NULL),
		"10:a", 500);
}

static void push_one(struct lab *lab, struct value v)
{
	lab_on_next(lab, NULL);
	lab_push(lab, value_int(7));
}

static void the_limit_of_an_item_pushed_inside_next_holds(void **state)
{
	struct lab *lab = *state;
	struct rx_dur each = rx_dur_source(lab_cold(lab, "--x"));
	struct rx_source *in = lab_hot(lab, "-a------|");

	lab_on_next(lab, push_one);
	lab_expect_events(
		lab, rx_timeout_with_mapper(in, rx_dur_ms(50), &each, NULL),
		"10:a 10:7 30:#timeout", 500);
	assert_int_equal(lab_cold_runs(lab), 1);
}

static struct rx_source *build_limited(struct lab *lab,
				       const struct rx_inner *in,
				       struct rx_source *arg)
{
	rx_source_unref(in->source);
	return rx_timeout_with_mapper(arg, rx_dur_ms(30), NULL, NULL);
}

/* The last count on the cause of `a` was the one of the stage. */
static void who_subscribes_at_the_timeout_finds_a_cause(void **state)
{
	struct lab *lab = *state;
	struct rx_block *block =
		lab_block(lab, build_limited, rx_never(lab_ctx(lab)));
	struct rx_source *in = rx_group_by(lab_hot(lab, "-a-|"), NULL, NULL,
					   block, (struct rx_group_by_opts){0});

	lab_expect_events(lab,
			  rx_retry(rx_timeout(in, 100, NULL), 2, RX_NO_WAIT),
			  "140:#timeout", 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(the_first_limit_holds_until_the_first_item),
		lab_test(without_a_mapper_only_the_first_item_has_a_limit),
		lab_test(asks_each_item_for_its_limit),
		lab_test(a_stream_may_be_the_limit),
		lab_test(the_other_takes_over),
		lab_test(an_item_whose_limit_fails_is_an_item_error),
		lab_test(ends_with_the_error_of_the_program),
		lab_test(an_error_of_the_limit_is_an_error),
		lab_test(
			a_limit_that_is_over_at_once_never_subscribes_the_source),
		lab_test(can_be_cancelled_inside_next),
		lab_test(the_limit_of_an_item_pushed_inside_next_holds),
		lab_test(who_subscribes_at_the_timeout_finds_a_cause),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
