/* on_backpressure.c - what becomes of items while nobody can take them.
 *
 * The stage below is busy (S: rx_sub_hold) and then free again (F):
 *
 *     source                    -a-b-c-d-e-|
 *     below                     -S-----F----
 *     on_backpressure_latest    -a-----c-d-e-|    the newest waits
 *     on_backpressure_drop      -a-------d-e-|    none waits
 *     on_backpressure_buffer    -a-----(bc)d-e-|  all wait, up to a bound
 *
 * What is dropped is counted. A hold ends here: the source is not told, since
 * who writes this stage has decided that it shall not wait. The end waits for
 * what waits, an error does not.
 */
#include "rx/op.h"

struct bp_source {
	struct rx_source source;
	uint32_t max;
	enum rx_overflow overflow;
};

struct bp {
	struct rx_sub sub;
	struct rx_queue waiting;
	struct rx_pause pause; /* going on is for the next turn */
	bool done;
};

static void drop_oldest(struct bp *b)
{
	rx_item_dropped(&b->sub);
	rx_item_drop(rx_queue_pop(&b->waiting));
}

/* Everything that waits, as long as it is taken. */
static void drain(struct rx_sub *s)
{
	struct bp *b = CONTAINER_OF(s, struct bp, sub);

	while (b->waiting.len && rx_may_emit(s))
		rx_emit_item(s, rx_queue_pop(&b->waiting));
	if (!s->halted && b->done && !b->waiting.len)
		rx_finish_done(s);
}

/* Not on hold, though s may be. */
static void start(struct rx_sub *s)
{
	rx_subscribe_for(s, s->src->in, &s->up, &s->in);
}

static void hold(struct rx_sub *s)
{
	struct bp *b = CONTAINER_OF(s, struct bp, sub);

	if (!s->on_hold && b->waiting.len)
		rx_pause_begin(&b->pause, s, drain);
}

static void on_next(struct rx_observer *o, struct value v)
{
	struct bp *b = CONTAINER_OF(o, struct bp, sub.up);
	struct bp_source *src =
		CONTAINER_OF(b->sub.src, struct bp_source, source);

	if (!b->sub.on_hold && !b->waiting.len) {
		rx_next(b->sub.down, v);
		return;
	}
	if (b->waiting.len >= src->max) {
		switch (src->overflow) {
		case RX_OVERFLOW_DROP_NEWEST:
			rx_item_dropped(&b->sub);
			return;
		case RX_OVERFLOW_ERROR:
			rx_finish_code(&b->sub, WEIR_EBUSY, "overflow");
			return;
		case RX_OVERFLOW_DROP_OLDEST:
			drop_oldest(b);
		}
	}
	rx_queue_push(&b->waiting, rx_item_hold(v), 0);
}

static void on_done(struct rx_observer *o)
{
	struct bp *b = CONTAINER_OF(o, struct bp, sub.up);

	b->done = true;
	if (!b->waiting.len)
		rx_finish_done(&b->sub);
}

static void stop(struct rx_sub *s)
{
	struct bp *b = CONTAINER_OF(s, struct bp, sub);

	rx_pause_stop(&b->pause);
	rx_queue_clear(&b->waiting);
}

static const struct rx_source_ops ops = {
	.name = "on_backpressure",
	.source_bytes = sizeof(struct bp_source),
	.sub_bytes = sizeof(struct bp),
	.queue = offsetof(struct bp, waiting),
	.in = {on_next, rx_pass_error, on_done},
	.start = start,
	.stop = stop,
	.hold = hold,
};

static struct rx_source *bp_new(struct rx_source *in, uint32_t max,
				enum rx_overflow overflow)
{
	struct bp_source *src = rx_source_new(&ops, NULL, in);

	src->max = max;
	src->overflow = overflow;
	return &src->source;
}

struct rx_source *rx_on_backpressure_latest(struct rx_source *in)
{
	return bp_new(in, 1, RX_OVERFLOW_DROP_OLDEST);
}

struct rx_source *rx_on_backpressure_drop(struct rx_source *in)
{
	return bp_new(in, 0, RX_OVERFLOW_DROP_NEWEST);
}

struct rx_source *rx_on_backpressure_buffer(struct rx_source *in, uint32_t n,
					    enum rx_overflow overflow)
{
	return bp_new(in, n ? n : RX_MAX_BUFFER_DEFAULT, overflow);
}
