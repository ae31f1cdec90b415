/* to_list.c - all items as one array, at the end.
 *
 *     source      -a-b-c-|
 *     to_list     -------([abc]|)     [] for an empty source
 */
#include "rx/op.h"

struct list_source {
	struct rx_source source;
	uint32_t max;
};

struct to_list {
	struct rx_sub sub;
	struct rx_queue held;
};

static void on_next(struct rx_observer *o, struct value v)
{
	struct to_list *t = CONTAINER_OF(o, struct to_list, sub.up);
	struct list_source *src =
		CONTAINER_OF(t->sub.src, struct list_source, source);

	if (t->held.len >= src->max)
		rx_item_refused(&t->sub, t->held.len, "max_buffer");
	else
		rx_queue_push(&t->held, rx_item_hold(v), 0);
}

static void on_done(struct rx_observer *o)
{
	struct to_list *t = CONTAINER_OF(o, struct to_list, sub.up);

	rx_emit_item(&t->sub, rx_queue_array(&t->held, 0));
	rx_finish_done(&t->sub);
}

static void stop(struct rx_sub *s)
{
	rx_queue_clear(&CONTAINER_OF(s, struct to_list, sub)->held);
}

static const struct rx_source_ops ops = {
	.name = "to_list",
	.source_bytes = sizeof(struct list_source),
	.sub_bytes = sizeof(struct to_list),
	.in = {on_next, rx_pass_error, on_done},
	.stop = stop,
};

struct rx_source *rx_to_list(struct rx_source *in, uint32_t max_buffer)
{
	struct list_source *src = rx_source_new(&ops, NULL, in);

	src->max = max_buffer ? max_buffer : RX_MAX_BUFFER_DEFAULT;
	return &src->source;
}
