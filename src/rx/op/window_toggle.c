/* window_toggle.c - a stretch of the source for each opening, through a block.
 *
 *     source                               -a--b--c--d-|
 *     @o                                   --x-----y
 *     window_toggle(@o, 40ms) {to_list}    ------[b]----([cd]|)
 *
 * Stretches may overlap; the span of each is asked of its opening, which is
 * what the block sees. The source's end closes them all and is the end.
 */
#include "rx/panes.h"
#include "rx/span.h"

struct toggle_source {
	struct rx_source source;
	struct rx_source *openings; /* ours */
	struct rx_dur closing;
	struct rx_block *block;
};

struct toggle {
	struct rx_sub sub;
	struct rx_panes panes;
	struct rx_inlet openings;
};

struct stretch {
	struct rx_pane pane;
	struct rx_span span;
};

static struct toggle *toggle_of(struct rx_sub *s)
{
	return CONTAINER_OF(s, struct toggle, sub);
}

static struct toggle_source *source_of(struct rx_sub *s)
{
	return CONTAINER_OF(s->src, struct toggle_source, source);
}

static void stretch_closed(struct rx_pane *p)
{
	rx_span_close(&CONTAINER_OF(p, struct stretch, pane)->span);
}

static const struct rx_panes_ops panes_ops = {
	.pane_bytes = sizeof(struct stretch),
	.closed = stretch_closed,
};

static void on_over(struct rx_span *span)
{
	rx_pane_close(&CONTAINER_OF(span, struct stretch, span)->pane);
}

static void on_over_error(struct rx_span *span, const struct weir_error *err)
{
	rx_panes_fail(CONTAINER_OF(span, struct stretch, span)->pane.panes,
		      err);
}

static const struct rx_span_ops span_ops = {on_over, on_over_error};

static void on_opening(struct rx_observer *o, struct value v)
{
	struct rx_sub *s = rx_inlet_of(o)->owner;
	struct rx_pane *p = rx_pane_new(&toggle_of(s)->panes);
	struct stretch *st = CONTAINER_OF(p, struct stretch, pane);

	if (rx_pane_open(p, v, value_null(), false) &&
	    !rx_span_open(&st->span, s, &span_ops, &source_of(s)->closing, v))
		rx_pane_close(p);
}

static void on_openings_error(struct rx_observer *o,
			      const struct weir_error *err)
{
	rx_panes_fail(&toggle_of(rx_inlet_of(o)->owner)->panes, err);
}

static void on_openings_done(struct rx_observer *o)
{
	rx_inlet_close(rx_inlet_of(o));
}

static const struct rx_observer_ops opening_ops = {on_opening,
						   on_openings_error,
						   on_openings_done};

static void on_next(struct rx_observer *o, struct value v)
{
	rx_panes_next(&toggle_of(rx_sub_of(o))->panes, v);
}

static void on_error(struct rx_observer *o, const struct weir_error *err)
{
	rx_panes_fail(&toggle_of(rx_sub_of(o))->panes, err);
}

static void on_done(struct rx_observer *o)
{
	struct toggle *t = toggle_of(rx_sub_of(o));

	rx_inlet_close(&t->openings);
	rx_panes_close_all(&t->panes);
	rx_panes_end(&t->panes);
}

static void start(struct rx_sub *s)
{
	struct toggle *t = toggle_of(s);

	rx_panes_init(&t->panes, &panes_ops, s, source_of(s)->block);
	rx_inlet_open(&t->openings, s, &opening_ops, source_of(s)->openings);
	if (!s->halted)
		rx_subscribe_in(s);
}

static void stop(struct rx_sub *s)
{
	rx_inlet_close(&toggle_of(s)->openings);
	rx_panes_stop(&toggle_of(s)->panes);
}

static void destroy(struct rx_source *source)
{
	struct toggle_source *src =
		CONTAINER_OF(source, struct toggle_source, source);

	rx_source_unref(src->openings);
	rx_dur_fini(&src->closing);
	rx_block_unref(src->block);
}

static const struct rx_source_ops ops = {
	.name = "window_toggle",
	.source_bytes = sizeof(struct toggle_source),
	.sub_bytes = sizeof(struct toggle),
	.in = {on_next, on_error, on_done},
	.start = start,
	.stop = stop,
	.destroy = destroy,
};

struct rx_source *rx_window_toggle(struct rx_source *in,
				   struct rx_source *openings,
				   struct rx_dur closing,
				   struct rx_block *inner)
{
	struct toggle_source *src = rx_source_new(&ops, NULL, in);

	src->openings = openings;
	src->closing = closing;
	src->block = inner;
	return &src->source;
}
