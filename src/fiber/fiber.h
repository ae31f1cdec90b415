/* fiber.h - stackful fibers: straight code that may block as if it were alone.
 *
 * Blocking calls take an absolute deadline (loop_now_ms based; CLOCK_NEVER for
 * none) and return WEIR_ETIMEDOUT after it, WEIR_ECANCELED once the fiber has
 * been cancelled: its clean-up runs, and further blocking calls return
 * WEIR_ECANCELED at once.
 *
 * A fiber runs on its loop's thread only, and only while nobody else of that
 * thread runs; it is switched in from the loop (a deferred task), never from
 * inside another's callback.
 *
 * Stacks come from a pool of mmap'd ones, with a guard page below.
 */
#ifndef WEIR_FIBER_FIBER_H
#define WEIR_FIBER_FIBER_H

#include "base/list.h"
#include "loop/loop.h"

#include <stdbool.h>
#include <stdint.h>

struct fiber;
struct fiber_pool; /* the fibers of a loop */

typedef int (*fiber_fn)(void *arg);

/* One a loop, made before the first fiber. It becomes fiber_pool_here() of the
 * calling thread. */
struct fiber_pool *fiber_pool_create(struct loop *l);
/* All fibers must have ended. */
void fiber_pool_destroy(struct fiber_pool *p);
struct fiber_pool *fiber_pool_here(void);

/* Makes a fiber that begins with fn(arg) when the loop comes round. name is
 * borrowed for the fiber's life. who and number go to the trace printer; the
 * new fiber inherits trace_who. NULL when there is no memory for a stack.
 * The handle lives until fiber_join or fiber_detach. */
struct fiber *fiber_spawn(struct fiber_pool *p, const char *name, fiber_fn fn,
			  void *arg);
/* Its end frees it; nobody may use the handle after it has ended. */
void fiber_detach(struct fiber *f);

/* Blocks until f has ended, frees it, and gives what its fn returned in
 * *result_out (may be NULL). 0, WEIR_ETIMEDOUT or WEIR_ECANCELED (f lives on
 * then). Joining one that has ended never blocks, and is allowed to all. */
int fiber_join(struct fiber *f, int *result_out, int64_t deadline_ms);

/* Marks f cancelled and wakes it if it blocks. Returns at once; once more does
 * nothing. */
void fiber_cancel(struct fiber *f);

struct fiber *fiber_self(void);		      /* NULL on the loop itself */
bool fiber_cancelled(void);		      /* of the calling fiber */
uint32_t fiber_number(const struct fiber *f); /* 1, 2 ... for the trace */
struct loop *fiber_loop(void);		      /* of the calling thread's pool */

/* --- blocking ---------------------------------------------------------- */

/* 0 when the time has come, or WEIR_ECANCELED. */
int fiber_sleep_until(int64_t deadline_ms);
int fiber_sleep(int64_t ms);
/* Lets the others run. */
int fiber_yield(void);
/* The same for who has worked as long as a turn may take: the loop looks after
 * descriptors and timers before a fiber goes on that has had its turn. */
int fiber_yield_turn(void);

/* The primitive: sleeps until fiber_wake(self, rc) and returns rc. One wake is
 * remembered when it comes before the park (the first of several). A wake does
 * not end any other wait. */
int fiber_park(int64_t deadline_ms);
void fiber_wake(struct fiber *f, int rc);

/* What is done by others, on other threads too, for a fiber that cannot go away
 * meanwhile: not even a cancellation ends the wait. All zero is shut. */
struct fiber_latch {
	struct fiber *fiber;
	bool open;
};
void fiber_latch_wait(struct fiber_latch *l);
void fiber_latch_open(struct fiber_latch *l); /* on the fiber's thread */

/* Waits for a non-blocking descriptor. 0 (also after an error or hangup: the
 * next read or write tells which), WEIR_ETIMEDOUT, WEIR_ECANCELED, or
 * WEIR_ECLOSED when somebody closed io meanwhile. */
struct fiber_io;
struct fiber_io *fiber_io_open(int fd);	  /* on the calling thread's loop */
void fiber_io_close(struct fiber_io *io); /* not the descriptor */
int fiber_wait_readable(struct fiber_io *io, int64_t deadline_ms);
int fiber_wait_writable(struct fiber_io *io, int64_t deadline_ms);

/* --- channel ----------------------------------------------------------- */

/* A bounded queue of pointers between fibers of one thread. */
struct fiber_chan;
struct fiber_chan *fiber_chan_create(uint32_t cap); /* cap at least 1 */
/* Nobody may wait on it. Pointers still in it are the caller's affair. */
void fiber_chan_destroy(struct fiber_chan *c);
/* 0, WEIR_ECLOSED, WEIR_ETIMEDOUT or WEIR_ECANCELED. */
int fiber_chan_send(struct fiber_chan *c, void *p, int64_t deadline_ms);
int fiber_chan_recv(struct fiber_chan *c, void **p_out, int64_t deadline_ms);
/* Never blocks: WEIR_EAGAIN when full or empty. May be called by the loop. */
int fiber_chan_try_send(struct fiber_chan *c, void *p);
int fiber_chan_try_recv(struct fiber_chan *c, void **p_out);
/* No more sends; receivers get what is in it, then WEIR_ECLOSED. */
void fiber_chan_close(struct fiber_chan *c);

/* --- event ------------------------------------------------------------- */

/* Where several fibers wait for something to become true; zero is ready. */
struct fiber_cond {
	struct list waiters; /* prepared by fiber_cond_init */
};
void fiber_cond_init(struct fiber_cond *c);
int fiber_cond_wait(struct fiber_cond *c, int64_t deadline_ms);
void fiber_cond_wake_all(struct fiber_cond *c); /* loop or fiber */

struct fiber_stats {
	uint32_t live;		   /* fibers that are not freed yet */
	uint32_t pooled_stacks;	   /* used before, and free now */
	uint32_t mapped_stacks;	   /* address space is there for these, now */
	uint32_t unguarded_stacks; /* the kernel had no more guard pages */
};
struct fiber_stats fiber_stats(const struct fiber_pool *p);

#endif
