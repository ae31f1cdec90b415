/* loop.c - turns, deferred tasks, timers and posts.
 *
 * All timers are in one heap of ours, served by one uv timer: starting and
 * stopping does not touch libuv unless the nearest deadline changes. Deferred
 * tasks run in a prepare handle, which libuv calls just before it polls; when
 * some are left after TASKS_PER_TURN an idle handle keeps the poll from
 * sleeping.
 */
#include "loop/internal.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/util.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

#define TASKS_PER_TURN 4096
#define POSTS_AT_ONCE  16 /* before the clock is looked at */
#define POSTS_NS       2000000

struct post {
	struct list link;
	void (*fn)(void *arg);
	void *arg;
};

int64_t loop_now_ms(const struct loop *l)
{
	return (int64_t)uv_now(&l->uv);
}

void loop_update(struct loop *l)
{
	uv_update_time(&l->uv);
}

/* --- timers ------------------------------------------------------------ */

static void on_timer(uv_timer_t *uv)
{
	struct loop *l = CONTAINER_OF(uv, struct loop, timer);
	int64_t now = loop_now_ms(l);
	/* What is started from here on waits for the next turn, so that a timer
	 * of 0 ms cannot keep the loop from its I/O. */
	uint64_t limit = l->timers.next_seq;
	const struct heap_entry *first;

	l->armed_ms = CLOCK_NEVER;
	while ((first = heap_first(&l->timers)) && first->key <= now &&
	       first->seq < limit) {
		struct loop_timer *t =
			CONTAINER_OF(first->link, struct loop_timer, link);

		heap_remove(&l->timers, &t->link);
		t->fn(t);
	}
}

/* Called once a turn, in front of the poll. Not from on_timer: there, libuv
 * would run a timer of 0 ms again and again within one turn. */
static void arm(struct loop *l)
{
	const struct heap_entry *first = heap_first(&l->timers);
	int64_t want = first ? first->key : CLOCK_NEVER;

	/* A timer that comes too early finds nothing due and arms again: only
	 * an earlier deadline has to be told to libuv. */
	if (want >= l->armed_ms)
		return;

	int64_t in = want - loop_now_ms(l);

	l->armed_ms = want;
	uv_timer_start(&l->timer, on_timer, in > 0 ? (uint64_t)in : 0, 0);
}

void loop_timer_start(struct loop *l, struct loop_timer *t, int64_t deadline_ms,
		      loop_timer_fn fn)
{
	heap_remove(&l->timers, &t->link);
	if (deadline_ms == CLOCK_NEVER)
		return;
	t->fn = fn;
	heap_push(&l->timers, &t->link, deadline_ms);
}

void loop_timer_stop(struct loop *l, struct loop_timer *t)
{
	heap_remove(&l->timers, &t->link);
}

int64_t loop_timer_deadline_ms(const struct loop *l, const struct loop_timer *t)
{
	return heap_link_in(&t->link) ? heap_key(&l->timers, &t->link)
				      : CLOCK_NEVER;
}

/* --- deferred tasks ---------------------------------------------------- */

static void on_busy(uv_idle_t *uv)
{
	/* Its being active is what keeps the poll from sleeping. */
}

static void run_deferred(uv_prepare_t *uv)
{
	struct loop *l = CONTAINER_OF(uv, struct loop, before);
	int left = TASKS_PER_TURN;

	while (!list_empty(&l->deferred) && left--) {
		struct loop_task *t = CONTAINER_OF(list_pop(&l->deferred),
						   struct loop_task, link);

		t->queued = false;
		t->fn(t);
	}
	if (list_empty(&l->deferred))
		uv_idle_stop(&l->busy);
	else
		uv_idle_start(&l->busy, on_busy);
	arm(l);
}

void loop_defer(struct loop *l, struct loop_task *t)
{
	if (t->queued)
		return;
	t->queued = true;
	list_push(&l->deferred, &t->link);
}

void loop_defer_cancel(struct loop_task *t)
{
	if (!t->queued)
		return;
	t->queued = false;
	list_remove(&t->link);
}

