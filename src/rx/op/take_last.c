/* take_last.c - the last n items, or all but them.
 *
 *     source                 -a--b--c-|
 *     take_last(2)           ---------(bc|)
 *     take_last_buffer(2)    ---------([bc]|)    one array
 *     skip_last(2)           -------a-|          an item once 2 came after it
 */
#include "rx/op.h"

struct last_source {
	struct rx_source source;
	uint32_t n;
};

struct last {
	struct rx_sub sub;
	struct rx_queue held;
};

static uint32_t limit(const struct last *l)
{
	return CONTAINER_OF(l->sub.src, struct last_source, source)->n;
}

static void take_next(struct rx_observer *o, struct value v)
{
	struct last *l = CONTAINER_OF(o, struct last, sub.up);

	rx_queue_push(&l->held, rx_item_hold(v), 0);
	if (l->held.len > limit(l))
		rx_item_drop(rx_queue_pop(&l->held));
}

static void take_done(struct rx_observer *o)
{
	struct last *l = CONTAINER_OF(o, struct last, sub.up);

	while (l->held.len)
		rx_emit_item(&l->sub, rx_queue_pop(&l->held));
	rx_finish_done(&l->sub);
}

static void buffer_done(struct rx_observer *o)
{
	struct last *l = CONTAINER_OF(o, struct last, sub.up);

	rx_emit_item(&l->sub, rx_queue_array(&l->held, 0));
	rx_finish_done(&l->sub);
}

static void skip_next(struct rx_observer *o, struct value v)
{
	struct last *l = CONTAINER_OF(o, struct last, sub.up);

	rx_queue_push(&l->held, rx_item_hold(v), 0);
	if (l->held.len > limit(l))
		rx_emit_item(&l->sub, rx_queue_pop(&l->held));
}

static void stop(struct rx_sub *s)
{
	rx_queue_clear(&CONTAINER_OF(s, struct last, sub)->held);
}

static const struct rx_source_ops take_ops = {
	.name = "take_last",
	.source_bytes = sizeof(struct last_source),
	.sub_bytes = sizeof(struct last),
	.queue = offsetof(struct last, held),
	.in = {take_next, rx_pass_error, take_done},
	.stop = stop,
};

static const struct rx_source_ops buffer_ops = {
	.name = "take_last_buffer",
	.source_bytes = sizeof(struct last_source),
	.sub_bytes = sizeof(struct last),
	.queue = offsetof(struct last, held),
	.in = {take_next, rx_pass_error, buffer_done},
	.stop = stop,
};

static const struct rx_source_ops skip_ops = {
	.name = "skip_last",
	.source_bytes = sizeof(struct last_source),
	.sub_bytes = sizeof(struct last),
	.queue = offsetof(struct last, held),
	.in = {skip_next, rx_pass_error, rx_pass_done},
	.stop = stop,
};

static struct rx_source *last_new(const struct rx_source_ops *ops,
				  struct rx_source *in, uint32_t n)
{
	struct last_source *src = rx_source_new(ops, NULL, in);

	src->n = n;
	return &src->source;
}

struct rx_source *rx_take_last(struct rx_source *in, uint32_t n)
{
	return last_new(&take_ops, in, n);
}

struct rx_source *rx_take_last_buffer(struct rx_source *in, uint32_t n)
{
	return last_new(&buffer_ops, in, n);
}

struct rx_source *rx_skip_last(struct rx_source *in, uint32_t n)
{
	return last_new(&skip_ops, in, n);
}
