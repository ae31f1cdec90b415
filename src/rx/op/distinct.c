/* distinct.c - drops an item whose key has been there before.
 *
 *     source      -1-2-1-3-2-|
 *     distinct    -1-2---3---|
 *
 * Keys are compared as JSON: 1 is 1.0, and not true. It remembers at most
 * max_buffer of them; an item with one key more is refused, never passed twice.
 */
#include "rx/keys.h"
#include "rx/op.h"

struct distinct_source {
	struct rx_source source;
	struct rx_fn *key; /* NULL: the item itself */
	uint32_t max;
};

struct distinct {
	struct rx_sub sub;
	struct rx_keys seen;
};

static void on_next(struct rx_observer *o, struct value v)
{
	struct distinct *d = CONTAINER_OF(o, struct distinct, sub.up);
	struct distinct_source *src =
		CONTAINER_OF(d->sub.src, struct distinct_source, source);
	struct value key;

	if (!rx_apply(&d->sub, src->key, v, -1, &key))
		return;
	if (rx_keys_find(&d->seen, key)) {
		value_unref(key);
		return;
	}
	if (d->seen.n >= src->max) {
		value_unref(key);
		rx_item_refused(&d->sub, v, d->seen.n, "max_buffer");
		return;
	}
	rx_keys_add(&d->seen, key, 0);
	value_unref(key);
	rx_next(d->sub.down, v);
}

static void stop(struct rx_sub *s)
{
	rx_keys_clear(&CONTAINER_OF(s, struct distinct, sub)->seen);
}

static void destroy(struct rx_source *src)
{
	rx_fn_unref(CONTAINER_OF(src, struct distinct_source, source)->key);
}

static const struct rx_source_ops ops = {
	.name = "distinct",
	.source_bytes = sizeof(struct distinct_source),
	.sub_bytes = sizeof(struct distinct),
	.in = {on_next, rx_pass_error, rx_pass_done},
	.stop = stop,
	.destroy = destroy,
};

struct rx_source *rx_distinct(struct rx_source *in, struct rx_fn *key,
			      uint32_t max_buffer)
{
	struct distinct_source *src = rx_source_new(&ops, NULL, in);

	src->key = key;
	src->max = max_buffer ? max_buffer : RX_MAX_BUFFER_DEFAULT;
	return &src->source;
}