/* --- posts ------------------------------------------------------------- */

static void run_posts(struct loop *l, unsigned max)
{
	while (!list_empty(&l->taken) && max--) {
		struct post *p =
			CONTAINER_OF(list_pop(&l->taken), struct post, link);

		p->fn(p->arg);
		mem_free(p);
	}
}

/* Who posts much does not keep the loop from its descriptors: what is left
 * after POSTS_NS goes on in the next turn. */
static void on_wake(uv_async_t *uv)
{
	struct loop *l = CONTAINER_OF(uv, struct loop, wake);
	int64_t until = clock_ns() + POSTS_NS;
	bool stop;

	pthread_mutex_lock(&l->post_lock);
	list_splice(&l->taken, &l->posted);
	stop = l->stop;
	pthread_mutex_unlock(&l->post_lock);
	do
		run_posts(l, POSTS_AT_ONCE);
	while (!list_empty(&l->taken) && (stop || clock_ns() < until));
	if (stop)
		uv_stop(&l->uv);
	else if (!list_empty(&l->taken))
		uv_async_send(&l->wake);
}

void loop_post(struct loop *l, void (*fn)(void *arg), void *arg)
{
	struct post *p = mem_alloc(sizeof *p);

	*p = (struct post){.fn = fn, .arg = arg};
	pthread_mutex_lock(&l->post_lock);
	list_push(&l->posted, &p->link);
	pthread_mutex_unlock(&l->post_lock);
	uv_async_send(&l->wake);
}

void loop_stop(struct loop *l)
{
	pthread_mutex_lock(&l->post_lock);
	l->stop = true;
	pthread_mutex_unlock(&l->post_lock);
	uv_async_send(&l->wake);
}

/* --- life -------------------------------------------------------------- */

struct loop *loop_create(void)
{
	struct loop *l = mem_zalloc(sizeof *l);

	if (uv_loop_init(&l->uv) < 0)
		goto free_loop;
	if (uv_async_init(&l->uv, &l->wake, on_wake) < 0)
		goto close_loop;
	uv_timer_init(&l->uv, &l->timer);
	uv_prepare_init(&l->uv, &l->before);
	uv_idle_init(&l->uv, &l->busy);
	uv_prepare_start(&l->before, run_deferred);
	l->armed_ms = CLOCK_NEVER;
	list_init(&l->deferred);
	list_init(&l->posted);
	list_init(&l->taken);
	pthread_mutex_init(&l->post_lock, NULL);
	return l;

close_loop:
	uv_loop_close(&l->uv);
free_loop:
	mem_free(l);
	return NULL;
}

void loop_run(struct loop *l)
{
	uv_update_time(&l->uv);
	uv_run(&l->uv, UV_RUN_DEFAULT);
	pthread_mutex_lock(&l->post_lock);
	l->stop = false; /* it can be run again */
	pthread_mutex_unlock(&l->post_lock);
}

void loop_destroy(struct loop *l)
{
	if (!l)
		return;
	uv_close((uv_handle_t *)&l->wake, NULL);
	uv_close((uv_handle_t *)&l->timer, NULL);
	uv_close((uv_handle_t *)&l->before, NULL);
	uv_close((uv_handle_t *)&l->busy, NULL);
	for (int i = 0; i < LOOP_SIGNALS_MAX; i++)
		if (l->signals[i].open)
			uv_close((uv_handle_t *)&l->signals[i].uv, NULL);
	/* Runs the close callbacks, also of handles closed before; a few turns,
	 * since one of them may close more. An open handle never ends that. */
	for (int turns = 0; turns < 16 && uv_run(&l->uv, UV_RUN_NOWAIT);)
		turns++;
	if (uv_loop_close(&l->uv) < 0) {
		log_error("a loop was destroyed with open handles");
		abort();
	}
	list_splice(&l->taken, &l->posted);
	while (!list_empty(&l->taken))
		mem_free(CONTAINER_OF(list_pop(&l->taken), struct post, link));
	pthread_mutex_destroy(&l->post_lock);
	heap_fini(&l->timers);
	mem_free(l);
}
