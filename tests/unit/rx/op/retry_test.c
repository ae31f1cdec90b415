/* retry_test.c */
#include "support/lab.h"

static void subscribes_anew_after_an_error(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_cold(lab, "-a-#");

	lab_expect_events(lab, rx_retry(in, 3, RX_NO_WAIT),
			  "10:a 40:a 70:a 90:#error", 500);
}

static void ends_with_the_first_good_run(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_cold(lab, "-a-|");

	lab_expect_events(lab, rx_retry(in, 3, RX_NO_WAIT), "10:a 30:|", 500);
}

static void of_no_run_ends_at_once(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_cold(lab, "-a-|");

	lab_expect_events(lab, rx_retry(in, 0, RX_NO_WAIT), "0:|", 500);
}

static void goes_round_without_recursion(void **state)
{
	struct lab *lab = *state;

	lab_expect_events(lab,
			  rx_retry(rx_throw(lab_ctx(lab), STR("again")), 200000,
				   RX_NO_WAIT),
			  "0:#again", 500);
}

static void for_ever_can_be_cancelled_while_it_pauses(void **state)
{
	struct lab *lab = *state;

	lab_expect_events(
		lab,
		rx_take_until(rx_retry(rx_switch_if_empty(
					       rx_throw(lab_ctx(lab), STR("x")),
					       rx_never(lab_ctx(lab))),
				       10000, RX_NO_WAIT),
			      rx_timer_source(lab_ctx(lab), 0, -1)),
		"0:|", 500);
}

static void can_be_cancelled_inside_next(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_cold(lab, "-a-#");

	lab_cancel_after(lab, 2);
	lab_expect_events(lab, rx_retry(in, RX_FOREVER, RX_NO_WAIT),
			  "10:a 40:a", 500);
}

static void repeat_subscribes_anew_after_the_end(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_cold(lab, "-a-|");

	lab_expect_events(lab, rx_repeat(in, 3, RX_NO_WAIT),
			  "10:a 40:a 70:a 90:|", 500);
}

static void repeat_ends_with_the_first_error(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_cold(lab, "-a-#");

	lab_expect_events(lab, rx_repeat(in, 3, RX_NO_WAIT), "10:a 30:#error",
			  500);
}

static void repeat_of_no_run_ends_at_once(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_cold(lab, "-a-|");

	lab_expect_events(lab, rx_repeat(in, 0, RX_NO_WAIT), "0:|", 500);
}

static void repeat_goes_round_without_recursion(void **state)
{
	struct lab *lab = *state;

	lab_expect_events(lab,
			  rx_repeat(rx_empty(lab_ctx(lab)), 200000, RX_NO_WAIT),
			  "0:|", 500);
}

static void repeat_for_ever_can_be_taken_from(void **state)
{
	struct lab *lab = *state;

	lab_expect_events(lab,
			  rx_take(rx_repeat(rx_just(lab_ctx(lab), value_int(1)),
					    RX_FOREVER, RX_NO_WAIT),
				  3),
			  "0:1 0:1 0:1 0:|", 500);
}

/* --- waiting ------------------------------------------------------------- */

static struct rx_wait wait_ms(int64_t ms)
{
	return (struct rx_wait){.has_delay = true, .delay = rx_dur_ms(ms)};
}

static void waits_between_runs(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_cold(lab, "-a-#");

	lab_expect_events(lab, rx_retry(in, 3, wait_ms(20)),
			  "10:a 60:a 110:a 130:#error", 500);
}

static void waits_longer_each_time_up_to_a_bound(void **state)
{
	struct lab *lab = *state;
	struct rx_wait w = wait_ms(10);

	w.backoff = 2;
	w.max_ms = 30;
	lab_expect_events(lab, rx_retry(lab_cold(lab, "(a#)"), 5, w),
			  "0:a 10:a 30:a 60:a 90:a 90:#error", 500);
}

static void a_fraction_makes_waits_shorter(void **state)
{
	struct lab *lab = *state;
	struct rx_wait w = wait_ms(40);

	w.backoff = 0.5;
	lab_expect_events(lab, rx_retry(lab_cold(lab, "(a#)"), 4, w),
			  "0:a 40:a 60:a 70:a 70:#error", 500);
}

static void a_success_makes_runs_and_waits_count_anew(void **state)
{
	struct lab *lab = *state;
	struct rx_wait w = wait_ms(10);

	w.backoff = 3;
	w.reset_on_success = true;
	lab_expect_events(lab, rx_take(rx_retry(lab_cold(lab, "a#"), 2, w), 4),
			  "0:a 20:a 40:a 60:a 60:|", 500);
}

static int64_t last_ms, least_ms, most_ms;

static void measure(struct lab *lab, struct value v)
{
	int64_t gap_ms = lab_now_ms(lab) - last_ms;

	last_ms = lab_now_ms(lab);
	if (!last_ms)
		return;
	least_ms = MIN(least_ms, gap_ms);
	most_ms = MAX(most_ms, gap_ms);
}

static void run_with_jitter(struct lab *lab, int64_t max_ms)
{
	struct rx_wait w = wait_ms(1000);

	w.jitter = 0.2;
	w.max_ms = max_ms;
	last_ms = most_ms = 0;
	least_ms = INT64_MAX;
	lab_on_next(lab, measure);
	lab_run(lab, rx_retry(lab_cold(lab, "(a#)"), 200, w), 1000000);
}

static void jitter_spreads_the_waits(void **state)
{
	run_with_jitter(*state, 0);
	assert_in_range(least_ms, 800, 850);
	assert_in_range(most_ms, 1150, 1200);
}

