/* buffer.c - arrays of what came between two boundaries.
 *
 *     source               -a-b--c---d-|
 *     @b                   -----x---x
 *     buffer(@b)           -----[ab]-[c]-([d]|)    empty ones too
 *     buffer_when(50ms)    a span after the one before, asked anew each time
 *
 * The end of @b only stops new arrays: what comes then is the last one. Spans
 * that are over at once go round in a loop, see again.c.
 */
#include "rx/span.h"

struct buffer_source {
	struct rx_source source;
	struct rx_source *boundaries; /* ours; NULL: closing */
	struct rx_dur closing;
	uint32_t max;
};

struct buffer {
	struct rx_sub sub;
	struct rx_queue held;
	struct rx_inlet boundaries;
	struct rx_span closing;
	struct rx_rounds rounds;
	bool closed; /* the present span is over */
};

static struct buffer *buffer_of(struct rx_sub *s)
{
	return CONTAINER_OF(s, struct buffer, sub);
}

static struct buffer_source *source_of(struct rx_sub *s)
{
	return CONTAINER_OF(s->src, struct buffer_source, source);
}

static void emit_array(struct buffer *b)
{
	struct rx_item array = rx_queue_array(&b->held, 0);

	rx_queue_drop(&b->held, b->held.len);
	rx_emit_item(&b->sub, array);
}

static void on_boundary(struct rx_observer *o, struct value v)
{
	emit_array(buffer_of(rx_inlet_of(o)->owner));
}

static void on_boundaries_done(struct rx_observer *o)
{
	rx_inlet_close(rx_inlet_of(o));
}

static const struct rx_observer_ops boundary_ops = {on_boundary,
						    rx_inlet_pass_error,
						    on_boundaries_done};

static void next_span(struct rx_sub *s);

static void on_closing(struct rx_span *span)
{
	struct buffer *b = CONTAINER_OF(span, struct buffer, closing);

	b->closed = true;
	next_span(&b->sub);
}

static const struct rx_span_ops closing_ops = {.over = on_closing};

static void span_round(struct rx_sub *s)
{
	struct buffer *b = buffer_of(s);

	if (b->closed)
		emit_array(b);
	b->closed = false;
	if (!s->halted)
		rx_span_open(&b->closing, s, &closing_ops,
			     &source_of(s)->closing, value_null());
}

static void next_span(struct rx_sub *s)
{
	rx_rounds_go(&buffer_of(s)->rounds, s, span_round, next_span);
}

static void on_next(struct rx_observer *o, struct value v)
{
	struct buffer *b = buffer_of(rx_sub_of(o));

	if (b->held.len >= source_of(&b->sub)->max)
		rx_item_refused(&b->sub, v, b->held.len, "max_buffer");
	else
		rx_queue_push(&b->held, rx_item_hold(v), 0);
}

static void on_done(struct rx_observer *o)
{
	struct buffer *b = buffer_of(rx_sub_of(o));

	emit_array(b);
	rx_finish_done(&b->sub);
}

static void start(struct rx_sub *s)
{
	struct buffer *b = buffer_of(s);

	rx_subscribe_in(s);
	if (s->halted)
		return;
	if (source_of(s)->boundaries)
		rx_inlet_open(&b->boundaries, s, &boundary_ops,
			      source_of(s)->boundaries);
	else
		next_span(s);
}

static void stop(struct rx_sub *s)
{
	struct buffer *b = buffer_of(s);

	rx_inlet_close(&b->boundaries);
	rx_span_close(&b->closing);
	rx_rounds_stop(&b->rounds);
	rx_queue_clear(&b->held);
}

static void destroy(struct rx_source *source)
{
	struct buffer_source *src =
		CONTAINER_OF(source, struct buffer_source, source);

	rx_source_unref(src->boundaries);
	rx_dur_fini(&src->closing);
}

static const struct rx_source_ops ops = {
	.name = "buffer",
	.source_bytes = sizeof(struct buffer_source),
	.sub_bytes = sizeof(struct buffer),
	.in = {on_next, rx_pass_error, on_done},
	.start = start,
	.stop = stop,
	.destroy = destroy,
};

static struct buffer_source *buffer_new(struct rx_source *in,
					uint32_t max_buffer)
{
	struct buffer_source *src = rx_source_new(&ops, NULL, in);

	src->max = max_buffer ? max_buffer : RX_MAX_BUFFER_DEFAULT;
	return src;
}

struct rx_source *rx_buffer(struct rx_source *in, struct rx_source *boundaries,
			    uint32_t max_buffer)
{
	struct buffer_source *src = buffer_new(in, max_buffer);

	src->boundaries = boundaries;
	return &src->source;
}

struct rx_source *rx_buffer_when(struct rx_source *in, struct rx_dur closing,
				 uint32_t max_buffer)
{
	struct buffer_source *src = buffer_new(in, max_buffer);

	src->closing = closing;
	return &src->source;
}
