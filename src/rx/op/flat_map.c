/* flat_map.c - each item opens an inner stream; flat_map, concat_map,
 * switch_map and exhaust_map differ in what happens when one is open already.
 *
 *     source                          -a---b------|
 *     a { x-x-x| }, b { y-y| }
 *     flat_map { .. }                 -x-x-xy-y|...     all at once
 *     concat_map { .. }               -x-x-xy-y|        one after the other
 *     switch_map { .. }               -x-x-y-y|         the newer one wins
 *     exhaust_map { .. }              -x-x-x---|        while free
 *
 * An inner stream keeps the cause of the item that opened it until it has ended
 * or was cancelled; an item that waits keeps its own. So whoever is the cause
 * knows when nothing more can come.
 *
 * An inner stream that ends in an error is an item error: of the item that
 * opened it.
 */
#include "rx/op.h"

enum mode { MODE_MERGE, MODE_SWITCH, MODE_EXHAUST };

struct flat_source {
	struct rx_source source;
	struct rx_block *block;
	uint32_t max_concurrent; /* 0: no bound */
	uint32_t max_buffer;
	enum mode mode;
	bool indexed;
};

struct flat {
	struct rx_sub sub;
	struct list inners; /* of struct inner */
	struct rx_queue waiting;
	uint32_t active;
	int64_t index; /* of the next item */
	bool source_done;
	bool opening; /* a frame below opens what waits */
};

struct inner {
	struct rx_inlet inlet;
	struct list link;
	struct rx_item opened; /* by this item */
	struct rx_later grave;
	bool closed;
};

static struct flat_source *source_of(struct flat *f)
{
	return CONTAINER_OF(f->sub.src, struct flat_source, source);
}

static struct inner *inner_of(struct rx_observer *up)
{
	return CONTAINER_OF(rx_inlet_of(up), struct inner, inlet);
}

static struct flat *flat_of(struct inner *i)
{
	return CONTAINER_OF(i->inlet.owner, struct flat, sub);
}

static void free_inner(struct rx_later *l)
{
	slab_free(CONTAINER_OF(l, struct inner, grave), sizeof(struct inner));
}

/* Its memory stays until nobody is inside it; its item goes last, since the
 * release of a cause may tell somebody that all is over. */
static void close_inner(struct flat *f, struct inner *i)
{
	struct rx_item opened = i->opened;

	if (i->closed)
		return;
	i->closed = true;
	i->opened = (struct rx_item){0};
	f->active--;
	list_remove(&i->link);
	rx_inlet_close(&i->inlet);
	i->grave.fn = free_inner;
	rx_sched_later(rx_sched_of(&f->sub), &i->grave);
	rx_item_drop(opened);
}

static void open_waiting(struct flat *f);

static void inner_next(struct rx_observer *up, struct value v)
{
	rx_next(inner_of(up)->inlet.owner->down, v);
}

static void inner_error(struct rx_observer *up, const struct weir_error *err)
{
	struct inner *i = inner_of(up);
	struct flat *f = flat_of(i);
	struct rx_cause *old = rx_cause_enter(i->opened.cause);

	rx_item_failed(&f->sub, err);
	rx_cause_leave(old);
	close_inner(f, i);
	open_waiting(f);
}

static void inner_done(struct rx_observer *up)
{
	struct inner *i = inner_of(up);
	struct flat *f = flat_of(i);

	close_inner(f, i);
	open_waiting(f);
}

static const struct rx_observer_ops inner_ops = {inner_next, inner_error,
                                                 inner_done};

/* Takes it. */
static void open_inner(struct flat *f, struct rx_item it)
{
	struct flat_source *src = source_of(f);
	struct rx_cause *old = rx_cause_enter(it.cause);
	struct rx_inner in = {
	        .source = rx_just(src->source.ctx, value_ref(it.v)),
	        .item = it.v,
	        .key = value_null(),
	        .index = src->indexed ? f->index : -1,
	};
	struct weir_error err;
	struct rx_source *stream =
	        src->block->ops->build(src->block, &in, &err);

	f->index++;
	if (!stream) {
		rx_item_failed(&f->sub, &err);
		rx_cause_leave(old);
		rx_item_drop(it);
		return;
	}

	struct inner *i = slab_zalloc(sizeof *i);

	i->opened = it;
	list_push(&f->inners, &i->link);
	f->active++;
	rx_inlet_open(&i->inlet, &f->sub, &inner_ops, stream);
	rx_source_unref(stream);
	rx_cause_leave(old);
}

