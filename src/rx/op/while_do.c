/* while_do.c - one run after the other, as long as the program wants more.
 *
 *     source       -a-|
 *     holds        1   1   0
 *     while_do     -a--a---|      asked before each run
 *     do_while     -a--a--a-|     asked before each run but the first
 *
 * An error ends it. The next run is begun by a loop, not by recursion, see
 * again.c.
 */
#include "rx/host.h"
#include "rx/op.h"

struct while_source {
	struct rx_source source;
	rx_holds_fn holds;
	struct rx_host host;
	bool asks_first;
};

struct while_sub {
	struct rx_sub sub;
	struct rx_rounds rounds;
	bool asks;
};

static struct while_sub *while_of(struct rx_sub *s)
{
	return CONTAINER_OF(s, struct while_sub, sub);
}

static void run(struct rx_sub *s)
{
	struct while_sub *w = while_of(s);
	struct while_source *src =
		CONTAINER_OF(s->src, struct while_source, source);
	bool holds = !w->asks || src->holds(src->host.arg);

	w->asks = true;
	if (s->halted) /* by the program, when it was asked */
		return;
	rx_sub_drop(&s->in);
	if (holds)
		rx_subscribe_in(s);
	else
		rx_finish_done(s);
}

static void again(struct rx_sub *s)
{
	rx_rounds_go(&while_of(s)->rounds, s, run, again);
}

static void on_done(struct rx_observer *o)
{
	again(rx_sub_of(o));
}

static void start(struct rx_sub *s)
{
	while_of(s)->asks =
		CONTAINER_OF(s->src, struct while_source, source)->asks_first;
	again(s);
}

static void stop(struct rx_sub *s)
{
	rx_rounds_stop(&while_of(s)->rounds);
}

static void destroy(struct rx_source *source)
{
	rx_host_drop(CONTAINER_OF(source, struct while_source, source)->host);
}

static const struct rx_source_ops ops = {
	.name = "while_do",
	.source_bytes = sizeof(struct while_source),
	.sub_bytes = sizeof(struct while_sub),
	.in = {rx_pass_next, rx_pass_error, on_done},
	.start = start,
	.stop = stop,
	.destroy = destroy,
};

static struct rx_source *while_new(struct rx_source *in, rx_holds_fn holds,
				   struct rx_host host, bool asks_first)
{
	struct while_source *src = rx_source_new(&ops, NULL, in);

	src->holds = holds;
	src->host = host;
	src->asks_first = asks_first;
	return &src->source;
}

struct rx_source *rx_while_do(struct rx_source *in, rx_holds_fn holds,
			      struct rx_host host)
{
	return while_new(in, holds, host, true);
}

struct rx_source *rx_do_while(struct rx_source *in, rx_holds_fn holds,
			      struct rx_host host)
{
	return while_new(in, holds, host, false);
}
