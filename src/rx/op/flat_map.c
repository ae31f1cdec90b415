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
 *     merge_scan         as flat_map, and each result is the $acc of the inner
 *                        streams that are opened after it
 *     switch_scan        likewise, as switch_map
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
	bool scans;
	struct value seed; /* ours */
};

struct flat {
	struct rx_sub sub;
	struct rx_rounds rounds; /* one opens one of those that wait */
	struct rx_queue waiting;
	struct list inners;
	uint32_t active;
	int64_t index;	  /* of the next item that opens one */
	struct value acc; /* ours: the latest state when it scans */
	bool source_done;
};

struct inner {
	struct rx_inlet inlet;
	struct list link;
	struct rx_item opener; /* ours: the item that opened it */
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

/* The opener goes last: the release of its cause may tell somebody that all is
 * over. */
static void close_inner(struct flat *f, struct inner *i)
{
	struct rx_item opener = i->opener;

	f->active--;
	list_remove(&i->link);
	rx_inlet_close(&i->inlet);
	slab_free(i, sizeof *i);
	rx_item_drop(opener);
}

static void close_all(struct flat *f)
{
	while (!list_empty(&f->inners))
		close_inner(f,
			    CONTAINER_OF(f->inners.next, struct inner, link));
}

static void open_waiting(struct rx_sub *s);
static void open_inner(struct flat *f, struct value v);

/* The upstream waits, if it can, while no more can be opened. */
static void hold_upstream(struct flat *f)
{
	rx_sub_hold(f->sub.in,
		    f->sub.on_hold ||
			    f->active >= source_of(f)->max_concurrent);
}

static void hold(struct rx_sub *s)
{
	struct flat *f = CONTAINER_OF(s, struct flat, sub);

	hold_upstream(f);
	LIST_FOREACH (l, &f->inners)
		rx_sub_hold(CONTAINER_OF(l, struct inner, link)->inlet.sub,
			    s->on_hold);
}

/* Opens v, or holds it until there is room and nothing is being opened. */
static void let_wait(struct flat *f, struct value v)
{
	uint32_t holds = f->waiting.len;

	/* Without a bound on how many are open, that is what is held. */
	if (source_of(f)->max_concurrent == UINT32_MAX)
		holds += f->active;
	if (holds >= source_of(f)->max_buffer) {
		rx_item_refused(&f->sub, v, holds, "max_buffer");
		return;
	}
	if (!f->waiting.len && f->active < source_of(f)->max_concurrent &&
	    rx_rounds_enter(&f->rounds)) {
		open_inner(f, v);
		rx_rounds_leave(&f->rounds, &f->sub, open_waiting);
		hold_upstream(f);
		return;
	}
	rx_queue_push(&f->waiting, rx_item_hold(v), 0);
	open_waiting(&f->sub);
}

static void inner_next(struct rx_observer *up, struct value v)
{
	struct flat *f = flat_of(up);

	if (source_of(f)->scans) {
		struct value old = f->acc;

		f->acc = value_ref(v);
		value_unref(old);
	}
	rx_next(f->sub.down, v);
	if (source_of(f)->mode == MODE_EXPAND && !f->sub.halted)
		let_wait(f, v);
}

static void inner_error(struct rx_observer *up, const struct weir_error *err)
{
	struct inner *i = inner_of(up);
	struct flat *f = flat_of(up);
	struct rx_cause *old = rx_cause_enter(i->opener.cause);
	struct rx_item opener = rx_item_hold(i->opener.v);

	close_inner(f, i);
	rx_item_failed(&f->sub, err, opener.v);
	rx_cause_leave(old);
	rx_item_drop(opener);
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

/* Runs under the cause of v; shares both. */
static void open_inner(struct flat *f, struct value v)
{
	struct flat_source *src = source_of(f);
	struct rx_inner in = {
		.source = rx_just(src->source.ctx, value_ref(v)),
		.item = v,
		.acc = f->acc,
		.index = src->indexed ? f->index++ : -1,
		.has_acc = src->scans,
	};
	struct weir_error err;
	struct rx_source *stream =
		src->block->ops->build(src->block, &in, &err);

	if (!stream) {
		rx_item_failed(&f->sub, &err, v);
		return;
	}

	struct inner *i = slab_zalloc(sizeof *i);

	i->opener = rx_item_hold(v);
	list_push(&f->inners, &i->link);
	f->active++;
	rx_inlet_open_held(&i->inlet, &f->sub, &inner_ops, stream);
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

	if (s->halted)
		return;
	if (f->waiting.len || f->source_done)
		rx_rounds_go(&f->rounds, s, open_one, open_waiting);
	hold_upstream(f);
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
	struct flat *f = CONTAINER_OF(s, struct flat, sub);

	list_init(&f->inners);
	f->acc = value_ref(source_of(f)->seed);
	rx_subscribe_in(s);
}

static void stop(struct rx_sub *s)
{
	struct flat *f = CONTAINER_OF(s, struct flat, sub);

	rx_rounds_stop(&f->rounds);
	close_all(f);
	rx_queue_clear(&f->waiting);
	value_unref(f->acc);
	f->acc = value_null();
}

static void destroy(struct rx_source *source)
{
	struct flat_source *src =
		CONTAINER_OF(source, struct flat_source, source);

	rx_block_unref(src->block);
	value_unref(src->seed);
}

#define FLAT_OPS(label)                                                    \
	{                                                                  \
		.name = label, .source_bytes = sizeof(struct flat_source), \
		.sub_bytes = sizeof(struct flat),                          \
		.queue = offsetof(struct flat, waiting),                   \
		.in = {on_next, rx_pass_error, on_done}, .start = start,   \
		.stop = stop, .destroy = destroy, .hold = hold             \
	}

static const struct rx_source_ops flat_ops = FLAT_OPS("flat_map");
static const struct rx_source_ops concat_ops = FLAT_OPS("concat_map");
static const struct rx_source_ops switch_ops = FLAT_OPS("switch_map");
static const struct rx_source_ops exhaust_ops = FLAT_OPS("exhaust_map");
static const struct rx_source_ops expand_ops = FLAT_OPS("expand");
static const struct rx_source_ops merge_scan_ops = FLAT_OPS("merge_scan");
static const struct rx_source_ops switch_scan_ops = FLAT_OPS("switch_scan");

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

struct rx_source *rx_merge_scan(struct rx_source *in, struct rx_block *inner,
				struct value seed, uint32_t max_concurrent,
				uint32_t max_buffer)
{
	struct flat_source *src =
		flat_new(&merge_scan_ops, in, inner, MODE_MERGE, max_concurrent,
			 max_buffer);

	src->scans = true;
	src->seed = seed;
	return &src->source;
}

struct rx_source *rx_switch_scan(struct rx_source *in, struct rx_block *inner,
				 struct value seed)
{
	struct flat_source *src =
		flat_new(&switch_scan_ops, in, inner, MODE_SWITCH, 0, 0);

	src->scans = true;
	src->seed = seed;
	return &src->source;
}
