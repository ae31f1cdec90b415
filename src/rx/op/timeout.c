/* timeout.c - an error, or another stream, when nothing comes for too long.
 *
 *     source                              -a----------b
 *     timeout(50ms)                       -a----#           error `timeout`
 *     timeout(50ms, @b)                   -a-----x-x|       @b takes over
 *     timeout(50ms) { .. }                                  the block on
 *                                                           just("timeout")
 *     timeout(first=30ms, each=100ms)     -a---------#
 *
 * `first` counts from the subscription to the first item, `each` from an item
 * to the next. One timer, moved lazily: an item only notes the new deadline,
 * unless it is earlier than the timer's. What takes over works for the item
 * that opened the block around, whose cause is kept for it.
 */
#include "base/clock.h"
#include "rx/op.h"

struct timeout_source {
	struct rx_source source;
	struct rx_timeout_opts opts; /* ours: other, fallback */
};

struct timeout {
	struct rx_sub sub;
	struct rx_timer timer;
	struct rx_inlet other;	/* the stream that took over */
	struct rx_cause *cause; /* ours: whose subscription this is */
	int64_t deadline_ms;	/* absolute; CLOCK_NEVER without a limit */
	int64_t rings_at_ms;	/* the timer, which may be early; as above */
};

static struct timeout *timeout_of(struct rx_sub *s)
{
	return CONTAINER_OF(s, struct timeout, sub);
}

static const struct rx_timeout_opts *opts_of(const struct timeout *t)
{
	return &CONTAINER_OF(t->sub.src, struct timeout_source, source)->opts;
}

static struct rx_source *successor(struct timeout *t, struct weir_error *err)
{
	const struct rx_timeout_opts *opts = opts_of(t);

	error_set(err, WEIR_ETIMEDOUT, "timeout");
	if (opts->other)
		return rx_source_ref(opts->other);
	if (!opts->fallback)
		return NULL;

	struct value message = value_cstr(err->message);
	struct rx_source *next = rx_build_inner(t->sub.src->ctx, opts->fallback,
						message, -1, err);

	value_unref(message);
	return next;
}

static void take_over(struct timeout *t)
{
	struct weir_error err = {0};
	struct rx_source *next = successor(t, &err);

	if (!next) {
		rx_finish_error(&t->sub, &err);
		return;
	}
	rx_sub_drop(&t->sub.in);
	rx_inlet_open_held(&t->other, &t->sub, &rx_inlet_takes_over, next);
	rx_source_unref(next);
}

static void on_time(struct rx_timer *timer);

static void ring_at_deadline(struct timeout *t)
{
	t->rings_at_ms = t->deadline_ms;
	rx_timer_start(rx_sched_of(&t->sub), &t->timer, t->deadline_ms,
		       on_time);
}

static void on_time(struct rx_timer *timer)
{
	struct timeout *t = CONTAINER_OF(timer, struct timeout, timer);
	struct rx_cause *old;

	if (t->deadline_ms > rx_now_ms(&t->sub)) {
		ring_at_deadline(t);
		return;
	}
	old = rx_cause_enter(t->cause);
	take_over(t);
	rx_cause_leave(old);
}

/* Negative: no limit from now on. */
static void limit(struct timeout *t, int64_t ms)
{
	t->deadline_ms = ms < 0 ? CLOCK_NEVER : rx_deadline_ms(&t->sub, ms);
	if (!heap_link_in(&t->timer.link) || t->rings_at_ms > t->deadline_ms)
		ring_at_deadline(t);
}

static void on_next(struct rx_observer *o, struct value v)
{
	struct timeout *t = timeout_of(rx_sub_of(o));

	limit(t, opts_of(t)->each_ms);
	rx_next(t->sub.down, v);
}

static void start(struct rx_sub *s)
{
	struct timeout *t = timeout_of(s);

	t->cause = rx_cause_ref(rx_cause_now);
	limit(t, opts_of(t)->first_ms);
	rx_subscribe_in(s);
}

static void stop(struct rx_sub *s)
{
	struct timeout *t = timeout_of(s);
	struct rx_cause *cause = t->cause;

	rx_timer_stop(rx_sched_of(s), &t->timer);
	rx_inlet_close(&t->other);
	t->cause = NULL;
	rx_cause_unref(cause);
}

static void hold(struct rx_sub *s)
{
	rx_hold_either(s, &CONTAINER_OF(s, struct timeout, sub)->other);
}

static void destroy(struct rx_source *source)
{
	struct timeout_source *src =
		CONTAINER_OF(source, struct timeout_source, source);

	rx_source_unref(src->opts.other);
	rx_block_unref(src->opts.fallback);
}

static const struct rx_source_ops ops = {
	.name = "timeout",
	.source_bytes = sizeof(struct timeout_source),
	.sub_bytes = sizeof(struct timeout),
	.hold = hold,
	.in = {on_next, rx_pass_error, rx_pass_done},
	.start = start,
	.stop = stop,
	.destroy = destroy,
};

struct rx_source *rx_timeout_with(struct rx_source *in,
				  struct rx_timeout_opts opts)
{
	struct timeout_source *src = rx_source_new(&ops, NULL, in);

	src->opts = opts;
	return &src->source;
}

struct rx_source *rx_timeout(struct rx_source *in, int64_t due_ms,
			     struct rx_source *other)
{
	return rx_timeout_with(in, (struct rx_timeout_opts){
					   .first_ms = due_ms,
					   .each_ms = due_ms,
					   .other = other,
				   });
}
