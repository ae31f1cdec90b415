/* op.h - the frame in which every operator and every source is written.
 *
 * A source is the description of a stage: what it listens to and its
 * arguments; it is counted and may be subscribed many times. A subscription
 * (struct rx_sub) is one run of it: observer of what comes from above, and at
 * the same time the handle that the stage below holds.
 *
 *          source                         subscription
 *     +---------------+    rx_subscribe   +--------------------+
 *     | ops, ctx, in  | ----------------> | up    <- upstream  |
 *     | its arguments | <---- src ------- | in    -> upstream  |
 *     +---------------+                   | down  -> observer  |
 *                                         | its state          |
 *                                         +--------------------+
 *
 *     next ...   rx_finish_* or rx_sub_cancel    ... turn ends
 *     LIVE ------------> HALTED -----------------> freed
 *           (stop runs once:        (fini runs once)
 *            upstream, timers, held
 *            items, inner streams)
 *
 * The rules that keep an operator honest:
 * - who ends the stream halts it first (rx_finish_error, rx_finish_done): then
 *   nothing can arrive while the last word is being said;
 * - after each call to down the stage may be halted: look before going on;
 * - memory of a subscription stays until nobody is inside any operator, so a
 *   pointer to it never dangles, but stop has let go of all it held.
 */
#ifndef WEIR_RX_OP_H
#define WEIR_RX_OP_H

#include "base/mem.h"
#include "rx/dur.h"
#include "rx/fn.h"
#include "rx/observer.h"
#include "rx/ops.h"
#include "rx/queue.h"

struct rx_guard;

struct rx_sub {
	struct rx_observer up;	  /* what the upstream calls */
	struct rx_observer *down; /* borrowed from the subscriber */
	struct rx_source *src;	  /* ours: one reference */
	struct rx_sub *in;	  /* ours; the upstream's, NULL without one */
	struct rx_guard *guard;	  /* ours; NULL: item errors go to the ctx */
	struct rx_later grave;
	bool halted;
	bool cancelled;
	bool on_hold; /* the stage below can take no more for now */
};

struct rx_source_ops {
	const char *name; /* for error texts and the trace */
	uint32_t source_bytes;
	uint32_t sub_bytes; /* zeroed when a subscription begins */
	struct rx_observer_ops in;
	/* Begins a run. NULL: only subscribes to src->in. */
	void (*start)(struct rx_sub *s);
	/* Halts it: lets go of timers, items and inner streams. s->in is seen
	 * to by the frame. May be NULL. Runs once. */
	void (*stop)(struct rx_sub *s);
	/* Nobody is inside any more: frees arrays that stop had to leave. May
	 * be NULL. */
	void (*fini)(struct rx_sub *s);
	/* Lets go of the arguments. May be NULL. */
	void (*destroy)(struct rx_source *src);
	/* s->on_hold has changed, s is not halted. NULL: the upstream is told.
	 * See rx_sub_hold. */
	void (*hold)(struct rx_sub *s);
	/* What it keeps, for its meter: where in the subscription lies its
	 * rx_queue, its rx_slot, a uint32_t that counts items (0: it has
	 * none); and what that does not tell (NULL: nothing). */
	uint32_t queue;
	uint32_t slot;
	uint32_t count;
	uint64_t (*held)(const struct rx_sub *s);
};

struct rx_source {
	const struct rx_source_ops *ops;
	struct rx_ctx *ctx;
	struct rx_source *in;	/* ours; NULL for what has no single upstream */
	struct rx_meter *meter; /* of the stage; NULL: nobody counts */
	uint32_t refs;
};

/* A description with one reference; in is taken, ctx may be NULL when in is
 * there. All behind the frame is zero. */
void *rx_source_new(const struct rx_source_ops *ops, struct rx_ctx *ctx,
		    struct rx_source *in);

static inline struct rx_sched *rx_sched_of(const struct rx_sub *s)
{
	return s->src->ctx->sched;
}

