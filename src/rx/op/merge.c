/* merge.c - the items of several streams as they come.
 *
 *     a          -1---3--|
 *     b          ---2------4-|
 *     merge      -1-2-3----4-|
 *
 * Ends when all have ended; the first error ends it at once.
 */
#include "rx/op.h"

static void inlet_done(struct rx_observer *up)
{
	struct rx_inlet *i = rx_inlet_of(up);
	struct rx_many *m = CONTAINER_OF(i->owner, struct rx_many, sub);

	rx_inlet_close(i);
	if (--m->open == 0)
		rx_finish_done(&m->sub);
}

static const struct rx_observer_ops inlet_ops = {rx_inlet_pass_next,
						 rx_inlet_pass_error,
						 inlet_done};

static void start(struct rx_sub *s)
{
	if (rx_many_of(s)->n)
		rx_many_open(s, &inlet_ops);
	else
		rx_finish_done(s);
}

static const struct rx_source_ops ops = {
	.name = "merge",
	.source_bytes = sizeof(struct rx_many_source),
	.sub_bytes = sizeof(struct rx_many),
	.start = start,
	.stop = rx_many_stop,
	.fini = rx_many_fini,
	.destroy = rx_many_destroy,
};

struct rx_source *rx_merge(struct rx_ctx *ctx, struct rx_source *const *in,
			   uint32_t n)
{
	return rx_many_new(&ops, ctx, in, n);
}
