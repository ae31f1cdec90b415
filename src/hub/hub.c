/* hub.c - see hub.h: delivery, figures, life. */
#include "hub/hub.h"

#include "base/hash.h"
#include "base/log.h"
#include "base/mem.h"
#include "hub/internal.h"

#include <assert.h>

/* How long the parts on their way may take when the server closes. */
#define GRACE_MS 3000
/* What clients are told to wait for before they come back. */
#define RETRY_MIN_MS  500
#define RETRY_MAX_MS  5000
#define DRAIN_TICK_MS 10
/* What ended streams may hold, of what all may that nobody reads. */
#define OVER_SHARE 16

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
	interests_limit(hub->interests, conf->conditions_max,
			conf->residual_max);
}

const struct hub_cache *hub_parts_kept(const struct hub *hub)
{
	return &hub->cache;
}

struct interests *hub_interests(struct hub *hub)
{
	return hub->interests;
}

bool hub_closing(const struct hub *hub)
{
	return hub->closing;
}

/* --- streams ------------------------------------------------------------ */

void hub_add_stream(struct hub *hub, struct hub_stream *s)
{
	map_put(&hub->streams, str_of(s->id), s);
	map_put(&hub->epochs, str_of(s->epoch), s);
}

void hub_remove_stream(struct hub *hub, struct hub_stream *s,
		       enum hub_absence why)
{
	int64_t now = loop_now_ms(hub->loop);

	map_remove(&hub->streams, str_of(s->id));
	map_remove(&hub->epochs, str_of(s->epoch));
	list_remove(&s->waiting_link);
	hub->over -= s->finished;
	graves_add(&hub->graves, str_of(s->id), why, now,
		   now - hub->conf.record_ms, hub->conf.records_max);
}

struct hub_stream *hub_find_stream(struct hub *hub, struct str id)
{
	return map_get(&hub->streams, id);
}

struct hub_stream *hub_find_epoch(struct hub *hub, struct str epoch)
{
	return map_get(&hub->epochs, epoch);
}

enum hub_absence hub_stream_absence(struct hub *hub, struct str id)
{
	return graves_find(&hub->graves, id);
}

const struct hub_event *hub_ping(const struct hub *hub)
{
	return hub->ping;
}

void hub_count_dropped(struct hub *hub, uint64_t n)
{
	hub->figures.dropped += n;
}

void hub_count_event(struct hub *hub)
{
	hub->figures.events++;
}

void hub_stream_waits(struct hub *hub, struct hub_stream *s)
{
	list_remove(&s->waiting_link);
	list_push(&hub->waiting[s->finished], &s->waiting_link);
}

/* Those that have ended may be asked for once more, if the connection broke at
 * their end; few are, so they get a small share of the room. */
static bool too_much(const struct hub *hub, bool over)
{
	int64_t max = (int64_t)hub->conf.waiting_max;

	return hub->waiting_bytes[over] > (over ? max / OVER_SHARE : max);
}

static void on_trim(struct loop_task *t)
{
	struct hub *hub = CONTAINER_OF(t, struct hub, trim);

	for (int over = 0; over < 2; over++)
		while (too_much(hub, over) && !list_empty(&hub->waiting[over]))
			hub_stream_give_up(CONTAINER_OF(hub->waiting[over].next,
							struct hub_stream,
							waiting_link));
}

void hub_count_waiting(struct hub *hub, bool over, int64_t bytes)
{
	hub->waiting_bytes[over] += bytes;
	if (too_much(hub, over))
		loop_defer(hub->loop, &hub->trim);
}