static inline int64_t rx_now_ms(const struct rx_sub *s)
{
	return rx_sched_now_ms(s->src->ctx->sched);
}

/* The subscription that observes through up. */
static inline struct rx_sub *rx_sub_of(struct rx_observer *up)
{
	return CONTAINER_OF(up, struct rx_sub, up);
}

/* May the next item of its own go down? For what emits many in a row. */
static inline bool rx_may_emit(const struct rx_sub *s)
{
	return !s->halted && !s->on_hold;
}

/* Where item errors go in place of ctx->item_error: to the on_item_error stage
 * below. Each subscription hands its guard to those that it makes, at once or
 * later; so a guard covers all that works for its stage, blocks included, up to
 * the next on_item_error. */
struct rx_guard {
	uint32_t refs;
	/* All borrowed; s is the subscription that it happened to. */
	void (*item_error)(struct rx_guard *g, struct rx_sub *s,
			   const struct weir_error *err, struct value item);
	void (*destroy)(struct rx_guard *g); /* the last reference is gone */
};

static inline struct rx_guard *rx_guard_ref(struct rx_guard *g)
{
	if (g)
		g->refs++;
	return g;
}

static inline void rx_guard_unref(struct rx_guard *g)
{
	if (g && --g->refs == 0)
		g->destroy(g);
}

/* As rx_subscribe, under a guard (shared; may be NULL), and perhaps on hold
 * from the start. */
void rx_subscribe_guarded(struct rx_guard *guard, bool on_hold,
			  struct rx_source *src, struct rx_observer *o,
			  struct rx_sub **sub_out);

/* As rx_subscribe, for the work of s. Whatever an operator subscribes, it
 * subscribes by this. */
static inline void rx_subscribe_for(const struct rx_sub *s,
				    struct rx_source *src,
				    struct rx_observer *o,
				    struct rx_sub **sub_out)
{
	rx_subscribe_guarded(s->guard, false, src, o, sub_out);
}

/* Makes src the upstream of s, on hold when s is. */
static inline void rx_subscribe_as_in(struct rx_sub *s, struct rx_source *src)
{
	rx_subscribe_guarded(s->guard, s->on_hold, src, &s->up, &s->in);
}

/* Connects s to src->in: what start does when it has prepared its state. */
static inline void rx_subscribe_in(struct rx_sub *s)
{
	rx_subscribe_as_in(s, s->src->in);
}

/* Lets go of a handle that may be NULL; it is NULL before the call goes out. */
static inline void rx_sub_drop(struct rx_sub **sub)
{
	struct rx_sub *gone = *sub;

	*sub = NULL;
	rx_sub_cancel(gone);
}

/* Silences s: upstream cancelled, stop called. Again does nothing. */
void rx_halt(struct rx_sub *s);
void rx_finish_error(struct rx_sub *s, const struct weir_error *err);
void rx_finish_done(struct rx_sub *s);
/* The one answer of s, then the end. Takes v. */
void rx_finish_with(struct rx_sub *s, struct value v);
/* An error that the stage itself raises. */
void rx_finish_code(struct rx_sub *s, int code, const char *message);

/* For tables: hand on what ends the upstream. */
void rx_pass_next(struct rx_observer *up, struct value v);
void rx_pass_error(struct rx_observer *up, const struct weir_error *err);
void rx_pass_done(struct rx_observer *up);

/* An item of s (borrowed; null where it is not known) failed: tells the guard,
 * else ctx->item_error, and the stream goes on; without such a handler the
 * stream ends with err. A call to down like any other: s may be halted, or have
 * got further items, when it returns. */
void rx_item_failed(struct rx_sub *s, const struct weir_error *err,
		    struct value item);
/* An item is dropped, as the stage was told to do: its meter counts it. */
void rx_item_dropped(struct rx_sub *s);
/* item finds no room: dropped, and an item error WEIR_EBUSY. */
void rx_item_refused(struct rx_sub *s, struct value item, uint64_t holds,
		     const char *limit);

/* --- inlets -------------------------------------------------------------- */

