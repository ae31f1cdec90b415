/* throttle_with_mapper.c - debounce and audit, their span asked of each item.
 *
 *     source                     -ab--c---|
 *     throttle_with_mapper(20ms) ----b--c-|    quiet for a span after the item
 *     audit(20ms)                ---b---c-|    the first item opens a span, the
 *                                              latest comes out at its end
 *
 * With max_wait the first of them is debounce by a selector: at the latest so
 * long after the first item of a burst, the latest one comes out.
 *
 * At the end throttle_with_mapper lets the waiting item out at once, audit at
 * the end of the span.
 */
#include "base/clock.h"
#include "rx/slot.h"
#include "rx/span.h"

struct throttle_source {
	struct rx_source source;
	struct rx_dur span;
	int64_t max_wait_ms; /* CLOCK_NEVER: no bound */
};

struct throttle {
	struct rx_sub sub;
	struct rx_span span;
	struct rx_timer limit; /* max_wait */
	struct rx_slot waiting;
	bool spanning;	  /* audit */
	bool source_done; /* audit */
};

static struct throttle_source *source_of(const struct throttle *t)
{
	return CONTAINER_OF(t->sub.src, struct throttle_source, source);
}

static void let_through(struct throttle *t)
{
	rx_timer_stop(rx_sched_of(&t->sub), &t->limit);
	rx_slot_emit(&t->waiting, &t->sub);
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

static void on_limit(struct rx_timer *timer)
{
	struct throttle *t = CONTAINER_OF(timer, struct throttle, limit);

	rx_span_close(&t->span);
	let_through(t);
}

/* An item whose span cannot be told is an item error; what waits, waits on. */
static void quiet_next(struct rx_observer *o, struct value v)
{
	struct throttle *t = CONTAINER_OF(o, struct throttle, sub.up);
	struct throttle_source *src = source_of(t);
	struct rx_dur *dur = &src->span;
	int64_t ms;

	if (!rx_dur_ask(&t->sub, dur, v, &ms))
		return;

	struct rx_dur asked = *dur;

	if (dur->kind != RX_DUR_SOURCE)
		asked = rx_dur_ms(ms);
	rx_span_close(&t->span);
	if (!t->waiting.full)
		rx_timer_start(rx_sched_of(&t->sub), &t->limit,
			       rx_deadline_ms(&t->sub, src->max_wait_ms),
			       on_limit);
	rx_slot_put(&t->waiting, v);
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

	rx_slot_put(&t->waiting, v);
	if (t->spanning)
		return;
	t->spanning = true;
	if (!rx_span_open(&t->span, &t->sub, &span_ops, &source_of(t)->span,
			  v)) {
		t->spanning = false;
		rx_slot_clear(&t->waiting);
	}
}

static void audit_done(struct rx_observer *o)
{
	struct throttle *t = CONTAINER_OF(o, struct throttle, sub.up);

	t->source_done = true;
	if (!t->waiting.full)
		rx_finish_done(&t->sub);
}

static void stop(struct rx_sub *s)
{
	struct throttle *t = CONTAINER_OF(s, struct throttle, sub);

	rx_span_close(&t->span);
	rx_timer_stop(rx_sched_of(s), &t->limit);
	rx_slot_clear(&t->waiting);
}

static void destroy(struct rx_source *src)
{
	rx_dur_fini(&CONTAINER_OF(src, struct throttle_source, source)->span);
}

static const struct rx_source_ops quiet_ops = {
	.name = "throttle_with_mapper",
	.source_bytes = sizeof(struct throttle_source),
	.sub_bytes = sizeof(struct throttle),
	.slot = offsetof(struct throttle, waiting),
	.in = {quiet_next, rx_pass_error, quiet_done},
	.stop = stop,
	.destroy = destroy,
};

static const struct rx_source_ops debounce_ops = {
	.name = "debounce",
	.source_bytes = sizeof(struct throttle_source),
	.sub_bytes = sizeof(struct throttle),
	.slot = offsetof(struct throttle, waiting),
	.in = {quiet_next, rx_pass_error, quiet_done},
	.stop = stop,
	.destroy = destroy,
};

static const struct rx_source_ops audit_ops = {
	.name = "audit",
	.source_bytes = sizeof(struct throttle_source),
	.sub_bytes = sizeof(struct throttle),
	.slot = offsetof(struct throttle, waiting),
	.in = {audit_next, rx_pass_error, audit_done},
	.stop = stop,
	.destroy = destroy,
};

static struct rx_source *throttle_new(const struct rx_source_ops *ops,
				      struct rx_source *in, struct rx_dur span,
				      int64_t max_wait_ms)
{
	struct throttle_source *src = rx_source_new(ops, NULL, in);

	src->span = span;
	src->max_wait_ms = max_wait_ms;
	return &src->source;
}

struct rx_source *rx_throttle_with_mapper(struct rx_source *in,
					  struct rx_dur quiet)
{
	return throttle_new(&quiet_ops, in, quiet, CLOCK_NEVER);
}

struct rx_source *rx_debounce_with_mapper(struct rx_source *in,
					  struct rx_dur quiet,
					  int64_t max_wait_ms)
{
	return throttle_new(&debounce_ops, in, quiet, max_wait_ms);
}

struct rx_source *rx_audit(struct rx_source *in, struct rx_dur span)
{
	return throttle_new(&audit_ops, in, span, CLOCK_NEVER);
}
