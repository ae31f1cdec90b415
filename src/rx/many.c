/* many.c - the inputs of a stage that listens to several streams, and their
 * errors where these wait. */
#include "rx/op.h"

struct rx_source *rx_many_new(const struct rx_source_ops *ops,
			      struct rx_ctx *ctx, struct rx_source *const *in,
			      uint32_t n)
{
	struct rx_many_source *src = rx_source_new(ops, ctx, NULL);

	src->inputs = n ? mem_dup(in, n * sizeof *in) : NULL;
	src->n = n;
	return &src->source;
}

void rx_many_destroy(struct rx_source *source)
{
	struct rx_many_source *src =
		CONTAINER_OF(source, struct rx_many_source, source);

	for (uint32_t i = 0; i < src->n; i++)
		rx_source_unref(src->inputs[i]);
	mem_free(src->inputs);
}

void rx_many_prepare(struct rx_sub *s)
{
	struct rx_many *m = CONTAINER_OF(s, struct rx_many, sub);

	m->open = rx_many_of(s)->n;
	m->inlets = mem_zalloc((m->open + 1) * sizeof *m->inlets);
}

void rx_many_open(struct rx_sub *s, const struct rx_observer_ops *ops)
{
	struct rx_many *m = CONTAINER_OF(s, struct rx_many, sub);
	struct rx_many_source *src = rx_many_of(s);

	rx_many_prepare(s);
	for (uint32_t i = 0; i < src->n && !s->halted; i++)
		rx_inlet_open_held(&m->inlets[i], s, ops, src->inputs[i]);
}

void rx_many_stop(struct rx_sub *s)
{
	struct rx_many *m = CONTAINER_OF(s, struct rx_many, sub);

	for (uint32_t i = 0; m->inlets && i < rx_many_of(s)->n; i++)
		rx_inlet_close(&m->inlets[i]);
}

void rx_many_hold(struct rx_sub *s)
{
	struct rx_many *m = CONTAINER_OF(s, struct rx_many, sub);
	uint32_t n = rx_many_of(s)->n;

	if (!m->inlets)
		return;
	/* Who is let go first may fill it again: each has its turn. */
	m->turn += !s->on_hold;
	for (uint32_t i = 0; i < n; i++)
		rx_sub_hold(m->inlets[(m->turn + i) % n].sub, s->on_hold);
}

/* Not before: a frame of rx_many_open may be on the stack. */
void rx_many_fini(struct rx_sub *s)
{
	mem_free(CONTAINER_OF(s, struct rx_many, sub)->inlets);
}

/* --- errors that wait ---------------------------------------------------- */

void rx_delayed_note(struct rx_delayed *d, const struct weir_error *err)
{
	if (d->n++ == 0)
		d->first = mem_dup(err, sizeof *err);
}

void rx_delayed_drop(struct rx_delayed *d)
{
	mem_free(d->first);
	*d = (struct rx_delayed){0};
}

void rx_delayed_finish(struct rx_delayed *d, struct rx_sub *s)
{
	struct weir_error err;

	if (!d->n) {
		rx_finish_done(s);
		return;
	}
	err = *d->first;
	if (d->n > 1)
		error_set(&err, d->first->code, "%.200s (and %u more error%s)",
			  d->first->message, d->n - 1, d->n > 2 ? "s" : "");
	rx_delayed_drop(d);
	rx_finish_error(s, &err);
}
