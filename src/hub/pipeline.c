/* pipeline.c - see pipeline.h.
 *
 * Each graph has subjects of its own: one for what enters it, and one for every
 * @name its text listens to. So a graph that is being drained hears of nothing
 * new, on any of its inputs, and nothing is seen twice.
 */
#include "hub/pipeline.h"

#include "base/log.h"
#include "base/mem.h"
#include "flow/meters.h"
#include "hub/internal.h"
#include "rx/subject.h"

/* A pipeline that ends in an error is built anew, at most once in this time. */
#define REBUILD_MS 1000

struct named {
	struct list link;
	struct rx_subject *subject;
	char *name; /* ours */
};

struct hub_graph {
	struct rx_observer out; /* what the last stage calls */
	struct hub *hub;
	enum hub_pipeline_name which;
	struct rx_subject *in;
	struct rx_sub *sub;
	struct list names; /* of struct named */
	struct list link;  /* in the hub's graphs */
	struct flow_env env;
	struct flow *flow;
	struct flow_meters *meters; /* ours */
	struct rx_later grave;
	bool ended;
};

static const char *const labels[HUB_PIPELINES] = {"jobs", "parts"};
static const char *const defaults[HUB_PIPELINES] = {"run", "as_observable"};

int hub_pipeline_find(struct str name)
{
	for (int i = 0; i < HUB_PIPELINES; i++)
		if (str_eq(name, str_of(labels[i])))
			return i;
	return -1;
}

const char *hub_pipeline_label(enum hub_pipeline_name which)
{
	return labels[which];
}

/* --- a graph's end ----------------------------------------------------- */

static void free_graph(struct rx_later *l)
{
	struct hub_graph *g = CONTAINER_OF(l, struct hub_graph, grave);
	struct hub *hub = g->hub;

	while (!list_empty(&g->names)) {
		struct named *n =
			CONTAINER_OF(list_pop(&g->names), struct named, link);

		rx_subject_destroy(n->subject);
		mem_free(n->name);
		mem_free(n);
	}
	rx_subject_destroy(g->in);
	flow_meters_destroy(g->meters);
	flow_unref(g->flow);
	list_remove(&g->link);
	mem_free(g);
	if (hub->closing)
		hub_check_drained(hub);
}

static void end_graph(struct hub_graph *g)
{
	struct hub_pipeline *p = &g->hub->pipelines[g->which];
	struct rx_sub *sub = g->sub;

	if (g->ended)
		return;
	g->ended = true;
	g->sub = NULL;
	if (p->graph == g)
		p->graph = NULL;
	rx_sub_cancel(sub);
	g->grave.fn = free_graph;
	rx_sched_later(g->hub->ctx.sched, &g->grave);
}

static void complete_graph(struct hub_graph *g)
{
	/* Both may end it at once. */
	LIST_FOREACH (l, &g->names)
		rx_done(rx_subject_observer(
			CONTAINER_OF(l, struct named, link)->subject));
	rx_done(rx_subject_observer(g->in));
}

static int build(struct hub_pipeline *p, struct flow *flow,
		 struct hub_graph **out, struct weir_error *err);

static void on_again(struct loop_timer *t)
{
	struct hub_pipeline *p = CONTAINER_OF(t, struct hub_pipeline, again);
	struct weir_error err;

	if (p->graph || p->hub->closing)
		return;
	if (build(p, p->flow, &p->graph, &err) < 0)
		log_error("pipeline %s cannot be built anew: %s",
			  labels[p->which], err.message);
}

/* --- the last stage's observer ------------------------------------------ */

static void out_next(struct rx_observer *o, struct value v)
{
	struct hub_graph *g = CONTAINER_OF(o, struct hub_graph, out);

	if (g->which == HUB_JOBS)
		hub_enter(g->hub, HUB_PARTS, v);
	else
		hub_deliver(g->hub, v);
}

static void out_error(struct rx_observer *o, const struct weir_error *err)
{
	struct hub_graph *g = CONTAINER_OF(o, struct hub_graph, out);
	struct hub_pipeline *p = &g->hub->pipelines[g->which];
	bool present = p->graph == g;

	log_error("pipeline %s ended in an error: %s", labels[g->which],
		  err->message);
	end_graph(g);
	if (present && !g->hub->closing)
		loop_timer_start(g->hub->loop, &p->again,
				 MAX(p->built_ms + REBUILD_MS,
				     loop_now_ms(g->hub->loop)),
				 on_again);
}

static void out_done(struct rx_observer *o)
{
	struct hub_graph *g = CONTAINER_OF(o, struct hub_graph, out);

	if (g->hub->pipelines[g->which].graph == g && !g->hub->closing)
		log_warn("pipeline %s has ended: nothing passes it any more",
			 labels[g->which]);
	end_graph(g);
}

static const struct rx_observer_ops out_ops = {out_next, out_error, out_done};

/* --- a graph's beginning ------------------------------------------------ */

static bool name_known(struct hub *hub, struct str name)
{
	return hub_pipeline_find(name) >= 0 ||
	       hub->host.has_source(hub->host.arg, name);
}

/* @name: what enters the subject of that name, or the parts of that source. */
static struct rx_source *named_stream(void *arg, struct str name)
{
	struct hub_graph *g = arg;
	struct named *n;

	if (!name_known(g->hub, name))
		return NULL;
	n = mem_alloc(sizeof *n);
	n->name = mem_strndup(name.p, name.len);
	n->subject = rx_subject_create(&g->hub->ctx);
	list_push(&g->names, &n->link);
	return rx_subject_source(n->subject);
}

static struct rx_fn *named_function(void *arg, struct str name)
{
	struct hub_graph *g = arg;

