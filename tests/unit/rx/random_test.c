/* random_test.c - operators put together at random, cancelled at random.
 *
 * No outcome is compared here. What is looked for: something heard after the
 * end or the cancel; a subscription, timer or cause that is left; and whatever
 * the sanitizers see. A failure names its seed: RX_SEED=n runs only that one.
 */
#include "rx/host.h"
#include "support/lab.h"

#include "base/util.h"

#include <stdio.h>
#include <stdlib.h>

static uint32_t rng;

static uint32_t pick(uint32_t n)
{
	rng = rng * 1664525u + 1013904223u;
	return (rng >> 8) % n;
}

static struct rx_source *chain(struct lab *lab, struct rx_source *src,
			       uint32_t depth);

static struct rx_source *input(struct lab *lab)
{
	static const char *const diagrams[] = {
		"1-2-3-|",    "-12-x-4--5|", "--#",	  "12#",
		"(123)-4-|",  "|",	     "-a-b-c-d-", "-[a1]-[b2]-[a3]|",
		"1-2-3-4-5-", "(1|)",
	};
	const char *diagram = diagrams[pick(ARRAY_LEN(diagrams))];

	switch (pick(6)) {
	case 0:
		return rx_range(lab_ctx(lab), 0, pick(4), 1);
	case 1:
		return rx_interval(lab_ctx(lab), 10 + pick(20));
	case 2:
	case 3:
		return lab_cold(lab, diagram);
	default:
		return lab_hot(lab, diagram);
	}
}

/* Inside a block no hot input is made: the lab keeps them to its end. */
static struct rx_source *small_input(struct lab *lab)
{
	switch (pick(4)) {
	case 0:
		return rx_timer_source(lab_ctx(lab), pick(30), -1);
	case 1:
		return rx_empty(lab_ctx(lab));
	case 2:
		return rx_throw(lab_ctx(lab), STR("no"));
	default:
		return lab_cold(lab, "-1-2|");
	}
}

static struct rx_source *build_random(struct lab *lab,
				      const struct rx_inner *in,
				      struct rx_source *arg)
{
	rx_source_unref(arg);
	switch (pick(5)) {
	case 0:
		rx_source_unref(in->source);
		return small_input(lab);
	case 1:
		rx_source_unref(in->source);
		return NULL;
	default:
		return chain(lab, in->source, pick(3));
	}
}

static struct rx_block *block(struct lab *lab)
{
	return lab_block(lab, build_random, NULL);
}

static struct rx_dur dur(struct lab *lab)
{
	switch (pick(4)) {
	case 0:
		return rx_dur_fn(lab_times_ten());
	case 1:
		return rx_dur_source(small_input(lab));
	default:
		return rx_dur_ms(pick(40));
	}
}

static struct rx_wait wait_between(struct lab *lab)
{
	struct rx_wait w = RX_NO_WAIT;

	if (pick(2))
		w = (struct rx_wait){.has_delay = true,
				     .reset_on_success = pick(2),
				     .delay = dur(lab),
				     .backoff = pick(3),
				     .max_ms = pick(2) * 25,
				     .jitter = pick(3) / 2.0};
	return w;
}

static struct rx_fn *fn(void)
{
	switch (pick(4)) {
	case 0:
		return lab_times_ten();
	case 1:
		return lab_is_number();
	case 2:
		return lab_get("0");
	default:
		return NULL;
	}
}

/* A run that goes on without listeners may not tell of its item errors, so
 * nothing in here skips them: the lab takes that for a stream that speaks after
 * its end. */
static struct rx_source *quiet(struct rx_source *s)
{
	return rx_on_item_error(s, RX_ITEM_DEAD_LETTER);
}

static struct rx_source *shared(struct rx_source *s)
{
	const struct rx_resets resets = {.on_error = pick(2),
					 .on_complete = pick(2),
					 .on_zero_ms = (int64_t)pick(30) - 9};

	switch (pick(3)) {
	case 0:
		return rx_share_resets(s, resets);
	case 1:
		return rx_auto_connect(s, pick(3));
	default:
		return s;
	}
}

/* --- what a program would do ---------------------------------------------- */

static const struct rx_host nothing;
static const struct rx_do_calls no_calls;

static bool sometimes(void *arg)
{
	return pick(2);
}

static void finished(void *arg)
{
}

static struct rx_source *merge_twice(void *arg, struct rx_source *shared,
				     struct weir_error *err)
{
	struct rx_source *in[] = {shared, rx_source_ref(shared)};

	return pick(9) ? rx_merge(arg, in, 2)
		       : rx_take(rx_merge(arg, in, 2), 1);
}

