/* sched_test.c - the clock of a graph, virtual and on the loop. */
#include "support/lab.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/util.h"

static struct buf told;
static struct rx_sched *sched;
static struct loop *loop;

struct named {
	struct rx_timer timer;
	struct rx_later later;
	char name;
	int64_t again_ms; /* starts itself anew for then; 0: not */
};

static void tell(struct rx_timer *t)
{
	struct named *n = CONTAINER_OF(t, struct named, timer);

	buf_printf(&told, "%c%lld ", n->name,
		   (long long)rx_sched_now_ms(sched));
	if (n->again_ms) {
		rx_timer_start(sched, t, n->again_ms, tell);
		n->again_ms = 0;
	}
}

static void assert_told(const char *expected)
{
	buf_append_char(&told, '\0');
	assert_string_equal(buf_bytes(&told), expected);
	buf_clear(&told);
}

static int setup_virtual(void **state)
{
	sched = rx_sched_create_virtual();
	return 0;
}

static int teardown(void **state)
{
	rx_sched_destroy(sched);
	sched = NULL;
	buf_fini(&told);
	return 0;
}

static void tell_for_ever(struct rx_timer *t)
{
	rx_timer_start(sched, t, 30, tell_for_ever);
}

static void virtual_time_stops_where_there_is_no_end_of_timers(void **state)
{
	struct rx_timer t = {0};

	rx_timer_start(sched, &t, 30, tell_for_ever);
	assert_true(rx_sched_advance_some(sched, 20, 100));
	assert_false(rx_sched_advance_some(sched, 50, 100));
	assert_int_equal(rx_sched_now_ms(sched), 30);
	rx_timer_stop(sched, &t);
	assert_true(rx_sched_advance_some(sched, 50, 100));
	assert_int_equal(rx_sched_now_ms(sched), 50);
}

static void virtual_time_moves_only_when_it_is_told_to(void **state)
{
	assert_int_equal(rx_sched_now_ms(sched), 0);
	rx_sched_advance(sched, 50);
	assert_int_equal(rx_sched_now_ms(sched), 50);
	rx_sched_advance(sched, 20);
	assert_int_equal(rx_sched_now_ms(sched), 50);
	assert_int_equal(rx_sched_stamp_ms(sched), 50);
}

static void timers_run_in_order_of_time_then_of_their_start(void **state)
{
	struct named t[] = {{.name = 'a'}, {.name = 'b'}, {.name = 'c'}};

	rx_timer_start(sched, &t[0].timer, 20, tell);
	rx_timer_start(sched, &t[1].timer, 10, tell);
	rx_timer_start(sched, &t[2].timer, 20, tell);
	assert_int_equal(rx_sched_next_ms(sched), 10);
	rx_sched_advance(sched, 20);
	assert_told("b10 a20 c20 ");
	assert_true(rx_sched_next_ms(sched) == CLOCK_NEVER);
}

static void a_timer_of_the_past_runs_now(void **state)
{
	struct named t = {.name = 'a'};

	rx_sched_advance(sched, 30);
	rx_timer_start(sched, &t.timer, 10, tell);
	rx_sched_advance(sched, 30);
	assert_told("a30 ");
}

static void a_timer_may_start_itself_anew(void **state)
{
	struct named t = {.name = 'a', .again_ms = 25};

	rx_timer_start(sched, &t.timer, 10, tell);
	rx_sched_advance(sched, 24);
	assert_told("a10 ");
	rx_sched_advance(sched, 25);
	assert_told("a25 ");
}

static void a_stopped_timer_does_not_run(void **state)
{
	struct named t = {.name = 'a'};

	rx_timer_stop(sched, &t.timer);
	rx_timer_start(sched, &t.timer, 10, tell);
	rx_timer_stop(sched, &t.timer);
	rx_timer_start(sched, &t.timer, 10, tell);
	rx_timer_start(sched, &t.timer, CLOCK_NEVER, tell);
	rx_sched_advance(sched, 100);
	assert_told("");
}

static void a_started_timer_is_moved(void **state)
{
	struct named t = {.name = 'a'};

	rx_timer_start(sched, &t.timer, 10, tell);
	rx_timer_start(sched, &t.timer, 30, tell);
	rx_sched_advance(sched, 100);
	assert_told("a30 ");
}

static void expect_no_cause(struct rx_timer *t)
{
	assert_null(rx_cause_now);
	buf_append_cstr(&told, "none");
}

static void a_timer_runs_for_nobody(void **state)
{
	struct rx_cause somebody = {1, NULL};
	struct rx_cause *old = rx_cause_enter(&somebody);
	struct rx_timer t = {0};

	rx_timer_start(sched, &t, 10, expect_no_cause);
	rx_sched_advance(sched, 10);
	assert_ptr_equal(rx_cause_now, &somebody);
	rx_cause_leave(old);
	assert_told("none");
}

static void bury(struct rx_later *l)
{
	struct named *n = CONTAINER_OF(l, struct named, later);

	buf_printf(&told, "(%c) ", n->name);
}