	return g->hub->host.function(g->hub->host.arg, name);
}

static struct rx_source *run_stage(void *arg, struct rx_ctx *ctx,
				   struct value jobs)
{
	struct hub_graph *g = arg;

	return g->hub->host.run(g->hub->host.arg, ctx, jobs);
}

static int build(struct hub_pipeline *p, struct flow *flow,
		 struct hub_graph **out, struct weir_error *err)
{
	struct hub *hub = p->hub;
	struct hub_graph *g = mem_zalloc(sizeof *g);
	struct rx_source *last;

	g->out.ops = &out_ops;
	g->hub = hub;
	g->which = (enum hub_pipeline_name)p->which;
	g->in = rx_subject_create(&hub->ctx);
	g->flow = flow_ref(flow);
	g->meters = flow_meters_create(flow);
	g->env = (struct flow_env){.ctx = &hub->ctx,
				   .stream = named_stream,
				   .function = hub->host.function
						       ? named_function
						       : NULL,
				   .run = run_stage,
				   .arg = g,
				   .hooks = flow_meters_hooks(g->meters)};
	list_init(&g->names);
	list_push(&hub->graphs, &g->link);

	int rc = flow_build(flow, &g->env,
			    flow_meters_enter(g->meters,
					      rx_subject_source(g->in)),
			    &last, err);

	if (rc < 0) {
		g->ended = true;
		free_graph(&g->grave);
		return rc;
	}
	p->built_ms = loop_now_ms(hub->loop);
	*out = g; /* before the first item may end it */
	rx_subscribe(last, &g->out, &g->sub);
	rx_source_unref(last);
	if (g->ended) { /* it ended while it was being subscribed */
		rx_sub_cancel(g->sub);
		g->sub = NULL;
	}
	return 0;
}

int hub_pipeline_set(struct hub *hub, enum hub_pipeline_name which,
		     struct str text, bool dry_run, struct weir_error *err)
{
	struct hub_pipeline *p = &hub->pipelines[which];
	struct hub_graph *old = p->graph;
	struct hub_graph *fresh = NULL;
	struct flow *flow;
	int rc = flow_parse(text.len ? text : str_of(defaults[which]), &flow,
			    err);

	if (rc < 0)
		return rc;
	if (flow_head(flow) == FLOW_HEAD_CREATE)
		rc = error_at(err, WEIR_EINVAL, flow_text(flow).p,
			      flow_text(flow).len, 0,
			      "the pipeline %s works on what enters it: it "
			      "cannot begin with a creation stage",
			      labels[which]);
	if (rc == 0)
		rc = build(p, flow, &fresh, err);
	if (rc < 0 || dry_run) {
		if (fresh)
			end_graph(fresh);
		flow_unref(flow);
		return rc;
	}
	flow_unref(p->flow);
	p->flow = flow;
	p->graph = fresh && !fresh->ended ? fresh : NULL;
	if (old) {
		trace("pipeline %s: %.*s", labels[which],
		      STR_FMT(str_trim(flow_text(flow))));
		complete_graph(old);
	}
	return 0;
}

/* --- use ---------------------------------------------------------------- */

void hub_enter(struct hub *hub, enum hub_pipeline_name which, struct value v)
{
	struct hub_graph *g = hub->pipelines[which].graph;
	struct str source = {0};

	if (which == HUB_PARTS)
		source = value_str(value_get(v, STR("source")));
	LIST_FOREACH (gl, &hub->graphs) {
		struct hub_graph *other =
			CONTAINER_OF(gl, struct hub_graph, link);

		LIST_FOREACH (l, &other->names) {
			struct named *n = CONTAINER_OF(l, struct named, link);
			struct str name = str_of(n->name);

			if (str_eq(name, str_of(labels[which])) ||
			    (source.len && str_eq(name, source)))
				rx_next(rx_subject_observer(n->subject), v);
		}
	}
	if (g)
		rx_next(rx_subject_observer(g->in), v);
}

bool hub_pipeline_ended(const struct hub *hub, enum hub_pipeline_name which)
{
	return hub->pipelines[which].graph == NULL;
}

struct str hub_pipeline_text(const struct hub *hub,
			     enum hub_pipeline_name which)
{
	return flow_text(hub->pipelines[which].flow);
}

void hub_pipeline_describe(const struct hub *hub, enum hub_pipeline_name which,
			   struct buf *out)
{
	const struct hub_pipeline *p = &hub->pipelines[which];

	flow_describe(p->flow, p->graph ? p->graph->meters : NULL, out);
}

void hub_pipeline_explain(const struct hub *hub, enum hub_pipeline_name which,
			  struct buf *out)
{
	flow_explain(hub->pipelines[which].flow, out);
}

void hub_pipelines_complete(struct hub *hub)
{
	for (int i = 0; i < HUB_PIPELINES; i++)
		if (hub->pipelines[i].graph)
			complete_graph(hub->pipelines[i].graph);
}

void hub_graphs_cancel(struct hub *hub)
{
	LIST_FOREACH_SAFE (l, &hub->graphs)
		end_graph(CONTAINER_OF(l, struct hub_graph, link));
}

void hub_pipeline_init(struct hub_pipeline *p, struct hub *hub, int which)
{
	struct weir_error err;

	p->hub = hub;
	p->which = which;
	if (hub_pipeline_set(hub, (enum hub_pipeline_name)which, STR(""), false,
			     &err) < 0)
		log_error("the default pipeline does not build: %s",
			  err.message);
}

void hub_pipeline_fini(struct hub_pipeline *p)
{
	loop_timer_stop(p->hub->loop, &p->again);
	flow_unref(p->flow);
}
