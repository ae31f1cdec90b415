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

size_t hub_queue_max(const struct hub *hub)
{
	return hub->conf.queue_max;
}

int64_t hub_orphan_ms(const struct hub *hub)
{
	return hub->conf.orphan_ms;
}

void hub_configure(struct hub *hub, const struct hub_conf *conf)
{
	hub->conf = *conf;
}

bool hub_closing(const struct hub *hub)
{
	return hub->closing;
}

/* --- streams ------------------------------------------------------------ */

void hub_add_stream(struct hub *hub, struct hub_stream *s, bool all)
{
	map_put(&hub->streams, str_of(s->id), s);
	if (all)
		list_push(&hub->all_streams, &s->all_link);
}

void hub_remove_stream(struct hub *hub, struct hub_stream *s)
{
	map_remove(&hub->streams, str_of(s->id));
	list_remove(&s->all_link);
	list_remove(&s->waiting_link);
}

struct hub_stream *hub_find_stream(struct hub *hub, struct str id)
{
	return map_get(&hub->streams, id);
}

const struct hub_event *hub_ping(const struct hub *hub)
{
	return hub->ping;
}

void hub_count_dropped(struct hub *hub, uint64_t n)
{
	hub->figures.dropped += n;
}

void hub_stream_waits(struct hub *hub, struct hub_stream *s)
{
	list_remove(&s->waiting_link);
	list_push(&hub->waiting, &s->waiting_link);
}

static void on_trim(struct loop_task *t)
{
	struct hub *hub = CONTAINER_OF(t, struct hub, trim);

	while (hub->waiting_bytes > (int64_t)hub->conf.waiting_max &&
	       !list_empty(&hub->waiting))
		hub_stream_give_up(CONTAINER_OF(
			hub->waiting.next, struct hub_stream, waiting_link));
}

void hub_count_waiting(struct hub *hub, int64_t bytes)
{
	hub->waiting_bytes += bytes;
	if (hub->waiting_bytes > (int64_t)hub->conf.waiting_max)
		loop_defer(hub->loop, &hub->trim);
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

static void deliver_part(struct hub *hub, struct value item)
{
	struct value data = item;
	struct str id = {0};
	struct str source = {0};
	struct str time = {0};

	if (is_part(item, &data)) {
		id = value_str(value_get(item, STR("job")));
		source = value_str(value_get(item, STR("source")));
		time = value_str(value_get(item, STR("time")));
	}

	struct hub_job *j = job_of(hub, id);
	struct hub_stream *owner = j ? j->owner : NULL;

	hub->figures.parts++;
	if (j)
		j->parts++;
	if (!owner && list_empty(&hub->all_streams))
		return;

	struct hub_event *e = hub_event_part(j && !id.len ? hub_job_id(j) : id,
					     source, time, data);

	if (owner) {
		hub_stream_send(owner, e, true);
		hub->figures.events++;
	}

	/* An empty name is none. */
	struct cond_meta meta = {
		.source = source.len ? source : (struct str){0},
		.job = id.len ? id : (struct str){0},
	};

	LIST_FOREACH (l, &hub->all_streams) {
		struct hub_stream *s =
			CONTAINER_OF(l, struct hub_stream, all_link);

		if (s == owner ||
		    (s->where && !cond_eval(s->where, data, &meta)))
			continue;
		hub_stream_send(s, e, false);
		hub->figures.events++;
	}
	hub_event_unref(e);
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
	hub->conf = *conf;
	hub->host = *host;
	hub->ctx.sched = rx_sched_create_loop(l);
	hub->ctx.item_error = on_item_error;
	list_init(&hub->graphs);
	list_init(&hub->all_streams);
	list_init(&hub->finished);
	list_init(&hub->waiting);
	hub->trim.fn = on_trim;
	hub->ping = hub_event_ping();
	hub->key_job = value_cstr("job");
	hub->key_source = value_cstr("source");
	hub->key_time = value_cstr("time");
	hub->key_data = value_cstr("data");
	for (int i = 0; i < HUB_PIPELINES; i++)
		hub_pipeline_init(&hub->pipelines[i], hub, i);
	return hub;
}

struct hub_figures hub_figures(const struct hub *hub)
{
	struct hub_figures f = hub->figures;
	uint32_t graphs = 0;

	LIST_FOREACH (l, &hub->graphs)
		graphs++;
	for (int i = 0; i < HUB_PIPELINES; i++)
		graphs -= hub->pipelines[i].graph != NULL;
	f.draining = graphs;
	f.live_jobs = hub->live_jobs;
	f.streams = (uint32_t)hub->streams.len;
	return f;
}

/* The callbacks may end what they are shown, so the table is read first. */
static void **snapshot(const struct map *m, size_t *n_out)
{
	void **all = mem_alloc(m->len * sizeof *all);
	size_t n = 0;

	MAP_FOREACH (slot, m)
		all[n++] = slot->value;
	*n_out = n;
	return all;
}

void hub_each_job(struct hub *hub, void (*fn)(void *arg, struct hub_job *j),
		  void *arg)
{
	size_t n;
	struct hub_job **all = (struct hub_job **)snapshot(&hub->jobs, &n);

	for (size_t i = 0; i < n; i++)
		hub_job_ref(all[i]);
	for (size_t i = 0; i < n; i++) {
		if (!all[i]->ended_ms)
			fn(arg, all[i]);
		hub_job_unref(all[i]);
	}
	mem_free(all);
}

void hub_each_stream(struct hub *hub,
		     void (*fn)(void *arg, struct hub_stream *s), void *arg)
{
	size_t n;
	struct hub_stream **all =
		(struct hub_stream **)snapshot(&hub->streams, &n);

	for (size_t i = 0; i < n; i++)
		fn(arg, all[i]);
	mem_free(all);
}

static void say_bye(void *arg, struct hub_stream *s)
{
	hub_stream_bye(s, "shutdown");
}

static void cancel(void *arg, struct hub_job *j)
{
	hub_job_cancel(j);
}

static void finish(struct hub *hub)
{
	void (*drained)(void *arg) = hub->drained;

	if (!drained)
		return;
	hub->drained = NULL;
	loop_timer_stop(hub->loop, &hub->grace);
	hub_each_stream(hub, say_bye, NULL);
	drained(hub->drained_arg);
}

void hub_check_drained(struct hub *hub)
{
	if (hub->live_jobs == 0 && list_empty(&hub->graphs))
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
	loop_defer_cancel(&hub->trim);
	assert(hub->streams.len == 0 && hub->live_jobs == 0);
	loop_timer_stop(hub->loop, &hub->grace);
	map_fini(&hub->jobs);
	map_fini(&hub->streams);
	hub_event_unref(hub->ping);
	value_unref(hub->key_job);
	value_unref(hub->key_source);
	value_unref(hub->key_time);
	value_unref(hub->key_data);
	mem_free(hub);
}
