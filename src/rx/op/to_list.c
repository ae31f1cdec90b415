/* to_list.c - all items as one array, at the end.
 *
 *     source     -1--2--1-|
 *     to_list    ---------([121]|)    [] when empty
 *     to_set     ---------([12]|)     each once, in order of first occurrence
 */
#include "rx/keys.h"
#include "rx/op.h"

struct list_source {
	struct rx_source source;
	uint32_t max;
};

struct list_sub {
	struct rx_sub sub;
	struct rx_queue held;
	struct rx_keys seen; /* to_set */
};

static void hold(struct list_sub *l, struct value v)
{
	struct list_source *src =
		CONTAINER_OF(l->sub.src, struct list_source, source);

	if (l->held.len >= src->max)
		rx_item_refused(&l->sub, v, l->held.len, "max_buffer");
	else
		rx_queue_push(&l->held, rx_item_hold(v), 0);
}

static void list_next(struct rx_observer *o, struct value v)
{
	hold(CONTAINER_OF(o, struct list_sub, sub.up), v);
}

static void set_next(struct rx_observer *o, struct value v)
{
	struct list_sub *l = CONTAINER_OF(o, struct list_sub, sub.up);
	uint32_t held = l->held.len;

	if (rx_keys_find(&l->seen, v))
		return;
	hold(l, v);
	if (l->held.len > held)
		rx_keys_add(&l->seen, v, 0);
}

static void on_done(struct rx_observer *o)
{
	struct list_sub *l = CONTAINER_OF(o, struct list_sub, sub.up);

	rx_emit_item(&l->sub, rx_queue_array(&l->held, 0));
	rx_finish_done(&l->sub);
}

static void stop(struct rx_sub *s)
{
	struct list_sub *l = CONTAINER_OF(s, struct list_sub, sub);

	rx_queue_clear(&l->held);
	rx_keys_clear(&l->seen);
}

static const struct rx_source_ops list_ops = {
	.name = "to_list",
	.source_bytes = sizeof(struct list_source),
	.sub_bytes = sizeof(struct list_sub),
	.in = {list_next, rx_pass_error, on_done},
	.stop = stop,
};

static const struct rx_source_ops set_ops = {
	.name = "to_set",
	.source_bytes = sizeof(struct list_source),
	.sub_bytes = sizeof(struct list_sub),
	.in = {set_next, rx_pass_error, on_done},
	.stop = stop,
};

static struct rx_source *list_new(const struct rx_source_ops *ops,
				  struct rx_source *in, uint32_t max_buffer)
{
	struct list_source *src = rx_source_new(ops, NULL, in);

	src->max = max_buffer ? max_buffer : RX_MAX_BUFFER_DEFAULT;
	return &src->source;
}

struct rx_source *rx_to_list(struct rx_source *in, uint32_t max_buffer)
{
	return list_new(&list_ops, in, max_buffer);
}

struct rx_source *rx_to_set(struct rx_source *in, uint32_t max_buffer)
{
	return list_new(&set_ops, in, max_buffer);
}
