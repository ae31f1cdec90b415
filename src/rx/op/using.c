/* using.c - a stream with something of the program's that lives as long.
 *
 *     subscribe            ---> resource = acquire()
 *                          ---> use(resource): the stream, whose run this is
 *     end, error, cancel   ---> release(resource)
 *
 * The run upstream is cancelled before release: it may still use the resource
 * when it lets go of what it has.
 */
#include "rx/host.h"
#include "rx/op.h"

struct using_source {
	struct rx_source source;
	struct rx_using_calls calls;
	struct rx_host host;
};

struct using_sub {
	struct rx_sub sub;
	void *resource; /* the program's */
	bool acquired;
	bool starting;
};

static struct using_source *source_of(const struct rx_sub *s)
{
	return CONTAINER_OF(s->src, struct using_source, source);
}

static void release(struct rx_sub *s)
{
	struct using_sub *u = CONTAINER_OF(s, struct using_sub, sub);
	struct using_source *src = source_of(s);

	if (!u->acquired || u->starting)
		return;
	u->acquired = false;
	rx_sub_drop(&s->in);
	src->calls.release(src->host.arg, u->resource);
}

static void start(struct rx_sub *s)
{
	struct using_sub *u = CONTAINER_OF(s, struct using_sub, sub);
	struct using_source *src = source_of(s);
	struct rx_source *stream = NULL;
	struct weir_error err = {0};

	u->starting = true;
	if (src->calls.acquire(src->host.arg, &u->resource, &err) == 0) {
		u->acquired = true;
		stream = src->calls.use(src->host.arg, u->resource, &err);
	}
	u->starting = false;
	if (s->halted) /* by the program, meanwhile */
		release(s);
	else if (stream)
		rx_subscribe_for(s, stream, &s->up, &s->in);
	else
		rx_finish_error(s, &err);
	rx_source_unref(stream);
}

static void destroy(struct rx_source *source)
{
	rx_host_drop(CONTAINER_OF(source, struct using_source, source)->host);
}

static const struct rx_source_ops ops = {
	.name = "using",
	.source_bytes = sizeof(struct using_source),
	.sub_bytes = sizeof(struct using_sub),
	.in = {rx_pass_next, rx_pass_error, rx_pass_done},
	.start = start,
	.stop = release,
	.destroy = destroy,
};

struct rx_source *rx_using(struct rx_ctx *ctx,
			   const struct rx_using_calls *calls,
			   struct rx_host host)
{
	struct using_source *src = rx_source_new(&ops, ctx, NULL);

	src->calls = *calls;
	src->host = host;
	return &src->source;
}
