/* delay.c - everything later by the same time; an error at once.
 *
 *     source         -a-b-|
 *     delay(30ms)    ----a-b-|
 *
 * All wait equally long, so they leave in the order of their coming: one queue
 * and one timer for its first. The end waits like an item (RxJS ends with the
 * last item); an error overtakes what waits and drops it.
 */
#include "rx/op.h"

struct delay_source {
	struct rx_source source;
	int64_t by_ms;
	uint32_t max;
};

struct delay {
	struct rx_sub sub;
	struct rx_timer timer;
	struct rx_queue waiting; /* at: when an item is due */
	int64_t done_at_ms;
	bool done_waits;
};

static void on_due(struct rx_timer *t);

static void start_timer(struct delay *d)
{
	int64_t due_ms = d->waiting.len ? rx_queue_at(&d->waiting, 0)->at
					: d->done_at_ms;

	if (d->waiting.len || d->done_waits)
		rx_timer_start(rx_sched_of(&d->sub), &d->timer, due_ms, on_due);
}

static void on_due(struct rx_timer *t)
{
	struct delay *d = CONTAINER_OF(t, struct delay, timer);
	int64_t now_ms = rx_now_ms(&d->sub);

	while (d->waiting.len && rx_queue_at(&d->waiting, 0)->at <= now_ms)
		rx_emit_item(&d->sub, rx_queue_pop(&d->waiting));
	if (d->sub.halted)
		return;
	if (!d->waiting.len && d->done_waits && d->done_at_ms <= now_ms)
		rx_finish_done(&d->sub);
	else
		start_timer(d);
}

static void on_next(struct rx_observer *o, struct value v)
{
	struct delay *d = CONTAINER_OF(o, struct delay, sub.up);
	struct delay_source *src =
		CONTAINER_OF(d->sub.src, struct delay_source, source);

	if (d->waiting.len >= src->max) {
		rx_item_refused(&d->sub, v, d->waiting.len, "max_buffer");
		return;
	}
	rx_queue_push(&d->waiting, rx_item_hold(v),
		      rx_deadline_ms(&d->sub, src->by_ms));
	if (d->waiting.len == 1)
		start_timer(d);
}

static void on_done(struct rx_observer *o)
{
	struct delay *d = CONTAINER_OF(o, struct delay, sub.up);
	struct delay_source *src =
		CONTAINER_OF(d->sub.src, struct delay_source, source);

	d->done_waits = true;
	d->done_at_ms = rx_deadline_ms(&d->sub, src->by_ms);
	if (!d->waiting.len)
		start_timer(d);
}

static void stop(struct rx_sub *s)
{
	struct delay *d = CONTAINER_OF(s, struct delay, sub);

	rx_timer_stop(rx_sched_of(s), &d->timer);
	rx_queue_clear(&d->waiting);
}

static const struct rx_source_ops ops = {
	.name = "delay",
	.source_bytes = sizeof(struct delay_source),
	.sub_bytes = sizeof(struct delay),
	.in = {on_next, rx_pass_error, on_done},
	.stop = stop,
};

struct rx_source *rx_delay(struct rx_source *in, int64_t by_ms,
			   uint32_t max_buffer)
{
	struct delay_source *src = rx_source_new(&ops, NULL, in);

	src->by_ms = by_ms;
	src->max = max_buffer ? max_buffer : RX_MAX_BUFFER_DEFAULT;
	return &src->source;
}
