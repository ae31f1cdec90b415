/* range.c - whole numbers, as Python's range; and one value many times.
 *
 *     range(0, 6, 2)        (024)|
 *     range(3, 0, -1)       (321)|
 *     repeat_value('x', 3)  (xxx)|
 *
 * A long one pauses now and then (rx_pause).
 */
#include "rx/op.h"

struct range_source {
	struct rx_source source;
	int64_t start;
	int64_t step;
	uint64_t n;
};

struct range {
	struct rx_sub sub;
	int64_t at;
	uint64_t left;
	struct rx_pause pause;
};

static void go_on(struct rx_sub *s)
{
	struct range *r = CONTAINER_OF(s, struct range, sub);
	struct range_source *src =
		CONTAINER_OF(s->src, struct range_source, source);
	uint32_t slice = RX_SLICE;

	while (r->left && slice-- && rx_may_emit(s)) {
		struct value v = value_int(r->at);

		r->left--;
		/* The step after the last number may overflow unseen. */
		r->at = (int64_t)((uint64_t)r->at + (uint64_t)src->step);
		rx_next(s->down, v);
	}
	if (s->halted)
		return;
	if (r->left)
		rx_pause_begin(&r->pause, s, go_on);
	else
		rx_finish_done(s);
}

static void start(struct rx_sub *s)
{
	struct range *r = CONTAINER_OF(s, struct range, sub);
	struct range_source *src =
		CONTAINER_OF(s->src, struct range_source, source);

	r->at = src->start;
	r->left = src->n;
	go_on(s);
}

static void stop(struct rx_sub *s)
{
	rx_pause_stop(&CONTAINER_OF(s, struct range, sub)->pause);
}

static void hold(struct rx_sub *s)
{
	rx_pause_held(&CONTAINER_OF(s, struct range, sub)->pause);
}

static const struct rx_source_ops range_ops = {
	.name = "range",
	.source_bytes = sizeof(struct range_source),
	.sub_bytes = sizeof(struct range),
	.start = start,
	.stop = stop,
	.hold = hold,
};

/* How many numbers; the distance of two int64_t fits into uint64_t. */
static uint64_t count(int64_t from, int64_t stop_at, int64_t step)
{
	uint64_t distance, stride;

	if (step > 0 && from < stop_at) {
		distance = (uint64_t)stop_at - (uint64_t)from;
		stride = (uint64_t)step;
	} else if (step < 0 && from > stop_at) {
		distance = (uint64_t)from - (uint64_t)stop_at;
		stride = -(uint64_t)step;
	} else {
		return 0;
	}
	return (distance - 1) / stride + 1;
}

struct rx_source *rx_range(struct rx_ctx *ctx, int64_t from, int64_t stop_at,
			   int64_t step)
{
	if (step == 0)
		return rx_throw(ctx, STR("range: the step is 0"));

	struct range_source *src = rx_source_new(&range_ops, ctx, NULL);

	src->start = from;
	src->step = step;
	src->n = count(from, stop_at, step);
	return &src->source;
}

struct repeat_source {
	struct rx_source source;
	struct value v; /* ours */
	uint64_t n;
};

static void repeat_go_on(struct rx_sub *s)
{
	struct range *r = CONTAINER_OF(s, struct range, sub);
	struct value v = CONTAINER_OF(s->src, struct repeat_source, source)->v;
	uint32_t slice = RX_SLICE;

	while (r->left && slice-- && rx_may_emit(s)) {
		if (r->left != RX_FOREVER)
			r->left--;
		rx_next(s->down, v);
	}
	if (s->halted)
		return;
	if (r->left)
		rx_pause_begin(&r->pause, s, repeat_go_on);
	else
		rx_finish_done(s);
}

static void repeat_start(struct rx_sub *s)
{
	CONTAINER_OF(s, struct range, sub)->left =
		CONTAINER_OF(s->src, struct repeat_source, source)->n;
	repeat_go_on(s);
}

static void repeat_destroy(struct rx_source *src)
{
	value_unref(CONTAINER_OF(src, struct repeat_source, source)->v);
}

static const struct rx_source_ops repeat_ops = {
	.name = "repeat_value",
	.source_bytes = sizeof(struct repeat_source),
	.sub_bytes = sizeof(struct range),
	.start = repeat_start,
	.stop = stop,
	.hold = hold,
	.destroy = repeat_destroy,
};

struct rx_source *rx_repeat_value(struct rx_ctx *ctx, struct value v,
				  uint64_t n)
{
	struct repeat_source *src = rx_source_new(&repeat_ops, ctx, NULL);

	src->v = v;
	src->n = n;
	return &src->source;
}
