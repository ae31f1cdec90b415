/* buffer_toggle.c - an array for each opening, of what comes until its span is
 * over.
 *
 *     source                     -a--b--c--d-|
 *     @o                         --x-----y
 *     buffer_toggle(@o, 40ms)    ------[b]----([cd]|)
 *
 * Arrays may overlap; the span of each is asked of its opening. The source's
 * end closes them all, in the order of their openings, and is the end.
 */
#include "rx/span.h"

struct toggle_source {
	struct rx_source source;
	struct rx_source *openings; /* ours */
	struct rx_dur closing;
	uint32_t max;
};

struct toggle {
	struct rx_sub sub;
	struct rx_inlet openings;
	struct list arrays; /* open ones */
	uint32_t held;	    /* items in all of them */
};

struct array {
	struct list link;
	struct rx_span span;
	struct rx_queue held;
};

static struct toggle *toggle_of(struct rx_sub *s)
{
	return CONTAINER_OF(s, struct toggle, sub);
}

static struct toggle_source *source_of(struct rx_sub *s)
{
	return CONTAINER_OF(s->src, struct toggle_source, source);
}

static struct array *first_of(struct toggle *t)
{
	return CONTAINER_OF(t->arrays.next, struct array, link);
}

static void drop_array(struct toggle *t, struct array *a)
{
	list_remove(&a->link);
	rx_span_close(&a->span);
	t->held -= a->held.len;
	rx_queue_clear(&a->held);
	slab_free(a, sizeof *a);
}

static void emit_array(struct toggle *t, struct array *a)
{
	struct rx_item all = rx_queue_array(&a->held, 0);

	drop_array(t, a);
	rx_emit_item(&t->sub, all);
}

static void on_over(struct rx_span *span)
{
	emit_array(toggle_of(span->owner),
		   CONTAINER_OF(span, struct array, span));
}

static const struct rx_span_ops span_ops = {.over = on_over};

static void on_opening(struct rx_observer *o, struct value v)
{
	struct rx_sub *s = rx_inlet_of(o)->owner;
	struct array *a = slab_zalloc(sizeof *a);

	list_push(&toggle_of(s)->arrays, &a->link);
	/* A failure without a handler has halted us, and freed a. */
	if (!rx_span_open(&a->span, s, &span_ops, &source_of(s)->closing, v) &&
	    !s->halted)
		drop_array(toggle_of(s), a);
}

static void on_openings_done(struct rx_observer *o)
{
	rx_inlet_close(rx_inlet_of(o));
}

static const struct rx_observer_ops opening_ops = {on_opening,
						   rx_inlet_pass_error,
						   on_openings_done};

static void on_next(struct rx_observer *o, struct value v)
{
	struct toggle *t = toggle_of(rx_sub_of(o));

	LIST_FOREACH (l, &t->arrays) {
		if (t->held >= source_of(&t->sub)->max) {
			rx_item_refused(&t->sub, v, t->held, "max_buffer");
			return;
		}
		rx_queue_push(&CONTAINER_OF(l, struct array, link)->held,
			      rx_item_hold(v), 0);
		t->held++;
	}
}

static void on_done(struct rx_observer *o)
{
	struct toggle *t = toggle_of(rx_sub_of(o));

	while (!list_empty(&t->arrays) && !t->sub.halted)
		emit_array(t, first_of(t));
	rx_finish_done(&t->sub);
}

static void start(struct rx_sub *s)
{
	struct toggle *t = toggle_of(s);

	list_init(&t->arrays);
	rx_inlet_open(&t->openings, s, &opening_ops, source_of(s)->openings);
	if (!s->halted)
		rx_subscribe_in(s);
}

static void stop(struct rx_sub *s)
{
	struct toggle *t = toggle_of(s);

	rx_inlet_close(&t->openings);
	while (!list_empty(&t->arrays))
		drop_array(t, first_of(t));
}

static void destroy(struct rx_source *source)
{
	struct toggle_source *src =
		CONTAINER_OF(source, struct toggle_source, source);

	rx_source_unref(src->openings);
	rx_dur_fini(&src->closing);
}

static const struct rx_source_ops ops = {
	.name = "buffer_toggle",
	.source_bytes = sizeof(struct toggle_source),
	.sub_bytes = sizeof(struct toggle),
	.in = {on_next, rx_pass_error, on_done},
	.start = start,
	.stop = stop,
	.destroy = destroy,
};

struct rx_source *rx_buffer_toggle(struct rx_source *in,
				   struct rx_source *openings,
				   struct rx_dur closing, uint32_t max_buffer)
{
	struct toggle_source *src = rx_source_new(&ops, NULL, in);

	src->openings = openings;
	src->closing = closing;
	src->max = max_buffer ? max_buffer : RX_MAX_BUFFER_DEFAULT;
	return &src->source;
}
