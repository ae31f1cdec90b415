/* edge.c - see edge.h: the streams of a thread, and parts that come to them. */
#include "hub/edge.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/mem.h"
#include "hub/interest.h"
#include "hub/internal.h"
#include "hub/lane.h"
#include "hub/stream.h"
#include "json/parse.h"

#include <assert.h>
#include <string.h>

/* What clients are told to wait for before they come back. */
#define RETRY_MIN_MS  500
#define RETRY_MAX_MS  5000
#define DRAIN_TICK_MS 10u
/* What ended streams may hold, of what all may that nobody reads. */
#define OVER_SHARE 16
/* How long a mailbox full of parts may take, and the most that one holds, in
 * case they were cheap so far. */
#define MAILBOX_NS  5000000
#define MAILBOX_MAX 512

uint32_t hub_edge_number(const struct hub_edge *e)
{
	return e->index;
}

struct loop *hub_edge_loop(const struct hub_edge *e)
{
	return e->loop;
}

const struct hub_conf *hub_edge_limits(const struct hub_edge *e)
{
	return &e->conf;
}

bool hub_edge_closing(const struct hub_edge *e)
{
	return e->closing;
}

/* --- ids -------------------------------------------------------------------
 */

static const char letters[HUB_EDGES_MAX + 1] =
	"abcdefghijkmnpqrstuvwxyz23456789";

char hub_edge_letter(const struct hub_edge *e)
{
	return letters[e->index];
}

uint32_t hub_edge_of(struct str id)
{
	for (uint32_t i = 0; id.len > HUB_EDGE_LETTER && i < HUB_EDGES_MAX; i++)
		if (letters[i] == id.p[HUB_EDGE_LETTER])
			return i;
	return 0;
}

/* --- streams ------------------------------------------------------------ */

static void count_streams(struct hub_edge *e)
{
	atomic_store_explicit(&e->n_streams, (uint32_t)e->streams.len - e->over,
			      memory_order_relaxed);
}

void hub_add_stream(struct hub_edge *e, struct hub_stream *s)
{
	map_put(&e->streams, str_of(s->id), s);
	count_streams(e);
}

void hub_remove_stream(struct hub_edge *e, struct hub_stream *s,
		       enum hub_absence why)
{
	int64_t now = loop_now_ms(e->loop);

	map_remove(&e->streams, str_of(s->id));
	list_remove(&s->waiting_link);
	e->over -= s->finished;
	count_streams(e);
	graves_add(&e->graves, str_of(s->id), why, now, now - e->conf.record_ms,
		   e->conf.records_max);
}

struct hub_stream *hub_find_stream(struct hub_edge *e, struct str id)
{
	return map_get(&e->streams, id);
}

enum hub_absence hub_stream_absence(struct hub_edge *e, struct str id)
{
	return graves_find(&e->graves, id);
}

/* The callback may end what it is shown, so the table is read first. */
void hub_each_stream(struct hub_edge *e,
		     void (*fn)(void *arg, struct hub_stream *s), void *arg)
{
	size_t n;
	struct hub_stream **all =
		(struct hub_stream **)map_values(&e->streams, &n);

	for (size_t i = 0; i < n; i++)
		fn(arg, all[i]);
	mem_free(all);
}

void hub_edge_interests_changed(struct hub_edge *e)
{
	atomic_store(&e->cares, !interests_empty(e->interests));
}

/* --- streams that nobody reads ------------------------------------------ */

void hub_stream_waits(struct hub_edge *e, struct hub_stream *s)
{
	list_remove(&s->waiting_link);
	list_push(&e->waiting[s->finished], &s->waiting_link);
}

/* Those that have ended may be asked for once more, if the connection broke at
 * their end; few are, so they get a small share of the room. */
static bool too_much(const struct hub_edge *e, bool over)
{
	int64_t max = (int64_t)e->conf.waiting_max;

	return e->waiting_bytes[over] > (over ? max / OVER_SHARE : max);
}

