/* delay_with_mapper.c - each item later by its own span.
 *
 *     source                        -3-1-|
 *     delay_with_mapper('. * 10')   ----(31)|
 *
 * The end waits for the last item that waits; an error overtakes all.
 */
#include "rx/span.h"

struct delay_source {
	struct rx_source source;
	struct rx_dur wait;
	uint32_t max;
};

struct delay {
	struct rx_sub sub;
	struct list waiting; /* of struct delayed */
	uint32_t n;
	bool source_done;
};

struct delayed {
	struct rx_span span;
	struct list link;
	struct rx_item item;
};

/* Takes it out; the item is the caller's. */
static struct rx_item take_out(struct delay *d, struct delayed *w)
{
	struct rx_item it = w->item;

	list_remove(&w->link);
	d->n--;
	rx_span_close(&w->span);
	slab_free(w, sizeof *w);
	return it;
}

static void on_over(struct rx_span *span)
{
	struct delayed *w = CONTAINER_OF(span, struct delayed, span);
	struct delay *d = CONTAINER_OF(span->owner, struct delay, sub);

	rx_emit_item(&d->sub, take_out(d, w));
	if (d->source_done && !d->n)
		rx_finish_done(&d->sub);
}

static const struct rx_span_ops span_ops = {.over = on_over};

static void on_next(struct rx_observer *o, struct value v)
{
	struct delay *d = CONTAINER_OF(o, struct delay, sub.up);
	struct delay_source *src =
		CONTAINER_OF(d->sub.src, struct delay_source, source);
	struct delayed *w;

	if (d->n >= src->max) {
		rx_item_refused(&d->sub, v, d->n, "max_buffer");
		return;
	}
	w = slab_zalloc(sizeof *w);
	w->item = rx_item_hold(v);
	list_push(&d->waiting, &w->link);
	d->n++;
	/* A failure without a handler has halted us, and freed w. */
	if (!rx_span_open(&w->span, &d->sub, &span_ops, &src->wait, v) &&
	    !d->sub.halted)
		rx_item_drop(take_out(d, w));
}

static void on_done(struct rx_observer *o)
{
	struct delay *d = CONTAINER_OF(o, struct delay, sub.up);

	d->source_done = true;
	if (!d->n)
		rx_finish_done(&d->sub);
}

static void start(struct rx_sub *s)
{
	list_init(&CONTAINER_OF(s, struct delay, sub)->waiting);
	rx_subscribe_in(s);
}

static void stop(struct rx_sub *s)
{
	struct delay *d = CONTAINER_OF(s, struct delay, sub);

	while (!list_empty(&d->waiting))
		rx_item_drop(take_out(d, CONTAINER_OF(d->waiting.next,
						      struct delayed, link)));
}

static void destroy(struct rx_source *src)
{
	rx_dur_fini(&CONTAINER_OF(src, struct delay_source, source)->wait);
}

static const struct rx_source_ops ops = {
	.name = "delay_with_mapper",
	.source_bytes = sizeof(struct delay_source),
	.sub_bytes = sizeof(struct delay),
	.in = {on_next, rx_pass_error, on_done},
	.start = start,
	.stop = stop,
	.destroy = destroy,
};

struct rx_source *rx_delay_with_mapper(struct rx_source *in, struct rx_dur wait,
				       uint32_t max_buffer)
{
	struct delay_source *src = rx_source_new(&ops, NULL, in);

	src->wait = wait;
	src->max = max_buffer ? max_buffer : RX_MAX_BUFFER_DEFAULT;
	return &src->source;
}
