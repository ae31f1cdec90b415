/* filter.c - lets through the items for which the predicate holds.
 *
 *     source            -1--2--3--4-|
 *     filter('. > 2')   -------3--4-|
 *
 * filter_indexed lends the predicate the number of the item as $index.
 */
#include "rx/op.h"

struct filter_source {
	struct rx_source source;
	struct rx_fn *predicate;
};

struct filter {
	struct rx_sub sub;
	struct rx_fn *predicate; /* the source's */
	int64_t index;
};

static void start(struct rx_sub *s)
{
	CONTAINER_OF(s, struct filter, sub)->predicate =
		CONTAINER_OF(s->src, struct filter_source, source)->predicate;
	rx_subscribe_in(s);
}

static void on_next(struct rx_observer *o, struct value v)
{
	struct filter *f = CONTAINER_OF(o, struct filter, sub.up);
	struct weir_error err;
	struct value out;

	if (UNLIKELY(rx_fn_call(f->predicate, v, &rx_no_vars, &out, &err) <
		     0)) {
		rx_item_failed(&f->sub, &err, v);
		return;
	}
	if (value_truthy(out))
		rx_next(f->sub.down, v);
	value_unref(out);
}

static void on_next_indexed(struct rx_observer *o, struct value v)
{
	struct filter *f = CONTAINER_OF(o, struct filter, sub.up);

	if (rx_test(&f->sub, f->predicate, v, f->index++) > 0)
		rx_next(f->sub.down, v);
}

static void destroy(struct rx_source *src)
{
	rx_fn_unref(CONTAINER_OF(src, struct filter_source, source)->predicate);
}

static const struct rx_source_ops ops = {
	.name = "filter",
	.source_bytes = sizeof(struct filter_source),
	.sub_bytes = sizeof(struct filter),
	.in = {on_next, rx_pass_error, rx_pass_done},
	.start = start,
	.destroy = destroy,
};

static const struct rx_source_ops indexed_ops = {
	.name = "filter_indexed",
	.source_bytes = sizeof(struct filter_source),
	.sub_bytes = sizeof(struct filter),
	.in = {on_next_indexed, rx_pass_error, rx_pass_done},
	.start = start,
	.destroy = destroy,
};

static struct rx_source *filter_new(const struct rx_source_ops *table,
				    struct rx_source *in,
				    struct rx_fn *predicate)
{
	struct filter_source *f = rx_source_new(table, NULL, in);

	f->predicate = predicate;
	return &f->source;
}

struct rx_source *rx_filter(struct rx_source *in, struct rx_fn *predicate)
{
	return predicate ? filter_new(&ops, in, predicate) : in;
}

struct rx_source *rx_filter_indexed(struct rx_source *in,
				    struct rx_fn *predicate)
{
	return predicate ? filter_new(&indexed_ops, in, predicate) : in;
}