static struct rx_source *one(struct lab *lab, struct rx_source *s)
{
	const struct value two[] = {value_int(7), value_int(8)};
	const struct rx_group_by_opts opts = {.idle_ms = pick(2) * 25,
					      .max_groups = pick(3)};
	struct weir_error err;
	int64_t ms = 5 + pick(40);
	uint32_t n = pick(4), max = pick(3);

	switch (pick(72)) {
	case 0:
		return rx_map(s, lab_times_ten());
	case 1:
		return rx_filter(s, lab_above(2));
	case 2:
		return rx_scan(s, lab_add(), pick(2), value_int(0));
	case 3:
		return rx_take(s, n);
	case 4:
		return rx_skip(s, n);
	case 5:
		return rx_start_with(s, two, 2);
	case 6:
		return rx_end_with(s, two, 2);
	case 7:
		return rx_distinct(s, fn(), max);
	case 8:
		return rx_distinct_until_changed(s, fn());
	case 9:
		return rx_buffer_with_count(s, 1 + n, 1 + pick(3));
	case 10:
		return rx_buffer_with_time(s, ms, 5 + pick(40), max);
	case 11:
		return rx_buffer_with_time_or_count(s, ms, 1 + n);
	case 12:
		return rx_debounce(s, ms);
	case 13:
		return rx_throttle_first(s, ms);
	case 14:
		return rx_sample(s, ms);
	case 15:
		return rx_delay(s, ms, max);
	case 16:
		return rx_timeout(s, ms, pick(2) ? small_input(lab) : NULL);
	case 17:
		return rx_retry(s, n, wait_between(lab));
	case 18:
		return rx_catch(s, NULL, block(lab));
	case 19:
		return rx_flat_map(s, block(lab), n, max);
	case 20:
		return rx_concat_map(s, block(lab), max);
	case 21:
		return rx_switch_map(s, block(lab));
	case 22:
		return rx_exhaust_map(s, block(lab));
	case 23:
		return rx_take(rx_expand(s, block(lab), 5), 20);
	case 24:
		return rx_group_by(s, fn(), fn(), block(lab), opts);
	case 25:
		return rx_group_by_until(s, fn(), fn(), dur(lab), block(lab),
					 opts);
	case 26:
		return rx_window(s, small_input(lab), block(lab));
	case 27:
		return rx_window_when(s, rx_dur_ms(ms), block(lab));
	case 28:
		return rx_window_toggle(s, small_input(lab), dur(lab),
					block(lab));
	case 29:
		return rx_window_with_count(s, 1 + n, 1 + pick(3), block(lab));
	case 30:
		return rx_window_with_time(s, ms, 5 + pick(40), block(lab));
	case 31:
		return rx_window_with_time_or_count(s, ms, 1 + n, block(lab));
	case 32:
		return rx_buffer(s, small_input(lab), max);
	case 33:
		return rx_buffer_when(s, rx_dur_ms(ms), max);
	case 34:
		return rx_buffer_toggle(s, small_input(lab), dur(lab), max);
	case 35:
		return rx_delay_with_mapper(s, dur(lab), max);
	case 36:
		return rx_throttle_with_mapper(s, dur(lab));
	case 37:
		return rx_audit(s, dur(lab));
	case 38:
		return rx_take_until(s, small_input(lab));
	case 39:
		return rx_skip_until(s, small_input(lab));
	case 40:
		return rx_join(s, small_input(lab), dur(lab), dur(lab), max);
	case 41:
		return rx_group_join(s, small_input(lab), dur(lab), dur(lab),
				     block(lab), max);
	case 42:
		return shared(rx_share_replay(quiet(s), n, pick(2) ? ms : -1));
	case 43:
		return rx_repeat(s, n, wait_between(lab));
	case 44:
		return rx_to_list(s, max);
	case 45:
		return rx_take_last(s, n);
	case 46:
		return rx_sequence_equal(s, small_input(lab), max);
	case 47:
		return rx_dematerialize(rx_materialize(s));
	case 48:
		return rx_throttle(s, dur(lab), pick(2), pick(2));
	case 49:
		return rx_debounce_within(s, ms, 5 + pick(40));
	case 50:
		return rx_debounce_with_mapper(s, dur(lab), 5 + pick(40));
	case 51:
		return rx_limit_rate(s, 1 + n, ms, (enum rx_rate_overflow)max,
				     pick(3));
	case 52:
		return rx_distinct_within(
			s, fn(),
			(struct rx_distinct_opts){pick(2) * ms, n, max});
	case 53:
		return rx_buffer_with_size(s, pick(20), pick(2) * ms, max);
	case 54:
		return rx_buffer_until(s, lab_is_number(), max);
	case 55:
		return rx_buffer_while(s, lab_above(2), max);
	case 56:
		return rx_window_until(s, lab_above(2), block(lab));
	case 57:
		return rx_window_while(s, lab_is_number(), block(lab));
	case 58:
		return rx_window_session(s, ms, block(lab));
	case 59:
		return rx_timeout_with(
			s, (struct rx_timeout_opts){.first_ms = ms - 10,
						    .each_ms = 5 + pick(40),
						    .fallback = block(lab)});
	case 60:
		return pick(2) ? rx_on_item_error(s, RX_ITEM_FAIL) : quiet(s);
	case 61:
		return rx_merge_scan(s, block(lab), value_int(1), n, max);
	case 62:
		return rx_switch_scan(s, block(lab), value_int(1));
	case 63:
		return rx_do_while(s, sometimes, nothing);
	case 64:
		return rx_finally(rx_do(s, &no_calls, nothing), finished,
				  nothing);
	case 65: {
		struct rx_source *out[2];

		rx_partition(s, lab_above(1), out);
		return rx_merge(lab_ctx(lab), out, 2);
	}
	case 66:
		return rx_if_then(lab_ctx(lab), sometimes, s, NULL, nothing);
	case 67:
		return rx_on_backpressure_latest(s);
	case 68:
		return rx_on_backpressure_drop(s);
	case 69:
		return rx_on_backpressure_buffer(s, n, (enum rx_overflow)max);
	case 70:
		return rx_publish_selected(
			s, merge_twice, (struct rx_host){.arg = lab_ctx(lab)});
	default:
		return rx_slice(s,
				(struct rx_slice){.has_start = true,
						  .start = -(int64_t)n},
				&err);
	}
}