static void jitter_keeps_to_the_bound(void **state)
{
	run_with_jitter(*state, 1000);
	assert_in_range(least_ms, 800, 850);
	assert_in_range(most_ms, 990, 1000);
}

static int by_message(struct value v, const struct rx_vars *vars,
		      struct value *out, struct weir_error *err)
{
	*out = value_int(str_eq(value_str(v), STR("error")) ? 30 : 500);
	return 0;
}

static void a_program_is_asked_on_the_message(void **state)
{
	struct lab *lab = *state;
	struct rx_wait w = {.has_delay = true,
			    .delay = rx_dur_fn(lab_fn(by_message))};

	lab_expect_events(lab, rx_retry(lab_cold(lab, "a#"), 2, w),
			  "0:a 40:a 50:#error", 500);
}

static struct rx_wait failing(void)
{
	return (struct rx_wait){.has_delay = true,
				.delay = rx_dur_fn(lab_fail())};
}

static void a_program_that_fails_ends_it(void **state)
{
	struct lab *lab = *state;

	lab_expect_events(lab, rx_retry(lab_cold(lab, "a#"), 2, failing()),
			  "0:a 10:#bad", 500);
}

static void there_is_no_further_run_when_that_is_skipped(void **state)
{
	struct lab *lab = *state;

	lab_skip_errors(lab);
	lab_expect_events(lab, rx_retry(lab_cold(lab, "a#"), 2, failing()),
			  "0:a 10:!bad 10:#error", 500);
}

static void a_stream_gives_the_signal(void **state)
{
	struct lab *lab = *state;
	struct rx_wait w = {.has_delay = true,
			    .delay = rx_dur_source(lab_cold(lab, "--x-"))};

	lab_expect_events(lab, rx_retry(lab_cold(lab, "a#"), 3, w),
			  "0:a 30:a 60:a 70:#error", 500);
}

static void a_stream_that_signals_at_once_does_not_recurse(void **state)
{
	struct lab *lab = *state;
	struct rx_wait w = {.has_delay = true,
			    .delay = rx_dur_source(rx_empty(lab_ctx(lab)))};

	lab_expect_events(
		lab, rx_retry(rx_throw(lab_ctx(lab), STR("again")), 100000, w),
		"0:#again", 500);
}

static void a_stream_that_fails_ends_it(void **state)
{
	struct lab *lab = *state;
	struct rx_wait w = {.has_delay = true,
			    .delay = rx_dur_source(
				    rx_throw(lab_ctx(lab), STR("no")))};

	lab_expect_events(lab, rx_retry(lab_cold(lab, "a#"), 3, w),
			  "0:a 10:#no", 500);
}

static void can_be_cancelled_while_it_waits(void **state)
{
	struct lab *lab = *state;

	lab_expect(lab, rx_retry(lab_hot(lab, "-a#"), 2, wait_ms(50)), "-a---");
}

/* The mapper fails under the cause of x; the run after the wait still does. */
static void goes_on_under_the_cause_of_the_error(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = rx_map(lab_hot(lab, "-x---"), lab_times_ten());
	struct rx_source *both[] = {rx_just(lab_ctx(lab), value_int(1)), in};

	lab_show_causes(lab);
	lab_expect_events(
		lab, rx_retry(rx_concat(lab_ctx(lab), both, 2), 2, wait_ms(20)),
		"0:1<> 30:1<x>", 50);
}

static void repeat_waits_between_runs(void **state)
{
	struct lab *lab = *state;

	lab_expect_events(lab, rx_repeat(lab_cold(lab, "a|"), 3, wait_ms(20)),
			  "0:a 30:a 60:a 70:|", 500);
}

static void repeat_asks_on_the_number_of_runs(void **state)
{
	struct lab *lab = *state;
	struct rx_wait w = {.has_delay = true,
			    .delay = rx_dur_fn(lab_times_ten())};

	lab_expect_events(lab, rx_repeat(lab_cold(lab, "(a|)"), 4, w),
			  "0:a 10:a 30:a 60:a 60:|", 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(subscribes_anew_after_an_error),
		lab_test(ends_with_the_first_good_run),
		lab_test(of_no_run_ends_at_once),
		lab_test(goes_round_without_recursion),
		lab_test(for_ever_can_be_cancelled_while_it_pauses),
		lab_test(can_be_cancelled_inside_next),
		lab_test(repeat_subscribes_anew_after_the_end),
		lab_test(repeat_ends_with_the_first_error),
		lab_test(repeat_of_no_run_ends_at_once),
		lab_test(repeat_goes_round_without_recursion),
		lab_test(repeat_for_ever_can_be_taken_from),
		lab_test(waits_between_runs),
		lab_test(waits_longer_each_time_up_to_a_bound),
		lab_test(a_fraction_makes_waits_shorter),
		lab_test(a_success_makes_runs_and_waits_count_anew),
		lab_test(jitter_spreads_the_waits),
		lab_test(jitter_keeps_to_the_bound),
		lab_test(a_program_is_asked_on_the_message),
		lab_test(a_program_that_fails_ends_it),
		lab_test(there_is_no_further_run_when_that_is_skipped),
		lab_test(a_stream_gives_the_signal),
		lab_test(a_stream_that_signals_at_once_does_not_recurse),
		lab_test(a_stream_that_fails_ends_it),
		lab_test(can_be_cancelled_while_it_waits),
		lab_test(goes_on_under_the_cause_of_the_error),
		lab_test(repeat_waits_between_runs),
		lab_test(repeat_asks_on_the_number_of_runs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