/* A further input of a subscription, with an observer of its own. */
struct rx_inlet {
	struct rx_observer up;
	struct rx_sub *owner; /* borrowed: the subscription it belongs to */
	struct rx_sub *sub;   /* ours; NULL while closed */
};

static inline struct rx_inlet *rx_inlet_of(struct rx_observer *up)
{
	return CONTAINER_OF(up, struct rx_inlet, up);
}

/* src is borrowed. */
static inline void rx_inlet_open(struct rx_inlet *i, struct rx_sub *owner,
				 const struct rx_observer_ops *ops,
				 struct rx_source *src)
{
	i->up.ops = ops;
	i->owner = owner;
	rx_subscribe_for(owner, src, &i->up, &i->sub);
}

/* The same for an inlet that the owner's hold reaches. */
static inline void rx_inlet_open_held(struct rx_inlet *i, struct rx_sub *owner,
				      const struct rx_observer_ops *ops,
				      struct rx_source *src)
{
	i->up.ops = ops;
	i->owner = owner;
	rx_subscribe_guarded(owner->guard, owner->on_hold, src, &i->up,
			     &i->sub);
}

static inline void rx_inlet_close(struct rx_inlet *i)
{
	rx_sub_drop(&i->sub);
}

/* For the hold of a stage in which next takes over from s->in. */
static inline void rx_hold_either(struct rx_sub *s, struct rx_inlet *next)
{
	rx_sub_hold(s->in, s->on_hold);
	rx_sub_hold(next->sub, s->on_hold);
}

/* For tables: the inlet's items, error and end are the owner's. */
void rx_inlet_pass_next(struct rx_observer *up, struct value v);
void rx_inlet_pass_error(struct rx_observer *up, const struct weir_error *err);
void rx_inlet_pass_done(struct rx_observer *up);
/* All three: a stream that takes over from s->in. */
extern const struct rx_observer_ops rx_inlet_takes_over;

/* The stream that block makes of item, with $index unless that is negative.
 * The caller's; NULL with err filled. */
struct rx_source *rx_build_inner(struct rx_ctx *ctx, struct rx_block *block,
				 struct value item, int64_t index,
				 struct weir_error *err);

/* --- several inputs ------------------------------------------------------ */

/* The description of a stage that listens to many. Embed it first. */
struct rx_many_source {
	struct rx_source source;
	struct rx_source **inputs; /* ours, one reference each */
	uint32_t n;
};

/* Takes the inputs, copies the array. */
struct rx_source *rx_many_new(const struct rx_source_ops *ops,
			      struct rx_ctx *ctx, struct rx_source *const *in,
			      uint32_t n);
void rx_many_destroy(struct rx_source *src); /* for tables */

static inline struct rx_many_source *rx_many_of(const struct rx_sub *s)
{
	return CONTAINER_OF(s->src, struct rx_many_source, source);
}

/* One inlet for each input. Embed it first; stop and fini may be called by a
 * longer stop and fini. */
struct rx_many {
	struct rx_sub sub;
	struct rx_inlet *inlets; /* ours */
	uint32_t open;		 /* have not ended */
	uint32_t turn;		 /* of the one that a hold tells first */
};

void rx_many_prepare(struct rx_sub *s); /* the inlets, closed */
/* Prepares and opens all, in order, until s is halted. */
void rx_many_open(struct rx_sub *s, const struct rx_observer_ops *ops);
void rx_many_stop(struct rx_sub *s);
void rx_many_fini(struct rx_sub *s);
void rx_many_hold(struct rx_sub *s); /* for tables: all inputs */

static inline uint32_t rx_many_index(const struct rx_inlet *i)
{
	return (uint32_t)(i -
			  CONTAINER_OF(i->owner, struct rx_many, sub)->inlets);
}

/* --- errors that wait ---------------------------------------------------- */

/* Errors of some inputs, kept until the others have ended: the first one and
 * how many there were. All zero: none. */
struct rx_delayed {
	struct weir_error *first; /* ours; or NULL */
	uint32_t n;
};

