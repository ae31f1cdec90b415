/* throttle_first.c - an item, then none until the span is over.
 *
 *     source                  -ab--c-d--|
 *     throttle_first(30ms)    -a---c----|
 *
 * Needs no timer: an item asks the clock when the last one passed.
 */
#include "base/clock.h"
#include "rx/op.h"

struct throttle_source {
	struct rx_source source;
	int64_t span_ms;
};

struct throttle {
	struct rx_sub sub;
	int64_t open_ms; /* absolute: from then on an item may pass */
	bool any;	 /* one has passed */
};

static void on_next(struct rx_observer *o, struct value v)
{
	struct throttle *t = CONTAINER_OF(o, struct throttle, sub.up);
	struct throttle_source *src =
		CONTAINER_OF(t->sub.src, struct throttle_source, source);

	if (t->any && rx_now_ms(&t->sub) < t->open_ms)
		return;
	t->any = true;
	t->open_ms = rx_deadline_ms(&t->sub, src->span_ms);
	rx_next(t->sub.down, v);
}

static const struct rx_source_ops ops = {
	.name = "throttle_first",
	.source_bytes = sizeof(struct throttle_source),
	.sub_bytes = sizeof(struct throttle),
	.in = {on_next, rx_pass_error, rx_pass_done},
};

struct rx_source *rx_throttle_first(struct rx_source *in, int64_t span_ms)
{
	struct throttle_source *src = rx_source_new(&ops, NULL, in);

	src->span_ms = span_ms;
	return &src->source;
}
