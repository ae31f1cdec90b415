/* buffer_with_size.c - arrays whose JSON text stays within a size.
 *
 *     source                               -a-b-c-d---|
 *     buffer_with_size(11)                 -----X-----(Y|)   X = ["a","b"]
 *     buffer_with_size(11, time=30ms)      ----X---Y--|      4 bytes an item
 *
 * A batch goes out before the item that would make it too large is added, or as
 * soon as no further item can fit; so an item that is too large by itself is a
 * batch alone. max_buffer items are a full batch as well. With a time, a batch
 * goes out at the latest so long after its first item. There are no empty ones;
 * what is left goes out at the end, an error drops it.
 */
#include "json/write.h"
#include "rx/op.h"

/* The text of an array: two brackets, and a comma between items. */
enum { BRACKETS = 2, COMMA = 1, LEAST_ITEM = 1 };

struct size_source {
	struct rx_source source;
	uint64_t bytes;
	int64_t time_ms; /* 0: no limit */
	uint32_t max;
};

struct size {
	struct rx_sub sub;
	struct rx_timer timer; /* runs while items are held */
	struct rx_queue held;
	uint64_t text_bytes; /* of what is held, as an array */
};

static struct size *size_of(struct rx_sub *s)
{
	return CONTAINER_OF(s, struct size, sub);
}

static struct size_source *source_of(const struct size *b)
{
	return CONTAINER_OF(b->sub.src, struct size_source, source);
}

static struct rx_item take_batch(struct size *b)
{
	rx_timer_stop(rx_sched_of(&b->sub), &b->timer);
	return rx_queue_take_array(&b->held);
}

static void on_time(struct rx_timer *t)
{
	struct size *b = CONTAINER_OF(t, struct size, timer);

	rx_emit_item(&b->sub, take_batch(b));
}

static void hold(struct size *b, struct value v, uint64_t item_bytes)
{
	struct size_source *src = source_of(b);

	if (b->held.len)
		b->text_bytes += COMMA + item_bytes;
	else
		b->text_bytes = BRACKETS + item_bytes;
	rx_queue_push(&b->held, rx_item_hold(v), 0);
	if (b->held.len == 1 && src->time_ms)
		rx_timer_start(rx_sched_of(&b->sub), &b->timer,
			       rx_deadline_ms(&b->sub, src->time_ms), on_time);
}

static bool is_full(const struct size *b)
{
	struct size_source *src = source_of(b);

	return b->text_bytes + COMMA + LEAST_ITEM > src->bytes ||
	       b->held.len >= src->max;
}

/* The item is held before what it pushes out is emitted: down may send one. */
static void on_next(struct rx_observer *o, struct value v)
{
	struct size *b = size_of(rx_sub_of(o));
	uint64_t item_bytes = json_size(v);

	if (b->held.len &&
	    b->text_bytes + COMMA + item_bytes > source_of(b)->bytes) {
		struct rx_item batch = take_batch(b);

		hold(b, v, item_bytes);
		rx_emit_item(&b->sub, batch);
	} else {
		hold(b, v, item_bytes);
	}
	if (!b->sub.halted && b->held.len && is_full(b))
		rx_emit_item(&b->sub, take_batch(b));
}

static void on_done(struct rx_observer *o)
{
	struct size *b = size_of(rx_sub_of(o));

	if (b->held.len)
		rx_emit_item(&b->sub, take_batch(b));
	rx_finish_done(&b->sub);
}

static void stop(struct rx_sub *s)
{
	struct size *b = size_of(s);

	rx_timer_stop(rx_sched_of(s), &b->timer);
	rx_queue_clear(&b->held);
}

static const struct rx_source_ops ops = {
	.name = "buffer_with_size",
	.source_bytes = sizeof(struct size_source),
	.sub_bytes = sizeof(struct size),
	.queue = offsetof(struct size, held),
	.in = {on_next, rx_pass_error, on_done},
	.stop = stop,
};

struct rx_source *rx_buffer_with_size(struct rx_source *in, uint64_t bytes,
				      int64_t time_ms, uint32_t max_buffer)
{
	struct size_source *src = rx_source_new(&ops, NULL, in);

	src->bytes = bytes;
	src->time_ms = time_ms;
	src->max = max_buffer ? max_buffer : RX_MAX_BUFFER_DEFAULT;
	return &src->source;
}
