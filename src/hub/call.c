/* call.c - a fiber has something done on another thread: hub_call and
 * hub_edge_call of edge.h.
 *
 *     fiber --- post ---> the other loop: fn
 *       | waits at a latch        |
 *       '<-------- post ----------'
 *
 * The call lives on the stack of the fiber, which therefore waits even when it
 * is cancelled.
 */
#include "hub/edge.h"

#include "base/log.h"
#include "fiber/fiber.h"
#include "hub/internal.h"

struct call {
	struct hub_edge *edge;
	void (*fn)(struct hub *hub, void *arg);
	void (*edge_fn)(struct hub_edge *e, void *arg);
	void *arg;
	struct loop *back;
	uint32_t who;
	struct fiber_latch done;
};

static void on_done(void *arg)
{
	fiber_latch_open(&((struct call *)arg)->done);
}

static int run(void *arg)
{
	struct call *c = arg;

	c->fn(c->edge->hub, c->arg);
	loop_post(c->back, on_done, c); /* from here on c is not ours */
	return 0;
}

static void on_call(void *arg)
{
	struct call *c = arg;
	struct fiber *f;

	trace_who = c->who;
	f = fiber_spawn(fiber_pool_here(), "call", run, c);
	trace_who = 0;
	if (f)
		fiber_detach(f);
	else
		run(c); /* it must not wait then, and does not */
}

void hub_call(struct hub_edge *e, void (*fn)(struct hub *hub, void *arg),
	      void *arg)
{
	struct call c = {.edge = e,
			 .fn = fn,
			 .arg = arg,
			 .back = e->loop,
			 .who = trace_who};

	if (hub_edge_is_here(e)) {
		fn(e->hub, arg);
		return;
	}
	loop_post(hub_loop(e->hub), on_call, &c);
	fiber_latch_wait(&c.done);
}

static void on_edge_call(void *arg)
{
	struct call *c = arg;

	c->edge_fn(c->edge, c->arg);
	loop_post(c->back, on_done, c);
}

void hub_edge_call(struct hub_edge *e,
		   void (*fn)(struct hub_edge *e, void *arg), void *arg)
{
	struct call c = {
		.edge = e, .edge_fn = fn, .arg = arg, .back = hub_loop(e->hub)};

	if (hub_edge_is_here(e)) {
		fn(e, arg);
		return;
	}
	loop_post(e->loop, on_edge_call, &c);
	fiber_latch_wait(&c.done);
}

void hub_edges_call(struct hub *hub, void (*fn)(struct hub_edge *e, void *arg),
		    void *arg)
{
	for (uint32_t i = 0; i < hub->n_edges; i++)
		hub_edge_call(hub->edges[i], fn, arg);
}
