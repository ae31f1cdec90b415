/* hub.c - see hub.h: delivery, figures, life. */
#include "hub/hub.h"

#include "base/log.h"
#include "base/mem.h"
#include "hub/internal.h"

#include <assert.h>

/* How long the parts on their way may take when the server closes. */
#define GRACE_MS 3000

const struct hub_conf hub_conf_default = {
	.queue_max = 1 << 20,
	.kept_max = 1 << 20,
	.kept_ms = 60000,
	.linger_ms = 30000,
	.heartbeat_ms = 20000,
	.interests_max = 1000,
	.conditions_max = 1000000,
	.residual_max = 1000,
	.interest_ms = (int64_t)24 * 3600 * 1000,
	.drain_rate = 10000,
	.waiting_max = 64 << 20,
	.jobs_max = 100000,
	.records_max = 10000,
	.record_ms = 60000,
	.orphan_ms = 300000,
};

struct loop *hub_loop(const struct hub *hub)
{
	return hub->loop;
}

const struct hub_conf *hub_limits(const struct hub *hub)
{
	return &hub->conf;
}

void hub_configure(struct hub *hub, const struct hub_conf *conf)
{
	hub->conf = *conf;
	hub_cache_configure(&hub->cache, conf->cache_ms, conf->cache_max);
	hub_edges_configure(hub);
}

const struct hub_cache *hub_parts_kept(const struct hub *hub)
{
	return &hub->cache;
}

bool hub_closing(const struct hub *hub)
{
	return hub->closing;
}

/* --- parts --------------------------------------------------------------- */

struct value hub_part(struct hub *hub, struct str job, struct str source,
		      struct value data)
{
	char time[CLOCK_RFC3339_LEN + 1];
	struct value pairs[8];
	uint32_t n = 0;

	if (job.len) {
		pairs[n++] = value_ref(hub->key_job);
		pairs[n++] = value_string(job);
	}
	pairs[n++] = value_ref(hub->key_source);
	pairs[n++] = value_string(source);
	clock_format_rfc3339(clock_wall_ms(), time);
	pairs[n++] = value_ref(hub->key_time);
	pairs[n++] = value_string(str_from(time, CLOCK_RFC3339_LEN));
	pairs[n++] = value_ref(hub->key_data);
	pairs[n++] = data;
	return value_object(pairs, n / 2);
}

void hub_push(struct hub *hub, struct value part)
{
	struct rx_cause *old = rx_cause_enter(NULL);

	hub_enter(hub, HUB_PARTS, part);
	rx_cause_leave(old);
}

static bool is_part(struct value v, struct value *data)
{
	return value_type(v) == VALUE_OBJECT &&
	       value_find(v, STR("data"), data);
}

/* The job an item comes of: named by it, or its cause. */
static struct hub_job *job_of(struct hub *hub, struct str id)
{
	struct hub_job *j = hub_job_of_cause(rx_cause_now);

	if (j && (!id.len || str_eq(id, hub_job_id(j))))
		return j;
	if (!id.len)
		return NULL;
	j = map_get(&hub->jobs, id);
	return j && !j->ended_ms ? j : NULL;
}

struct cond_meta hub_meta(struct str source, struct str job)
{
	return (struct cond_meta){
		.source = source.len ? source : (struct str){0},
		.job = job.len ? job : (struct str){0},
	};
}

/* A part as it is sent. picks: somebody may hold conditions against it, so what
 * its source says is of interest goes along. */
static struct hub_event *make_part(struct hub *hub, struct str job,
				   struct str source, struct str time,
				   struct value data, bool picks)
{
	struct hub_event *e;
	struct value picked;

	if (!picks || !source.len || !hub->host.pick ||
	    !hub->host.pick(hub->host.arg, source, data, &picked))
		return hub_event_part(job, source, time, data, NULL);
	e = hub_event_part(job, source, time, data, &picked);
	value_unref(picked);
	return e;
}

static void deliver_part(struct hub *hub, struct value item)
{
	struct hub_delivery d = {.data = item, .has_data = true};
	struct str time = {0};
	struct hub_job *j;
	bool cached = hub_cache_wanted(&hub->cache);
	bool asked = cached || hub_edges_care(hub);

	if (is_part(item, &d.data)) {
		d.job = value_str(value_get(item, STR("job")));
		d.source = value_str(value_get(item, STR("source")));
		time = value_str(value_get(item, STR("time")));
	}
	j = job_of(hub, d.job);
	hub->figures.parts++;
	if (j) {
		j->parts++;
		d.lane = j->owner;
		d.shared = j->shared;
	}
	if (!d.lane && !asked)
		return;
	if (j && !d.job.len)
		d.job = hub_job_id(j);
	d.event = make_part(hub, d.job, d.source, time, d.data, asked);
	if (cached)
		hub_cache_add(&hub->cache, d.event);
	hub_edges_deliver(hub, &d);
	hub_event_unref(d.event);
}

void hub_deliver(struct hub *hub, struct value item)
{
	const struct value *nodes = value_nodes(item);
	struct value data;

	/* A buffer of parts? */
	if (value_type(item) == VALUE_ARRAY && item.len &&
	    is_part(nodes[0], &data)) {
		for (uint32_t i = 0; i < item.len; i++)
			deliver_part(hub, nodes[i]);
		return;
	}
	deliver_part(hub, item);
}

/* --- item errors ---------------------------------------------------------- */

static void tell_job(void *arg, struct rx_cause *c)
{
	struct hub_job *j = hub_job_of_cause(c);

	if (j)
		hub_job_error(j, arg);
}

