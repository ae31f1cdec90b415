/* on_backpressure_test.c - and what holds do to the sources behind them. */
#include "support/lab.h"

static struct rx_source *late(struct lab *lab, const struct rx_inner *in,
			      struct rx_source *arg)
{
	return rx_delay(in->source, 30, 0);
}

/* A consumer that takes 30 ms for each item. */
static struct rx_source *slowly(struct lab *lab, struct rx_source *in)
{
	return rx_concat_map(in, lab_block(lab, late, NULL), 0);
}

static void everything_passes_a_consumer_that_is_free(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-ab--c-|");

	lab_expect(lab, rx_on_backpressure_latest(in), "-ab--c-|");
}

static void latest_keeps_the_newest(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "abcd-----e--|");

	lab_expect(lab, slowly(lab, rx_on_backpressure_latest(in)),
		   "---a--d-----(e|)");
}

static void drop_keeps_none(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "abcd-----e--|");

	/* d comes as a ends; whoever is first, one of both is right. */
	lab_expect_events(lab, slowly(lab, rx_on_backpressure_drop(in)),
			  "30:a 60:d 120:e 120:|", 400);
}

static void buffer_keeps_the_last_few(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "abcd--------|");

	lab_expect_events(lab,
			  slowly(lab, rx_on_backpressure_buffer(
					      in, 2, RX_OVERFLOW_DROP_OLDEST)),
			  "30:a 60:c 90:d 120:|", 400);
}

static void buffer_keeps_the_first_few(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "abc---------|");

	lab_expect_events(lab,
			  slowly(lab, rx_on_backpressure_buffer(
					      in, 1, RX_OVERFLOW_DROP_NEWEST)),
			  "30:a 60:b 120:|", 400);
}

static void buffer_ends_with_an_error_when_told_to(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "abc---------|");

	lab_expect_events(lab,
			  slowly(lab, rx_on_backpressure_buffer(
					      in, 1, RX_OVERFLOW_ERROR)),
			  "20:#overflow", 400);
}

/* A hold begins with the last item of the first run. */
static void begun_on_hold_its_source_is_not(void **state)
{
	struct lab *lab = *state;
	struct value items[] = {value_int(1), value_int(2)};
	struct rx_source *in = rx_of(lab_ctx(lab), items, 2);

	lab_hold_at(lab, 2, 20);
	lab_expect_events(
		lab, rx_repeat(rx_on_backpressure_latest(in), 2, RX_NO_WAIT),
		"0:1 0:2 20:2 20:|", 500);
}

static void the_end_waits_for_what_waits(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "ab|");

	lab_expect_events(lab, slowly(lab, rx_on_backpressure_latest(in)),
			  "30:a 60:b 60:|", 400);
}

static void an_error_does_not_wait(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "ab#");

	lab_expect_events(lab, slowly(lab, rx_on_backpressure_latest(in)),
			  "20:#error", 400);
}

static void what_waits_keeps_its_cause(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "abc------|");

	lab_show_causes(lab);
	lab_expect_events(lab, slowly(lab, rx_on_backpressure_latest(in)),
			  "30:a<a> 60:c<c> 90:|", 400);
}

static void lets_go_of_what_waits_when_it_is_cancelled(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "abc");

	lab_cancel_after(lab, 1);
	lab_expect_events(lab, slowly(lab, rx_on_backpressure_latest(in)),
			  "30:a", 400);
}

/* --- holds -----------------------------------------------------------------
 */

static void a_range_waits_for_a_consumer_that_is_busy(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = rx_range(lab_ctx(lab), 0, 1000000, 1);

	/* More than any stage may hold. */
	lab_expect_events(lab, rx_take(slowly(lab, in), 3),
			  "30:0 60:1 90:2 90:|", 400);
}

static void a_hold_is_handed_up(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = rx_range(lab_ctx(lab), 0, 1000000, 1);

	in = rx_skip(rx_map(in, lab_times_ten()), 1);
	lab_expect_events(lab, rx_take(slowly(lab, in), 2), "30:10 60:20 60:|",
			  400);
}

static void an_array_waits_too(void **state)
{
	struct lab *lab = *state;
	const struct value items[] = {value_int(1), value_int(2)};

	lab_expect_events(lab, slowly(lab, rx_of(lab_ctx(lab), items, 2)),
			  "30:1 60:2 60:|", 400);
}

static void the_faster_input_of_a_zip_waits(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in[] = {rx_range(lab_ctx(lab), 0, 1000000, 1),
				  lab_cold(lab, "-a-b|")};

	lab_expect_events(lab, rx_zip(lab_ctx(lab), in, 2, 0),
			  "10:[0,a] 30:[1,b] 40:|", 400);
}

static void all_inputs_of_a_merge_wait(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in[] = {rx_range(lab_ctx(lab), 0, 1000000, 1),
				  rx_range(lab_ctx(lab), 0, 1000000, 1)};
	struct rx_source *merged = rx_merge(lab_ctx(lab), in, 2);

	lab_expect_events(lab, rx_take(slowly(lab, merged), 3),
			  "30:0 60:0 90:1 90:|", 400);
}

static void the_next_of_a_concat_waits(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in[] = {rx_just(lab_ctx(lab), value_int(7)),
				  rx_range(lab_ctx(lab), 0, 1000000, 1)};
	struct rx_source *all = rx_concat(lab_ctx(lab), in, 2);

	lab_expect_events(lab, rx_take(slowly(lab, all), 3),
			  "30:7 60:0 90:1 90:|", 400);
}

static void what_takes_over_waits(void **state)
{
	struct lab *lab = *state;
	struct rx_source *failed = rx_throw(lab_ctx(lab), STR("no"));
	struct rx_source *other = rx_range(lab_ctx(lab), 0, 1000000, 1);

	lab_expect_events(
		lab, rx_take(slowly(lab, rx_catch(failed, other, NULL)), 2),
		"30:0 60:1 60:|", 400);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(everything_passes_a_consumer_that_is_free),
		lab_test(latest_keeps_the_newest),
		lab_test(drop_keeps_none),
		lab_test(buffer_keeps_the_last_few),
		lab_test(buffer_keeps_the_first_few),
		lab_test(buffer_ends_with_an_error_when_told_to),
		lab_test(begun_on_hold_its_source_is_not),
		lab_test(the_end_waits_for_what_waits),
		lab_test(an_error_does_not_wait),
		lab_test(what_waits_keeps_its_cause),
		lab_test(lets_go_of_what_waits_when_it_is_cancelled),
		lab_test(a_range_waits_for_a_consumer_that_is_busy),
		lab_test(a_hold_is_handed_up),
		lab_test(an_array_waits_too),
		lab_test(the_faster_input_of_a_zip_waits),
		lab_test(all_inputs_of_a_merge_wait),
		lab_test(the_next_of_a_concat_waits),
		lab_test(what_takes_over_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
