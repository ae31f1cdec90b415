/* flat_map.c - each item opens an inner stream; these differ in what happens
 * when one is open already.
 *
 *     source             -1------2------|
 *     inner of n         n-n-n|
 *     flat_map           -1-1-1--2-2-2|      all at once
 *
 *     source             -1-2-----------|
 *     flat_map           -1-12-12-2|         all at once
 *     concat_map         -1-1-1-2-2-2|       one after the other
 *     switch_map         -1-2-2-2|           the newer one wins
 *     exhaust_map        -1-1-1---|          while free
 *     expand             each item comes out, and the results open inner
 *                        streams likewise
 *
 * An inner stream keeps the cause of the item that opened it until it has ended
 * or was cancelled; an item that waits keeps its own. So whoever is the cause
 * knows when nothing more can come. An inner stream that ends in an error is an
 * item error: of the item that opened it.
 */
#include "rx/op.h"

enum mode { MODE_MERGE, MODE_SWITCH, MODE_EXHAUST, MODE_EXPAND };

struct flat_source {
	struct rx_source source;
	struct rx_block *block;
	uint32_t max_concurrent;
	uint32_t max_buffer;
	enum mode mode;
	bool indexed;
};

struct flat {
	struct rx_sub sub;
	struct rx_rounds rounds; /* one opens one of those that wait */
	struct rx_queue waiting;
	struct list inners;
	uint32_t active;
	int64_t index; /* of the next item that opens one */
	bool source_done;
};

struct inner {
	struct rx_inlet inlet;
	struct list link;
	struct rx_cause *cause; /* ours: of the item that opened it */
};

static struct flat_source *source_of(const struct flat *f)
{
	return CONTAINER_OF(f->sub.src, struct flat_source, source);
}

static struct inner *inner_of(struct rx_observer *up)
{
	return CONTAINER_OF(rx_inlet_of(up), struct inner, inlet);
}

static struct flat *flat_of(struct rx_observer *up)
{
	return CONTAINER_OF(rx_inlet_of(up)->owner, struct flat, sub);
}

/* The cause goes last: its release may tell somebody that all is over. */
static void close_inner(struct flat *f, struct inner *i)
{
	struct rx_cause *cause = i->cause;

	f->active--;
	list_remove(&i->link);
	rx_inlet_close(&i->inlet);
	slab_free(i, sizeof *i);
	rx_cause_unref(cause);
}

static void close_all(struct flat *f)
{
	while (!list_empty(&f->inners))
		close_inner(f,
			    CONTAINER_OF(f->inners.next, struct inner, link));
}

static void open_waiting(struct rx_sub *s);
static void open_inner(struct flat *f, struct value v);

/* Opens v, or holds it until there is room and nothing is being opened. */
static void let_wait(struct flat *f, struct value v)
{
	uint32_t holds = f->waiting.len;

	/* Without a bound on how many are open, that is what is held. */
	if (source_of(f)->max_concurrent == UINT32_MAX)
		holds += f->active;
	if (holds >= source_of(f)->max_buffer) {
		rx_item_refused(&f->sub, holds, "max_buffer");
		return;
	}
	if (!f->waiting.len && f->active < source_of(f)->max_concurrent &&
	    rx_rounds_enter(&f->rounds)) {
		open_inner(f, v);
		rx_rounds_leave(&f->rounds, &f->sub, open_waiting);
		return;
	}
	rx_queue_push(&f->waiting, rx_item_hold(v), 0);
	open_waiting(&f->sub);
}

static void inner_next(struct rx_observer *up, struct value v)
{
	struct flat *f = flat_of(up);

	rx_next(f->sub.down, v);
	if (source_of(f)->mode == MODE_EXPAND && !f->sub.halted)
		let_wait(f, v);
}

static void inner_error(struct rx_observer *up, const struct weir_error *err)
{
	struct inner *i = inner_of(up);
	struct flat *f = flat_of(up);
	struct rx_cause *cause = rx_cause_ref(i->cause);
	struct rx_cause *old = rx_cause_enter(cause);

	close_inner(f, i);
	rx_item_failed(&f->sub, err);
	rx_cause_leave(old);
	rx_cause_unref(cause);
	open_waiting(&f->sub);
}

static void inner_done(struct rx_observer *up)
{
	struct flat *f = flat_of(up);

	close_inner(f, inner_of(up));
	open_waiting(&f->sub);
}

static const struct rx_observer_ops inner_ops = {inner_next, inner_error,
						 inner_done};

/* Runs under the cause of v, which it shares. */
static void open_inner(struct flat *f, struct value v)
{
	struct flat_source *src = source_of(f);
	struct weir_error err;
	struct rx_source *stream =
		rx_build_inner(src->source.ctx, src->block, v,
			       src->indexed ? f->index++ : -1, &err);

	if (!stream) {
		rx_item_failed(&f->sub, &err);
		return;
	}

	struct inner *i = slab_zalloc(sizeof *i);

	i->cause = rx_cause_ref(rx_cause_now);
	list_push(&f->inners, &i->link);
	f->active++;
	rx_inlet_open(&i->inlet, &f->sub, &inner_ops, stream);
	rx_source_unref(stream);
}

