/* take_last_with_time.c - the items of the last span, or all but them.
 *
 *     source                       -a--b--c-|
 *     take_last_with_time(50ms)    ---------(bc|)
 *     skip_last_with_time(50ms)    -------a-|      an item once it is 50 ms old
 *                                                  and another, or the end,
 * comes
 */
#include "rx/op.h"

struct last_source {
	struct rx_source source;
	int64_t span_ms;
	uint32_t max;
};

struct last {
	struct rx_sub sub;
	struct rx_queue held; /* at: when an item came */
};

static struct last_source *source_of(const struct last *l)
{
	return CONTAINER_OF(l->sub.src, struct last_source, source);
}

static bool first_is_old(const struct last *l)
{
	return l->held.len &&
	       rx_now_ms(&l->sub) - rx_queue_at(&l->held, 0)->at >=
		       source_of(l)->span_ms;
}

static bool hold(struct last *l, struct value v)
{
	if (l->held.len >= source_of(l)->max) {
		rx_item_refused(&l->sub, v, l->held.len, "max_buffer");
		return false;
	}
	rx_queue_push(&l->held, rx_item_hold(v), rx_now_ms(&l->sub));
	return true;
}

static void take_next(struct rx_observer *o, struct value v)
{
	struct last *l = CONTAINER_OF(o, struct last, sub.up);

	while (first_is_old(l))
		rx_item_drop(rx_queue_pop(&l->held));
	hold(l, v);
}

static void take_done(struct rx_observer *o)
{
	struct last *l = CONTAINER_OF(o, struct last, sub.up);

	while (first_is_old(l))
		rx_item_drop(rx_queue_pop(&l->held));
	while (l->held.len)
		rx_emit_item(&l->sub, rx_queue_pop(&l->held));
	rx_finish_done(&l->sub);
}

static void emit_old(struct last *l)
{
	while (first_is_old(l))
		rx_emit_item(&l->sub, rx_queue_pop(&l->held));
}

static void skip_next(struct rx_observer *o, struct value v)
{
	struct last *l = CONTAINER_OF(o, struct last, sub.up);

	if (hold(l, v))
		emit_old(l);
}

static void skip_done(struct rx_observer *o)
{
	struct last *l = CONTAINER_OF(o, struct last, sub.up);

	emit_old(l);
	rx_finish_done(&l->sub);
}

static void stop(struct rx_sub *s)
{
	rx_queue_clear(&CONTAINER_OF(s, struct last, sub)->held);
}

static const struct rx_source_ops take_ops = {
	.name = "take_last_with_time",
	.source_bytes = sizeof(struct last_source),
	.sub_bytes = sizeof(struct last),
	.in = {take_next, rx_pass_error, take_done},
	.stop = stop,
};

static const struct rx_source_ops skip_ops = {
	.name = "skip_last_with_time",
	.source_bytes = sizeof(struct last_source),
	.sub_bytes = sizeof(struct last),
	.in = {skip_next, rx_pass_error, skip_done},
	.stop = stop,
};

static struct rx_source *last_new(const struct rx_source_ops *ops,
				  struct rx_source *in, int64_t span_ms,
				  uint32_t max_buffer)
{
	struct last_source *src = rx_source_new(ops, NULL, in);

	src->span_ms = span_ms;
	src->max = max_buffer ? max_buffer : RX_MAX_BUFFER_DEFAULT;
	return &src->source;
}

struct rx_source *rx_take_last_with_time(struct rx_source *in, int64_t span_ms,
					 uint32_t max_buffer)
{
	return last_new(&take_ops, in, span_ms, max_buffer);
}

struct rx_source *rx_skip_last_with_time(struct rx_source *in, int64_t span_ms,
					 uint32_t max_buffer)
{
	return last_new(&skip_ops, in, span_ms, max_buffer);
}