static void on_item_error(struct rx_ctx *ctx, const struct weir_error *err,
			  struct value item)
{
	struct hub *hub = CONTAINER_OF(ctx, struct hub, ctx);

	hub->figures.item_errors++;
	if (!rx_cause_now) {
		log_warn("an item was skipped: %s", err->message);
		return;
	}
	rx_cause_each(rx_cause_now, tell_job, (void *)(uintptr_t)err);
}

/* --- life ------------------------------------------------------------------
 */

struct hub *hub_create(struct loop *l, const struct hub_conf *conf,
		       const struct hub_host *host)
{
	struct hub *hub = mem_zalloc(sizeof *hub);

	hub->loop = l;
	hub->host = *host;
	hub->ctx.sched = rx_sched_create_loop(l);
	hub->ctx.item_error = on_item_error;
	list_init(&hub->graphs);
	list_init(&hub->finished);
	fiber_cond_init(&hub->room);
	hub->edges[hub->n_edges++] = hub_edge_create(hub, l, 0, conf);
	hub_cache_init(&hub->cache, l);
	hub_configure(hub, conf);
	hub->key_job = value_cstr("job");
	hub->key_source = value_cstr("source");
	hub->key_time = value_cstr("time");
	hub->key_data = value_cstr("data");
	for (int i = 0; i < HUB_PIPELINES; i++)
		hub_pipeline_init(&hub->pipelines[i], hub, i);
	return hub;
}

static void add_interests(struct hub_edge *e, void *arg)
{
	struct interests_figures *sum = arg;
	struct interests_figures f;

	interests_figures(e->interests, &f);
	sum->interests += f.interests;
	sum->conditions += f.conditions;
	sum->residual += f.residual;
	sum->bytes += f.bytes;
	sum->parts += f.parts;
	sum->candidates += f.candidates;
}

struct hub_figures hub_figures(struct hub *hub)
{
	struct hub_figures f = hub->figures;
	uint32_t graphs = 0;

	LIST_FOREACH (l, &hub->graphs)
		graphs++;
	for (int i = 0; i < HUB_PIPELINES; i++)
		graphs -= hub->pipelines[i].graph != NULL;
	f.draining = graphs;
	f.live_jobs = hub->live_jobs;
	for (uint32_t i = 0; i < hub->n_edges; i++) {
		const struct hub_edge *e = hub->edges[i];

		f.events += atomic_load(&e->events);
		f.dropped += atomic_load(&e->dropped);
		f.streams += atomic_load(&e->n_streams);
	}
	hub_edges_call(hub, add_interests, &f.interests);
	f.cached = hub->cache.end - hub->cache.first;
	f.cached_bytes = hub->cache.bytes;
	return f;
}

void hub_each_job(struct hub *hub, void (*fn)(void *arg, struct hub_job *j),
		  void *arg)
{
	size_t n;
	struct hub_job **all = (struct hub_job **)map_values(&hub->jobs, &n);

	for (size_t i = 0; i < n; i++)
		hub_job_ref(all[i]);
	for (size_t i = 0; i < n; i++) {
		if (!all[i]->ended_ms)
			fn(arg, all[i]);
		hub_job_unref(all[i]);
	}
	mem_free(all);
}

static void cancel(void *arg, struct hub_job *j)
{
	hub_job_cancel(j);
}

void hub_edge_drained(struct hub *hub)
{
	if (++hub->n_drained == hub->n_edges)
		hub->drained(hub->drained_arg);
}

static void finish(struct hub *hub)
{
	if (hub->draining)
		return;
	hub->draining = true;
	loop_timer_stop(hub->loop, &hub->grace);
	hub_edges_drain(hub);
}

void hub_check_drained(struct hub *hub)
{
	if (hub->closing && hub->live_jobs == 0 && list_empty(&hub->graphs))
		finish(hub);
}

static void on_grace_over(struct loop_timer *t)
{
	struct hub *hub = CONTAINER_OF(t, struct hub, grace);

	hub_graphs_cancel(hub); /* releases what they hold */
}

void hub_shutdown(struct hub *hub, void (*drained)(void *arg), void *arg)
{
	if (hub->closing)
		return;
	hub->closing = true;
	hub->drained = drained;
	hub->drained_arg = arg;
	hub_edges_close(hub);
	loop_timer_start(hub->loop, &hub->grace,
			 loop_now_ms(hub->loop) + GRACE_MS, on_grace_over);
	hub_each_job(hub, cancel, NULL);
	hub_pipelines_complete(hub);
	hub_check_drained(hub);
}

void hub_destroy(struct hub *hub)
{
	if (!hub)
		return;
	hub_graphs_cancel(hub);
	for (int i = 0; i < HUB_PIPELINES; i++)
		hub_pipeline_fini(&hub->pipelines[i]);
	rx_sched_destroy(hub->ctx.sched);
	while (!list_empty(&hub->finished)) {
		struct hub_job *j = CONTAINER_OF(list_pop(&hub->finished),
						 struct hub_job, finished_link);

		map_remove(&hub->jobs, hub_job_id(j));
		hub_job_unref(j);
	}
	assert(hub->live_jobs == 0);
	loop_timer_stop(hub->loop, &hub->grace);
	map_fini(&hub->jobs);
	hub_cache_fini(&hub->cache);
	hub_edge_destroy(hub->edges[0]);
	value_unref(hub->key_job);
	value_unref(hub->key_source);
	value_unref(hub->key_time);
	value_unref(hub->key_data);
	mem_free(hub);
}