static void open_one(struct rx_sub *s)
{
	struct flat *f = CONTAINER_OF(s, struct flat, sub);

	if (f->waiting.len && f->active < source_of(f)->max_concurrent) {
		struct rx_item it = rx_queue_pop(&f->waiting);
		struct rx_cause *old = rx_cause_enter(it.cause);

		open_inner(f, it.v);
		rx_cause_leave(old);
		rx_item_drop(it);
		open_waiting(s); /* notes another round */
	} else if (f->source_done && !f->active && !f->waiting.len) {
		rx_finish_done(s);
	}
}

/* Opens what waits while there is room, then looks whether all is over. */
static void open_waiting(struct rx_sub *s)
{
	struct flat *f = CONTAINER_OF(s, struct flat, sub);

	if (!s->halted && (f->waiting.len || f->source_done))
		rx_rounds_go(&f->rounds, s, open_one, open_waiting);
}

static void on_next(struct rx_observer *o, struct value v)
{
	struct flat *f = CONTAINER_OF(o, struct flat, sub.up);

	switch (source_of(f)->mode) {
	case MODE_MERGE:
		let_wait(f, v);
		break;
	case MODE_SWITCH:
		close_all(f);
		open_inner(f, v);
		break;
	case MODE_EXHAUST:
		if (!f->active)
			open_inner(f, v);
		break;
	case MODE_EXPAND:
		rx_next(f->sub.down, v);
		if (!f->sub.halted)
			let_wait(f, v);
		break;
	}
}

static void on_done(struct rx_observer *o)
{
	struct flat *f = CONTAINER_OF(o, struct flat, sub.up);

	f->source_done = true;
	open_waiting(&f->sub);
}

static void start(struct rx_sub *s)
{
	list_init(&CONTAINER_OF(s, struct flat, sub)->inners);
	rx_subscribe_in(s);
}

static void stop(struct rx_sub *s)
{
	struct flat *f = CONTAINER_OF(s, struct flat, sub);

	rx_rounds_stop(&f->rounds);
	close_all(f);
	rx_queue_clear(&f->waiting);
}

static void destroy(struct rx_source *src)
{
	rx_block_unref(CONTAINER_OF(src, struct flat_source, source)->block);
}

#define FLAT_OPS(label)                                                    \
	{                                                                  \
		.name = label, .source_bytes = sizeof(struct flat_source), \
		.sub_bytes = sizeof(struct flat),                          \
		.in = {on_next, rx_pass_error, on_done}, .start = start,   \
		.stop = stop, .destroy = destroy                           \
	}

static const struct rx_source_ops flat_ops = FLAT_OPS("flat_map");
static const struct rx_source_ops concat_ops = FLAT_OPS("concat_map");
static const struct rx_source_ops switch_ops = FLAT_OPS("switch_map");
static const struct rx_source_ops exhaust_ops = FLAT_OPS("exhaust_map");
static const struct rx_source_ops expand_ops = FLAT_OPS("expand");

static struct flat_source *flat_new(const struct rx_source_ops *ops,
				    struct rx_source *in,
				    struct rx_block *inner, enum mode mode,
				    uint32_t max_concurrent,
				    uint32_t max_buffer)
{
	struct flat_source *src = rx_source_new(ops, NULL, in);

	src->block = inner;
	src->mode = mode;
	src->max_concurrent = max_concurrent ? max_concurrent : UINT32_MAX;
	src->max_buffer = max_buffer ? max_buffer : RX_MAX_BUFFER_DEFAULT;
	return src;
}

struct rx_source *rx_flat_map(struct rx_source *in, struct rx_block *inner,
			      uint32_t max_concurrent, uint32_t max_buffer)
{
	return &flat_new(&flat_ops, in, inner, MODE_MERGE, max_concurrent,
			 max_buffer)
			->source;
}

struct rx_source *rx_flat_map_indexed(struct rx_source *in,
				      struct rx_block *inner,
				      uint32_t max_concurrent,
				      uint32_t max_buffer)
{
	struct flat_source *src = flat_new(&flat_ops, in, inner, MODE_MERGE,
					   max_concurrent, max_buffer);

	src->indexed = true;
	return &src->source;
}

struct rx_source *rx_concat_map(struct rx_source *in, struct rx_block *inner,
				uint32_t max_buffer)
{
	return &flat_new(&concat_ops, in, inner, MODE_MERGE, 1, max_buffer)
			->source;
}

struct rx_source *rx_switch_map(struct rx_source *in, struct rx_block *inner)
{
	return &flat_new(&switch_ops, in, inner, MODE_SWITCH, 0, 0)->source;
}

struct rx_source *rx_exhaust_map(struct rx_source *in, struct rx_block *inner)
{
	return &flat_new(&exhaust_ops, in, inner, MODE_EXHAUST, 0, 0)->source;
}

struct rx_source *rx_expand(struct rx_source *in, struct rx_block *inner,
			    uint32_t max_buffer)
{
	return &flat_new(&expand_ops, in, inner, MODE_EXPAND, 0, max_buffer)
			->source;
}
