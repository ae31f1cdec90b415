/* take_while.c - items until the predicate fails for one; or from then on.
 *
 *     source                      -1--2--3--1-|
 *     take_while('. < 3')         -1--2--|         inclusive: -1--2--(3|)
 *     skip_while('. < 3')         -------3--1-|
 *
 * The *_indexed ones lend the predicate the number of the item as $index.
 */
#include "rx/op.h"

struct while_source {
	struct rx_source source;
	struct rx_fn *predicate;
	bool inclusive;
	bool indexed;
};

struct while_sub {
	struct rx_sub sub;
	int64_t index;
	bool open; /* skip_while: everything passes */
};

static int test(struct while_sub *w, struct value v)
{
	struct while_source *src =
		CONTAINER_OF(w->sub.src, struct while_source, source);

	return rx_test(&w->sub, src->predicate, v,
		       src->indexed ? w->index++ : -1);
}

static void take_next(struct rx_observer *o, struct value v)
{
	struct while_sub *w = CONTAINER_OF(o, struct while_sub, sub.up);
	int holds = test(w, v);

	if (holds > 0)
		rx_next(w->sub.down, v);
	if (holds)
		return;
	if (CONTAINER_OF(w->sub.src, struct while_source, source)->inclusive)
		rx_finish_with(&w->sub, value_ref(v));
	else
		rx_finish_done(&w->sub);
}

static void skip_next(struct rx_observer *o, struct value v)
{
	struct while_sub *w = CONTAINER_OF(o, struct while_sub, sub.up);

	if (!w->open && test(w, v) == 0)
		w->open = true;
	if (w->open)
		rx_next(w->sub.down, v);
}

static void destroy(struct rx_source *src)
{
	rx_fn_unref(CONTAINER_OF(src, struct while_source, source)->predicate);
}

static const struct rx_source_ops take_ops = {
	.name = "take_while",
	.source_bytes = sizeof(struct while_source),
	.sub_bytes = sizeof(struct while_sub),
	.in = {take_next, rx_pass_error, rx_pass_done},
	.destroy = destroy,
};

static const struct rx_source_ops skip_ops = {
	.name = "skip_while",
	.source_bytes = sizeof(struct while_source),
	.sub_bytes = sizeof(struct while_sub),
	.in = {skip_next, rx_pass_error, rx_pass_done},
	.destroy = destroy,
};

static struct rx_source *while_new(const struct rx_source_ops *ops,
				   struct rx_source *in,
				   struct rx_fn *predicate, bool inclusive,
				   bool indexed)
{
	struct while_source *src = rx_source_new(ops, NULL, in);

	src->predicate = predicate;
	src->inclusive = inclusive;
	src->indexed = indexed;
	return &src->source;
}

struct rx_source *rx_take_while(struct rx_source *in, struct rx_fn *predicate,
				bool inclusive)
{
	return while_new(&take_ops, in, predicate, inclusive, false);
}

struct rx_source *rx_take_while_indexed(struct rx_source *in,
					struct rx_fn *predicate, bool inclusive)
{
	return while_new(&take_ops, in, predicate, inclusive, true);
}

struct rx_source *rx_skip_while(struct rx_source *in, struct rx_fn *predicate)
{
	return while_new(&skip_ops, in, predicate, false, false);
}

struct rx_source *rx_skip_while_indexed(struct rx_source *in,
					struct rx_fn *predicate)
{
	return while_new(&skip_ops, in, predicate, false, true);
}
