/* partition.c - one stream as two: what a predicate holds for, and the rest.
 *
 *     source          -1--2--3--4-|
 *     [0] . > 2       -------3--4-|
 *     [1]             -1--2-------|
 *
 * Two filters on one shared run, as in RxPY: who subscribes the second one
 * later does not hear what has been.
 */
#include "rx/host.h"
#include "rx/op.h"

/* Holds where fn does not. */
struct negation {
	struct rx_fn base;
	struct rx_fn *fn; /* ours */
};

static int negate(struct rx_fn *base, struct value v,
		  const struct rx_vars *vars, struct value *out,
		  struct weir_error *err)
{
	struct value held;
	int rc = rx_fn_call(CONTAINER_OF(base, struct negation, base)->fn, v,
			    vars, &held, err);

	if (rc < 0)
		return rc;
	*out = value_bool(!value_truthy(held));
	value_unref(held);
	return 0;
}

static void negation_destroy(struct rx_fn *base)
{
	struct negation *n = CONTAINER_OF(base, struct negation, base);

	rx_fn_unref(n->fn);
	mem_free(n);
}

static const struct rx_fn_ops negation_ops = {negate, negation_destroy};

static struct rx_fn *negation_of(struct rx_fn *fn)
{
	struct negation *n = mem_alloc(sizeof *n);

	*n = (struct negation){{&negation_ops, 1}, fn};
	return &n->base;
}

typedef struct rx_source *(*filter_fn)(struct rx_source *in,
				       struct rx_fn *predicate);

static void split(struct rx_source *in, struct rx_fn *predicate,
		  filter_fn filter, struct rx_source *out[2])
{
	struct rx_source *shared = rx_share(in);

	out[0] = filter(shared, rx_fn_ref(predicate));
	out[1] = filter(rx_source_ref(shared), negation_of(predicate));
}

void rx_partition(struct rx_source *in, struct rx_fn *predicate,
		  struct rx_source *out[2])
{
	split(in, predicate, rx_filter, out);
}

void rx_partition_indexed(struct rx_source *in, struct rx_fn *predicate,
			  struct rx_source *out[2])
{
	split(in, predicate, rx_filter_indexed, out);
}
