/* loop.c - turns, deferred tasks, timers and posts.
 *
 *     turn:  timers that are due -> deferred -> wait -> I/O, posts
 *
 * All timers are in one heap, whose first key says how long a turn may wait for
 * descriptors; it does not wait at all while deferred tasks are left behind
 * TASKS_PER_TURN. Posts come by an eventfd, which is in the set of descriptors
 * as any other.
 *
 * libuv serves signals and files that change: its loop is a descriptor in that
 * set, too, and has a turn of its own when it has something to tell, or to be
 * told.
 */
#include "loop/internal.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/util.h"

#include <assert.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

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
	return l->now_ms;
}

void loop_update(struct loop *l)
{
	l->now_ms = clock_ms();
}

/* --- timers ------------------------------------------------------------ */

static void run_timers(struct loop *l)
{
	/* What is started from here on waits for the next turn, so that a timer
	 * of 0 ms cannot keep the loop from its I/O. */
	uint64_t limit = l->timers.next_seq;
	const struct heap_entry *first;

	while ((first = heap_first(&l->timers)) && first->key <= l->now_ms &&
	       first->seq < limit) {
		struct loop_timer *t =
			CONTAINER_OF(first->link, struct loop_timer, link);

		heap_remove(&l->timers, &t->link);
		t->fn(t);
	}
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

static void run_deferred(struct loop *l)
{
	int left = TASKS_PER_TURN;

	while (!list_empty(&l->deferred) && left--) {
		struct loop_task *t = CONTAINER_OF(list_pop(&l->deferred),
						   struct loop_task, link);

		t->queued = false;
		t->fn(t);
	}
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

/* Another thread holds post_lock, so that the loop is still there. An eventfd
 * takes more than anybody adds, so the write cannot fail. */
static void wake(struct loop *l)
{
	eventfd_write(l->wake_fd, 1);
}

/* Who posts much does not keep the loop from its descriptors: what is left
 * after POSTS_NS goes on in the next turn. */
static void on_wake(void *arg, int events, int error)
{
	struct loop *l = arg;
	int64_t until = clock_ns() + POSTS_NS;
	eventfd_t n;

	eventfd_read(l->wake_fd, &n);
	pthread_mutex_lock(&l->post_lock);
	list_splice(&l->taken, &l->posted);
	l->stopped = l->stop;
	pthread_mutex_unlock(&l->post_lock);
	do
		run_posts(l, POSTS_AT_ONCE);
	while (!list_empty(&l->taken) && (l->stopped || clock_ns() < until));
	if (!list_empty(&l->taken))
		wake(l);
}

void loop_post(struct loop *l, void (*fn)(void *arg), void *arg)
{
	struct post *p = mem_alloc(sizeof *p);

	*p = (struct post){.fn = fn, .arg = arg};
	pthread_mutex_lock(&l->post_lock);
	if (list_empty(&l->posted))
		wake(l); /* those behind it are taken with it */
	list_push(&l->posted, &p->link);
	pthread_mutex_unlock(&l->post_lock);
}

void loop_stop(struct loop *l)
{
	pthread_mutex_lock(&l->post_lock);
	l->stop = true;
	wake(l);
	pthread_mutex_unlock(&l->post_lock);
}

/* --- libuv -------------------------------------------------------------- */

static void on_uv(void *arg, int events, int error)
{
	uv_run(&((struct loop *)arg)->uv, UV_RUN_NOWAIT);
}

/* It looks at its handles in a turn of its own only. */
static void tell_uv(struct loop *l)
{
	if (!l->uv_called)
		return;
	l->uv_called = false;
	uv_run(&l->uv, UV_RUN_NOWAIT);
}

/* --- turns -------------------------------------------------------------- */

static int timeout_ms(const struct loop *l)
{
	const struct heap_entry *first = heap_first(&l->timers);
	int64_t in;

	if (!list_empty(&l->deferred) || l->uv_called)
		return 0;
	if (!first)
		return -1;
	in = first->key - clock_ms(); /* the turn has taken its time */
	return (int)MIN(MAX(in, 0), INT_MAX);
}

void loop_run(struct loop *l)
{
	l->stopped = false;
	while (!l->stopped) {
		loop_update(l);
		run_timers(l);
		run_deferred(l);
		tell_uv(l);
		loop_set_wait(l, timeout_ms(l));
	}
	pthread_mutex_lock(&l->post_lock);
	l->stop = false; /* it can be run again */
	pthread_mutex_unlock(&l->post_lock);
}

/* --- life -------------------------------------------------------------- */

struct loop *loop_create(void)
{
	struct loop *l = mem_zalloc(sizeof *l);

	if (loop_set_open(&l->set) < 0)
		goto free_loop;
	if (uv_loop_init(&l->uv) < 0)
		goto close_set;
	l->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (l->wake_fd < 0)
		goto close_uv;
	l->wake = loop_poll_open(l, l->wake_fd, on_wake, l);
	if (!l->wake)
		goto close_wake_fd;
	l->uv_poll = loop_poll_open(l, uv_backend_fd(&l->uv), on_uv, l);
	if (!l->uv_poll)
		goto close_wake;
	loop_poll_set(l->wake, LOOP_READABLE);
	loop_poll_set(l->uv_poll, LOOP_READABLE);
	loop_update(l);
	list_init(&l->deferred);
	list_init(&l->posted);
	list_init(&l->taken);
	pthread_mutex_init(&l->post_lock, NULL);
	return l;

close_wake:
	loop_poll_close(l->wake);
close_wake_fd:
	close(l->wake_fd);
close_uv:
	uv_loop_close(&l->uv);
close_set:
	loop_set_close(&l->set);
free_loop:
	mem_free(l);
	return NULL;
}

static void close_uv(struct loop *l)
{
	for (int i = 0; i < LOOP_SIGNALS_MAX; i++)
		if (l->signals[i].open)
			uv_close((uv_handle_t *)&l->signals[i].uv, NULL);
	/* Runs the close callbacks, also of handles closed before; a few turns,
	 * since one of them may close more. An open handle never ends that. */
	for (int turns = 0; turns < 16 && uv_run(&l->uv, UV_RUN_NOWAIT);)
		turns++;
}

void loop_destroy(struct loop *l)
{
	if (!l)
		return;
	loop_poll_close(l->uv_poll);
	loop_poll_close(l->wake);
	close_uv(l);
	if (uv_loop_close(&l->uv) < 0 || l->set.polls) {
		log_error("a loop was destroyed with open handles");
		abort();
	}
	close(l->wake_fd);
	loop_set_close(&l->set);
	list_splice(&l->taken, &l->posted);
	while (!list_empty(&l->taken))
		mem_free(CONTAINER_OF(list_pop(&l->taken), struct post, link));
	pthread_mutex_destroy(&l->post_lock);
	heap_fini(&l->timers);
	mem_free(l);
}
