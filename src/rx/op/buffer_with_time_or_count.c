/* buffer_with_time_or_count.c - an array when the time is up or n are there.
 *
 *     source                                 -a--b--c--------|
 *     buffer_with_time_or_count(60ms, 2)     ----[ab]--[c]--([]|)
 *                                                |-----|
 * The time starts anew after a full array, so that a busy source gives full
 * arrays only. Empty ones are emitted: they are the pulse of a quiet source.
 */
#include "rx/op.h"

struct either_source {
	struct rx_source source;
	int64_t span_ms;
	uint32_t n;
};

struct either {
	struct rx_sub sub;
	struct rx_timer timer;
	struct rx_queue held;
};

static void on_time(struct rx_timer *timer);

static void start_time(struct either *e)
{
	struct either_source *src =
		CONTAINER_OF(e->sub.src, struct either_source, source);

	rx_timer_start(rx_sched_of(&e->sub), &e->timer,
		       rx_deadline_ms(&e->sub, src->span_ms), on_time);
}

static void on_time(struct rx_timer *timer)
{
	struct either *e = CONTAINER_OF(timer, struct either, timer);

	start_time(e);
	rx_emit_item(&e->sub, rx_queue_take_array(&e->held));
}

static void on_next(struct rx_observer *o, struct value v)
{
	struct either *e = CONTAINER_OF(o, struct either, sub.up);
	struct either_source *src =
		CONTAINER_OF(e->sub.src, struct either_source, source);

	rx_queue_push(&e->held, rx_item_hold(v), 0);
	if (e->held.len < src->n)
		return;
	start_time(e);
	rx_emit_item(&e->sub, rx_queue_take_array(&e->held));
}

static void on_done(struct rx_observer *o)
{
	struct either *e = CONTAINER_OF(o, struct either, sub.up);

	rx_emit_item(&e->sub, rx_queue_take_array(&e->held));
	rx_finish_done(&e->sub);
}

static void start(struct rx_sub *s)
{
	start_time(CONTAINER_OF(s, struct either, sub));
	rx_subscribe_in(s);
}

static void stop(struct rx_sub *s)
{
	struct either *e = CONTAINER_OF(s, struct either, sub);

	rx_timer_stop(rx_sched_of(s), &e->timer);
	rx_queue_clear(&e->held);
}

static const struct rx_source_ops ops = {
	.name = "buffer_with_time_or_count",
	.source_bytes = sizeof(struct either_source),
	.sub_bytes = sizeof(struct either),
	.queue = offsetof(struct either, held),
	.in = {on_next, rx_pass_error, on_done},
	.start = start,
	.stop = stop,
};

struct rx_source *rx_buffer_with_time_or_count(struct rx_source *in,
					       int64_t span_ms, uint32_t n)
{
	struct either_source *src = rx_source_new(&ops, NULL, in);

	src->span_ms = MAX(span_ms, 1);
	src->n = MAX(n, 1);
	return &src->source;
}