/* Opens what waits while there is room, in one frame however many end at once;
 * then looks whether all is over. */
static void open_waiting(struct flat *f)
{
	struct flat_source *src = source_of(f);

	if (f->opening || f->sub.halted)
		return;
	f->opening = true;
	while (!f->sub.halted && f->waiting.len &&
	       f->active < src->max_concurrent)
		open_inner(f, rx_queue_pop(&f->waiting));
	f->opening = false;
	if (f->source_done && !f->active && !f->waiting.len)
		rx_finish_done(&f->sub);
}

static void on_next(struct rx_observer *o, struct value v)
{
	struct flat *f = CONTAINER_OF(o, struct flat, sub.up);
	struct flat_source *src = source_of(f);

	if (src->mode == MODE_EXHAUST && f->active)
		return;
	if (src->mode == MODE_SWITCH)
		while (!list_empty(&f->inners))
			close_inner(f, CONTAINER_OF(f->inners.next,
			                            struct inner, link));
	if (!src->max_concurrent || (f->active < src->max_concurrent &&
	                             !f->waiting.len && !f->opening)) {
		open_inner(f, rx_item_hold(v));
		return;
	}
	if (f->waiting.len >= src->max_buffer) {
		rx_item_refused(&f->sub, f->waiting.len, "max_buffer");
		return;
	}
	rx_queue_push(&f->waiting, rx_item_hold(v), 0);
	open_waiting(f);
}

static void on_done(struct rx_observer *o)
{
	struct flat *f = CONTAINER_OF(o, struct flat, sub.up);

	f->source_done = true;
	open_waiting(f);
}

static void start(struct rx_sub *s)
{
	list_init(&CONTAINER_OF(s, struct flat, sub)->inners);
	rx_subscribe_in(s);
}

static void stop(struct rx_sub *s)
{
	struct flat *f = CONTAINER_OF(s, struct flat, sub);

	while (!list_empty(&f->inners))
		close_inner(f,
		            CONTAINER_OF(f->inners.next, struct inner, link));
	rx_queue_clear(&f->waiting);
}

static void destroy(struct rx_source *source)
{
	rx_block_unref(CONTAINER_OF(source, struct flat_source, source)->block);
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

static struct rx_source *make(const struct rx_source_ops *ops,
                              struct rx_source *in, struct rx_block *inner,
                              enum mode mode, uint32_t max_concurrent,
                              uint32_t max_buffer)
{
	struct flat_source *src = rx_source_new(ops, NULL, in);

	src->block = inner;
	src->mode = mode;
	src->max_concurrent = max_concurrent;
	src->max_buffer = max_buffer ? max_buffer : RX_MAX_BUFFER_DEFAULT;
	return &src->source;
}

struct rx_source *rx_flat_map(struct rx_source *in, struct rx_block *inner,
                              uint32_t max_concurrent, uint32_t max_buffer)
{
	return make(&flat_ops, in, inner, MODE_MERGE, max_concurrent,
	            max_buffer);
}

struct rx_source *rx_flat_map_indexed(struct rx_source *in,
                                      struct rx_block *inner,
                                      uint32_t max_concurrent,
                                      uint32_t max_buffer)
{
	struct rx_source *src = make(&flat_ops, in, inner, MODE_MERGE,
	                             max_concurrent, max_buffer);

	CONTAINER_OF(src, struct flat_source, source)->indexed = true;
	return src;
}

struct rx_source *rx_concat_map(struct rx_source *in, struct rx_block *inner,
                                uint32_t max_buffer)
{
	return make(&concat_ops, in, inner, MODE_MERGE, 1, max_buffer);
}

struct rx_source *rx_switch_map(struct rx_source *in, struct rx_block *inner)
{
	return make(&switch_ops, in, inner, MODE_SWITCH, 0, 0);
}

struct rx_source *rx_exhaust_map(struct rx_source *in, struct rx_block *inner)
{
	return make(&exhaust_ops, in, inner, MODE_EXHAUST, 0, 0);
}
