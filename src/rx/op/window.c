/* window.c - one stretch of the source after the other, each through a block.
 *
 *     source                     -a-b--c---d-|
 *     @b                         -----x---x
 *     window(@b) { to_list }     -----[ab]-[c]-([d]|)
 *     window_when(50ms) {..}     a span after the window's opening, asked anew
 *                                for each
 *
 * The end of @b only stops new windows. Spans that are over at once go round in
 * a loop, see again.c.
 */
#include "rx/panes.h"
#include "rx/span.h"

struct window_source {
	struct rx_source source;
	struct rx_source *boundaries; /* ours; NULL: closing */
	struct rx_dur closing;
	struct rx_block *block;
};

struct window {
	struct rx_sub sub;
	struct rx_panes panes;
	struct rx_inlet boundaries;
	struct rx_span closing;
	struct rx_rounds rounds;
	bool closed; /* the span of the present window is over */
};

static const struct rx_panes_ops panes_ops = {
	.pane_bytes = sizeof(struct rx_pane),
};

static struct window *window_of(struct rx_sub *s)
{
	return CONTAINER_OF(s, struct window, sub);
}

static struct window_source *source_of(struct rx_sub *s)
{
	return CONTAINER_OF(s->src, struct window_source, source);
}

static void open_next(struct window *w)
{
	rx_panes_close_all(&w->panes);
	if (!w->sub.halted)
		rx_pane_open(rx_pane_new(&w->panes), value_null(), value_null(),
			     false);
}

static void on_boundary(struct rx_observer *o, struct value v)
{
	open_next(window_of(rx_inlet_of(o)->owner));
}

static void on_boundaries_error(struct rx_observer *o,
				const struct weir_error *err)
{
	rx_panes_fail(&window_of(rx_inlet_of(o)->owner)->panes, err);
}

static void on_boundaries_done(struct rx_observer *o)
{
	rx_inlet_close(rx_inlet_of(o));
}

static const struct rx_observer_ops boundary_ops = {on_boundary,
						    on_boundaries_error,
						    on_boundaries_done};

static void next_span(struct rx_sub *s);

static void on_closing(struct rx_span *span)
{
	struct window *w = CONTAINER_OF(span, struct window, closing);

	w->closed = true;
	next_span(&w->sub);
}

static void on_closing_error(struct rx_span *span, const struct weir_error *err)
{
	rx_panes_fail(&CONTAINER_OF(span, struct window, closing)->panes, err);
}

static const struct rx_span_ops closing_ops = {on_closing, on_closing_error};

static void span_round(struct rx_sub *s)
{
	struct window *w = window_of(s);

	if (w->closed)
		open_next(w);
	w->closed = false;
	if (!s->halted && !w->panes.source_done)
		rx_span_open(&w->closing, s, &closing_ops,
			     &source_of(s)->closing, value_null());
}

static void next_span(struct rx_sub *s)
{
	rx_rounds_go(&window_of(s)->rounds, s, span_round, next_span);
}

static void start(struct rx_sub *s)
{
	struct window *w = window_of(s);

	rx_panes_init(&w->panes, &panes_ops, s, source_of(s)->block);
	open_next(w);
	if (!s->halted)
		rx_subscribe_in(s);
	if (s->halted || w->panes.source_done)
		return;
	if (source_of(s)->boundaries)
		rx_inlet_open(&w->boundaries, s, &boundary_ops,
			      source_of(s)->boundaries);
	else
		next_span(s);
}

static void on_next(struct rx_observer *o, struct value v)
{
	rx_panes_next(&window_of(rx_sub_of(o))->panes, v);
}

static void on_error(struct rx_observer *o, const struct weir_error *err)
{
	rx_panes_fail(&window_of(rx_sub_of(o))->panes, err);
}

static void on_done(struct rx_observer *o)
{
	struct window *w = window_of(rx_sub_of(o));

	rx_inlet_close(&w->boundaries);
	rx_span_close(&w->closing);
	rx_rounds_stop(&w->rounds);
	rx_panes_close_all(&w->panes);
	rx_panes_end(&w->panes);
}

static void stop(struct rx_sub *s)
{
	struct window *w = window_of(s);

	rx_inlet_close(&w->boundaries);
	rx_span_close(&w->closing);
	rx_rounds_stop(&w->rounds);
	rx_panes_stop(&w->panes);
}

static void destroy(struct rx_source *source)
{
	struct window_source *src =
		CONTAINER_OF(source, struct window_source, source);

	rx_source_unref(src->boundaries);
	rx_dur_fini(&src->closing);
	rx_block_unref(src->block);
}

static const struct rx_source_ops ops = {
	.name = "window",
	.source_bytes = sizeof(struct window_source),
	.sub_bytes = sizeof(struct window),
	.in = {on_next, on_error, on_done},
	.start = start,
	.stop = stop,
	.destroy = destroy,
};

struct rx_source *rx_window(struct rx_source *in, struct rx_source *boundaries,
			    struct rx_block *inner)
{
	struct window_source *src = rx_source_new(&ops, NULL, in);

	src->boundaries = boundaries;
	src->block = inner;
	return &src->source;
}

struct rx_source *rx_window_when(struct rx_source *in, struct rx_dur closing,
				 struct rx_block *inner)
{
	struct window_source *src = rx_source_new(&ops, NULL, in);

	src->closing = closing;
	src->block = inner;
	return &src->source;
}
