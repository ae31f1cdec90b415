/* min.c - the least and the greatest item, in the order of jq.
 *
 *     source           -3--1--3-|
 *     min              ---------(1|)       the error `empty` when empty
 *     max_by('.')      ---------([33]|)    all with the greatest key; [] when
 *                                          empty
 */
#include "rx/op.h"

struct min_source {
	struct rx_source source;
	struct rx_fn *key; /* NULL: the item itself */
	uint32_t max;
	int sign; /* 1: the greatest, -1: the least */
};

struct min {
	struct rx_sub sub;
	struct rx_queue best;
	struct value key; /* ours: theirs */
	bool any;
};

static struct min_source *source_of(const struct min *m)
{
	return CONTAINER_OF(m->sub.src, struct min_source, source);
}

/* Above 0: v is better than what is held. The key of v is *key_out, taken by
 * the caller. False: an item error, dealt with. */
static bool rank(struct min *m, struct value v, struct value *key_out,
		 int *rank_out)
{
	struct min_source *src = source_of(m);

	if (!rx_apply(&m->sub, src->key, v, -1, key_out))
		return false;
	*rank_out = m->any ? src->sign * value_compare(*key_out, m->key) : 1;
	return true;
}

static void keep_only(struct min *m, struct value v, struct value key)
{
	struct value old = m->key;

	m->key = key;
	m->any = true;
	rx_queue_drop(&m->best, m->best.len);
	rx_queue_push(&m->best, rx_item_hold(v), 0);
	value_unref(old);
}

static void min_next(struct rx_observer *o, struct value v)
{
	struct min *m = CONTAINER_OF(o, struct min, sub.up);
	struct value key;
	int better;

	if (!rank(m, v, &key, &better))
		return;
	if (better > 0)
		keep_only(m, v, key);
	else
		value_unref(key);
}

static void by_next(struct rx_observer *o, struct value v)
{
	struct min *m = CONTAINER_OF(o, struct min, sub.up);
	struct value key;
	int better;

	if (!rank(m, v, &key, &better))
		return;
	if (better > 0) {
		keep_only(m, v, key);
		return;
	}
	value_unref(key);
	if (better < 0)
		return;
	if (m->best.len >= source_of(m)->max)
		rx_item_refused(&m->sub, v, m->best.len, "max_buffer");
	else
		rx_queue_push(&m->best, rx_item_hold(v), 0);
}

static void min_done(struct rx_observer *o)
{
	struct min *m = CONTAINER_OF(o, struct min, sub.up);

	if (!m->any) {
		rx_finish_code(&m->sub, WEIR_ENOTFOUND, "empty");
		return;
	}
	rx_emit_item(&m->sub, rx_queue_pop(&m->best));
	rx_finish_done(&m->sub);
}

static void by_done(struct rx_observer *o)
{
	struct min *m = CONTAINER_OF(o, struct min, sub.up);

	rx_emit_item(&m->sub, rx_queue_array(&m->best, 0));
	rx_finish_done(&m->sub);
}

static void stop(struct rx_sub *s)
{
	struct min *m = CONTAINER_OF(s, struct min, sub);

	value_unref(m->key);
	m->key = value_null();
	rx_queue_clear(&m->best);
}

static void destroy(struct rx_source *src)
{
	rx_fn_unref(CONTAINER_OF(src, struct min_source, source)->key);
}

static const struct rx_source_ops min_ops = {
	.name = "min",
	.source_bytes = sizeof(struct min_source),
	.sub_bytes = sizeof(struct min),
	.in = {min_next, rx_pass_error, min_done},
	.stop = stop,
	.destroy = destroy,
};

static const struct rx_source_ops max_ops = {
	.name = "max",
	.source_bytes = sizeof(struct min_source),
	.sub_bytes = sizeof(struct min),
	.in = {min_next, rx_pass_error, min_done},
	.stop = stop,
	.destroy = destroy,
};

static const struct rx_source_ops min_by_ops = {
	.name = "min_by",
	.source_bytes = sizeof(struct min_source),
	.sub_bytes = sizeof(struct min),
	.in = {by_next, rx_pass_error, by_done},
	.stop = stop,
	.destroy = destroy,
};

static const struct rx_source_ops max_by_ops = {
	.name = "max_by",
	.source_bytes = sizeof(struct min_source),
	.sub_bytes = sizeof(struct min),
	.in = {by_next, rx_pass_error, by_done},
	.stop = stop,
	.destroy = destroy,
};

static struct rx_source *min_new(const struct rx_source_ops *ops,
				 struct rx_source *in, struct rx_fn *key,
				 uint32_t max_buffer, int sign)
{
	struct min_source *src = rx_source_new(ops, NULL, in);

	src->key = key;
	src->sign = sign;
	src->max = max_buffer ? max_buffer : RX_MAX_BUFFER_DEFAULT;
	return &src->source;
}

struct rx_source *rx_min(struct rx_source *in)
{
	return min_new(&min_ops, in, NULL, 0, -1);
}

struct rx_source *rx_max(struct rx_source *in)
{
	return min_new(&max_ops, in, NULL, 0, 1);
}

struct rx_source *rx_min_by(struct rx_source *in, struct rx_fn *key,
			    uint32_t max_buffer)
{
	return min_new(&min_by_ops, in, key, max_buffer, -1);
}

struct rx_source *rx_max_by(struct rx_source *in, struct rx_fn *key,
			    uint32_t max_buffer)
{
	return min_new(&max_by_ops, in, key, max_buffer, 1);
}
