/* embed_ops.c - the few operators that are C functions as well as words of a
 * text: what programs use most, and where the text would be one stage. */
#include "app/embed_rx.h"

#include "app/embed_value.h"
#include "base/mem.h"
#include "rx/ops.h"

#include <assert.h>

struct weir_stream *weir_of(struct weir_loop *l,
			    const struct weir_value *values, size_t n)
{
	assert(n <= UINT32_MAX);
	return embed_stream(
		rx_of(&l->ctx, (const struct value *)values, (uint32_t)n));
}

/* --- one stream ---------------------------------------------------------- */

struct weir_stream *weir_map(struct weir_stream *in, weir_fn fn, void *arg)
{
	if (!in)
		return NULL;
	return embed_stream(rx_map(embed_source(in), embed_fn(fn, arg)));
}

struct weir_stream *weir_filter(struct weir_stream *in, weir_fn fn, void *arg)
{
	if (!in)
		return NULL;
	return embed_stream(rx_filter(embed_source(in), embed_fn(fn, arg)));
}

struct weir_stream *weir_scan(struct weir_stream *in, weir_fn fn, void *arg,
			      struct weir_value seed)
{
	if (!in) {
		weir_unref(seed);
		return NULL;
	}
	return embed_stream(rx_scan(embed_source(in), embed_fn(fn, arg), true,
				    embed_value(seed)));
}

/* --- inner streams ------------------------------------------------------- */

struct inner_block {
	struct rx_block base;
	weir_inner_fn fn;
	void *arg; /* borrowed */
};

static struct rx_source *inner_build(struct rx_block *block,
				     const struct rx_inner *in,
				     struct weir_error *err)
{
	struct inner_block *b = CONTAINER_OF(block, struct inner_block, base);
	struct weir_stream *s;

	rx_source_unref(in->source);
	embed_error_begin(err);
	s = b->fn(embed_value_out(in->item), b->arg, err);
	if (!s)
		embed_error_end(err, WEIR_EITEM);
	return embed_source(s);
}

static void inner_destroy(struct rx_block *block)
{
	mem_free(CONTAINER_OF(block, struct inner_block, base));
}

static const struct rx_block_ops inner_ops = {inner_build, inner_destroy};

struct weir_stream *weir_flat_map(struct weir_stream *in, weir_inner_fn fn,
				  void *arg, uint32_t max_concurrent)
{
	struct inner_block *b;

	if (!in)
		return NULL;
	b = mem_alloc(sizeof *b);
	*b = (struct inner_block){{&inner_ops, 1}, fn, arg};
	return embed_stream(
		rx_flat_map(embed_source(in), &b->base, max_concurrent, 0));
}

/* --- many streams -------------------------------------------------------- */

typedef struct rx_source *(*many_fn)(struct rx_ctx *ctx,
				     struct rx_source *const *in, uint32_t n);

static struct weir_stream *many(struct weir_loop *l, many_fn fn,
				struct weir_stream *const *in, size_t n)
{
	struct rx_source **all;
	struct rx_source *src;

	assert(n <= UINT32_MAX);
	all = embed_sources(in, n);
	if (!all)
		return NULL;
	src = fn(&l->ctx, all, (uint32_t)n);
	mem_free(all);
	return embed_stream(src);
}

struct weir_stream *weir_merge(struct weir_loop *l,
			       struct weir_stream *const *in, size_t n)
{
	return many(l, rx_merge, in, n);
}

struct weir_stream *weir_concat(struct weir_loop *l,
				struct weir_stream *const *in, size_t n)
{
	return many(l, rx_concat, in, n);
}

static struct rx_source *zip(struct rx_ctx *ctx, struct rx_source *const *in,
			     uint32_t n)
{
	return rx_zip(ctx, in, n, 0);
}

struct weir_stream *weir_zip(struct weir_loop *l, struct weir_stream *const *in,
			     size_t n)
{
	return many(l, zip, in, n);
}

struct weir_stream *weir_combine_latest(struct weir_loop *l,
					struct weir_stream *const *in, size_t n)
{
	return many(l, rx_combine_latest, in, n);
}