static void on_trim(struct loop_task *t)
{
	struct hub_edge *e = CONTAINER_OF(t, struct hub_edge, trim);

	for (int over = 0; over < 2; over++)
		while (too_much(e, over) && !list_empty(&e->waiting[over]))
			hub_stream_give_up(CONTAINER_OF(e->waiting[over].next,
							struct hub_stream,
							waiting_link));
}

void hub_count_waiting(struct hub_edge *e, bool over, int64_t bytes)
{
	e->waiting_bytes[over] += bytes;
	if (too_much(e, over))
		loop_defer(e->loop, &e->trim);
}

void hub_stream_over(struct hub_edge *e, struct hub_stream *s, size_t counted)
{
	e->over++;
	count_streams(e);
	hub_count_waiting(e, false, -(int64_t)counted);
	hub_count_waiting(e, true, (int64_t)counted);
}

/* --- a part comes ------------------------------------------------------- */

struct value hub_delivery_data(struct hub_delivery *d)
{
	const struct hub_event *e = d->event;

	if (!d->has_data) {
		d->data = value_null();
		json_parse(str_from(e->body + e->data_off, e->data_len),
			   &d->data, NULL);
		d->has_data = true;
	}
	return d->data;
}

static void deliver(struct hub_edge *e, struct hub_delivery *d)
{
	struct hub_stream *owner =
		d->lane && d->lane->edge == e ? d->lane->stream : NULL;
	struct hub_taker *taker = hub_interests_met(e, d);

	if (owner && !owner->taker.met)
		hub_interests_deliver(owner, NULL, d, true);
	while (taker) {
		struct hub_taker *t = taker;
		struct hub_interest *met = t->met;
		struct hub_stream *s =
			CONTAINER_OF(t, struct hub_stream, taker);

		taker = t->next;
		t->met = NULL;
		hub_interests_deliver(s, met, d, s == owner);
	}
}

/* --- and how it gets to another thread ----------------------------------- */

struct packet {
	struct hub_edge *edge;
	struct hub_event_bytes *event; /* one reference */
	struct hub_lane *lane;	       /* one reference; NULL: none of there */
	bool shared;
	uint32_t job_len;
	uint32_t source_len;
	char text[]; /* one behind the other */
};

static void on_room(void *arg)
{
	fiber_cond_wake_all(&((struct hub *)arg)->room);
}

/* A part is done with when it has been sent, which is at the end of the turn.
 * See hub_lane_update for why none that waits is missed. */
static void on_turn_end(struct loop_task *t)
{
	struct hub_edge *e = CONTAINER_OF(t, struct hub_edge, turn);
	int64_t pace = (clock_ns() - e->turn_ns) / e->turn_parts;
	uint64_t taken =
		atomic_fetch_add(&e->taken, e->turn_parts) + e->turn_parts;
	uint64_t at = atomic_load(&e->wake_at);

	pace = (3 * atomic_load_explicit(&e->pace_ns, memory_order_relaxed) +
		pace) /
	       4;
	atomic_store_explicit(&e->pace_ns, pace, memory_order_relaxed);
	e->turn_parts = 0;
	if (taken >= at &&
	    atomic_compare_exchange_strong(&e->wake_at, &at, UINT64_MAX))
		loop_post(hub_loop(e->hub), on_room, e->hub);
}

static void take(struct hub_edge *e)
{
	if (!e->turn_parts++)
		e->turn_ns = clock_ns();
	loop_defer(e->loop, &e->turn);
}

static void on_packet(void *arg)
{
	struct packet *p = arg;
	struct hub_edge *e = p->edge;
	struct hub_delivery d = {
		.lane = p->lane,
		.shared = p->shared,
		.job = str_from(p->text, p->job_len),
		.source = str_from(p->text + p->job_len, p->source_len),
	};

	d.event = hub_event_of(p->event);
	take(e);
	deliver(e, &d);
	if (d.has_data)
		value_unref(d.data);
	if (p->lane) {
		hub_lane_take(p->lane, d.event->len);
		hub_lane_unref(p->lane);
	}
	hub_event_unref(d.event);
	mem_free(p);
}

