/* slice.c - items start to stop, every step-th, as a Python list would.
 *
 *     source              -a--b--c--d--e-|
 *     slice(1, 4)         ----b--c--d|
 *     slice(null, -2)     -------a--b--c-|
 *     slice(-2)           ---------------(de|)
 *     slice(0, null, 2)   -a-----c-----e-|
 *
 * Made of take, skip, take_last and skip_last where these say the same. Only a
 * start from the end with a stop from the beginning has to know the length of
 * the stream: its tail is kept with the numbers of the items.
 */
#include "rx/op.h"

struct slice_source {
	struct rx_source source;
	uint32_t keep; /* tail */
	int64_t stop;  /* tail */
	uint64_t step; /* every */
};

struct slice {
	struct rx_sub sub;
	struct rx_queue tail; /* at: number of the item */
	int64_t n;	      /* items so far */
	uint64_t pass_by;     /* every: items until the next one */
};

static struct slice_source *source_of(struct rx_sub *s)
{
	return CONTAINER_OF(s->src, struct slice_source, source);
}

static void tail_next(struct rx_observer *o, struct value v)
{
	struct slice *s = CONTAINER_OF(o, struct slice, sub.up);

	rx_queue_push(&s->tail, rx_item_hold(v), s->n++);
	if (s->tail.len > source_of(&s->sub)->keep)
		rx_item_drop(rx_queue_pop(&s->tail));
}

static void tail_done(struct rx_observer *o)
{
	struct slice *s = CONTAINER_OF(o, struct slice, sub.up);
	int64_t stop_at = source_of(&s->sub)->stop;

	while (s->tail.len && rx_queue_at(&s->tail, 0)->at < stop_at)
		rx_emit_item(&s->sub, rx_queue_pop(&s->tail));
	rx_finish_done(&s->sub);
}

static void every_next(struct rx_observer *o, struct value v)
{
	struct slice *s = CONTAINER_OF(o, struct slice, sub.up);

	if (s->pass_by) {
		s->pass_by--;
		return;
	}
	s->pass_by = source_of(&s->sub)->step - 1;
	rx_next(s->sub.down, v);
}

static void stop(struct rx_sub *s)
{
	rx_queue_clear(&CONTAINER_OF(s, struct slice, sub)->tail);
}

static const struct rx_source_ops tail_ops = {
	.name = "slice",
	.source_bytes = sizeof(struct slice_source),
	.sub_bytes = sizeof(struct slice),
	.queue = offsetof(struct slice, tail),
	.in = {tail_next, rx_pass_error, tail_done},
	.stop = stop,
};

static const struct rx_source_ops every_ops = {
	.name = "slice",
	.source_bytes = sizeof(struct slice_source),
	.sub_bytes = sizeof(struct slice),
	.queue = offsetof(struct slice, tail),
	.in = {every_next, rx_pass_error, rx_pass_done},
	.stop = stop,
};

static struct rx_source *from_tail(struct rx_source *in, struct rx_slice s)
{
	struct slice_source *src = rx_source_new(&tail_ops, NULL, in);

	src->keep = (uint32_t)-s.start;
	src->stop = s.stop;
	return &src->source;
}

static struct rx_source *part(struct rx_source *in, struct rx_slice s)
{
	if (s.start < 0 && s.has_stop && s.stop >= 0)
		return from_tail(in, s);
	if (s.has_stop && s.stop >= 0)
		in = rx_take(in, (uint64_t)s.stop);
	if (s.start > 0)
		in = rx_skip(in, (uint64_t)s.start);
	if (s.start < 0)
		in = rx_take_last(in, (uint32_t)-s.start);
	if (s.has_stop && s.stop < 0)
		in = rx_skip_last(in, (uint32_t)-s.stop);
	return in;
}

struct rx_source *rx_slice(struct rx_source *in, struct rx_slice s,
			   struct weir_error *err)
{
	if (!s.has_start)
		s.start = 0;
	if (!s.has_stop)
		s.stop = 0;
	if (s.step < 0) {
		error_set(err, WEIR_EINVAL, "slice: the step is at least 1");
		rx_source_unref(in);
		return NULL;
	}
	if (s.start < -RX_MAX_BUFFER_DEFAULT ||
	    s.stop < -RX_MAX_BUFFER_DEFAULT) {
		error_set(err, WEIR_ETOOBIG,
			  "slice: at most %d items from the end",
			  RX_MAX_BUFFER_DEFAULT);
		rx_source_unref(in);
		return NULL;
	}
	in = part(in, s);
	if (s.step <= 1)
		return in;

	struct slice_source *src = rx_source_new(&every_ops, NULL, in);

	src->step = (uint64_t)s.step;
	return &src->source;
}
