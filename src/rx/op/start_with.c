/* start_with.c - items before or after a stream.
 *
 *     source                  --a--b--|
 *     start_with(1, 2)        (12)-a--b--|     at the subscription
 *     end_with(1, 2)          --a--b--(12|)
 *
 * A list of items is a pipeline's own text, so it is short: it is emitted in
 * one go.
 */
#include "rx/op.h"

struct with_source {
	struct rx_source source;
	struct value *items; /* ours */
	uint32_t n;
};

static void emit_all(struct rx_sub *s)
{
	struct with_source *src =
		CONTAINER_OF(s->src, struct with_source, source);

	for (uint32_t i = 0; i < src->n && !s->halted; i++)
		rx_next(s->down, src->items[i]);
}

static void start_with(struct rx_sub *s)
{
	emit_all(s);
	if (!s->halted)
		rx_subscribe_in(s);
}

static void end_with(struct rx_observer *o)
{
	emit_all(rx_sub_of(o));
	rx_finish_done(rx_sub_of(o));
}

static void destroy(struct rx_source *source)
{
	struct with_source *src =
		CONTAINER_OF(source, struct with_source, source);

	for (uint32_t i = 0; i < src->n; i++)
		value_unref(src->items[i]);
	mem_free(src->items);
}

static const struct rx_source_ops start_ops = {
	.name = "start_with",
	.source_bytes = sizeof(struct with_source),
	.sub_bytes = sizeof(struct rx_sub),
	.in = {rx_pass_next, rx_pass_error, rx_pass_done},
	.start = start_with,
	.destroy = destroy,
};

static const struct rx_source_ops end_ops = {
	.name = "end_with",
	.source_bytes = sizeof(struct with_source),
	.sub_bytes = sizeof(struct rx_sub),
	.in = {rx_pass_next, rx_pass_error, end_with},
	.destroy = destroy,
};

static struct rx_source *with_new(const struct rx_source_ops *ops,
				  struct rx_source *in,
				  const struct value *items, uint32_t n)
{
	struct with_source *src = rx_source_new(ops, NULL, in);

	src->items = n ? mem_dup(items, n * sizeof *items) : NULL;
	src->n = n;
	return &src->source;
}

struct rx_source *rx_start_with(struct rx_source *in, const struct value *items,
				uint32_t n)
{
	return with_new(&start_ops, in, items, n);
}

struct rx_source *rx_end_with(struct rx_source *in, const struct value *items,
			      uint32_t n)
{
	return with_new(&end_ops, in, items, n);
}
