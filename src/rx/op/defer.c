/* defer.c - which stream it is, the program says when it is subscribed.
 *
 *     subscribe ---> factory() ---> a stream, whose run this is
 *
 *     defer       a stream made for this subscription
 *     if_then     one of two, by a predicate
 *     case        one of n, by a number
 */
#include "rx/host.h"
#include "rx/op.h"

struct defer_source {
	struct rx_many_source many; /* if_then, case: otherwise, then the n */
	struct rx_host host;
	rx_factory_fn factory;
	rx_holds_fn holds;
	uint32_t (*choose)(void *arg);
};

static struct defer_source *source_of(const struct rx_sub *s)
{
	return CONTAINER_OF(s->src, struct defer_source, many.source);
}

/* stream is borrowed; NULL is empty. */
static void begin(struct rx_sub *s, struct rx_source *stream)
{
	/* The program may have cancelled us. */
	if (s->halted)
		return;
	if (stream)
		rx_subscribe_for(s, stream, &s->up, &s->in);
	else
		rx_finish_done(s);
}

static void defer_start(struct rx_sub *s)
{
	struct defer_source *src = source_of(s);
	struct weir_error err = {0};
	struct rx_source *stream = src->factory(src->host.arg, &err);

	if (stream)
		begin(s, stream);
	else
		rx_finish_error(s, &err);
	rx_source_unref(stream);
}

static void if_start(struct rx_sub *s)
{
	struct defer_source *src = source_of(s);

	begin(s, src->many.inputs[src->holds(src->host.arg) ? 1 : 0]);
}

static void case_start(struct rx_sub *s)
{
	struct defer_source *src = source_of(s);
	uint32_t i = src->choose(src->host.arg);

	begin(s, src->many.inputs[i < src->many.n - 1 ? i + 1 : 0]);
}

static void destroy(struct rx_source *source)
{
	rx_host_drop(
		CONTAINER_OF(source, struct defer_source, many.source)->host);
	rx_many_destroy(source);
}

#define DEFER_OPS(label, begins)                                            \
	{                                                                   \
		.name = label, .source_bytes = sizeof(struct defer_source), \
		.sub_bytes = sizeof(struct rx_sub),                         \
		.in = {rx_pass_next, rx_pass_error, rx_pass_done},          \
		.start = begins, .destroy = destroy                         \
	}

static const struct rx_source_ops defer_ops = DEFER_OPS("defer", defer_start);
static const struct rx_source_ops if_ops = DEFER_OPS("if_then", if_start);
static const struct rx_source_ops case_ops = DEFER_OPS("case", case_start);

static struct defer_source *defer_new(const struct rx_source_ops *ops,
				      struct rx_ctx *ctx,
				      struct rx_source *const *in, uint32_t n,
				      struct rx_host host)
{
	struct rx_source *source = rx_many_new(ops, ctx, in, n);
	struct defer_source *src =
		CONTAINER_OF(source, struct defer_source, many.source);

	src->host = host;
	return src;
}

struct rx_source *rx_defer(struct rx_ctx *ctx, rx_factory_fn factory,
			   struct rx_host host)
{
	struct defer_source *src = defer_new(&defer_ops, ctx, NULL, 0, host);

	src->factory = factory;
	return &src->many.source;
}

struct rx_source *rx_if_then(struct rx_ctx *ctx, rx_holds_fn holds,
			     struct rx_source *then,
			     struct rx_source *otherwise, struct rx_host host)
{
	struct rx_source *both[] = {otherwise, then};
	struct defer_source *src = defer_new(&if_ops, ctx, both, 2, host);

	src->holds = holds;
	return &src->many.source;
}

struct rx_source *rx_case(struct rx_ctx *ctx, uint32_t (*choose)(void *arg),
			  struct rx_source *const *in, uint32_t n,
			  struct rx_source *otherwise, struct rx_host host)
{
	struct rx_source **all = mem_alloc((n + 1) * sizeof *all);
	struct defer_source *src;

	all[0] = otherwise;
	for (uint32_t i = 0; i < n; i++)
		all[i + 1] = in[i];
	src = defer_new(&case_ops, ctx, all, n + 1, host);
	mem_free(all);
	src->choose = choose;
	return &src->many.source;
}
