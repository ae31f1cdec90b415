/* buffer_until.c - arrays that an item closes, by a predicate.
 *
 *     source                 -1-2-9-3-8-|
 *     buffer_until('. > 7')  -----X---Y-|    X = [1,2,9]   Y = [3,8]
 *     buffer_while('. < 7')  -----X---Y-|    X = [1,2]     Y = [3]
 *
 * until: the item that matches closes the array and belongs to it. while: an
 * item that does not match closes the array and is dropped. There are no empty
 * arrays; what is left comes out at the end, an error drops it.
 *
 * An item for which there is no room is refused. It closes the array all the
 * same, or a full one could never be closed.
 * Source: Reactor, bufferUntil and bufferWhile.
 */
#include "rx/op.h"

struct until_source {
	struct rx_source source;
	struct rx_fn *predicate;
	uint32_t max;
};

struct until {
	struct rx_sub sub;
	struct rx_queue held;
};

static struct until *until_of(struct rx_sub *s)
{
	return CONTAINER_OF(s, struct until, sub);
}

static struct until_source *source_of(const struct until *u)
{
	return CONTAINER_OF(u->sub.src, struct until_source, source);
}

static void emit_array(struct until *u)
{
	if (u->held.len)
		rx_emit_item(&u->sub, rx_queue_take_array(&u->held));
}

static void hold(struct until *u, struct value v)
{
	if (u->held.len >= source_of(u)->max)
		rx_item_refused(&u->sub, v, u->held.len, "max_buffer");
	else
		rx_queue_push(&u->held, rx_item_hold(v), 0);
}

static void until_next(struct rx_observer *o, struct value v)
{
	struct until *u = until_of(rx_sub_of(o));
	int matches = rx_test(&u->sub, source_of(u)->predicate, v, -1);

	if (matches < 0)
		return;
	hold(u, v);
	if (matches && !u->sub.halted)
		emit_array(u);
}

static void while_next(struct rx_observer *o, struct value v)
{
	struct until *u = until_of(rx_sub_of(o));
	int matches = rx_test(&u->sub, source_of(u)->predicate, v, -1);

	if (matches > 0)
		hold(u, v);
	else if (matches == 0)
		emit_array(u);
}

static void on_done(struct rx_observer *o)
{
	struct until *u = until_of(rx_sub_of(o));

	emit_array(u);
	rx_finish_done(&u->sub);
}

static void stop(struct rx_sub *s)
{
	rx_queue_clear(&until_of(s)->held);
}

static void destroy(struct rx_source *src)
{
	rx_fn_unref(CONTAINER_OF(src, struct until_source, source)->predicate);
}

static const struct rx_source_ops until_ops = {
	.name = "buffer_until",
	.source_bytes = sizeof(struct until_source),
	.sub_bytes = sizeof(struct until),
	.queue = offsetof(struct until, held),
	.in = {until_next, rx_pass_error, on_done},
	.stop = stop,
	.destroy = destroy,
};

static const struct rx_source_ops while_ops = {
	.name = "buffer_while",
	.source_bytes = sizeof(struct until_source),
	.sub_bytes = sizeof(struct until),
	.queue = offsetof(struct until, held),
	.in = {while_next, rx_pass_error, on_done},
	.stop = stop,
	.destroy = destroy,
};

static struct rx_source *until_new(const struct rx_source_ops *ops,
				   struct rx_source *in,
				   struct rx_fn *predicate, uint32_t max_buffer)
{
	struct until_source *src = rx_source_new(ops, NULL, in);

	src->predicate = predicate;
	src->max = max_buffer ? max_buffer : RX_MAX_BUFFER_DEFAULT;
	return &src->source;
}

struct rx_source *rx_buffer_until(struct rx_source *in, struct rx_fn *predicate,
				  uint32_t max_buffer)
{
	return until_new(&until_ops, in, predicate, max_buffer);
}

struct rx_source *rx_buffer_while(struct rx_source *in, struct rx_fn *predicate,
				  uint32_t max_buffer)
{
	return until_new(&while_ops, in, predicate, max_buffer);
}
