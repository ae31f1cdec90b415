/* span.c - runs a duration selector: by a timer, or by a stream's signal. */
#include "rx/span.h"

#include "base/clock.h"

void rx_dur_fini(struct rx_dur *d)
{
	rx_fn_unref(d->fn);
	rx_source_unref(d->source);
}

/* Closed first: over() may open it anew, or free it. */
static void signal_over(struct rx_span *span)
{
	rx_span_close(span);
	span->ops->over(span);
}

static void on_time(struct rx_timer *t)
{
	signal_over(CONTAINER_OF(t, struct rx_span, timer));
}

static void on_next(struct rx_observer *o, struct value v)
{
	signal_over(CONTAINER_OF(o, struct rx_span, up));
}

static void on_done(struct rx_observer *o)
{
	signal_over(CONTAINER_OF(o, struct rx_span, up));
}

static void on_error(struct rx_observer *o, const struct weir_error *err)
{
	struct rx_span *span = CONTAINER_OF(o, struct rx_span, up);

	rx_span_close(span);
	if (span->ops->error)
		span->ops->error(span, err);
	else
		rx_finish_error(span->owner, err);
}

static const struct rx_observer_ops signal_ops = {on_next, on_error, on_done};

/* What the program gives for v; negative ones are 0. */
static bool ask(struct rx_sub *owner, struct rx_fn *fn, struct value v,
		int64_t *ms_out)
{
	struct weir_error err = {0};
	struct value out;

	if (!rx_apply(owner, fn, v, -1, &out))
		return false;
	if (!value_is_number(out)) {
		error_set(
			&err, WEIR_EITEM,
			"%s: the duration is %s, not a number of milliseconds",
			owner->src->ops->name, value_type_name(out));
		value_unref(out);
		rx_item_failed(owner, &err, v);
		return false;
	}

	double ms = value_to_double(out);

	*ms_out = ms <= 0 ? 0 : ms >= 1e15 ? CLOCK_NEVER : (int64_t)ms;
	return true;
}

bool rx_dur_ask(struct rx_sub *owner, const struct rx_dur *dur, struct value v,
		int64_t *ms_out)
{
	*ms_out = dur->ms;
	return dur->kind != RX_DUR_FN || ask(owner, dur->fn, v, ms_out);
}

bool rx_span_open(struct rx_span *span, struct rx_sub *owner,
		  const struct rx_span_ops *ops, const struct rx_dur *dur,
		  struct value v)
{
	int64_t ms;

	if (!rx_dur_ask(owner, dur, v, &ms))
		return false;
	span->ops = ops;
	span->owner = owner;
	if (dur->kind == RX_DUR_SOURCE) {
		span->up.ops = &signal_ops;
		rx_subscribe_for(owner, dur->source, &span->up, &span->sub);
	} else {
		rx_timer_start(rx_sched_of(owner), &span->timer,
			       rx_deadline_ms(owner, ms), on_time);
	}
	return true;
}

void rx_span_close(struct rx_span *span)
{
	if (!span->owner)
		return;
	rx_timer_stop(rx_sched_of(span->owner), &span->timer);
	rx_sub_drop(&span->sub);
}
