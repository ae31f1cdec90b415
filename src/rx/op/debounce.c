/* debounce.c - let an item through once its source has been quiet.
 *
 *     source                           -ab--c---|
 *     debounce(20ms)                   ----b--c-|
 *
 *     source                           -a-b-c-d-e---|
 *     debounce(30ms, max_wait=50ms)    ------c-----e|
 *
 * Each item replaces the one that waits and starts the quiet time anew. So one
 * timer and one slot are enough, however fast the source is; and the timer is
 * not even touched by each item: when it rings too early it is set to the rest.
 * done lets the waiting item out first; error drops it, as in RxJS.
 *
 * max_wait counts from the first item of a burst: then the latest one comes out
 * though the source has not been quiet, so that a busy one is still heard.
 */
#include "base/clock.h"
#include "rx/slot.h"

struct debounce_source {
	struct rx_source source;
	int64_t quiet_ms;
	int64_t max_wait_ms; /* CLOCK_NEVER: no bound */
};

struct debounce {
	struct rx_sub sub;
	struct rx_timer quiet;
	int64_t quiet_at_ms; /* absolute */
	int64_t limit_at_ms; /* absolute: max_wait is over */
	struct rx_slot waiting;
};

static void on_quiet(struct rx_timer *t)
{
	struct debounce *d = CONTAINER_OF(t, struct debounce, quiet);

	int64_t due_ms = MIN(d->quiet_at_ms, d->limit_at_ms);

	if (!d->waiting.full)
		return;
	if (rx_now_ms(&d->sub) < due_ms)
		rx_timer_start(rx_sched_of(&d->sub), t, due_ms, on_quiet);
	else
		rx_slot_emit(&d->waiting, &d->sub);
}

static void on_next(struct rx_observer *o, struct value v)
{
	struct debounce *d = CONTAINER_OF(o, struct debounce, sub.up);
	struct debounce_source *src =
		CONTAINER_OF(d->sub.src, struct debounce_source, source);

	if (!d->waiting.full)
		d->limit_at_ms = rx_deadline_ms(&d->sub, src->max_wait_ms);
	rx_slot_put(&d->waiting, v);
	d->quiet_at_ms = rx_deadline_ms(&d->sub, src->quiet_ms);
	if (!heap_link_in(&d->quiet.link))
		rx_timer_start(rx_sched_of(&d->sub), &d->quiet,
			       MIN(d->quiet_at_ms, d->limit_at_ms), on_quiet);
}

static void on_done(struct rx_observer *o)
{
	struct debounce *d = CONTAINER_OF(o, struct debounce, sub.up);

	rx_slot_emit(&d->waiting, &d->sub);
	rx_finish_done(&d->sub);
}

static void stop(struct rx_sub *s)
{
	struct debounce *d = CONTAINER_OF(s, struct debounce, sub);

	rx_timer_stop(rx_sched_of(s), &d->quiet);
	rx_slot_clear(&d->waiting);
}

static const struct rx_source_ops ops = {
	.name = "debounce",
	.source_bytes = sizeof(struct debounce_source),
	.sub_bytes = sizeof(struct debounce),
	.slot = offsetof(struct debounce, waiting),
	.in = {on_next, rx_pass_error, on_done},
	.stop = stop,
};

struct rx_source *rx_debounce_within(struct rx_source *in, int64_t quiet_ms,
				     int64_t max_wait_ms)
{
	struct debounce_source *src = rx_source_new(&ops, NULL, in);

	src->quiet_ms = quiet_ms;
	src->max_wait_ms = max_wait_ms;
	return &src->source;
}

struct rx_source *rx_debounce(struct rx_source *in, int64_t quiet_ms)
{
	return rx_debounce_within(in, quiet_ms, CLOCK_NEVER);
}
