/* all.c - a question about all items, answered as soon as it is certain.
 *
 *     source             -1--2--3-|
 *     all('. < 3')       -------(false|)
 *     some('. > 1')      ----(true|)
 *     contains(9)        ---------(false|)
 *     is_empty           -(false|)
 */
#include "rx/op.h"

struct all_source {
	struct rx_source source;
	struct rx_fn *predicate; /* NULL: holds always */
	struct value wanted;	 /* ours; contains */
	bool at_end;		 /* the answer when no item decided */
};

static struct all_source *source_of(const struct rx_sub *s)
{
	return CONTAINER_OF(s->src, struct all_source, source);
}

static void all_next(struct rx_observer *o, struct value v)
{
	struct rx_sub *s = rx_sub_of(o);

	if (rx_test(s, source_of(s)->predicate, v, -1) == 0)
		rx_finish_with(s, value_bool(false));
}

static void some_next(struct rx_observer *o, struct value v)
{
	struct rx_sub *s = rx_sub_of(o);

	if (rx_test(s, source_of(s)->predicate, v, -1) > 0)
		rx_finish_with(s, value_bool(true));
}

static void contains_next(struct rx_observer *o, struct value v)
{
	struct rx_sub *s = rx_sub_of(o);

	if (value_equal(source_of(s)->wanted, v))
		rx_finish_with(s, value_bool(true));
}

static void empty_next(struct rx_observer *o, struct value v)
{
	rx_finish_with(rx_sub_of(o), value_bool(false));
}

static void on_done(struct rx_observer *o)
{
	struct rx_sub *s = rx_sub_of(o);

	rx_finish_with(s, value_bool(source_of(s)->at_end));
}

static void destroy(struct rx_source *source)
{
	struct all_source *src =
		CONTAINER_OF(source, struct all_source, source);

	rx_fn_unref(src->predicate);
	value_unref(src->wanted);
}

#define ALL_OPS(label, next)                                              \
	{                                                                 \
		.name = label, .source_bytes = sizeof(struct all_source), \
		.sub_bytes = sizeof(struct rx_sub),                       \
		.in = {next, rx_pass_error, on_done}, .destroy = destroy  \
	}

static const struct rx_source_ops all_ops = ALL_OPS("all", all_next);
static const struct rx_source_ops some_ops = ALL_OPS("some", some_next);
static const struct rx_source_ops contains_ops =
	ALL_OPS("contains", contains_next);
static const struct rx_source_ops empty_ops = ALL_OPS("is_empty", empty_next);

static struct rx_source *all_new(const struct rx_source_ops *ops,
				 struct rx_source *in, struct rx_fn *predicate,
				 struct value wanted, bool at_end)
{
	struct all_source *src = rx_source_new(ops, NULL, in);

	src->predicate = predicate;
	src->wanted = wanted;
	src->at_end = at_end;
	return &src->source;
}

struct rx_source *rx_all(struct rx_source *in, struct rx_fn *predicate)
{
	return all_new(&all_ops, in, predicate, value_null(), true);
}

struct rx_source *rx_some(struct rx_source *in, struct rx_fn *predicate)
{
	return all_new(&some_ops, in, predicate, value_null(), false);
}

struct rx_source *rx_contains(struct rx_source *in, struct value v)
{
	return all_new(&contains_ops, in, NULL, v, false);
}

struct rx_source *rx_is_empty(struct rx_source *in)
{
	return all_new(&empty_ops, in, NULL, value_null(), true);
}