static void post(struct hub_edge *e, const struct hub_delivery *d)
{
	struct packet *p = mem_alloc(sizeof *p + d->job.len + d->source.len);

	*p = (struct packet){
		.edge = e,
		.event = hub_event_share(d->event),
		.shared = d->shared,
		.job_len = (uint32_t)d->job.len,
		.source_len = (uint32_t)d->source.len,
	};
	if (d->job.len)
		memcpy(p->text, d->job.p, d->job.len);
	if (d->source.len)
		memcpy(p->text + d->job.len, d->source.p, d->source.len);
	if (d->lane && d->lane->edge == e) {
		p->lane = hub_lane_ref(d->lane);
		d->lane->posted += d->event->len;
	}
	e->posted++;
	loop_post(e->loop, on_packet, p);
}

static bool cares(const struct hub_edge *e, const struct hub_lane *lane)
{
	return (lane && lane->edge == e) || atomic_load(&e->cares);
}

void hub_edges_deliver(struct hub *hub, struct hub_delivery *d)
{
	for (uint32_t i = 0; i < hub->n_edges; i++) {
		struct hub_edge *e = hub->edges[i];

		if (!cares(e, d->lane))
			continue;
		if (hub_edge_is_here(e))
			deliver(e, d);
		else
			post(e, d);
	}
}

bool hub_edges_care(const struct hub *hub)
{
	for (uint32_t i = 0; i < hub->n_edges; i++)
		if (cares(hub->edges[i], NULL))
			return true;
	return false;
}

/* Parts that its mailbox may hold now. */
static uint64_t mailbox_of(const struct hub_edge *e)
{
	int64_t pace = atomic_load_explicit(&e->pace_ns, memory_order_relaxed);

	return (uint64_t)MIN(MAX(MAILBOX_NS / MAX(pace, 1), 1), MAILBOX_MAX);
}

static int wait_room_of(struct hub_edge *e)
{
	int rc = 0;

	for (;;) {
		uint64_t most = mailbox_of(e);

		if (rc < 0 || e->posted - atomic_load(&e->taken) <= most)
			return rc;
		atomic_store(&e->wake_at, e->posted - most / 2);
		if (e->posted - atomic_load(&e->taken) > most / 2)
			rc = fiber_cond_wait(&e->hub->room, CLOCK_NEVER);
	}
}

int hub_wait_room(struct hub *hub)
{
	int rc = 0;

	for (uint32_t i = 1; i < hub->n_edges && fiber_self() && rc == 0; i++)
		rc = wait_room_of(hub->edges[i]);
	return rc;
}

/* --- limits -------------------------------------------------------------- */

/* Limits for all streams are divided: no edge knows what the others have. */
static void configure(struct hub_edge *e, const struct hub_conf *conf,
		      uint32_t edges)
{
	e->conf = *conf;
	e->conf.waiting_max /= edges;
	e->conf.conditions_max = MAX(conf->conditions_max / edges, 1u);
	e->conf.drain_rate = MAX(conf->drain_rate / edges, 1u);
	e->conf.residual_max = MAX(conf->residual_max / edges, 1u);
	interests_limit(e->interests, e->conf.conditions_max,
			e->conf.residual_max);
}

struct order {
	struct hub_edge *edge;
	struct hub_conf conf;
	uint32_t edges;
};

static void on_configure(void *arg)
{
	struct order *o = arg;

	configure(o->edge, &o->conf, o->edges);
	mem_free(o);
}

/* The first one has streams only when it is alone. */
void hub_edges_configure(struct hub *hub)
{
	struct order o = {.conf = hub->conf,
			  .edges = MAX(hub->n_edges - 1, 1u)};

	configure(hub->edges[0], &hub->conf, 1);
	for (uint32_t i = 1; i < hub->n_edges; i++) {
		o.edge = hub->edges[i];
		loop_post(o.edge->loop, on_configure, mem_dup(&o, sizeof o));
	}
}

/* --- the end ------------------------------------------------------------- */

static void on_close(void *arg)
{
	((struct hub_edge *)arg)->closing = true;
}

void hub_edges_close(struct hub *hub)
{
	on_close(hub->edges[0]);
	for (uint32_t i = 1; i < hub->n_edges; i++)
		loop_post(hub->edges[i]->loop, on_close, hub->edges[i]);
}

