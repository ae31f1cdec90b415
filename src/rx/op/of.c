/* of.c - the given items at once, then the end.
 *
 *     of(1, 2, 3)       (123)|
 *     just('a')         (a)|
 *     empty             |
 *     throw('m')        #
 *     never             ------ ...
 *
 * A long list pauses now and then (rx_pause), so that it cannot hold up a
 * server. just, the inner stream of every item of a flat_map, keeps its item in
 * the source itself.
 */
#include "rx/op.h"

struct of_source {
	struct rx_source source;
	struct value *items; /* ours, or &one */
	uint32_t n;
	struct value one;
};

struct of {
	struct rx_sub sub;
	uint32_t at;
	struct rx_pause pause;
};

static void go_on(struct rx_sub *s)
{
	struct of *o = CONTAINER_OF(s, struct of, sub);
	struct of_source *src = CONTAINER_OF(s->src, struct of_source, source);
	uint32_t until = o->at + MIN(RX_SLICE, src->n - o->at);

	while (o->at < until && rx_may_emit(s))
		rx_next(s->down, src->items[o->at++]);
	if (s->halted)
		return;
	if (o->at < src->n)
		rx_pause_begin(&o->pause, s, go_on);
	else
		rx_finish_done(s);
}

static void stop(struct rx_sub *s)
{
	rx_pause_stop(&CONTAINER_OF(s, struct of, sub)->pause);
}

static void hold(struct rx_sub *s)
{
	rx_pause_held(&CONTAINER_OF(s, struct of, sub)->pause);
}

static void destroy(struct rx_source *source)
{
	struct of_source *src = CONTAINER_OF(source, struct of_source, source);

	for (uint32_t i = 0; i < src->n; i++)
		value_unref(src->items[i]);
	if (src->items != &src->one)
		mem_free(src->items);
}

static const struct rx_source_ops of_ops = {
	.name = "of",
	.source_bytes = sizeof(struct of_source),
	.sub_bytes = sizeof(struct of),
	.start = go_on,
	.stop = stop,
	.hold = hold,
	.destroy = destroy,
};

struct rx_source *rx_of(struct rx_ctx *ctx, const struct value *items,
			uint32_t n)
{
	struct of_source *src = rx_source_new(&of_ops, ctx, NULL);

	src->n = n;
	src->items = n ? mem_dup(items, n * sizeof *items) : NULL;
	return &src->source;
}

static void start_just(struct rx_sub *s)
{
	rx_next(s->down, CONTAINER_OF(s->src, struct of_source, source)->one);
	rx_finish_done(s);
}

static const struct rx_source_ops just_ops = {
	.name = "just",
	.source_bytes = sizeof(struct of_source),
	.sub_bytes = sizeof(struct rx_sub),
	.start = start_just,
	.destroy = destroy,
};

struct rx_source *rx_just(struct rx_ctx *ctx, struct value v)
{
	struct of_source *src = rx_source_new(&just_ops, ctx, NULL);

	src->one = v;
	src->items = &src->one;
	src->n = 1;
	return &src->source;
}

static const struct rx_source_ops empty_ops = {
	.name = "empty",
	.source_bytes = sizeof(struct rx_source),
	.sub_bytes = sizeof(struct rx_sub),
	.start = rx_finish_done,
};

struct rx_source *rx_empty(struct rx_ctx *ctx)
{
	return rx_source_new(&empty_ops, ctx, NULL);
}

static void start_never(struct rx_sub *s)
{
	(void)s;
}

static const struct rx_source_ops never_ops = {
	.name = "never",
	.source_bytes = sizeof(struct rx_source),
	.sub_bytes = sizeof(struct rx_sub),
	.start = start_never,
};

struct rx_source *rx_never(struct rx_ctx *ctx)
{
	return rx_source_new(&never_ops, ctx, NULL);
}

struct throw_source {
	struct rx_source source;
	struct weir_error error;
};

static void start_throw(struct rx_sub *s)
{
	rx_finish_error(
		s, &CONTAINER_OF(s->src, struct throw_source, source)->error);
}

static const struct rx_source_ops throw_ops = {
	.name = "throw",
	.source_bytes = sizeof(struct throw_source),
	.sub_bytes = sizeof(struct rx_sub),
	.start = start_throw,
};

struct rx_source *rx_throw(struct rx_ctx *ctx, struct str message)
{
	struct throw_source *src = rx_source_new(&throw_ops, ctx, NULL);

	error_set(&src->error, WEIR_EITEM, "%.*s", STR_FMT(message));
	return &src->source;
}
