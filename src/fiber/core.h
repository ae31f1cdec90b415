/* core.h - what the files of fiber/ share: the fiber itself and how it blocks.
 *
 *     READY ----> RUNNING ----> BLOCKED or PARKED ----> READY
 *       ^            |    `---> ENDED
 *       `--- yield --'
 *
 * BLOCKED is a wait of this folder (sleep, join, channel, ...): only what it
 * waits for, its deadline or a cancel ends it. PARKED is fiber_park: only
 * there does fiber_wake count. So a wake that comes while the fiber is, say,
 * asleep is kept for its next park, and never cuts the sleep short.
 */
#ifndef WEIR_FIBER_CORE_H
#define WEIR_FIBER_CORE_H

#include "fiber/ctx.h"
#include "fiber/fiber.h"
#include "fiber/stack.h"

enum fiber_state {
	FIBER_READY,
	FIBER_RUNNING,
	FIBER_BLOCKED,
	FIBER_PARKED,
	FIBER_LATCHED, /* nothing but its latch wakes it */
	FIBER_ENDED,
};

/* Lies at the top of its own stack. */
struct fiber {
	struct fiber_ctx ctx;
	struct list ready; /* in the pool's ready list, or in none */
	struct fiber_pool *pool;
	struct stack *stack;
	struct loop_timer deadline;
	int rc; /* what the present wait returns */
	int wake_rc;
	bool woken; /* a wake came before its park; wake_rc is its rc */
	bool cancelled;
	bool detached;
	enum fiber_state state;
	uint32_t number;
	uint32_t who; /* trace_who while it does not run */
	int result;
	struct fiber *joiner; /* who waits in fiber_join, or NULL */
	const char *name;     /* borrowed */
	fiber_fn fn;
	void *arg;
	struct list all; /* of the pool */
#if WEIR_ASAN
	void *fake_stack; /* AddressSanitizer's, while it does not run */
#endif
#if WEIR_TSAN
	void *tsan; /* ThreadSanitizer's idea of this fiber */
#endif
};

struct fiber_pool {
	struct loop *loop;
	struct fiber *current; /* NULL while the loop itself runs */
	struct list ready;
	struct list all;
	struct fiber *dead; /* ended and detached; freed by who runs next */
	uint32_t budget;    /* switches until the loop is asked for the time */
	uint32_t live;
	struct loop_task run;	    /* runs the ready ones in this turn */
	struct loop_timer run_more; /* goes on with them in the next turn */
	struct stack_pool stacks;
	/* The loop's own side of a switch: */
	struct fiber_ctx ctx;
	uint32_t loop_fiber; /* trace_fiber, trace_who */
	uint32_t loop_who;
#if WEIR_ASAN
	void *fake_stack;
	const void *stack_bottom;
	size_t stack_bytes;
#endif
#if WEIR_TSAN
	void *tsan;
#endif
};

extern _Thread_local struct fiber_pool *fiber_here;

/* --- sched.c ----------------------------------------------------------- */

void fiber_sched_init(struct fiber_pool *p);
void fiber_sched_fini(struct fiber_pool *p);

/* Makes f, whose stack is set, begin at fiber_main. */
void fiber_sched_add(struct fiber *f);

/* Blocks the calling fiber as BLOCKED or PARKED. Returns what fiber_unblock
 * was given, WEIR_ETIMEDOUT or WEIR_ECANCELED. Does not block at all when
 * cancelled, or when the deadline has passed. */
int fiber_block(enum fiber_state as, int64_t deadline_ms);

/* Ends the wait of f with rc. Nothing when f does not wait (any more): its
 * deadline or a cancel was first. */
void fiber_unblock(struct fiber *f, int rc);

/* The last switch of the calling fiber, which has ended. */
_Noreturn void fiber_leave(struct fiber *f);

/* --- fiber.c ----------------------------------------------------------- */

/* The first function on each stack. */
void fiber_main(void);

/* Gives f and its stack back. Not on that stack. */
void fiber_free(struct fiber *f);

/* --- who waits for a thing --------------------------------------------- */

/* Lies on the stack of the fiber that waits. */
struct fiber_waiter {
	struct list link;
	struct fiber *fiber;
};

/* Blocks the calling fiber as the last of list, until fiber_waiters_wake, the
 * deadline or a cancel. Returns as fiber_block. */
int fiber_waiters_wait(struct list *list, int64_t deadline_ms);
/* Wakes the one that waits longest; it returns rc. */
void fiber_waiters_wake(struct list *list, int rc);

#endif
