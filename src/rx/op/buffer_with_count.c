/* buffer_with_count.c - arrays of n items, a new one begun every skip items.
 *
 *     source                     -a--b--c--d--e-|
 *     buffer_with_count(2)       ----[ab]--[cd]--[e]|
 *     buffer_with_count(2, 1)    ----[ab] [bc] [cd] [de] [e]|
 *     buffer_with_count(1, 2)    -[a]------[c]------[e]-|
 *
 * Open arrays end in the order in which they began and each is a tail of what
 * is held, so one queue serves for all of them: it begins with the oldest open
 * array. Ends with what the open ones hold; an empty rest is not emitted.
 */
#include "rx/op.h"

struct count_source {
	struct rx_source source;
	uint32_t n;
	uint32_t skip;
};

struct count {
	struct rx_sub sub;
	struct rx_queue held;
	uint32_t gap; /* items to pass by before the next array begins */
};

/* Cuts the oldest open array off: the next one began skip items later. */
static void next_array(struct count *c, uint32_t skip)
{
	uint32_t gone = MIN(skip, c->held.len);

	c->gap = skip - gone;
	rx_queue_drop(&c->held, gone);
}

static void on_next(struct rx_observer *o, struct value v)
{
	struct count *c = CONTAINER_OF(o, struct count, sub.up);
	struct count_source *src =
		CONTAINER_OF(c->sub.src, struct count_source, source);

	if (c->gap) {
		c->gap--;
		return;
	}
	rx_queue_push(&c->held, rx_item_hold(v), 0);
	if (c->held.len < src->n)
		return;

	struct rx_item array = rx_queue_array(&c->held, 0);

	next_array(c, src->skip);
	rx_emit_item(&c->sub, array);
}

static void on_done(struct rx_observer *o)
{
	struct count *c = CONTAINER_OF(o, struct count, sub.up);
	struct count_source *src =
		CONTAINER_OF(c->sub.src, struct count_source, source);

	while (c->held.len && !c->sub.halted) {
		struct rx_item array = rx_queue_array(&c->held, 0);

		next_array(c, src->skip);
		rx_emit_item(&c->sub, array);
	}
	rx_finish_done(&c->sub);
}

static void stop(struct rx_sub *s)
{
	rx_queue_clear(&CONTAINER_OF(s, struct count, sub)->held);
}

static const struct rx_source_ops ops = {
	.name = "buffer_with_count",
	.source_bytes = sizeof(struct count_source),
	.sub_bytes = sizeof(struct count),
	.queue = offsetof(struct count, held),
	.in = {on_next, rx_pass_error, on_done},
	.stop = stop,
};

struct rx_source *rx_buffer_with_count(struct rx_source *in, uint32_t n,
				       uint32_t skip)
{
	struct count_source *src = rx_source_new(&ops, NULL, in);

	src->n = MAX(n, 1);
	src->skip = MAX(skip, 1);
	return &src->source;
}
