/* internal.h - what the files of loop/ share. */
#ifndef WEIR_LOOP_INTERNAL_H
#define WEIR_LOOP_INTERNAL_H

#include "base/heap.h"
#include "base/list.h"
#include "loop/loop.h"

#include <uv.h>

#define LOOP_SIGNALS_MAX 8

struct loop_signal_slot {
	uv_signal_t uv;
	loop_signal_fn fn; /* NULL: free, or closing */
	void *arg;
	bool open;
};

struct loop {
	uv_loop_t uv;
	uv_async_t wake;     /* posts and stop */
	uv_timer_t timer;    /* the nearest of timers */
	uv_prepare_t before; /* runs the deferred tasks */
	uv_idle_t busy;	     /* active while deferred tasks are left */
	struct heap timers;  /* of struct loop_timer */
	int64_t armed_ms;    /* deadline of timer; CLOCK_NEVER: stopped */
	struct list deferred;
	pthread_mutex_t post_lock;
	struct list posted; /* under post_lock */
	struct list taken;  /* posts that are run next */
	bool stop;	    /* under post_lock */
	struct loop_signal_slot signals[LOOP_SIGNALS_MAX];
};

#endif