/* Clients that come back all at once would meet the next server all at once. */
static uint32_t choose_retry(void)
{
	uint16_t n;

	random_bytes(&n, sizeof n);
	return RETRY_MIN_MS + n % (RETRY_MAX_MS - RETRY_MIN_MS);
}

/* Says `bye` to some streams. */
static void end_some(struct hub_edge *e, uint32_t max)
{
	struct hub_stream **some = mem_alloc(max * sizeof(struct hub_stream *));
	uint32_t n = 0;

	MAP_FOREACH (slot, &e->streams) {
		if (n == max)
			break;
		some[n++] = slot->value;
	}
	for (uint32_t i = 0; i < n; i++)
		hub_stream_delete(some[i], "shutdown", choose_retry());
	mem_free(some);
}

static void on_drained(void *arg)
{
	hub_edge_drained(arg);
}

/* Tells the next streams; those without a reader are just closed. */
static void on_drain(struct loop_timer *t)
{
	struct hub_edge *e = CONTAINER_OF(t, struct hub_edge, drain);

	for (int over = 0; over < 2; over++)
		while (!list_empty(&e->waiting[over]))
			hub_stream_delete(CONTAINER_OF(e->waiting[over].next,
						       struct hub_stream,
						       waiting_link),
					  "shutdown", 0);
	end_some(e, MAX(e->conf.drain_rate * DRAIN_TICK_MS / 1000, 1u));
	if (e->streams.len)
		loop_timer_start(e->loop, t,
				 loop_now_ms(e->loop) +
					 MAX(1000 / e->conf.drain_rate,
					     DRAIN_TICK_MS),
				 on_drain);
	else if (hub_edge_is_here(e))
		hub_edge_drained(e->hub);
	else
		loop_post(hub_loop(e->hub), on_drained, e->hub);
}

static void begin_drain(void *arg)
{
	on_drain(&((struct hub_edge *)arg)->drain);
}

void hub_edges_drain(struct hub *hub)
{
	for (uint32_t i = hub->n_edges; i-- > 0;) {
		struct hub_edge *e = hub->edges[i];

		if (hub_edge_is_here(e))
			begin_drain(e);
		else
			loop_post(e->loop, begin_drain, e);
	}
}

/* --- life ---------------------------------------------------------------- */

struct hub_edge *hub_edge_create(struct hub *hub, struct loop *l,
				 uint32_t index, const struct hub_conf *conf)
{
	struct hub_edge *e = mem_zalloc(sizeof *e);

	assert(index < HUB_EDGES_MAX);
	e->hub = hub;
	e->loop = l;
	e->index = index;
	list_init(&e->waiting[0]);
	list_init(&e->waiting[1]);
	graves_init(&e->graves);
	e->interests = interests_create();
	e->trim.fn = on_trim;
	e->turn.fn = on_turn_end;
	e->ping = hub_event_ping();
	atomic_init(&e->wake_at, UINT64_MAX);
	configure(e, conf, 1);
	return e;
}

void hub_edge_destroy(struct hub_edge *e)
{
	if (!e)
		return;
	assert(e->streams.len == 0);
	loop_defer_cancel(&e->trim);
	loop_defer_cancel(&e->turn);
	loop_timer_stop(e->loop, &e->drain);
	map_fini(&e->streams);
	graves_fini(&e->graves);
	interests_destroy(e->interests);
	hub_event_unref(e->ping);
	mem_free(e);
}

void hub_edge_join(struct hub *hub, struct hub_edge *e)
{
	assert(e->index == hub->n_edges && e->index < HUB_EDGES_MAX);
	hub->edges[hub->n_edges++] = e;
	hub_edges_configure(hub);
}

struct hub_edge *hub_edge_home(struct hub *hub)
{
	return hub->edges[0];
}

uint32_t hub_edges(const struct hub *hub)
{
	return hub->n_edges;
}

struct hub_edge *hub_edge_at(struct hub *hub, uint32_t number)
{
	return hub->edges[number];
}
