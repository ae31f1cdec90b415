/* zip_with_list.c - each item with the next element of a list.
 *
 *     source                     -a--b--c--d-|
 *     zip_with_list([7, 8])      -[a7]-([b8]|)
 *
 * Ends with the last element, and does not wait for an item too many.
 */
#include "rx/op.h"

struct list_source {
	struct rx_source source;
	struct rx_fn *program;
};

struct zip_list {
	struct rx_sub sub;
	struct value list; /* ours; an array */
	uint32_t at;
};

static void start(struct rx_sub *s)
{
	struct zip_list *z = CONTAINER_OF(s, struct zip_list, sub);
	struct list_source *src =
		CONTAINER_OF(s->src, struct list_source, source);

	if (!rx_call_for_array(s, src->program, value_null(), &z->list))
		return;
	if (value_len(z->list))
		rx_subscribe_in(s);
	else
		rx_finish_done(s);
}

static void on_next(struct rx_observer *o, struct value v)
{
	struct zip_list *z = CONTAINER_OF(o, struct zip_list, sub.up);
	struct value pair[] = {value_ref(v),
			       value_ref(value_at(z->list, z->at++))};
	struct value array = value_array(pair, 2);

	if (z->at == value_len(z->list)) {
		rx_finish_with(&z->sub, array);
		return;
	}
	rx_next(z->sub.down, array);
	value_unref(array);
}

static void stop(struct rx_sub *s)
{
	struct zip_list *z = CONTAINER_OF(s, struct zip_list, sub);

	value_unref(z->list);
	z->list = value_null();
}

static void destroy(struct rx_source *src)
{
	rx_fn_unref(CONTAINER_OF(src, struct list_source, source)->program);
}

static const struct rx_source_ops ops = {
	.name = "zip_with_list",
	.source_bytes = sizeof(struct list_source),
	.sub_bytes = sizeof(struct zip_list),
	.in = {on_next, rx_pass_error, rx_pass_done},
	.start = start,
	.stop = stop,
	.destroy = destroy,
};

struct rx_source *rx_zip_with_list(struct rx_source *in, struct rx_fn *program)
{
	struct list_source *src = rx_source_new(&ops, NULL, in);

	src->program = program;
	return &src->source;
}
