/* cause.h - for whom an item is on its way.
 *
 * A job is done when its source has ended AND nothing of it is held anywhere
 * in a pipeline any more; an item that makes a mapper fail has to be told to
 * its job, whatever the item looks like by then. Neither can be read from the
 * items, which pipelines reshape at will. So each item travels with a cause:
 * who pushes sets rx_cause_now, synchronous operators need not know, and an
 * operator that keeps an item for later keeps the cause with it (rx_item).
 *
 *     push(part)          delay holds {part, cause}       timer: emit
 *     rx_cause_now = job  refs 1 -> 2                     rx_cause_now = job
 *                                                         refs 2 -> 1
 *
 * When refs reaches 0, released tells the owner that nothing more can come of
 * it: also when a filter, a debounce or a switch dropped the item.
 *
 * Threads: one; counts are not atomic.
 */
#ifndef WEIR_RX_CAUSE_H
#define WEIR_RX_CAUSE_H

#include "value/value.h"

struct rx_cause {
	uint32_t refs;
	/* The last one is gone; c may be freed in here. Called from within
	 * operators: must not push into a pipeline, only note and defer. */
	void (*released)(struct rx_cause *c);
};

/* The cause of the item being pushed on this thread now; NULL: nobody's. */
extern _Thread_local struct rx_cause *rx_cause_now;

static inline struct rx_cause *rx_cause_ref(struct rx_cause *c)
{
	if (c)
		c->refs++;
	return c;
}

static inline void rx_cause_unref(struct rx_cause *c)
{
	if (c && --c->refs == 0)
		c->released(c);
}

/* Runs with c as the cause: old = rx_cause_enter(c); ... rx_cause_leave(old).
 */
static inline struct rx_cause *rx_cause_enter(struct rx_cause *c)
{
	struct rx_cause *old = rx_cause_now;

	rx_cause_now = c;
	return old;
}

static inline void rx_cause_leave(struct rx_cause *old)
{
	rx_cause_now = old;
}

/* An item that an operator keeps: value and cause, one count each. */
struct rx_item {
	struct value v;
	struct rx_cause *cause;
};

static inline struct rx_item rx_item_hold(struct value v) /* borrows v */
{
	return (struct rx_item){value_ref(v), rx_cause_ref(rx_cause_now)};
}

static inline void rx_item_drop(struct rx_item it)
{
	value_unref(it.v);
	rx_cause_unref(it.cause);
}

/* One cause that stands for those of many items (a buffer's array): it holds a
 * count on each until it is released. Borrows items; NULL when no item has a
 * cause, the cause itself (one count more) when all have the same. */
struct rx_cause *rx_cause_join(const struct rx_item *items, size_t n);

/* The single causes behind c, which may be a joined one (of joined ones):
 * calls fn(arg, cause) for each. */
void rx_cause_each(struct rx_cause *c,
		   void (*fn)(void *arg, struct rx_cause *cause), void *arg);

#endif
