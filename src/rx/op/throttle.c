/* throttle.c - the first or the last item of each span, or both.
 *
 *     source                           -ab---c--|
 *     throttle(30ms)                   -a----c--|
 *     throttle(30ms, trailing=true)    -a--b--c-|
 *     leading=false, trailing=true     ----b--c-|
 *                                       |--|--|      the spans of both
 *
 * An item that comes while no span is open opens one. With leading it passes at
 * once, else it is the first that may become the last. With trailing the last
 * item of the span passes at its end and opens the next one, so that items
 * always lie a span apart. Done waits for the end of the span only when an item
 * waits for it; an error drops that item.
 *
 * The span is open before its item is let through: what down sends back comes
 * within it. Leading alone, with one duration, is throttle_first, which needs
 * no timer.
 * Source: RxJS 7, throttle. There a span whose stream ends without an item lets
 * nothing out; here the end is a signal, as for every duration selector.
 */
#include "rx/slot.h"
#include "rx/span.h"

struct throttle_source {
	struct rx_source source;
	struct rx_dur span;
	bool leading;
	bool trailing;
};

struct throttle {
	struct rx_sub sub;
	struct rx_span span;
	struct rx_slot last; /* of the present span; trailing only */
	bool spanning;
	bool source_done;
};

static struct throttle *throttle_of(struct rx_sub *s)
{
	return CONTAINER_OF(s, struct throttle, sub);
}

static struct throttle_source *source_of(const struct throttle *t)
{
	return CONTAINER_OF(t->sub.src, struct throttle_source, source);
}

static bool open_span(struct throttle *t, struct value v);

/* The last item of a span goes out, and opens the next one. */
static void let_last_through(struct throttle *t)
{
	struct rx_item it = t->last.item;
	struct rx_cause *old = rx_cause_enter(it.cause);
	bool passes;

	t->last.full = false;
	passes = t->source_done || open_span(t, it.v);
	rx_cause_leave(old);
	if (passes)
		rx_emit_item(&t->sub, it);
	else
		rx_item_drop(it);
}

static void on_over(struct rx_span *span)
{
	struct throttle *t = CONTAINER_OF(span, struct throttle, span);

	t->spanning = false;
	if (t->last.full)
		let_last_through(t);
	if (t->source_done)
		rx_finish_done(&t->sub);
}

static const struct rx_span_ops span_ops = {.over = on_over};

/* False: v must not pass. Its span cannot be told, which is an item error, or
 * the stream has ended. */
static bool open_span(struct throttle *t, struct value v)
{
	t->spanning = true;
	if (rx_span_open(&t->span, &t->sub, &span_ops, &source_of(t)->span, v))
		return !t->sub.halted;
	t->spanning = false;
	return false;
}

static void on_next(struct rx_observer *o, struct value v)
{
	struct throttle *t = throttle_of(rx_sub_of(o));
	struct throttle_source *src = source_of(t);

	if (t->spanning) {
		if (src->trailing)
			rx_slot_put(&t->last, v);
	} else if (src->leading) {
		if (open_span(t, v))
			rx_next(t->sub.down, v);
	} else {
		rx_slot_put(&t->last, v);
		if (!open_span(t, v))
			rx_slot_clear(&t->last);
	}
}

static void on_done(struct rx_observer *o)
{
	struct throttle *t = throttle_of(rx_sub_of(o));

	t->source_done = true;
	if (!t->last.full)
		rx_finish_done(&t->sub);
}

static void stop(struct rx_sub *s)
{
	struct throttle *t = throttle_of(s);

	rx_span_close(&t->span);
	rx_slot_clear(&t->last);
}

static void destroy(struct rx_source *src)
{
	rx_dur_fini(&CONTAINER_OF(src, struct throttle_source, source)->span);
}

static const struct rx_source_ops ops = {
	.name = "throttle",
	.source_bytes = sizeof(struct throttle_source),
	.sub_bytes = sizeof(struct throttle),
	.slot = offsetof(struct throttle, last),
	.in = {on_next, rx_pass_error, on_done},
	.stop = stop,
	.destroy = destroy,
};

struct rx_source *rx_throttle(struct rx_source *in, struct rx_dur span,
			      bool leading, bool trailing)
{
	if (span.kind == RX_DUR_MS && leading && !trailing)
		return rx_throttle_first(in, span.ms);

	struct throttle_source *src = rx_source_new(&ops, NULL, in);

	src->span = span;
	src->leading = leading;
	src->trailing = trailing;
	return &src->source;
}
