/* debounce.c - let an item through once its source has been quiet.
 *
 *     source            -ab--c---|
 *     debounce(20ms)    ----b--c-|
 *
 * Each item replaces the one that waits and starts the quiet time anew. So one
 * timer and one slot are enough, however fast the source is; and the timer is
 * not even touched by each item: when it rings too early it is set to the rest.
 * done lets the waiting item out first; error drops it, as in RxJS.
 */
#include "rx/op.h"

struct debounce_source {
	struct rx_source source;
	int64_t quiet_ms;
};

struct debounce {
	struct rx_sub sub;
	struct rx_timer quiet;
	int64_t quiet_at_ms; /* absolute */
	struct rx_item waiting;
	bool waits;
};

static void let_through(struct debounce *d)
{
	struct rx_item it = d->waiting;

	d->waits = false; /* first: down may cancel us, or send us an item */
	rx_emit_item(&d->sub, it);
}

static void on_quiet(struct rx_timer *t)
{
	struct debounce *d = CONTAINER_OF(t, struct debounce, quiet);

	if (!d->waits)
		return;
	if (rx_now_ms(&d->sub) < d->quiet_at_ms)
		rx_timer_start(rx_sched_of(&d->sub), t, d->quiet_at_ms,
			       on_quiet);
	else
		let_through(d);
}

static void drop_waiting(struct debounce *d)
{
	if (!d->waits)
		return;
	d->waits = false;
	rx_item_drop(d->waiting);
}

static void on_next(struct rx_observer *o, struct value v)
{
	struct debounce *d = CONTAINER_OF(o, struct debounce, sub.up);
	struct debounce_source *src =
		CONTAINER_OF(d->sub.src, struct debounce_source, source);

	drop_waiting(d);
	d->waiting = rx_item_hold(v);
	d->waits = true;
	d->quiet_at_ms = rx_deadline_ms(&d->sub, src->quiet_ms);
	if (!heap_link_in(&d->quiet.link))
		rx_timer_start(rx_sched_of(&d->sub), &d->quiet, d->quiet_at_ms,
			       on_quiet);
}

static void on_done(struct rx_observer *o)
{
	struct debounce *d = CONTAINER_OF(o, struct debounce, sub.up);

	if (d->waits)
		let_through(d);
	rx_finish_done(&d->sub);
}

static void stop(struct rx_sub *s)
{
	struct debounce *d = CONTAINER_OF(s, struct debounce, sub);

	rx_timer_stop(rx_sched_of(s), &d->quiet);
	drop_waiting(d);
}

static const struct rx_source_ops ops = {
	.name = "debounce",
	.source_bytes = sizeof(struct debounce_source),
	.sub_bytes = sizeof(struct debounce),
	.in = {on_next, rx_pass_error, on_done},
	.stop = stop,
};

struct rx_source *rx_debounce(struct rx_source *in, int64_t quiet_ms)
{
	struct debounce_source *src = rx_source_new(&ops, NULL, in);

	src->quiet_ms = quiet_ms;
	return &src->source;
}
