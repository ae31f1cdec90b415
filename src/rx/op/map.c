/* map.c - each item becomes what the mapper makes of it.
 *
 *     source          -1--2--3-|
 *     map('. * 10')   -10-20-30|
 *
 * map_indexed lends the mapper the number of the item, from 0, as $index.
 */
#include "rx/op.h"

struct map_source {
	struct rx_source source;
	struct rx_fn *mapper;
};

struct map {
	struct rx_sub sub;
	struct rx_fn *mapper; /* the source's */
	int64_t index;
};

static void start(struct rx_sub *s)
{
	CONTAINER_OF(s, struct map, sub)->mapper =
		CONTAINER_OF(s->src, struct map_source, source)->mapper;
	rx_subscribe_in(s);
}

static void on_next(struct rx_observer *o, struct value v)
{
	struct map *m = CONTAINER_OF(o, struct map, sub.up);
	struct weir_error err;
	struct value out;

	if (UNLIKELY(rx_fn_call(m->mapper, v, &rx_no_vars, &out, &err) < 0)) {
		rx_item_failed(&m->sub, &err, v);
		return;
	}
	rx_next(m->sub.down, out);
	value_unref(out);
}

static void on_next_indexed(struct rx_observer *o, struct value v)
{
	struct map *m = CONTAINER_OF(o, struct map, sub.up);
	struct value out;

	if (!rx_apply(&m->sub, m->mapper, v, m->index++, &out))
		return;
	rx_next(m->sub.down, out);
	value_unref(out);
}

static void destroy(struct rx_source *src)
{
	rx_fn_unref(CONTAINER_OF(src, struct map_source, source)->mapper);
}

static const struct rx_source_ops ops = {
	.name = "map",
	.source_bytes = sizeof(struct map_source),
	.sub_bytes = sizeof(struct map),
	.in = {on_next, rx_pass_error, rx_pass_done},
	.start = start,
	.destroy = destroy,
};

static const struct rx_source_ops indexed_ops = {
	.name = "map_indexed",
	.source_bytes = sizeof(struct map_source),
	.sub_bytes = sizeof(struct map),
	.in = {on_next_indexed, rx_pass_error, rx_pass_done},
	.start = start,
	.destroy = destroy,
};

static struct rx_source *map_new(const struct rx_source_ops *table,
				 struct rx_source *in, struct rx_fn *mapper)
{
	struct map_source *m = rx_source_new(table, NULL, in);

	m->mapper = mapper;
	return &m->source;
}

struct rx_source *rx_map(struct rx_source *in, struct rx_fn *mapper)
{
	return mapper ? map_new(&ops, in, mapper) : in;
}

struct rx_source *rx_map_indexed(struct rx_source *in, struct rx_fn *mapper)
{
	return mapper ? map_new(&indexed_ops, in, mapper) : in;
}
