/* sequence_equal.c - whether two streams give the same items, whenever.
 *
 *     a                   -1--2-|
 *     b                   ---1--2--|
 *     sequence_equal      ---------(true|)
 *
 * The one that is ahead waits in the queue. The answer false is given as soon
 * as it is certain: an item differs, or comes when the other has ended.
 */
#include "rx/op.h"

struct equal_source {
	struct rx_source source;
	struct rx_source *other; /* ours */
	uint32_t max;
};

struct equal {
	struct rx_sub sub;
	struct rx_inlet other;
	struct rx_queue ahead;
	bool other_is_ahead; /* whose items wait in ahead, if any */
	bool done[2];
};

static void answer(struct equal *e, bool equal)
{
	rx_finish_with(&e->sub, value_bool(equal));
}

static void take(struct equal *e, bool from_other, struct value v)
{
	struct equal_source *src =
		CONTAINER_OF(e->sub.src, struct equal_source, source);

	if (e->ahead.len && e->other_is_ahead != from_other) {
		struct rx_item first = rx_queue_pop(&e->ahead);
		bool same = value_equal(first.v, v);

		rx_item_drop(first);
		if (!same)
			answer(e, false);
	} else if (e->done[!from_other]) {
		answer(e, false);
	} else if (e->ahead.len >= src->max) {
		rx_item_refused(&e->sub, v, e->ahead.len, "max_buffer");
	} else {
		e->other_is_ahead = from_other;
		/* Without its cause: the items themselves never come out. */
		rx_queue_push(&e->ahead, (struct rx_item){.v = value_ref(v)},
			      0);
	}
}

static void finish(struct equal *e, bool from_other)
{
	e->done[from_other] = true;
	if (e->ahead.len && e->other_is_ahead != from_other)
		answer(e, false);
	else if (!e->ahead.len && e->done[!from_other])
		answer(e, true);
}

static void on_next(struct rx_observer *o, struct value v)
{
	take(CONTAINER_OF(o, struct equal, sub.up), false, v);
}

static void on_done(struct rx_observer *o)
{
	finish(CONTAINER_OF(o, struct equal, sub.up), false);
}

static void other_next(struct rx_observer *o, struct value v)
{
	take(CONTAINER_OF(rx_inlet_of(o)->owner, struct equal, sub), true, v);
}

static void other_done(struct rx_observer *o)
{
	finish(CONTAINER_OF(rx_inlet_of(o)->owner, struct equal, sub), true);
}

static const struct rx_observer_ops other_ops = {other_next,
						 rx_inlet_pass_error,
						 other_done};

static void start(struct rx_sub *s)
{
	rx_subscribe_in(s);
	if (!s->halted)
		rx_inlet_open(&CONTAINER_OF(s, struct equal, sub)->other, s,
			      &other_ops,
			      CONTAINER_OF(s->src, struct equal_source, source)
				      ->other);
}

static void stop(struct rx_sub *s)
{
	struct equal *e = CONTAINER_OF(s, struct equal, sub);

	rx_inlet_close(&e->other);
	rx_queue_clear(&e->ahead);
}

static void destroy(struct rx_source *src)
{
	rx_source_unref(CONTAINER_OF(src, struct equal_source, source)->other);
}

static const struct rx_source_ops ops = {
	.name = "sequence_equal",
	.source_bytes = sizeof(struct equal_source),
	.sub_bytes = sizeof(struct equal),
	.in = {on_next, rx_pass_error, on_done},
	.start = start,
	.stop = stop,
	.destroy = destroy,
};

struct rx_source *rx_sequence_equal(struct rx_source *in,
				    struct rx_source *other,
				    uint32_t max_buffer)
{
	struct equal_source *src = rx_source_new(&ops, NULL, in);

	src->other = other;
	src->max = max_buffer ? max_buffer : RX_MAX_BUFFER_DEFAULT;
	return &src->source;
}
