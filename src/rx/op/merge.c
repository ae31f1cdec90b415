/* merge.c - the items of several streams as they come.
 *
 *     a          -1---3--|
 *     b          ---2------4-|
 *     merge      -1-2-3----4-|
 *
 * Ends when all have ended; the first error ends it at once.
 */
#include "rx/op.h"

struct merge_source {
	struct rx_source source;
	struct rx_source **inputs; /* ours, one reference each */
	uint32_t n;
};

struct merge {
	struct rx_sub sub;
	struct rx_inlet *inlets; /* ours */
	uint32_t open;
};

static void inlet_next(struct rx_observer *up, struct value v)
{
	rx_next(rx_inlet_of(up)->owner->down, v);
}

static void inlet_done(struct rx_observer *up)
{
	struct rx_inlet *i = rx_inlet_of(up);
	struct merge *m = CONTAINER_OF(i->owner, struct merge, sub);

	rx_inlet_close(i);
	if (--m->open == 0)
		rx_finish_done(&m->sub);
}

static const struct rx_observer_ops inlet_ops = {inlet_next,
                                                 rx_inlet_pass_error,
                                                 inlet_done};

static void start(struct rx_sub *s)
{
	struct merge *m = CONTAINER_OF(s, struct merge, sub);
	struct merge_source *src =
	        CONTAINER_OF(s->src, struct merge_source, source);

	m->inlets = mem_zalloc((src->n + 1) * sizeof *m->inlets);
	m->open = src->n;
	if (!src->n)
		rx_finish_done(s);
	for (uint32_t i = 0; i < src->n && !s->halted; i++)
		rx_inlet_open(&m->inlets[i], s, &inlet_ops, src->inputs[i]);
}

static void stop(struct rx_sub *s)
{
	struct merge *m = CONTAINER_OF(s, struct merge, sub);
	struct merge_source *src =
	        CONTAINER_OF(s->src, struct merge_source, source);

	for (uint32_t i = 0; i < src->n; i++)
		rx_inlet_close(&m->inlets[i]);
}

static void fini(struct rx_sub *s)
{
	mem_free(CONTAINER_OF(s, struct merge, sub)->inlets);
}

static void destroy(struct rx_source *source)
{
	struct merge_source *src =
	        CONTAINER_OF(source, struct merge_source, source);

	for (uint32_t i = 0; i < src->n; i++)
		rx_source_unref(src->inputs[i]);
	mem_free(src->inputs);
}

static const struct rx_source_ops ops = {
        .name = "merge",
        .source_bytes = sizeof(struct merge_source),
        .sub_bytes = sizeof(struct merge),
        .start = start,
        .stop = stop,
        .fini = fini,
        .destroy = destroy,
};

struct rx_source *rx_merge(struct rx_ctx *ctx, struct rx_source *const *in,
                           uint32_t n)
{
	struct merge_source *src = rx_source_new(&ops, ctx, NULL);

	src->inputs = mem_dup(in, n * sizeof *in);
	src->n = n;
	return &src->source;
}
