/* create.c - a cold stream that the embedding program writes.
 *
 *     subscribe        ---> run = start(arg, out)
 *     out              ---> next* (error | done)?
 *     hold             ---> hold(arg, run, true or false)
 *     cancel, or end   ---> stop(arg, run)
 *
 * start may emit, end, and thereby be cancelled, before it has returned a run:
 * stop waits until it has.
 */
#include "rx/host.h"
#include "rx/op.h"

struct create_source {
	struct rx_source source;
	struct rx_create_calls calls;
	struct rx_host host;
};

struct create {
	struct rx_sub sub;
	void *run; /* the program's */
	bool starting;
};

static struct create_source *source_of(const struct rx_sub *s)
{
	return CONTAINER_OF(s->src, struct create_source, source);
}

static void stop_run(struct rx_sub *s)
{
	struct create_source *src = source_of(s);

	if (src->calls.stop)
		src->calls.stop(src->host.arg,
				CONTAINER_OF(s, struct create, sub)->run);
}

static void hold(struct rx_sub *s)
{
	struct create *c = CONTAINER_OF(s, struct create, sub);
	struct create_source *src = source_of(s);

	if (src->calls.hold && !c->starting)
		src->calls.hold(src->host.arg, c->run, s->on_hold);
}

static void start(struct rx_sub *s)
{
	struct create *c = CONTAINER_OF(s, struct create, sub);
	struct create_source *src = source_of(s);

	c->starting = true;
	c->run = src->calls.start(src->host.arg, &s->up);
	c->starting = false;
	if (s->halted)
		stop_run(s);
	else if (s->on_hold)
		hold(s);
}

static void stop(struct rx_sub *s)
{
	if (!CONTAINER_OF(s, struct create, sub)->starting)
		stop_run(s);
}

/* A program that goes on behind its end, still inside its start, is not
 * heard. */
static void on_next(struct rx_observer *o, struct value v)
{
	if (!rx_sub_of(o)->halted)
		rx_pass_next(o, v);
}

static void destroy(struct rx_source *source)
{
	rx_host_drop(CONTAINER_OF(source, struct create_source, source)->host);
}

static const struct rx_source_ops ops = {
	.name = "create",
	.source_bytes = sizeof(struct create_source),
	.sub_bytes = sizeof(struct create),
	.in = {on_next, rx_pass_error, rx_pass_done},
	.start = start,
	.stop = stop,
	.hold = hold,
	.destroy = destroy,
};

struct rx_source *rx_create(struct rx_ctx *ctx,
			    const struct rx_create_calls *calls,
			    struct rx_host host)
{
	struct create_source *src = rx_source_new(&ops, ctx, NULL);

	src->calls = *calls;
	src->host = host;
	return &src->source;
}
