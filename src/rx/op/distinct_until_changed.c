/* distinct_until_changed.c - drops an item whose key is that of the one before.
 *
 *     source                      -1-1-2-2-1-|
 *     distinct_until_changed      -1---2---1-|
 *
 * Keys are compared as JSON: 1 is 1.0, and not true.
 */
#include "rx/op.h"

struct changed_source {
	struct rx_source source;
	struct rx_fn *key; /* NULL: the item itself */
};

struct changed {
	struct rx_sub sub;
	struct value last; /* ours */
	bool has_last;
};

static void on_next(struct rx_observer *o, struct value v)
{
	struct changed *c = CONTAINER_OF(o, struct changed, sub.up);
	struct changed_source *src =
		CONTAINER_OF(c->sub.src, struct changed_source, source);
	struct value key;

	if (!rx_apply(&c->sub, src->key, v, -1, &key))
		return;
	if (c->has_last && value_equal(c->last, key)) {
		value_unref(key);
		return;
	}
	value_unref(c->last);
	c->last = key;
	c->has_last = true;
	rx_next(c->sub.down, v);
}

static void stop(struct rx_sub *s)
{
	struct changed *c = CONTAINER_OF(s, struct changed, sub);

	value_unref(c->last);
	c->last = value_null();
}

static void destroy(struct rx_source *src)
{
	rx_fn_unref(CONTAINER_OF(src, struct changed_source, source)->key);
}

static const struct rx_source_ops ops = {
	.name = "distinct_until_changed",
	.source_bytes = sizeof(struct changed_source),
	.sub_bytes = sizeof(struct changed),
	.in = {on_next, rx_pass_error, rx_pass_done},
	.stop = stop,
	.destroy = destroy,
};

struct rx_source *rx_distinct_until_changed(struct rx_source *in,
					    struct rx_fn *key)
{
	struct changed_source *src = rx_source_new(&ops, NULL, in);

	src->key = key;
	return &src->source;
}
