/* scan.c - the running result of an accumulator.
 *
 *     source                  -1--2--3-|
 *     scan('$acc + .', 10)    -11-13-16|
 *     scan('$acc + .')        -1--3--6-|     the first item is the seed
 *
 *     reduce('$acc + .', 10)  ---------(16)|   the last result, at the end
 *     reduce('$acc + .')      empty source: the error `empty`
 */
#include "rx/op.h"

struct scan_source {
	struct rx_source source;
	struct rx_fn *accumulator;
	struct value seed; /* ours */
	bool has_seed;
};

struct scan {
	struct rx_sub sub;
	struct rx_fn *accumulator; /* the source's */
	struct value acc;	   /* ours */
	bool has_acc;
};

static void start(struct rx_sub *sub)
{
	struct scan *s = CONTAINER_OF(sub, struct scan, sub);
	struct scan_source *src =
		CONTAINER_OF(sub->src, struct scan_source, source);

	s->accumulator = src->accumulator;
	s->acc = value_ref(src->seed);
	s->has_acc = src->has_seed;
	rx_subscribe_in(sub);
}

/* The accumulator's answer replaces acc. False: it failed, which is told. */
static bool gather(struct scan *s, struct value v)
{
	if (UNLIKELY(!s->has_acc)) {
		s->has_acc = true;
		s->acc = value_ref(v);
		return true;
	}

	struct rx_vars vars = {.acc = s->acc, .index = -1, .has_acc = true};
	struct weir_error err;
	struct value out;

	if (UNLIKELY(rx_fn_call(s->accumulator, v, &vars, &out, &err) < 0)) {
		rx_item_failed(&s->sub, &err, v);
		return false;
	}
	value_unref(s->acc);
	s->acc = out;
	return true;
}

static void on_next(struct rx_observer *o, struct value v)
{
	struct scan *s = CONTAINER_OF(o, struct scan, sub.up);

	if (!gather(s, v))
		return;

	/* A count of its own: down may push the next item into us. */
	struct value out = value_ref(s->acc);

	rx_next(s->sub.down, out);
	value_unref(out);
}

static void on_next_reduce(struct rx_observer *o, struct value v)
{
	gather(CONTAINER_OF(o, struct scan, sub.up), v);
}

static void on_done_reduce(struct rx_observer *o)
{
	struct scan *s = CONTAINER_OF(o, struct scan, sub.up);
	struct value out = value_ref(s->acc);

	if (s->has_acc) {
		rx_next(s->sub.down, out);
		rx_finish_done(&s->sub);
	} else {
		rx_finish_code(&s->sub, WEIR_ENOTFOUND, "empty");
	}
	value_unref(out);
}

static void stop(struct rx_sub *sub)
{
	struct scan *s = CONTAINER_OF(sub, struct scan, sub);

	value_unref(s->acc);
	s->acc = value_null();
}

static void destroy(struct rx_source *source)
{
	struct scan_source *src =
		CONTAINER_OF(source, struct scan_source, source);

	rx_fn_unref(src->accumulator);
	value_unref(src->seed);
}

static const struct rx_source_ops scan_ops = {
	.name = "scan",
	.source_bytes = sizeof(struct scan_source),
	.sub_bytes = sizeof(struct scan),
	.in = {on_next, rx_pass_error, rx_pass_done},
	.start = start,
	.stop = stop,
	.destroy = destroy,
};

static const struct rx_source_ops reduce_ops = {
	.name = "reduce",
	.source_bytes = sizeof(struct scan_source),
	.sub_bytes = sizeof(struct scan),
	.in = {on_next_reduce, rx_pass_error, on_done_reduce},
	.start = start,
	.stop = stop,
	.destroy = destroy,
};

static struct rx_source *scan_new(const struct rx_source_ops *ops,
				  struct rx_source *in,
				  struct rx_fn *accumulator, bool has_seed,
				  struct value seed)
{
	struct scan_source *s = rx_source_new(ops, NULL, in);

	s->accumulator = accumulator;
	s->has_seed = has_seed;
	s->seed = seed;
	return &s->source;
}

struct rx_source *rx_scan(struct rx_source *in, struct rx_fn *accumulator,
			  bool has_seed, struct value seed)
{
	return scan_new(&scan_ops, in, accumulator, has_seed, seed);
}

struct rx_source *rx_reduce(struct rx_source *in, struct rx_fn *accumulator,
			    bool has_seed, struct value seed)
{
	return scan_new(&reduce_ops, in, accumulator, has_seed, seed);
}