void rx_delayed_note(struct rx_delayed *d, const struct weir_error *err);
/* Ends s: well without an error; else with the first one, "... (and 2 more
 * errors)". */
void rx_delayed_finish(struct rx_delayed *d, struct rx_sub *s);
void rx_delayed_drop(struct rx_delayed *d);

/* --- held items ---------------------------------------------------------- */

/* Emits it under its own cause and lets go of it. Nothing happens but the
 * letting go when s is halted. */
void rx_emit_item(struct rx_sub *s, struct rx_item it);

/* --- value functions ----------------------------------------------------- */

extern const struct rx_vars rx_no_vars; /* $acc null, $index -1 */

/* Calls a predicate; NULL holds always. 1, 0, or negative: the stage has dealt
 * with the error of the item (it may be halted now). */
int rx_test(struct rx_sub *s, struct rx_fn *fn, struct value v, int64_t index);

/* Calls a mapper; NULL is the identity. *out is the caller's. False: dealt
 * with, as above. */
bool rx_apply(struct rx_sub *s, struct rx_fn *fn, struct value v, int64_t index,
	      struct value *out);

/* The array that a program makes of item. False: it failed, or gave something
 * else, and s has ended with that error. */
bool rx_call_for_array(struct rx_sub *s, struct rx_fn *program,
		       struct value item, struct value *out);

/* --- going on later ------------------------------------------------------ */

/* A stage that can go on for ever within one call (range, repeat of an empty
 * stream) pauses after that many steps: a timer that is due at once goes on.
 * So the server stays awake, and what was cancelled meanwhile is freed. */
#define RX_SLICE 4096

/* A timer that goes on with the work of the cause that started it. */
struct rx_pause {
	struct rx_timer timer;
	struct rx_sub *owner;	/* borrowed; NULL before the first start */
	struct rx_cause *cause; /* ours: whose work it is */
	void (*go_on)(struct rx_sub *s);
	bool until_released; /* it waits for the end of a hold */
};

/* Calls go_on(s) at that time, under the present cause. Started again while it
 * waits, it waits anew. */
void rx_pause_until(struct rx_pause *p, struct rx_sub *s, int64_t deadline_ms,
		    void (*go_on)(struct rx_sub *s));
/* Calls it as soon as somebody else had a turn; while s is on hold, when that
 * is over (the owner's hold calls rx_pause_held). */
void rx_pause_begin(struct rx_pause *p, struct rx_sub *s,
		    void (*go_on)(struct rx_sub *s));
/* For the hold of a table: goes on with what waited for the end of it. */
void rx_pause_held(struct rx_pause *p);
void rx_pause_stop(struct rx_pause *p); /* also when it was never begun */

/* A stage that subscribes one stream after the other (retry, concat): the end
 * of one begins the next in a loop, not by recursion, and pauses after RX_SLICE
 * rounds at one go. */
struct rx_rounds {
	struct rx_pause pause;
	bool inside; /* a frame below runs the loop */
	bool again;
};

/* Begins a round: now, or when the round that is being begun has returned.
 * again has to do nothing but call this with the same arguments. */
void rx_rounds_go(struct rx_rounds *r, struct rx_sub *s,
		  void (*round)(struct rx_sub *s),
		  void (*again)(struct rx_sub *s));
/* For a round that needs no loop around it: what would begin one within is
 * noted, and begun by leave. Enter is false inside of a round. */
static inline bool rx_rounds_enter(struct rx_rounds *r)
{
	if (r->inside)
		return false;
	r->inside = true;
	r->again = false;
	return true;
}

static inline void rx_rounds_leave(struct rx_rounds *r, struct rx_sub *s,
				   void (*again)(struct rx_sub *s))
{
	r->inside = false;
	if (r->again)
		again(s);
}
void rx_rounds_stop(struct rx_rounds *r);

/* now + ms without overflow: CLOCK_NEVER when that is too far away. */
int64_t rx_deadline_ms(const struct rx_sub *s, int64_t ms);

#endif
