/* fiber_test.c - spawn, join, cancel, park, sleep. */
#include "tests/support/fiber_run.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "fiber/core.h"

#include <stdio.h>
#include <string.h>

#define TEST_IN_FIBER(name)                   \
	static void name##_body(void *arg);   \
	static void name(void **state)        \
	{                                     \
		fiber_run(name##_body, NULL); \
	}                                     \
	static void name##_body(void *arg)

static struct fiber *spawn(fiber_fn fn, void *arg)
{
	struct fiber *f = fiber_spawn(fiber_pool_here(), "child", fn, arg);

	assert_non_null(f);
	return f;
}

static int join(struct fiber *f)
{
	int result = -100;

	assert_int_equal(fiber_join(f, &result, CLOCK_NEVER), 0);
	return result;
}

/* --- spawn and join ---------------------------------------------------- */

static int answer(void *arg)
{
	return *(int *)arg + 1;
}

TEST_IN_FIBER(join_gives_what_the_function_returned)
{
	int n = 41;

	assert_int_equal(join(spawn(answer, &n)), 42);
}

TEST_IN_FIBER(one_that_has_ended_is_joined_without_blocking)
{
	int n = 1, result = 0;
	struct fiber *f = spawn(answer, &n);

	fiber_yield();
	assert_int_equal(fiber_join(f, &result, 0), 0);
	assert_int_equal(result, 2);
}

static int append(void *arg)
{
	char **at = arg;

	for (int i = 0; i < 3; i++) {
		*(*at)++ = (char)('0' + i);
		fiber_yield();
	}
	return 0;
}

TEST_IN_FIBER(fibers_take_turns_in_the_order_they_became_ready)
{
	char text[16] = {0};
	char *at = text;
	struct fiber *a = spawn(append, &at);
	struct fiber *b = spawn(append, &at);

	join(a);
	join(b);
	assert_string_equal(text, "001122");
}

static int sleep_long(void *arg)
{
	int rc = fiber_sleep(60000);

	/* And from now on nothing blocks. */
	assert_int_equal(fiber_sleep(60000), rc);
	assert_int_equal(fiber_yield(), rc);
	assert_int_equal(fiber_park(CLOCK_NEVER), rc);
	return rc;
}

TEST_IN_FIBER(join_gives_up_at_its_deadline_and_the_fiber_lives_on)
{
	struct fiber *f = spawn(sleep_long, NULL);
	int64_t deadline = loop_now_ms(fiber_loop()) + 5;

	assert_int_equal(fiber_join(f, NULL, deadline), WEIR_ETIMEDOUT);
	assert_true(loop_now_ms(fiber_loop()) >= deadline);
	fiber_cancel(f);
	assert_int_equal(join(f), WEIR_ECANCELED);
}

static int count_up(void *arg)
{
	++*(int *)arg;
	return 0;
}

TEST_IN_FIBER(a_detached_fiber_frees_itself)
{
	int n = 0;
	struct fiber *ended = spawn(count_up, &n);

	fiber_yield();
	assert_int_equal(n, 1);
	fiber_detach(ended);
	for (int i = 0; i < 1000; i++)
		fiber_detach(spawn(count_up, &n));
	fiber_yield();
	assert_int_equal(n, 1001);
	assert_int_equal(fiber_stats(fiber_pool_here()).live, 1);
}

/* --- cancel ------------------------------------------------------------ */

TEST_IN_FIBER(cancel_ends_the_wait_and_all_later_ones)
{
	struct fiber *f = spawn(sleep_long, NULL);

	fiber_yield();
	fiber_cancel(f);
	fiber_cancel(f);
	assert_int_equal(join(f), WEIR_ECANCELED);
}

TEST_IN_FIBER(cancel_before_the_start_ends_the_first_wait)
{
	struct fiber *f = spawn(sleep_long, NULL);

	fiber_cancel(f);
	assert_int_equal(join(f), WEIR_ECANCELED);
}

static int join_other(void *arg)
{
	return fiber_join(arg, NULL, CLOCK_NEVER);
}

TEST_IN_FIBER(cancelling_who_joins_leaves_the_joined_one_alone)
{
	struct fiber *slow = spawn(sleep_long, NULL);
	struct fiber *f = spawn(join_other, slow);

	fiber_yield();
	fiber_cancel(f);
	assert_int_equal(join(f), WEIR_ECANCELED);
	fiber_cancel(slow);
	assert_int_equal(join(slow), WEIR_ECANCELED);
}

/* --- sleep ------------------------------------------------------------- */

struct sleeper {
	int64_t ms;
	char name;
	char **at;
};

static int sleep_by_name(void *arg)
{
	struct sleeper *s = arg;

	fiber_sleep(s->ms);
	*(*s->at)++ = s->name;
	return 0;
}

TEST_IN_FIBER(sleepers_wake_in_the_order_of_their_deadlines)
{
	char text[4] = {0};
	char *at = text;
	struct sleeper s[] = {{20, 'c', &at}, {1, 'a', &at}, {10, 'b', &at}};
	struct fiber *f[3];

	for (int i = 0; i < 3; i++)
		f[i] = spawn(sleep_by_name, &s[i]);
	for (int i = 0; i < 3; i++)
		join(f[i]);
	assert_string_equal(text, "abc");
}

TEST_IN_FIBER(sleep_never_ends_early)
{
	int64_t from = clock_ms();

	for (int i = 0; i < 5; i++)
		assert_int_equal(fiber_sleep(3), 0);
	assert_true(clock_ms() - from >= 15 - 1); /* the clocks round */
}

/* --- park and wake ----------------------------------------------------- */

TEST_IN_FIBER(one_wake_before_the_park_is_remembered)
{
	fiber_wake(fiber_self(), 7);
	fiber_wake(fiber_self(), 8);
	assert_int_equal(fiber_park(CLOCK_NEVER), 7);
	assert_int_equal(fiber_park(loop_now_ms(fiber_loop()) + 1),
			 WEIR_ETIMEDOUT);
}

TEST_IN_FIBER(a_wake_does_not_cut_a_sleep_short_but_waits_for_the_park)
{
	int64_t until = loop_now_ms(fiber_loop()) + 10;

	fiber_wake(fiber_self(), 3);
	assert_int_equal(fiber_sleep_until(until), 0);
	assert_true(loop_now_ms(fiber_loop()) >= until);
	assert_int_equal(fiber_park(CLOCK_NEVER), 3);
}

static int park(void *arg)
{
	return fiber_park(CLOCK_NEVER);
}

TEST_IN_FIBER(wake_hands_its_code_to_the_parked_fiber)
{
	struct fiber *f = spawn(park, NULL);

	fiber_yield();
	fiber_wake(f, 5);
	assert_int_equal(join(f), 5);
}

struct waker {
	struct loop_timer timer;
	struct fiber *whom;
};

static void wake_from_loop(struct loop_timer *t)
{
	assert_null(fiber_self());
	fiber_wake(CONTAINER_OF(t, struct waker, timer)->whom, 9);
}

TEST_IN_FIBER(the_loop_may_wake_a_fiber)
{
	struct waker w = {.whom = fiber_self()};

	loop_timer_start(fiber_loop(), &w.timer, 0, wake_from_loop);
	assert_int_equal(fiber_park(CLOCK_NEVER), 9);
}

/* --- fairness and the trace -------------------------------------------- */

static int spin(void *arg)
{
	while (*(bool *)arg)
		fiber_yield();
	return 0;
}

TEST_IN_FIBER(fibers_that_are_always_ready_do_not_starve_timers)
{
	bool on = true;
	struct fiber *a = spawn(spin, &on);
	struct fiber *b = spawn(spin, &on);

	assert_int_equal(fiber_sleep(20), 0);
	on = false;
	join(a);
	join(b);
}

struct hog {
	int turns;
	bool on;
};

static int work_long(void *arg)
{
	struct hog *h = arg;

	while (h->on) {
		int64_t until = clock_ns() + 1000000;

		while (clock_ns() < until)
			;
		h->turns++;
		fiber_yield_turn();
	}
	return 0;
}

TEST_IN_FIBER(one_that_works_long_lets_the_loop_look_in_between)
{
	struct hog h = {.on = true};
	struct fiber *f = spawn(work_long, &h);

	assert_int_equal(fiber_sleep(5), 0);
	assert_in_range(h.turns, 1, 30);
	h.on = false;
	join(f);
}

static int change_who(void *arg)
{
	assert_int_equal(trace_who, 4); /* inherited */
	trace_who = 77;
	fiber_yield();
	assert_int_equal(trace_who, 77);
	assert_int_equal(trace_fiber, fiber_number(fiber_self()));
	return 0;
}

TEST_IN_FIBER(the_trace_knows_who_runs)
{
	trace_who = 4;

	struct fiber *f = spawn(change_who, NULL);

	fiber_yield();
	assert_int_equal(trace_who, 4);
	assert_int_equal(trace_fiber, fiber_number(fiber_self()));
	assert_int_not_equal(trace_fiber, fiber_number(f));
	join(f);
	assert_int_equal(trace_who, 4);
}

/* --- stacks ------------------------------------------------------------ */

static int deep(int depth)
{
	char room[1024];

	memset(room, depth, sizeof room);
	__asm__ volatile("" : : "r"(room) : "memory");
	return depth ? deep(depth - 1) + room[7] * 0 + 1 : 0;
}

static int go_deep(void *arg)
{
	return deep(120);
}

TEST_IN_FIBER(a_stack_has_room_for_deep_calls)
{
	assert_int_equal(join(spawn(go_deep, NULL)), 120);
}

static int use_double(void *arg)
{
	double x = *(double *)arg, sum = 0;
	char text[32];

	for (int i = 0; i < 10; i++) {
		sum += x;
		fiber_yield();
	}
	/* printf needs an aligned stack. */
	snprintf(text, sizeof text, "%.2f", sum);
	assert_string_equal(text, x > 1 ? "15.00" : "2.50");
	return 0;
}

TEST_IN_FIBER(floating_point_survives_switches)
{
	double x[] = {1.5, 0.25};
	struct fiber *a = spawn(use_double, &x[0]);
	struct fiber *b = spawn(use_double, &x[1]);

	join(a);
	join(b);
}

TEST_IN_FIBER(thousands_at_once_come_and_go)
{
	/* ThreadSanitizer maps a megabyte for each, and ends at 8128. */
	enum { N = WEIR_TSAN ? 1000 : 5000 };
	static struct fiber *f[N];
	struct fiber_stats before = fiber_stats(fiber_pool_here());

	for (int i = 0; i < N; i++)
		f[i] = spawn(sleep_long, NULL);
	fiber_yield();
	assert_int_equal(fiber_stats(fiber_pool_here()).live, N + 1);
	for (int i = 0; i < N; i++)
		fiber_cancel(f[i]);
	for (int i = 0; i < N; i++)
		assert_int_equal(join(f[i]), WEIR_ECANCELED);

	struct fiber_stats after = fiber_stats(fiber_pool_here());

	assert_int_equal(after.live, 1);
	/* Address space goes back, but for the warm ones' slabs. */
	assert_true(after.mapped_stacks <
		    before.mapped_stacks + 4 * STACKS_PER_SLAB);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(join_gives_what_the_function_returned),
		cmocka_unit_test(one_that_has_ended_is_joined_without_blocking),
		cmocka_unit_test(
			fibers_take_turns_in_the_order_they_became_ready),
		cmocka_unit_test(
			join_gives_up_at_its_deadline_and_the_fiber_lives_on),
		cmocka_unit_test(a_detached_fiber_frees_itself),
		cmocka_unit_test(cancel_ends_the_wait_and_all_later_ones),
		cmocka_unit_test(cancel_before_the_start_ends_the_first_wait),
		cmocka_unit_test(
			cancelling_who_joins_leaves_the_joined_one_alone),
		cmocka_unit_test(sleepers_wake_in_the_order_of_their_deadlines),
		cmocka_unit_test(sleep_never_ends_early),
		cmocka_unit_test(one_wake_before_the_park_is_remembered),
		cmocka_unit_test(
			a_wake_does_not_cut_a_sleep_short_but_waits_for_the_park),
		cmocka_unit_test(wake_hands_its_code_to_the_parked_fiber),
		cmocka_unit_test(the_loop_may_wake_a_fiber),
		cmocka_unit_test(
			fibers_that_are_always_ready_do_not_starve_timers),
		cmocka_unit_test(
			one_that_works_long_lets_the_loop_look_in_between),
		cmocka_unit_test(the_trace_knows_who_runs),
		cmocka_unit_test(a_stack_has_room_for_deep_calls),
		cmocka_unit_test(floating_point_survives_switches),
		cmocka_unit_test(thousands_at_once_come_and_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
