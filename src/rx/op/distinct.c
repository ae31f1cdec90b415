/* distinct.c - drops an item whose key has been there before.
 *
 *     source                    -1-2-1-3-2-|
 *     distinct                  -1-2---3---|
 *     distinct(max_keys=1)      -1-2-1-3-2-|    knows the last key only
 *     distinct(within=30ms)     -1-2---3-2-|    and each for 30 ms only
 *
 * Keys are compared as JSON: 1 is 1.0, and not true. It remembers at most
 * max_buffer of them; an item with one key more is refused, never passed twice.
 *
 * With max_keys the oldest key is forgotten instead, with `within` each key so
 * long after its item has passed; one that is dropped does not prolong it. Keys
 * grow old in the order of their coming, so a queue of them is enough: each
 * item forgets what is over at its front, and no timer is needed.
 */
#include "base/clock.h"
#include "rx/keys.h"
#include "rx/op.h"

struct distinct_source {
	struct rx_source source;
	struct rx_fn *key; /* NULL: the item itself */
	struct rx_distinct_opts opts;
};

struct distinct {
	struct rx_sub sub;
	struct rx_keys seen;
	struct rx_queue order; /* the keys, oldest first; at: forgotten when */
};

static struct distinct_source *source_of(const struct distinct *d)
{
	return CONTAINER_OF(d->sub.src, struct distinct_source, source);
}

static bool forgets(const struct rx_distinct_opts *opts)
{
	return opts->within_ms || opts->max_keys;
}

static void forget_oldest(struct distinct *d)
{
	struct rx_item key = rx_queue_pop(&d->order);

	rx_keys_remove(&d->seen, key.v);
	rx_item_drop(key);
}

static void forget_what_is_over(struct distinct *d)
{
	int64_t now_ms = rx_now_ms(&d->sub);

	while (d->order.len && rx_queue_at(&d->order, 0)->at <= now_ms)
		forget_oldest(d);
}

static void remember(struct distinct *d, struct value key)
{
	const struct rx_distinct_opts *opts = &source_of(d)->opts;
	struct rx_item it = {value_ref(key), NULL}; /* a key keeps no job */

	if (d->order.len && d->order.len == opts->max_keys)
		forget_oldest(d);
	rx_keys_add(&d->seen, key, 0);
	rx_queue_push(&d->order, it,
		      opts->within_ms ? rx_deadline_ms(&d->sub, opts->within_ms)
				      : CLOCK_NEVER);
}

/* Is the key of v new? Remembers it then. */
static bool note_key(struct distinct *d, struct value v, struct value key)
{
	const struct rx_distinct_opts *opts = &source_of(d)->opts;

	if (opts->within_ms)
		forget_what_is_over(d);
	if (rx_keys_find(&d->seen, key))
		return false;
	if (d->seen.n >= opts->max_buffer) {
		rx_item_refused(&d->sub, v, d->seen.n, "max_buffer");
		return false;
	}
	if (forgets(opts))
		remember(d, key);
	else
		rx_keys_add(&d->seen, key, 0);
	return true;
}

static void on_next(struct rx_observer *o, struct value v)
{
	struct distinct *d = CONTAINER_OF(o, struct distinct, sub.up);
	struct value key;
	bool is_new;

	if (!rx_apply(&d->sub, source_of(d)->key, v, -1, &key))
		return;
	is_new = note_key(d, v, key);
	value_unref(key);
	if (is_new)
		rx_next(d->sub.down, v);
}

static void stop(struct rx_sub *s)
{
	struct distinct *d = CONTAINER_OF(s, struct distinct, sub);

	rx_keys_clear(&d->seen);
	rx_queue_clear(&d->order);
}

static void destroy(struct rx_source *src)
{
	rx_fn_unref(CONTAINER_OF(src, struct distinct_source, source)->key);
}

static const struct rx_source_ops ops = {
	.name = "distinct",
	.source_bytes = sizeof(struct distinct_source),
	.sub_bytes = sizeof(struct distinct),
	.count = offsetof(struct distinct, seen.n),
	.in = {on_next, rx_pass_error, rx_pass_done},
	.stop = stop,
	.destroy = destroy,
};

struct rx_source *rx_distinct_within(struct rx_source *in, struct rx_fn *key,
				     struct rx_distinct_opts opts)
{
	struct distinct_source *src = rx_source_new(&ops, NULL, in);

	src->key = key;
	src->opts = opts;
	/* With max_keys the oldest makes room: nothing is refused, unless a
	 * lower max_buffer was asked for. */
	if (!opts.max_buffer)
		src->opts.max_buffer =
			opts.max_keys ? UINT32_MAX : RX_MAX_BUFFER_DEFAULT;
	return &src->source;
}

struct rx_source *rx_distinct(struct rx_source *in, struct rx_fn *key,
			      uint32_t max_buffer)
{
	return rx_distinct_within(
		in, key, (struct rx_distinct_opts){.max_buffer = max_buffer});
}