static struct rx_source *many(struct lab *lab, struct rx_source *s)
{
	struct rx_source *in[] = {s, shared(rx_share(quiet(small_input(lab)))),
				  NULL};

	in[2] = rx_source_ref(in[1]);
	switch (pick(9)) {
	case 0:
		return rx_merge_limited(lab_ctx(lab), in, 3, pick(3), pick(2));
	case 1:
		return pick(2) ? rx_concat(lab_ctx(lab), in, 3)
			       : rx_concat_delay_error(lab_ctx(lab), in, 3);
	case 2:
		return rx_catch_many(lab_ctx(lab), in, 3);
	case 3:
		return rx_on_error_resume_next(lab_ctx(lab), in, 3);
	case 4:
		return rx_amb(lab_ctx(lab), in, 3);
	case 5:
		return rx_zip(lab_ctx(lab), in, 3, pick(3));
	case 6:
		return rx_combine_latest(lab_ctx(lab), in, 3);
	case 7:
		return rx_combine_latest_by_key(lab_ctx(lab), in, 3, fn(),
						pick(3));
	default:
		return rx_fork_join(lab_ctx(lab), in, 3);
	}
}

static struct rx_source *chain(struct lab *lab, struct rx_source *src,
			       uint32_t depth)
{
	while (depth--)
		src = pick(8) ? one(lab, src) : many(lab, src);
	return src;
}

static uint32_t pushes;

static void push_now_and_then(struct lab *lab, struct value v)
{
	if (pick(8) == 0)
		lab_hold(lab, pick(2));
	if (pushes && pick(4) == 0) {
		pushes--;
		lab_push(lab, value_int(pick(9)));
	}
}

static void run(uint32_t seed)
{
	struct rx_source *src;
	struct lab *lab;
	void *state;

	rng = seed * 2654435761u;
	pushes = 3;
	lab_setup(&state);
	lab = state;
	src = lab_hot(lab, "-1-2-x-3-|"); /* what lab_push pushes into */
	if (pick(3))
		lab_skip_errors(lab);
	if (pick(2))
		lab_cancel_after(lab, 1 + pick(6));
	lab_on_next(lab, push_now_and_then);
	if (pick(2)) {
		rx_source_unref(src);
		src = input(lab);
	}
	lab_run(lab, chain(lab, src, 1 + pick(5)), pick(400));
	lab_teardown(&state);
}

static void compositions_leave_nothing_behind(void **state)
{
	const char *only = getenv("RX_SEED");
	uint32_t first = only ? (uint32_t)atoi(only) : 1;
	uint32_t last = only ? first : 4000;

	for (uint32_t seed = first; seed <= last; seed++) {
		if (only || seed % 1000 == 0)
			print_message("seed %u\n", seed);
		run(seed);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(compositions_leave_nothing_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
