/* merge.c - the items of several streams as they come.
 *
 *     a                          -1---3--|
 *     b                          ---2------4-|
 *     merge                      -1-2-3----4-|
 *     merge max_concurrent=1     -1---3-----2------4-|    b waits for a
 *
 *     a                          -1-#
 *     b                          ---2------4-|
 *     merge                      -1-#
 *     merge delay_error          -1-2------4-#            b may end first
 *
 * Ends when all have ended. The first error ends it at once; with delay_error
 * an error is kept until the others have ended, see rx_delayed.
 */
#include "rx/op.h"

struct merge_source {
	struct rx_many_source many;
	uint32_t max_concurrent;
	bool delay_error;
};

struct merge {
	struct rx_many many;
	uint32_t next; /* input to be opened */
	uint32_t active;
	bool opening; /* a frame below runs the loop */
	struct rx_delayed errors;
};

static struct merge_source *source_of(const struct merge *m)
{
	return CONTAINER_OF(m->many.sub.src, struct merge_source, many.source);
}

static struct merge *merge_of(struct rx_observer *up)
{
	return CONTAINER_OF(rx_inlet_of(up)->owner, struct merge, many.sub);
}

static const struct rx_observer_ops inlet_ops;
static const struct rx_observer_ops patient_ops;

/* One that ends within its opening makes room for the next one here. */
static void open_more(struct merge *m)
{
	struct merge_source *src = source_of(m);
	struct rx_sub *s = &m->many.sub;

	if (m->opening)
		return;
	m->opening = true;
	while (!s->halted && m->next < src->many.n &&
	       m->active < src->max_concurrent) {
		uint32_t i = m->next++;

		m->active++;
		rx_inlet_open_held(&m->many.inlets[i], s,
				   src->delay_error ? &patient_ops : &inlet_ops,
				   src->many.inputs[i]);
	}
	m->opening = false;
	if (!m->many.open)
		rx_delayed_finish(&m->errors, s);
}

static void inlet_done(struct rx_observer *up)
{
	struct merge *m = merge_of(up);

	rx_inlet_close(rx_inlet_of(up));
	m->active--;
	m->many.open--;
	open_more(m);
}

static void patient_error(struct rx_observer *up, const struct weir_error *err)
{
	rx_delayed_note(&merge_of(up)->errors, err);
	inlet_done(up);
}

static const struct rx_observer_ops inlet_ops = {rx_inlet_pass_next,
						 rx_inlet_pass_error,
						 inlet_done};
static const struct rx_observer_ops patient_ops = {rx_inlet_pass_next,
						   patient_error, inlet_done};

static void start(struct rx_sub *s)
{
	rx_many_prepare(s);
	open_more(CONTAINER_OF(s, struct merge, many.sub));
}

static void fini(struct rx_sub *s)
{
	rx_delayed_drop(&CONTAINER_OF(s, struct merge, many.sub)->errors);
	rx_many_fini(s);
}

static const struct rx_source_ops ops = {
	.name = "merge",
	.source_bytes = sizeof(struct merge_source),
	.sub_bytes = sizeof(struct merge),
	.start = start,
	.stop = rx_many_stop,
	.fini = fini,
	.destroy = rx_many_destroy,
	.hold = rx_many_hold,
};

struct rx_source *rx_merge_limited(struct rx_ctx *ctx,
				   struct rx_source *const *in, uint32_t n,
				   uint32_t max_concurrent, bool delay_error)
{
	struct rx_source *source = rx_many_new(&ops, ctx, in, n);
	struct merge_source *src =
		CONTAINER_OF(source, struct merge_source, many.source);

	src->max_concurrent = max_concurrent ? max_concurrent : UINT32_MAX;
	src->delay_error = delay_error;
	return source;
}

struct rx_source *rx_merge(struct rx_ctx *ctx, struct rx_source *const *in,
			   uint32_t n)
{
	return rx_merge_limited(ctx, in, n, 0, false);
}
