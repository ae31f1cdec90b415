/* throttle_with_mapper.c - debounce and audit, their span asked of each item.
 *
 *     source                     -ab--c---|
 *     throttle_with_mapper(20ms) ----b--c-|    quiet for a span after the item
 *     audit(20ms)                ---b---c-|    the first item opens a span, the
 *                                              latest comes out at its end
 *
 * At the end throttle_with_mapper lets the waiting item out at once, audit at
 * the end of the span.
 */
#include "rx/span.h"

struct throttle_source {
	struct rx_source source;
	struct rx_dur span;
};

struct throttle {
	struct rx_sub sub;
	struct rx_span span;
	struct rx_item waiting;
	bool waits;
	bool spanning;	  /* audit */
	bool source_done; /* audit */
};

static struct throttle_source *source_of(const struct throttle *t)
{
	return CONTAINER_OF(t->sub.src, struct throttle_source, source);
}

static void drop_waiting(struct throttle *t)
{
	if (!t->waits)
		return;
	t->waits = false;
	rx_item_drop(t->waiting);
}

static void replace_waiting(struct throttle *t, struct value v)
{
	drop_waiting(t);
	t->waiting = rx_item_hold(v);
	t->waits = true;
}

static void let_through(struct throttle *t)
{
	if (!t->waits)
		return;
	t->waits = false;
	rx_emit_item(&t->sub, t->waiting);
}

static void on_over(struct rx_span *span)
{
	struct throttle *t = CONTAINER_OF(span, struct throttle, span);

	t->spanning = false;
	let_through(t);
	if (t->source_done)
		rx_finish_done(&t->sub);
}

static const struct rx_span_ops span_ops = {.over = on_over};

/* An item whose span cannot be told is an item error; what waits, waits on. */
static void quiet_next(struct rx_observer *o, struct value v)
{
	struct throttle *t = CONTAINER_OF(o, struct throttle, sub.up);
	struct rx_dur *dur = &source_of(t)->span;
	int64_t ms;

	if (!rx_dur_ask(&t->sub, dur, v, &ms))
		return;

	struct rx_dur asked = *dur;

	if (dur->kind != RX_DUR_SOURCE)
		asked = rx_dur_ms(ms);
	rx_span_close(&t->span);
	replace_waiting(t, v);
	rx_span_open(&t->span, &t->sub, &span_ops, &asked, v);
}

static void quiet_done(struct rx_observer *o)
{
	struct throttle *t = CONTAINER_OF(o, struct throttle, sub.up);

	let_through(t);
	rx_finish_done(&t->sub);
}

static void audit_next(struct rx_observer *o, struct value v)
{
	struct throttle *t = CONTAINER_OF(o, struct throttle, sub.up);

	replace_waiting(t, v);
	if (t->spanning)
		return;
	t->spanning = true;
	if (!rx_span_open(&t->span, &t->sub, &span_ops, &source_of(t)->span,
			  v)) {
		t->spanning = false;
		drop_waiting(t);
	}
}

static void audit_done(struct rx_observer *o)
{
	struct throttle *t = CONTAINER_OF(o, struct throttle, sub.up);

	t->source_done = true;
	if (!t->waits)
		rx_finish_done(&t->sub);
}

static void stop(struct rx_sub *s)
{
	struct throttle *t = CONTAINER_OF(s, struct throttle, sub);

	rx_span_close(&t->span);
	drop_waiting(t);
}

static void destroy(struct rx_source *src)
{
	rx_dur_fini(&CONTAINER_OF(src, struct throttle_source, source)->span);
}

static const struct rx_source_ops quiet_ops = {
	.name = "throttle_with_mapper",
	.source_bytes = sizeof(struct throttle_source),
	.sub_bytes = sizeof(struct throttle),
	.in = {quiet_next, rx_pass_error, quiet_done},
	.stop = stop,
	.destroy = destroy,
};

static const struct rx_source_ops audit_ops = {
	.name = "audit",
	.source_bytes = sizeof(struct throttle_source),
	.sub_bytes = sizeof(struct throttle),
	.in = {audit_next, rx_pass_error, audit_done},
	.stop = stop,
	.destroy = destroy,
};

static struct rx_source *throttle_new(const struct rx_source_ops *ops,
				      struct rx_source *in, struct rx_dur span)
{
	struct throttle_source *src = rx_source_new(ops, NULL, in);

	src->span = span;
	return &src->source;
}

struct rx_source *rx_throttle_with_mapper(struct rx_source *in,
					  struct rx_dur quiet)
{
	return throttle_new(&quiet_ops, in, quiet);
}

struct rx_source *rx_audit(struct rx_source *in, struct rx_dur span)
{
	return throttle_new(&audit_ops, in, span);
}
