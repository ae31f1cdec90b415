/* embed_loop.c - the loop of an embedding program: in real or in virtual time.
 *
 *     real time       loop_run, ended when the last subscription has gone
 *     virtual time    posts, then the next timer, then posts ...
 *
 * A loop in virtual time has a struct loop as well, though nothing waits on it:
 * other threads post to it, and no locks are needed here.
 */
#include "app/embed_rx.h"

#include "app/embed_value.h"
#include "base/clock.h"
#include "base/mem.h"

#include <assert.h>

struct weir_timer {
	struct rx_timer timer;
	struct list link; /* in the loop's timers */
	struct weir_loop *loop;
	void (*fn)(void *arg);
	void *arg;
};

struct weir_watch {
	struct loop_poll *poll; /* ours */
	struct list link;	/* in the loop's watches */
	void (*fn)(int events, void *arg);
	void *arg;
};

/* --- running ------------------------------------------------------------- */

/* What was posted runs; the loop does not sleep. */
static void run_posts(struct weir_loop *l)
{
	loop_stop(l->loop);
	loop_run(l->loop);
}

static bool goes_on(const struct weir_loop *l, const bool *over)
{
	return !l->stopped && l->live && !(over && *over);
}

static void run_real(struct weir_loop *l, const bool *over)
{
	do {
		if (!goes_on(l, over))
			loop_stop(l->loop); /* after what was posted */
		loop_run(l->loop);
	} while (goes_on(l, over));
}

static void run_virtual(struct weir_loop *l, const bool *over)
{
	run_posts(l);
	while (goes_on(l, over)) {
		int64_t next_ms = rx_sched_next_ms(l->ctx.sched);

		if (next_ms == CLOCK_NEVER)
			break;
		rx_sched_advance(l->ctx.sched, next_ms);
		run_posts(l);
	}
}

void embed_loop_run(struct weir_loop *l, const bool *over)
{
	assert(!l->running);
	l->running = true;
	if (l->is_virtual)
		run_virtual(l, over);
	else
		run_real(l, over);
	l->running = false;
}

void embed_loop_wake(struct weir_loop *l)
{
	if (l->running)
		loop_stop(l->loop);
}

void embed_loop_enter(struct weir_loop *l)
{
	if (!l->running)
		loop_update(l->loop);
}

void weir_loop_run(struct weir_loop *l)
{
	embed_loop_run(l, NULL);
	l->stopped = false;
}

static void on_stop(void *arg)
{
	struct weir_loop *l = arg;

	l->stopped = true;
	embed_loop_wake(l);
}

void weir_loop_stop(struct weir_loop *l)
{
	loop_post(l->loop, on_stop, l);
}

void weir_loop_post(struct weir_loop *l, void (*fn)(void *arg), void *arg)
{
	loop_post(l->loop, fn, arg);
}

void weir_loop_advance(struct weir_loop *l, int64_t ms)
{
	assert(l->is_virtual && !l->running);
	l->running = true;
	run_posts(l);
	rx_sched_advance(l->ctx.sched, rx_sched_now_ms(l->ctx.sched) + ms);
	run_posts(l);
	l->running = false;
}

int64_t weir_loop_now_ms(const struct weir_loop *l)
{
	return rx_sched_now_ms(l->ctx.sched);
}

/* --- timers -------------------------------------------------------------- */

static void free_timer(struct weir_timer *t)
{
	rx_timer_stop(t->loop->ctx.sched, &t->timer);
	list_remove(&t->link);
	mem_free(t);
}

static void on_timer(struct rx_timer *timer)
{
	struct weir_timer *t = CONTAINER_OF(timer, struct weir_timer, timer);
	void (*fn)(void *arg) = t->fn;
	void *arg = t->arg;

	free_timer(t); /* first: fn may destroy what holds the handle */
	fn(arg);
}

struct weir_timer *weir_timer_start(struct weir_loop *l, int64_t ms,
				    void (*fn)(void *arg), void *arg)
{
	struct weir_timer *t = mem_zalloc(sizeof *t);

	embed_loop_enter(l);
	t->loop = l;
	t->fn = fn;
	t->arg = arg;
	list_push(&l->timers, &t->link);
	rx_timer_start(l->ctx.sched, &t->timer,
		       rx_sched_now_ms(l->ctx.sched) + ms, on_timer);
	return t;
}

void weir_timer_stop(struct weir_timer *t)
{
	if (t)
		free_timer(t);
}

/* --- descriptors --------------------------------------------------------- */

_Static_assert((int)WEIR_READABLE == LOOP_READABLE &&
		       (int)WEIR_WRITABLE == LOOP_WRITABLE &&
		       (int)WEIR_HANGUP == LOOP_HANGUP,
	       "events need no translation");

static void free_watch(struct weir_watch *w)
{
	loop_poll_close(w->poll);
	list_remove(&w->link);
	mem_free(w);
}

static void on_ready(void *arg, int events, int error)
{
	struct weir_watch *w = arg;

	/* A descriptor that fails is gone; reading it says why. */
	w->fn(error < 0 ? events | LOOP_HANGUP : events, w->arg);
}

struct weir_watch *weir_watch_start(struct weir_loop *l, int fd, int events,
				    void (*fn)(int events, void *arg),
				    void *arg)
{
	struct weir_watch *w;

	assert(!l->is_virtual);
	w = mem_zalloc(sizeof *w);
	w->poll = loop_poll_open(l->loop, fd, on_ready, w);
	if (!w->poll) {
		mem_free(w);
		return NULL;
	}
	w->fn = fn;
	w->arg = arg;
	list_push(&l->watches, &w->link);
	loop_poll_set(w->poll, events);
	return w;
}

void weir_watch_stop(struct weir_watch *w)
{
	if (w)
		free_watch(w);
}

/* --- life ---------------------------------------------------------------- */

static void on_item_error(struct rx_ctx *ctx, const struct weir_error *err,
			  struct value item)
{
	struct weir_loop *l = CONTAINER_OF(ctx, struct weir_loop, ctx);

	l->item_error(err, embed_value_out(item), l->item_error_arg);
}

void weir_loop_on_item_error(struct weir_loop *l,
			     void (*fn)(const struct weir_error *err,
					struct weir_value item, void *arg),
			     void *arg)
{
	l->item_error = fn;
	l->item_error_arg = arg;
	l->ctx.item_error = fn ? on_item_error : NULL;
}

static struct weir_loop *create(bool is_virtual)
{
	struct loop *loop = loop_create();
	struct weir_loop *l;

	if (!loop)
		return NULL;
	l = mem_zalloc(sizeof *l);
	l->loop = loop;
	l->is_virtual = is_virtual;
	l->ctx.sched = is_virtual ? rx_sched_create_virtual()
				  : rx_sched_create_loop(loop);
	list_init(&l->subs);
	list_init(&l->timers);
	list_init(&l->watches);
	embed_env_init(l);
	return l;
}

struct weir_loop *weir_loop_create(void)
{
	return create(false);
}

struct weir_loop *weir_loop_create_virtual(void)
{
	return create(true);
}

void weir_loop_destroy(struct weir_loop *l)
{
	if (!l)
		return;
	assert(!l->running);
	embed_cancel_all(l);
	while (!list_empty(&l->timers))
		free_timer(
			CONTAINER_OF(l->timers.next, struct weir_timer, link));
	while (!list_empty(&l->watches))
		free_watch(
			CONTAINER_OF(l->watches.next, struct weir_watch, link));
	rx_sched_destroy(l->ctx.sched);
	loop_destroy(l->loop);
	mem_free(l);
}
