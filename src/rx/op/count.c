/* count.c - how many, how much, and how much on average.
 *
 *     source      -1--2--6-|
 *     count       ---------(3|)
 *     sum         ---------(9|)     0 when empty
 *     average     ---------(3|)     the error `empty` when empty
 *
 * Whole numbers are added exactly while they fit into 64 bits.
 */
#include "rx/op.h"

struct count_source {
	struct rx_source source;
	struct rx_fn *fn; /* count: a predicate; else the number of an item */
};

struct count {
	struct rx_sub sub;
	int64_t n;
	int64_t whole;	 /* the sum, while it is whole */
	double fraction; /* what could not be added to whole */
	bool has_fraction;
};

static struct rx_fn *fn_of(const struct count *c)
{
	return CONTAINER_OF(c->sub.src, struct count_source, source)->fn;
}

static void count_next(struct rx_observer *o, struct value v)
{
	struct count *c = CONTAINER_OF(o, struct count, sub.up);

	if (rx_test(&c->sub, fn_of(c), v, -1) > 0)
		c->n++;
}

static void add(struct count *c, struct value number)
{
	int64_t sum;

	if (value_type(number) == VALUE_INT &&
	    !__builtin_add_overflow(c->whole, number.i, &sum)) {
		c->whole = sum;
		return;
	}
	c->fraction += value_to_double(number);
	c->has_fraction = true;
}

static void sum_next(struct rx_observer *o, struct value v)
{
	struct count *c = CONTAINER_OF(o, struct count, sub.up);
	struct weir_error err = {0};
	struct value number;

	if (!rx_apply(&c->sub, fn_of(c), v, -1, &number))
		return;
	if (value_is_number(number)) {
		add(c, number);
		c->n++;
		value_unref(number);
		return;
	}
	error_set(&err, WEIR_EITEM, "%s: %s is not a number",
		  c->sub.src->ops->name, value_type_name(number));
	value_unref(number);
	rx_item_failed(&c->sub, &err, v);
}

static void count_done(struct rx_observer *o)
{
	struct count *c = CONTAINER_OF(o, struct count, sub.up);

	rx_finish_with(&c->sub, value_int(c->n));
}

static void sum_done(struct rx_observer *o)
{
	struct count *c = CONTAINER_OF(o, struct count, sub.up);

	rx_finish_with(&c->sub,
		       c->has_fraction
			       ? value_double((double)c->whole + c->fraction)
			       : value_int(c->whole));
}

static void average_done(struct rx_observer *o)
{
	struct count *c = CONTAINER_OF(o, struct count, sub.up);

	if (!c->n)
		rx_finish_code(&c->sub, WEIR_ENOTFOUND, "empty");
	else if (!c->has_fraction && c->whole % c->n == 0)
		rx_finish_with(&c->sub, value_int(c->whole / c->n));
	else
		rx_finish_with(&c->sub,
			       value_double(((double)c->whole + c->fraction) /
					    (double)c->n));
}

static void destroy(struct rx_source *src)
{
	rx_fn_unref(CONTAINER_OF(src, struct count_source, source)->fn);
}

static const struct rx_source_ops count_ops = {
	.name = "count",
	.source_bytes = sizeof(struct count_source),
	.sub_bytes = sizeof(struct count),
	.in = {count_next, rx_pass_error, count_done},
	.destroy = destroy,
};

static const struct rx_source_ops sum_ops = {
	.name = "sum",
	.source_bytes = sizeof(struct count_source),
	.sub_bytes = sizeof(struct count),
	.in = {sum_next, rx_pass_error, sum_done},
	.destroy = destroy,
};

static const struct rx_source_ops average_ops = {
	.name = "average",
	.source_bytes = sizeof(struct count_source),
	.sub_bytes = sizeof(struct count),
	.in = {sum_next, rx_pass_error, average_done},
	.destroy = destroy,
};

static struct rx_source *count_new(const struct rx_source_ops *ops,
				   struct rx_source *in, struct rx_fn *fn)
{
	struct count_source *src = rx_source_new(ops, NULL, in);

	src->fn = fn;
	return &src->source;
}

struct rx_source *rx_count(struct rx_source *in, struct rx_fn *predicate)
{
	return count_new(&count_ops, in, predicate);
}

struct rx_source *rx_sum(struct rx_source *in, struct rx_fn *number)
{
	return count_new(&sum_ops, in, number);
}

struct rx_source *rx_average(struct rx_source *in, struct rx_fn *number)
{
	return count_new(&average_ops, in, number);
}
