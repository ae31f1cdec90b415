/* first.c - the first item that matches, and the n-th one.
 *
 *     source                   -1--2--3-|
 *     first('. > 1')           ----(2|)
 *     find('. > 1')            ----(2|)         null when nothing matched
 *     find_index('. > 1')      ----(1|)         -1 when nothing matched
 *     element_at(2)            -------(3|)
 *
 * Without such an item first raises `empty` and element_at `out_of_range`; the
 * ones with a default give that.
 */
#include "rx/op.h"

struct first_source {
	struct rx_source source;
	struct rx_fn *predicate; /* NULL: every item matches */
	struct value fallback;	 /* ours */
	uint64_t n;		 /* element_at */
	const char *missing;	 /* the error; NULL: fallback */
	bool answers_index;
};

struct first {
	struct rx_sub sub;
	int64_t index; /* of the next item */
};

static struct first_source *source_of(const struct rx_sub *s)
{
	return CONTAINER_OF(s->src, struct first_source, source);
}

static void first_next(struct rx_observer *o, struct value v)
{
	struct first *f = CONTAINER_OF(o, struct first, sub.up);
	struct first_source *src = source_of(&f->sub);
	int64_t index = f->index++;

	if (rx_test(&f->sub, src->predicate, v, index) <= 0)
		return;
	rx_finish_with(&f->sub,
		       src->answers_index ? value_int(index) : value_ref(v));
}

static void element_next(struct rx_observer *o, struct value v)
{
	struct first *f = CONTAINER_OF(o, struct first, sub.up);

	if ((uint64_t)f->index++ == source_of(&f->sub)->n)
		rx_finish_with(&f->sub, value_ref(v));
}

static void on_done(struct rx_observer *o)
{
	struct first_source *src = source_of(rx_sub_of(o));

	if (src->missing)
		rx_finish_code(rx_sub_of(o), WEIR_ENOTFOUND, src->missing);
	else
		rx_finish_with(rx_sub_of(o), value_ref(src->fallback));
}

static void destroy(struct rx_source *source)
{
	struct first_source *src =
		CONTAINER_OF(source, struct first_source, source);

	rx_fn_unref(src->predicate);
	value_unref(src->fallback);
}

static const struct rx_source_ops first_ops = {
	.name = "first",
	.source_bytes = sizeof(struct first_source),
	.sub_bytes = sizeof(struct first),
	.in = {first_next, rx_pass_error, on_done},
	.destroy = destroy,
};

static const struct rx_source_ops element_ops = {
	.name = "element_at",
	.source_bytes = sizeof(struct first_source),
	.sub_bytes = sizeof(struct first),
	.in = {element_next, rx_pass_error, on_done},
	.destroy = destroy,
};

static struct first_source *first_new(const struct rx_source_ops *ops,
				      struct rx_source *in,
				      struct rx_fn *predicate,
				      struct value fallback)
{
	struct first_source *src = rx_source_new(ops, NULL, in);

	src->predicate = predicate;
	src->fallback = fallback;
	return src;
}

struct rx_source *rx_first(struct rx_source *in, struct rx_fn *predicate)
{
	struct first_source *src =
		first_new(&first_ops, in, predicate, value_null());

	src->missing = "empty";
	return &src->source;
}

struct rx_source *rx_first_or_default(struct rx_source *in,
				      struct rx_fn *predicate, struct value v)
{
	return &first_new(&first_ops, in, predicate, v)->source;
}

struct rx_source *rx_find(struct rx_source *in, struct rx_fn *predicate)
{
	return &first_new(&first_ops, in, predicate, value_null())->source;
}

struct rx_source *rx_find_index(struct rx_source *in, struct rx_fn *predicate)
{
	struct first_source *src =
		first_new(&first_ops, in, predicate, value_int(-1));

	src->answers_index = true;
	return &src->source;
}

struct rx_source *rx_element_at(struct rx_source *in, uint64_t n)
{
	struct first_source *src =
		first_new(&element_ops, in, NULL, value_null());

	src->n = n;
	src->missing = "out_of_range";
	return &src->source;
}

struct rx_source *rx_element_at_or_default(struct rx_source *in, uint64_t n,
					   struct value v)
{
	struct first_source *src = first_new(&element_ops, in, NULL, v);

	src->n = n;
	return &src->source;
}
