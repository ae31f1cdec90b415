/* observer.h - who receives a stream, and the handle that ends it.
 *
 *     source --- next* ( error | done )? ---> observer
 *        ^                                        |
 *        '------------- rx_sub_cancel ------------'
 *
 * After error, done or cancel the observer hears nothing more.
 * Threads: the loop that subscribed makes and receives every call here.
 * Source: reactivex.io, The Observable Contract.
 */
#ifndef WEIR_RX_OBSERVER_H
#define WEIR_RX_OBSERVER_H

#include "base/error.h"
#include "rx/cause.h"
#include "rx/sched.h"
#include "value/value.h"

struct rx_observer {
	const struct rx_observer_ops *ops;
};

struct rx_observer_ops {
	/* Borrows v until it returns; value_ref(v) keeps it. Never blocks.
	 * rx_cause_now is the item's cause. */
	void (*next)(struct rx_observer *o, struct value v);
	/* Borrows err. Last call. */
	void (*error)(struct rx_observer *o, const struct weir_error *err);
	/* Last call. */
	void (*done)(struct rx_observer *o);
};

static inline void rx_next(struct rx_observer *o, struct value v)
{
	o->ops->next(o, v);
}

static inline void rx_error(struct rx_observer *o, const struct weir_error *err)
{
	o->ops->error(o, err);
}

static inline void rx_done(struct rx_observer *o)
{
	o->ops->done(o);
}

/* What a graph of operators shares. Outlives all of them. */
struct rx_ctx {
	struct rx_sched *sched;
	/* What happens to an item that makes a value function fail, to an inner
	 * stream that ends in an error, to an item for which a bounded stage
	 * has no room. NULL: the ReactiveX contract, the error ends the stream.
	 * Else it is told (rx_cause_now is the item's cause) and the stream
	 * goes on without that item (borrowed; null where it is not known).
	 * An on_item_error stage below decides in its place. */
	void (*item_error)(struct rx_ctx *ctx, const struct weir_error *err,
			   struct value item);
	/* Live subscriptions of this graph: 0 when everything was let go. */
	uint64_t live;
};

/* A stream that can be subscribed: a description, reference counted. */
struct rx_source;
/* The handle of a subscription. */
struct rx_sub;

struct rx_source *rx_source_ref(struct rx_source *src);
void rx_source_unref(struct rx_source *src);
struct rx_ctx *rx_source_ctx(const struct rx_source *src);

/* Connects o to src (borrowed; the subscription holds what it needs).
 *
 * o        borrowed until error, done or rx_sub_cancel
 * sub_out  is set before the first value arrives, which may be before this
 *          returns; the caller owns *sub_out and ends it with rx_sub_cancel,
 *          also after error or done
 */
void rx_subscribe(struct rx_source *src, struct rx_observer *o,
		  struct rx_sub **sub_out);

/* Stops the flow and takes sub; NULL does nothing. Allowed inside next(): the
 * rest of that emission passes o by. Memory goes later (rx_sched_later). */
void rx_sub_cancel(struct rx_sub *sub);

#endif
