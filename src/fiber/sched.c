/* sched.c - which fiber runs, and how it gives way to the next.
 *
 *     loop:  ... timers  [run: f1 -> f2 -> f1 -> f3]  poll  timers ...
 *
 * A fiber that blocks switches straight to the next ready one; the loop is
 * asked only when nobody is ready or the time of this turn is up (SLICE_NS,
 * looked at after each BUDGET switches). Who is left over then goes on in the
 * next turn, after the poll, so that fibers that always find something to do
 * cannot starve the loop's I/O.
 */
#include "fiber/core.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/util.h"

#include <assert.h>
#include <stdlib.h>

#if WEIR_ASAN
#include <sanitizer/common_interface_defs.h>
#endif
#if WEIR_TSAN
#include <sanitizer/tsan_interface.h>
#endif

#define BUDGET	 64
#define SLICE_NS 1000000

_Thread_local struct fiber_pool *fiber_here;

/* --- the switch -------------------------------------------------------- */

/* The first thing after a switch, on the side that was switched to. fake is
 * what AddressSanitizer stored for this side, NULL the first time. */
static void arrived(struct fiber_pool *p, void *fake)
{
#if WEIR_ASAN
	const void *bottom;
	size_t bytes;

	__sanitizer_finish_switch_fiber(fake, &bottom, &bytes);
	if (!p->stack_bottom) { /* the first switch ever came from the loop */
		p->stack_bottom = bottom;
		p->stack_bytes = bytes;
	}
#endif
	struct fiber *dead = p->dead;

	if (UNLIKELY(dead)) {
		p->dead = NULL;
		fiber_free(dead);
	}
}

/* Goes from one side to the other; NULL is the loop's own. noinline: with one
 * call of fiber_ctx_switch the processor guesses its return address right. */
__attribute__((noinline)) static void switch_to(struct fiber_pool *p,
						struct fiber *from,
						struct fiber *to)
{
	struct fiber_ctx *from_ctx = from ? &from->ctx : &p->ctx;
	struct fiber_ctx *to_ctx = to ? &to->ctx : &p->ctx;

	if (from) {
		from->who = trace_who;
		stack_check(from->stack, from->name);
	} else {
		p->loop_fiber = trace_fiber;
		p->loop_who = trace_who;
	}
	p->current = to;
	if (to) {
		to->state = FIBER_RUNNING;
		trace_fiber = to->number;
		trace_who = to->who;
	} else {
		trace_fiber = p->loop_fiber;
		trace_who = p->loop_who;
	}
#if WEIR_ASAN
	bool ended = from && from->state == FIBER_ENDED;
	void **fake = from ? &from->fake_stack : &p->fake_stack;

	/* No place to store to tells that the fiber does not come back. */
	__sanitizer_start_switch_fiber(ended ? NULL : fake,
				       to ? to->stack->bottom : p->stack_bottom,
				       to ? STACK_BYTES : p->stack_bytes);
#endif
#if WEIR_TSAN
	__tsan_switch_to_fiber(to ? to->tsan : p->tsan, 0);
#endif
	fiber_ctx_switch(from_ctx, to_ctx);
#if WEIR_ASAN
	arrived(p, from ? from->fake_stack : p->fake_stack);
#else
	arrived(p, NULL);
#endif
}

static struct fiber *take_ready(struct fiber_pool *p)
{
	struct list *first;

	if (p->budget == 0 || !(first = list_pop(&p->ready)))
		return NULL;
	p->budget--;
	return CONTAINER_OF(first, struct fiber, ready);
}

static void give_way(struct fiber *f)
{
	struct fiber *next = take_ready(f->pool);

	if (next == f)
		f->state = FIBER_RUNNING; /* it yields, and is alone */
	else
		switch_to(f->pool, f, next);
}

/* --- the loop's side --------------------------------------------------- */

static void run_ready(struct fiber_pool *p);

static void on_more(struct loop_timer *t)
{
	run_ready(CONTAINER_OF(t, struct fiber_pool, run_more));
}

static void run_ready(struct fiber_pool *p)
{
	int64_t until = clock_ns() + SLICE_NS;

	do {
		p->budget = BUDGET;
		struct fiber *first = take_ready(p);

		if (!first)
			return;
		switch_to(p, NULL, first);
	} while (!list_empty(&p->ready) && clock_ns() < until);

	/* Due at once, but the loop runs no timer twice in one turn. */
	if (!list_empty(&p->ready))
		loop_timer_start(p->loop, &p->run_more, loop_now_ms(p->loop),
				 on_more);
}

static void on_run(struct loop_task *t)
{
	run_ready(CONTAINER_OF(t, struct fiber_pool, run));
}

static void make_ready(struct fiber *f)
{
	struct fiber_pool *p = f->pool;

	f->state = FIBER_READY;
	list_push(&p->ready, &f->ready);
	/* While a fiber runs, run_ready is below it and finds f. */
	if (!p->current && !loop_timer_active(&p->run_more))
		loop_defer(p->loop, &p->run);
}

