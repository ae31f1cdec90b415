/* amb.c - whoever signals first, by an item, an error or the end, is the
 * stream.
 *
 *     a       ----1-2-|
 *     b       --3---4-|
 *     amb     --3---4-|
 */
#include "rx/op.h"

struct amb {
	struct rx_many many;
	struct rx_inlet *winner; /* NULL until the first signal */
};

static void choose(struct rx_inlet *i)
{
	struct amb *a = CONTAINER_OF(i->owner, struct amb, many.sub);

	if (a->winner)
		return;
	a->winner = i;
	for (uint32_t k = 0; k < rx_many_of(i->owner)->n; k++)
		if (&a->many.inlets[k] != i)
			rx_inlet_close(&a->many.inlets[k]);
}

static void on_next(struct rx_observer *o, struct value v)
{
	choose(rx_inlet_of(o));
	rx_inlet_pass_next(o, v);
}

static void on_error(struct rx_observer *o, const struct weir_error *err)
{
	choose(rx_inlet_of(o));
	rx_inlet_pass_error(o, err);
}

static void on_done(struct rx_observer *o)
{
	choose(rx_inlet_of(o));
	rx_inlet_pass_done(o);
}

static const struct rx_observer_ops inlet_ops = {on_next, on_error, on_done};

/* Who signals within his own subscription has won before the others begin. */
static void start(struct rx_sub *s)
{
	struct amb *a = CONTAINER_OF(s, struct amb, many.sub);
	struct rx_many_source *src = rx_many_of(s);

	rx_many_prepare(s);
	for (uint32_t i = 0; i < src->n && !a->winner && !s->halted; i++)
		rx_inlet_open_held(&a->many.inlets[i], s, &inlet_ops,
				   src->inputs[i]);
}

static const struct rx_source_ops ops = {
	.name = "amb",
	.source_bytes = sizeof(struct rx_many_source),
	.sub_bytes = sizeof(struct amb),
	.start = start,
	.stop = rx_many_stop,
	.fini = rx_many_fini,
	.destroy = rx_many_destroy,
	.hold = rx_many_hold,
};

struct rx_source *rx_amb(struct rx_ctx *ctx, struct rx_source *const *in,
			 uint32_t n)
{
	return rx_many_new(&ops, ctx, in, n);
}
