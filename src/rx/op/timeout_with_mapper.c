/* timeout_with_mapper.c - timeout, its limit asked of each item.
 *
 *     source                                 -3-------1--5
 *     timeout_with_mapper(50ms, '. * 10')    -3--#
 *
 * `first` limits the wait for the first item; without `each` only that one has
 * a limit. An item whose limit cannot be told is an item error: it passes, and
 * what comes after it has no limit.
 */
#include "rx/span.h"

struct limit_source {
	struct rx_source source;
	struct rx_source *other; /* ours; NULL: the error `timeout` */
	struct rx_dur first;
	struct rx_dur each;
	bool has_each;
};

struct limit {
	struct rx_sub sub;
	struct rx_span span;
	struct rx_inlet other;	/* the stream that took over */
	struct rx_cause *cause; /* ours: whose subscription this is */
	uint64_t items;		/* so far */
};

static struct limit_source *source_of(const struct limit *l)
{
	return CONTAINER_OF(l->sub.src, struct limit_source, source);
}

static void on_over(struct rx_span *span)
{
	struct limit *l = CONTAINER_OF(span, struct limit, span);
	struct rx_source *other = source_of(l)->other;
	/* A count of our own: stop lets go of that of l. */
	struct rx_cause *cause = rx_cause_ref(l->cause);
	struct rx_cause *old = rx_cause_enter(cause);

	if (other) {
		rx_sub_drop(&l->sub.in);
		rx_inlet_open_held(&l->other, &l->sub, &rx_inlet_takes_over,
				   other);
	} else {
		rx_finish_code(&l->sub, WEIR_ETIMEDOUT, "timeout");
	}
	rx_cause_leave(old);
	rx_cause_unref(cause);
}

static const struct rx_span_ops span_ops = {.over = on_over};

static void on_next(struct rx_observer *o, struct value v)
{
	struct limit *l = CONTAINER_OF(o, struct limit, sub.up);
	uint64_t item = ++l->items;

	rx_span_close(&l->span);
	rx_next(l->sub.down, v);
	/* An item that down pushed into us has brought a limit of its own. */
	if (!l->sub.halted && l->items == item && source_of(l)->has_each)
		rx_span_open(&l->span, &l->sub, &span_ops, &source_of(l)->each,
			     v);
}

static void start(struct rx_sub *s)
{
	struct limit *l = CONTAINER_OF(s, struct limit, sub);

	l->cause = rx_cause_ref(rx_cause_now);
	rx_span_open(&l->span, s, &span_ops, &source_of(l)->first,
		     value_null());
	if (!s->halted && !l->other.owner)
		rx_subscribe_in(s);
}

static void stop(struct rx_sub *s)
{
	struct limit *l = CONTAINER_OF(s, struct limit, sub);
	struct rx_cause *cause = l->cause;

	rx_span_close(&l->span);
	rx_inlet_close(&l->other);
	l->cause = NULL;
	rx_cause_unref(cause);
}

static void hold(struct rx_sub *s)
{
	rx_hold_either(s, &CONTAINER_OF(s, struct limit, sub)->other);
}

static void destroy(struct rx_source *source)
{
	struct limit_source *src =
		CONTAINER_OF(source, struct limit_source, source);

	rx_source_unref(src->other);
	rx_dur_fini(&src->first);
	rx_dur_fini(&src->each);
}

static const struct rx_source_ops ops = {
	.name = "timeout_with_mapper",
	.source_bytes = sizeof(struct limit_source),
	.sub_bytes = sizeof(struct limit),
	.hold = hold,
	.in = {on_next, rx_pass_error, rx_pass_done},
	.start = start,
	.stop = stop,
	.destroy = destroy,
};

struct rx_source *rx_timeout_with_mapper(struct rx_source *in,
					 struct rx_dur first,
					 const struct rx_dur *each,
					 struct rx_source *other)
{
	struct limit_source *src = rx_source_new(&ops, NULL, in);

	src->first = first;
	src->other = other;
	if (each) {
		src->each = *each;
		src->has_each = true;
	}
	return &src->source;
}