void hub_stream_over(struct hub *hub, struct hub_stream *s, size_t counted)
{
	hub->over++;
	hub_count_waiting(hub, false, -(int64_t)counted);
	hub_count_waiting(hub, true, (int64_t)counted);
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

	bool cached = hub_cache_wanted(&hub->cache);
	bool asked = cached || !interests_empty(hub->interests);

	hub->figures.parts++;
	if (j)
		j->parts++;
	if (!owner && !asked)
		return;
	if (j && !id.len)
		id = hub_job_id(j);

	const struct cond_meta meta = hub_meta(source, id);
	struct hub_event *e = make_part(hub, id, source, time, data, asked);
	struct hub_taker *taker = hub_interests_met(hub, e, &meta);

	if (cached)
		hub_cache_add(&hub->cache, e);
	if (owner && !owner->taker.met)
		hub_interests_deliver(owner, NULL, j, e, data);
	while (taker) {
		struct hub_taker *t = taker;
		struct hub_interest *met = t->met;
		struct hub_stream *s =
			CONTAINER_OF(t, struct hub_stream, taker);

		taker = t->next;
		t->met = NULL;
		hub_interests_deliver(s, met, s == owner ? j : NULL, e, data);
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
	hub->host = *host;
	hub->ctx.sched = rx_sched_create_loop(l);
	hub->ctx.item_error = on_item_error;
	list_init(&hub->graphs);
	list_init(&hub->finished);
	list_init(&hub->waiting[0]);
	list_init(&hub->waiting[1]);
	graves_init(&hub->graves);
	hub->interests = interests_create();
	hub_cache_init(&hub->cache, l);
	hub_configure(hub, conf);
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
	f.streams = (uint32_t)hub->streams.len - hub->over;
	interests_figures(hub->interests, &f.interests);
	f.cached = hub->cache.end - hub->cache.first;
	f.cached_bytes = hub->cache.bytes;
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

static void cancel(void *arg, struct hub_job *j)
{
	hub_job_cancel(j);
}

/* Clients that come back all at once would meet the next server all at once. */
static uint32_t choose_retry(void)
{
	uint16_t n;

	random_bytes(&n, sizeof n);
	return RETRY_MIN_MS + n % (RETRY_MAX_MS - RETRY_MIN_MS);
}

/* Says `bye` to some streams. */
static void end_some(struct hub *hub, uint32_t max)
{
	struct hub_stream **some = mem_alloc(max * sizeof(struct hub_stream *));
	uint32_t n = 0;

	MAP_FOREACH (slot, &hub->streams) {
		if (n == max)
			break;
		some[n++] = slot->value;
	}
	for (uint32_t i = 0; i < n; i++)
		hub_stream_delete(some[i], "shutdown", choose_retry());
	mem_free(some);
}

/* Tells the next streams; those without a reader are just closed. */
static void on_drain(struct loop_timer *t)
{
	struct hub *hub = CONTAINER_OF(t, struct hub, drain);
	void (*drained)(void *arg) = hub->drained;

	for (int over = 0; over < 2; over++)
		while (!list_empty(&hub->waiting[over]))
			hub_stream_delete(CONTAINER_OF(hub->waiting[over].next,
						       struct hub_stream,
						       waiting_link),
					  "shutdown", 0);
	end_some(hub, MAX(hub->conf.drain_rate / (1000 / DRAIN_TICK_MS), 1));
	if (hub->streams.len) {
		loop_timer_start(hub->loop, t,
				 loop_now_ms(hub->loop) + DRAIN_TICK_MS,
				 on_drain);
		return;
	}
	hub->drained = NULL;
	drained(hub->drained_arg);
}

static void finish(struct hub *hub)
{
	if (!hub->drained || loop_timer_active(&hub->drain))
		return;
	loop_timer_stop(hub->loop, &hub->grace);
	on_drain(&hub->drain);
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
	loop_timer_stop(hub->loop, &hub->drain);
	map_fini(&hub->streams);
	map_fini(&hub->epochs);
	graves_fini(&hub->graves);
	hub_cache_fini(&hub->cache);
	interests_destroy(hub->interests);
	hub_event_unref(hub->ping);
	value_unref(hub->key_job);
	value_unref(hub->key_source);
	value_unref(hub->key_time);
	value_unref(hub->key_data);
	mem_free(hub);
}
