/* loop.h - the event loop of a thread.
 *
 *     turn:  timers that are due -> deferred -> wait -> I/O callbacks, posts
 *
 * loop_defer puts a task at the end of the present turn, just before the loop
 * would sleep: output is flushed there, dead objects are freed there.
 *
 * Descriptors are watched by an epoll set, signals and files by libuv; only
 * loop/ includes uv.h.
 * Threads: an object belongs to the thread of its loop; loop_post and
 * loop_stop may be called from any.
 */
#ifndef WEIR_LOOP_LOOP_H
#define WEIR_LOOP_LOOP_H

#include "base/heap.h"
#include "base/list.h"

#include <stdbool.h>
#include <stdint.h>

struct loop;

struct loop *loop_create(void);	   /* NULL when the system has no descriptor */
void loop_destroy(struct loop *l); /* after loop_run has returned */

/* Runs until loop_stop. */
void loop_run(struct loop *l);
void loop_stop(struct loop *l); /* any thread */

/* Time of this turn, monotonic ms, as clock_ms; loop_update reads the clock
 * anew. */
int64_t loop_now_ms(const struct loop *l);
void loop_update(struct loop *l);

/* --- tasks ------------------------------------------------------------- */

struct loop_task;
typedef void (*loop_task_fn)(struct loop_task *t);

/* All zero (with fn set) is ready. */
struct loop_task {
	struct list link;
	loop_task_fn fn;
	bool queued;
};

/* Runs t->fn once, before the loop sleeps. A task that is queued already
 * stays where it is. A task may defer itself or others: they still run in this
 * turn, but the loop polls (without sleeping) after a bounded number. */
void loop_defer(struct loop *l, struct loop_task *t);
void loop_defer_cancel(struct loop_task *t);

/* Any thread: runs fn(arg) on the loop's thread, in order of posting. */
void loop_post(struct loop *l, void (*fn)(void *arg), void *arg);

/* --- timers ------------------------------------------------------------ */

struct loop_timer;
typedef void (*loop_timer_fn)(struct loop_timer *t);

/* All zero is a stopped timer. Starting and stopping are O(log n) and never
 * allocate but for the growth of the heap. */
struct loop_timer {
	struct heap_link link;
	loop_timer_fn fn;
};

/* deadline_ms absolute; a started timer is started anew. CLOCK_NEVER stops. */
void loop_timer_start(struct loop *l, struct loop_timer *t, int64_t deadline_ms,
		      loop_timer_fn fn);
void loop_timer_stop(struct loop *l, struct loop_timer *t);
/* CLOCK_NEVER of a stopped one. */
int64_t loop_timer_deadline_ms(const struct loop *l,
			       const struct loop_timer *t);

static inline bool loop_timer_active(const struct loop_timer *t)
{
	return heap_link_in(&t->link);
}

/* --- descriptors ------------------------------------------------------- */

enum { LOOP_READABLE = 1, LOOP_WRITABLE = 2, LOOP_HANGUP = 4 };

struct loop_poll;
/* events: what happened; error: 0 or a negative WEIR_E. */
typedef void (*loop_poll_fn)(void *arg, int events, int error);

/* Watches fd (a socket, pipe or the like, non-blocking if that matters to the
 * caller, who also closes it, after loop_poll_close). Level-triggered. NULL
 * when the descriptor cannot be watched. */
struct loop_poll *loop_poll_open(struct loop *l, int fd, loop_poll_fn fn,
				 void *arg);
void loop_poll_set(struct loop_poll *p, int events); /* 0: pause */
void loop_poll_close(struct loop_poll *p); /* no callback after this */

/* --- files, signals ---------------------------------------------------- */

struct loop_watch;
typedef void (*loop_watch_fn)(void *arg);

/* Calls fn when the file or folder at path changes, is renamed or removed
 * (inotify). A WEIR_E code when it cannot be watched. */
int loop_watch_open(struct loop *l, const char *path, loop_watch_fn fn,
		    void *arg, struct loop_watch **watch_out);
void loop_watch_close(struct loop_watch *w);

/* Calls fn(arg) on the loop for each signal signum; NULL fn stops. At most 8
 * signals. */
typedef void (*loop_signal_fn)(void *arg, int signum);
int loop_signal(struct loop *l, int signum, loop_signal_fn fn, void *arg);

#endif
