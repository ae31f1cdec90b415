/* last.c - the last item that matches; or the only one.
 *
 *     source              -1--2--3-|
 *     last('. < 3')       ---------(2|)
 *     single('. > 2')     ---------(3|)
 *     single              ----#            a second one: `more_than_one`
 *
 * Without such an item both raise `empty`; the ones with a default give that.
 */
#include "rx/slot.h"

struct last_source {
	struct rx_source source;
	struct rx_fn *predicate; /* NULL: every item matches */
	struct value fallback;	 /* ours */
	bool has_fallback;
	bool single;
};

struct last {
	struct rx_sub sub;
	struct rx_slot latest;
};

static struct last_source *source_of(const struct rx_sub *s)
{
	return CONTAINER_OF(s->src, struct last_source, source);
}

static void on_next(struct rx_observer *o, struct value v)
{
	struct last *l = CONTAINER_OF(o, struct last, sub.up);
	struct last_source *src = source_of(&l->sub);

	if (rx_test(&l->sub, src->predicate, v, -1) <= 0)
		return;
	if (src->single && l->latest.full) {
		rx_finish_code(&l->sub, WEIR_EITEM, "more_than_one");
		return;
	}
	rx_slot_put(&l->latest, v);
}

static void on_done(struct rx_observer *o)
{
	struct last *l = CONTAINER_OF(o, struct last, sub.up);
	struct last_source *src = source_of(&l->sub);

	if (l->latest.full) {
		rx_slot_emit(&l->latest, &l->sub);
		rx_finish_done(&l->sub);
	} else if (src->has_fallback) {
		rx_finish_with(&l->sub, value_ref(src->fallback));
	} else {
		rx_finish_code(&l->sub, WEIR_ENOTFOUND, "empty");
	}
}

static void stop(struct rx_sub *s)
{
	rx_slot_clear(&CONTAINER_OF(s, struct last, sub)->latest);
}

static void destroy(struct rx_source *source)
{
	struct last_source *src =
		CONTAINER_OF(source, struct last_source, source);

	rx_fn_unref(src->predicate);
	value_unref(src->fallback);
}

static const struct rx_source_ops last_ops = {
	.name = "last",
	.source_bytes = sizeof(struct last_source),
	.sub_bytes = sizeof(struct last),
	.slot = offsetof(struct last, latest),
	.in = {on_next, rx_pass_error, on_done},
	.stop = stop,
	.destroy = destroy,
};

static const struct rx_source_ops single_ops = {
	.name = "single",
	.source_bytes = sizeof(struct last_source),
	.sub_bytes = sizeof(struct last),
	.slot = offsetof(struct last, latest),
	.in = {on_next, rx_pass_error, on_done},
	.stop = stop,
	.destroy = destroy,
};

static struct last_source *last_new(const struct rx_source_ops *ops,
				    struct rx_source *in,
				    struct rx_fn *predicate)
{
	struct last_source *src = rx_source_new(ops, NULL, in);

	src->predicate = predicate;
	src->single = ops == &single_ops;
	return src;
}

static struct rx_source *or_default(struct last_source *src, struct value v)
{
	src->has_fallback = true;
	src->fallback = v;
	return &src->source;
}

struct rx_source *rx_last(struct rx_source *in, struct rx_fn *predicate)
{
	return &last_new(&last_ops, in, predicate)->source;
}

struct rx_source *rx_last_or_default(struct rx_source *in,
				     struct rx_fn *predicate, struct value v)
{
	return or_default(last_new(&last_ops, in, predicate), v);
}

struct rx_source *rx_single(struct rx_source *in, struct rx_fn *predicate)
{
	return &last_new(&single_ops, in, predicate)->source;
}

struct rx_source *rx_single_or_default(struct rx_source *in,
				       struct rx_fn *predicate, struct value v)
{
	return or_default(last_new(&single_ops, in, predicate), v);
}