void fiber_sched_init(struct fiber_pool *p)
{
	list_init(&p->ready);
	p->run.fn = on_run;
#if WEIR_TSAN
	p->tsan = __tsan_get_current_fiber();
#endif
}

void fiber_sched_fini(struct fiber_pool *p)
{
	loop_defer_cancel(&p->run);
	loop_timer_stop(p->loop, &p->run_more);
}

static void begin(void)
{
	arrived(fiber_here, NULL);
	fiber_main();
	abort(); /* it never returns */
}

void fiber_sched_add(struct fiber *f)
{
	char *bottom = f->stack->bottom;

	/* What lies above the fiber's struct is no part of its stack. */
	fiber_ctx_make(&f->ctx, bottom, (size_t)((char *)f - bottom), begin);
#if WEIR_TSAN
	f->tsan = __tsan_create_fiber(0);
#endif
	make_ready(f);
}

_Noreturn void fiber_leave(struct fiber *f)
{
	f->state = FIBER_ENDED;
	give_way(f);
	abort(); /* nobody comes back here */
}

/* --- blocking ---------------------------------------------------------- */

static void on_deadline(struct loop_timer *t)
{
	fiber_unblock(CONTAINER_OF(t, struct fiber, deadline), WEIR_ETIMEDOUT);
}

int fiber_block(enum fiber_state as, int64_t deadline_ms)
{
	struct fiber *f = fiber_self();

	assert(f && "only a fiber may block");
	if (f->cancelled)
		return WEIR_ECANCELED;
	if (deadline_ms != CLOCK_NEVER) {
		struct loop *l = f->pool->loop;

		if (deadline_ms <= loop_now_ms(l))
			return WEIR_ETIMEDOUT;
		loop_timer_start(l, &f->deadline, deadline_ms, on_deadline);
	}
	f->state = as;
	give_way(f);
	return f->rc;
}

void fiber_unblock(struct fiber *f, int rc)
{
	if (f->state != FIBER_BLOCKED && f->state != FIBER_PARKED)
		return;
	loop_timer_stop(f->pool->loop, &f->deadline);
	f->rc = rc;
	make_ready(f);
}

int fiber_waiters_wait(struct list *list, int64_t deadline_ms)
{
	struct fiber_waiter w = {.fiber = fiber_self()};
	int rc;

	list_push(list, &w.link);
	rc = fiber_block(FIBER_BLOCKED, deadline_ms);
	list_remove(&w.link);
	return rc;
}

void fiber_waiters_wake(struct list *list, int rc)
{
	struct list *first = list_pop(list);

	if (first)
		fiber_unblock(
			CONTAINER_OF(first, struct fiber_waiter, link)->fiber,
			rc);
}

int fiber_park(int64_t deadline_ms)
{
	struct fiber *f = fiber_self();

	assert(f && "only a fiber may block");
	if (f->woken && !f->cancelled) {
		f->woken = false;
		return f->wake_rc;
	}
	return fiber_block(FIBER_PARKED, deadline_ms);
}

void fiber_wake(struct fiber *f, int rc)
{
	if (f->state == FIBER_PARKED) {
		fiber_unblock(f, rc);
	} else if (!f->woken) {
		f->woken = true;
		f->wake_rc = rc;
	}
}

void fiber_latch_wait(struct fiber_latch *l)
{
	l->fiber = fiber_self();
	assert(l->fiber && "only a fiber may block");
	while (!l->open) {
		l->fiber->state = FIBER_LATCHED; /* cancelling leaves it so */
		give_way(l->fiber);
	}
}

void fiber_latch_open(struct fiber_latch *l)
{
	l->open = true;
	if (l->fiber && l->fiber->state == FIBER_LATCHED)
		make_ready(l->fiber);
}

int fiber_yield(void)
{
	struct fiber *f = fiber_self();

	assert(f && "only a fiber may block");
	if (f->cancelled)
		return WEIR_ECANCELED;
	make_ready(f);
	give_way(f);
	return f->cancelled ? WEIR_ECANCELED : 0;
}

int fiber_yield_turn(void)
{
	/* The time is looked at when the budget is used up. */
	fiber_self()->pool->budget = 0;
	return fiber_yield();
}

int fiber_sleep_until(int64_t deadline_ms)
{
	struct fiber *f = fiber_self();

	assert(f && "only a fiber may block");
	/* A time that has come already still lets the others run. */
	if (deadline_ms <= loop_now_ms(f->pool->loop))
		return fiber_yield();

	int rc = fiber_block(FIBER_BLOCKED, deadline_ms);

	return rc == WEIR_ETIMEDOUT ? 0 : rc;
}

int fiber_sleep(int64_t ms)
{
	return fiber_sleep_until(loop_now_ms(fiber_loop()) + ms);
}
