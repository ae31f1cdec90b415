/* timeout.c - an error, or another stream, when nothing comes for too long.
 *
 *     source                -a----------b
 *     timeout(50ms)         -a-----#            error `timeout`
 *     timeout(50ms, @b)     -a-----x-x|         @b takes over
 *
 * The limit counts from the subscription to the first item, and between items.
 * One timer, moved lazily: an item only notes the new deadline.
 */
#include "rx/op.h"

struct timeout_source {
	struct rx_source source;
	struct rx_source *other; /* ours; NULL: an error */
	int64_t due_ms;
};

struct timeout {
	struct rx_sub sub;
	struct rx_timer timer;
	struct rx_inlet inlet; /* the stream that took over */
	int64_t deadline_ms;
};

static void inlet_next(struct rx_observer *up, struct value v)
{
	rx_next(rx_inlet_of(up)->owner->down, v);
}

static void inlet_done(struct rx_observer *up)
{
	rx_finish_done(rx_inlet_of(up)->owner);
}

static const struct rx_observer_ops inlet_ops = {inlet_next,
                                                 rx_inlet_pass_error,
                                                 inlet_done};

static void on_time(struct rx_timer *timer)
{
	struct timeout *t = CONTAINER_OF(timer, struct timeout, timer);
	struct timeout_source *src =
	        CONTAINER_OF(t->sub.src, struct timeout_source, source);

	if (t->deadline_ms > rx_now_ms(&t->sub)) {
		rx_timer_start(rx_sched_of(&t->sub), timer, t->deadline_ms,
		               on_time);
		return;
	}
	if (!src->other) {
		rx_finish_code(&t->sub, WEIR_ETIMEDOUT, "timeout");
		return;
	}
	rx_sub_drop(&t->sub.in);
	rx_inlet_open(&t->inlet, &t->sub, &inlet_ops, src->other);
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
	rx_timer_start(rx_sched_of(s), &t->timer, t->deadline_ms, on_time);
	rx_subscribe_in(s);
}

static void stop(struct rx_sub *s)
{
	struct timeout *t = CONTAINER_OF(s, struct timeout, sub);

	rx_timer_stop(rx_sched_of(s), &t->timer);
	rx_inlet_close(&t->inlet);
}

static void destroy(struct rx_source *source)
{
	rx_source_unref(
	        CONTAINER_OF(source, struct timeout_source, source)->other);
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