static void bury_two(struct rx_later *l)
{
	struct named *n = CONTAINER_OF(l, struct named, later);

	n->later.fn = bury;
	rx_sched_later(sched, &n->later);
}

static void defer_itself(struct rx_timer *t)
{
	struct named *n = CONTAINER_OF(t, struct named, timer);

	tell(t);
	n->later.fn = bury_two;
	rx_sched_later(sched, &n->later);
	buf_append_cstr(&told, "inside ");
}

static void what_is_deferred_runs_between_two_timers(void **state)
{
	struct named t[] = {{.name = 'a'}, {.name = 'b'}};

	rx_timer_start(sched, &t[0].timer, 10, defer_itself);
	rx_timer_start(sched, &t[1].timer, 10, tell);
	rx_sched_advance(sched, 10);
	assert_told("a10 inside (a) b10 ");
}

static void what_is_deferred_at_the_end_runs_with_the_end(void **state)
{
	struct named n = {.name = 'a', .later = {.fn = bury}};

	rx_sched_later(sched, &n.later);
	rx_sched_destroy(sched);
	assert_told("(a) ");
	sched = NULL;
}

/* --- on the loop ------------------------------------------------------- */

static int setup_loop(void **state)
{
	loop = loop_create();
	sched = rx_sched_create_loop(loop);
	return 0;
}

static int teardown_loop(void **state)
{
	teardown(state);
	loop_destroy(loop);
	return 0;
}

static void tell_name(struct rx_timer *t)
{
	buf_append_char(&told, CONTAINER_OF(t, struct named, timer)->name);
}

static void stop_loop(struct rx_timer *t)
{
	tell_name(t);
	loop_stop(loop);
}

static void timers_run_on_the_loop_in_their_order(void **state)
{
	struct named t[] = {{.name = 'a'}, {.name = 'b'}, {.name = 'c'}};
	int64_t now_ms = rx_sched_now_ms(sched);

	rx_timer_start(sched, &t[2].timer, now_ms + 8, stop_loop);
	rx_timer_start(sched, &t[1].timer, now_ms + 4, tell_name);
	rx_timer_start(sched, &t[0].timer, now_ms + 2, tell_name);
	loop_run(loop);
	assert_told("abc");
	assert_true(rx_sched_now_ms(sched) >= now_ms + 8);
}

static uint32_t turns;

static void go_on_at_once(struct rx_timer *t)
{
	turns++;
	rx_timer_start(sched, t, rx_sched_now_ms(sched), go_on_at_once);
}

static void a_timer_that_goes_on_at_once_starves_nobody(void **state)
{
	struct named stop = {.name = 's'};
	struct rx_timer busy = {0};

	turns = 0;
	rx_timer_start(sched, &busy, rx_sched_now_ms(sched), go_on_at_once);
	rx_timer_start(sched, &stop.timer, rx_sched_now_ms(sched) + 5,
		       stop_loop);
	loop_run(loop);
	assert_told("s");
	assert_true(turns > 1);
	rx_timer_stop(sched, &busy);
}

static void defer_then_stop(struct rx_timer *t)
{
	struct named *n = CONTAINER_OF(t, struct named, timer);

	n->later.fn = bury;
	rx_sched_later(sched, &n->later);
	buf_append_cstr(&told, "inside ");
	loop_stop(loop);
}

static void what_is_deferred_runs_at_the_end_of_the_turn(void **state)
{
	struct named t = {.name = 'a'};

	rx_timer_start(sched, &t.timer, rx_sched_now_ms(sched),
		       defer_then_stop);
	loop_run(loop);
	rx_sched_destroy(sched); /* if the loop stopped before that end */
	sched = NULL;
	assert_told("inside (a) ");
}

static void a_stamp_on_the_loop_is_the_time_of_day(void **state)
{
	int64_t before_ms = clock_wall_ms();

	assert_in_range(rx_sched_stamp_ms(sched), before_ms, before_ms + 60000);
}

#define virtual_test(fn) \
	cmocka_unit_test_setup_teardown(fn, setup_virtual, teardown)
#define loop_test(fn) \
	cmocka_unit_test_setup_teardown(fn, setup_loop, teardown_loop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		virtual_test(virtual_time_moves_only_when_it_is_told_to),
		virtual_test(timers_run_in_order_of_time_then_of_their_start),
		virtual_test(a_timer_of_the_past_runs_now),
		virtual_test(a_timer_may_start_itself_anew),
		virtual_test(a_stopped_timer_does_not_run),
		virtual_test(
			virtual_time_stops_where_there_is_no_end_of_timers),
		virtual_test(a_started_timer_is_moved),
		virtual_test(a_timer_runs_for_nobody),
		virtual_test(what_is_deferred_runs_between_two_timers),
		virtual_test(what_is_deferred_at_the_end_runs_with_the_end),
		loop_test(timers_run_on_the_loop_in_their_order),
		loop_test(a_timer_that_goes_on_at_once_starves_nobody),
		loop_test(what_is_deferred_runs_at_the_end_of_the_turn),
		loop_test(a_stamp_on_the_loop_is_the_time_of_day),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
