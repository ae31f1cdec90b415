/* sched.h - the one clock of a graph of operators: loop time or virtual time.
 *
 * Operators start timers here and nowhere else, so that the same operator runs
 * in a server and, to the millisecond, in a test. Timers that are due at the
 * same time run in the order in which they were started.
 *
 * A timer's function runs with rx_cause_now == NULL.
 */
#ifndef WEIR_RX_SCHED_H
#define WEIR_RX_SCHED_H

#include "base/heap.h"
#include "loop/loop.h"

#include <stdint.h>

struct rx_timer;
typedef void (*rx_timer_fn)(struct rx_timer *t);

/* All zero is a stopped timer. */
struct rx_timer {
	struct heap_link link;
	rx_timer_fn fn;
};

struct rx_sched;

/* Time is loop_now_ms; a single loop timer serves all of its rx timers. */
struct rx_sched *rx_sched_create_loop(struct loop *l);
/* Time is 0 and moves only in rx_sched_advance. */
struct rx_sched *rx_sched_create_virtual(void);
void rx_sched_destroy(struct rx_sched *s); /* runs what was deferred first */

int64_t rx_sched_now_ms(const struct rx_sched *s);
/* What a time stamp in the data says: ms since 1970, or virtual time. */
int64_t rx_sched_stamp_ms(const struct rx_sched *s);

/* deadline_ms is absolute; a started timer is started anew. CLOCK_NEVER
 * stops it. */
void rx_timer_start(struct rx_sched *s, struct rx_timer *t, int64_t deadline_ms,
		    rx_timer_fn fn);
void rx_timer_stop(struct rx_sched *s, struct rx_timer *t);

/* Virtual only: runs everything due up to and including until_ms, in order,
 * and leaves the time there. */
void rx_sched_advance(struct rx_sched *s, int64_t until_ms);
/* The same, up to a moment at which more than max_timers ring: a stream that
 * never gets past it. False then, and the time is that moment. */
bool rx_sched_advance_some(struct rx_sched *s, int64_t until_ms,
			   uint64_t max_timers);
/* Virtual only: the deadline of the next timer, CLOCK_NEVER without one. */
int64_t rx_sched_next_ms(const struct rx_sched *s);

/* Calls fn(arg) once nobody is inside an operator any more (end of the loop's
 * turn; between two timers of virtual time): the place to free. l is deferred
 * once until then. */
struct rx_later {
	struct rx_later *next; /* the scheduler's */
	void (*fn)(struct rx_later *l);
};
void rx_sched_later(struct rx_sched *s, struct rx_later *l);

#endif
