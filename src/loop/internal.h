/* internal.h - what the files of loop/ share. */
#ifndef WEIR_LOOP_INTERNAL_H
#define WEIR_LOOP_INTERNAL_H

#include "base/heap.h"
#include "base/list.h"
#include "loop/loop.h"

#include <pthread.h>
#include <uv.h>

#define LOOP_SIGNALS_MAX 8

struct loop_signal_slot {
	uv_signal_t uv;
	loop_signal_fn fn; /* NULL: free, or closing */
	void *arg;
	bool open;
};

/* The descriptors of a loop; see poll.c. */
struct loop_set {
	int epoll;
	uint32_t polls;		/* that are open */
	bool in_batch;		/* events of several of them are at hand */
	struct loop_poll *gone; /* closed meanwhile: freed behind the batch */
};

struct loop {
	struct loop_set set;
	struct heap timers; /* of struct loop_timer */
	int64_t now_ms;
	struct list deferred;
	pthread_mutex_t post_lock;
	struct list posted; /* under post_lock */
	struct list taken;  /* posts that are run next */
	bool stop;	    /* under post_lock */
	bool stopped;	    /* it has been seen: this turn is the last */
	int wake_fd;	    /* eventfd: something was posted, or stop set */
	struct loop_poll *wake;
	uv_loop_t uv; /* of signals and files */
	struct loop_poll *uv_poll;
	bool uv_called; /* see loop_call_uv */
	struct loop_signal_slot signals[LOOP_SIGNALS_MAX];
};

/* 0 or a negative WEIR_E. */
int loop_set_open(struct loop_set *set);
void loop_set_close(struct loop_set *set); /* no poll is open */
/* Waits at most timeout_ms (-1: for ever) and calls whom that concerns. */
void loop_set_wait(struct loop *l, int timeout_ms);

/* A handle of libuv's is opened, changed or closed: uv has a turn in this one,
 * in which it looks at them. */
static inline void loop_call_uv(struct loop *l)
{
	l->uv_called = true;
}

#endif
