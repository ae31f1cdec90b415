/* timeout.c - an error, or another stream, when nothing comes for too long.
 *
 *     source                -a----------b
 *     timeout(50ms)         -a-----#            error `timeout`
 *     timeout(50ms, @b)     -a-----x-x|         @b takes over
 *
 * The limit counts from the subscription to the first item, and between items.
 * One timer, moved lazily: an item only notes the new deadline. It is a pause,
 * so that within a block @b works for the item that opened the block.
 */
#include "rx/op.h"

struct timeout_source {
	struct rx_source source;
	struct rx_source *other; /* ours; NULL: an error */
	int64_t due_ms;
};

struct timeout {
	struct rx_sub sub;
	struct rx_pause timer;
	struct rx_inlet other; /* the stream that took over */
	int64_t deadline_ms;
};

static void on_time(struct rx_sub *s)
{
	struct timeout *t = CONTAINER_OF(s, struct timeout, sub);
	struct timeout_source *src =
		CONTAINER_OF(s->src, struct timeout_source, source);

	if (t->deadline_ms > rx_now_ms(s)) {
		rx_pause_until(&t->timer, s, t->deadline_ms, on_time);
		return;
	}
	if (!src->other) {
		rx_finish_code(s, WEIR_ETIMEDOUT, "timeout");
		return;
	}
	rx_sub_drop(&s->in);
	rx_inlet_open(&t->other, s, &rx_inlet_takes_over, src->other);
}

static void on_next(struct rx_observer *o, struct value v)
{
	struct timeout *t = CONTAINER_OF(o, struct timeout, sub.up);
	struct timeout_source *src =
		CONTAINER_OF(t->sub.src, struct timeout_source, source);

	t->deadline_ms = rx_deadline_ms(&t->sub, src->due_ms);
	rx_next(t->sub.down, v);
}

static void start(struct rx_sub *s)
{
	struct timeout *t = CONTAINER_OF(s, struct timeout, sub);
	struct timeout_source *src =
		CONTAINER_OF(s->src, struct timeout_source, source);

	t->deadline_ms = rx_deadline_ms(s, src->due_ms);
	rx_pause_until(&t->timer, s, t->deadline_ms, on_time);
	rx_subscribe_in(s);
}

static void stop(struct rx_sub *s)
{
	struct timeout *t = CONTAINER_OF(s, struct timeout, sub);

	rx_pause_stop(&t->timer);
	rx_inlet_close(&t->other);
}

static void destroy(struct rx_source *src)
{
	rx_source_unref(
		CONTAINER_OF(src, struct timeout_source, source)->other);
}

static const struct rx_source_ops ops = {
	.name = "timeout",
	.source_bytes = sizeof(struct timeout_source),
	.sub_bytes = sizeof(struct timeout),
	.in = {on_next, rx_pass_error, rx_pass_done},
	.start = start,
	.stop = stop,
	.destroy = destroy,
};

struct rx_source *rx_timeout(struct rx_source *in, int64_t due_ms,
			     struct rx_source *other)
{
	struct timeout_source *src = rx_source_new(&ops, NULL, in);

	src->due_ms = due_ms;
	src->other = other;
	return &src->source;
}
