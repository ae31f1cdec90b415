/* stream.c - see stream.h. */
#include "hub/stream.h"

#include "base/hash.h"
#include "base/log.h"
#include "base/mem.h"
#include "hub/hub.h"
#include "hub/job.h"

/* Above this many unsent bytes in the transport, events are queued here. */
#define SINK_HIGH (64 * 1024)
/* The hub sends a heartbeat to a stream that was silent that long. */
#define HEARTBEAT_MS 20000

/* A stream without a transport is kept that long after its last job. */
#define LINGER_MS 30000

struct hub_queued {
	struct list link;
	struct hub_event *event;
	uint64_t seq;
	bool own;
};

static bool has_room(const struct hub_stream *s)
{
	return s->sink && s->sink->ops->unsent(s->sink) <= SINK_HIGH;
}

static void on_heartbeat(struct loop_timer *t)
{
	struct hub_stream *s = CONTAINER_OF(t, struct hub_stream, heartbeat);
	struct loop *l = hub_loop(s->hub);
	int64_t due = s->last_event_ms + HEARTBEAT_MS;

	if (due <= loop_now_ms(l)) {
		/* A ping has no number and passes the queue by: it says that
		 * the connection lives, not what was missed. */
		if (s->sink->ops->unsent(s->sink) == 0)
			s->sink->ops->event(s->sink, hub_ping(s->hub), 0);
		s->last_event_ms = loop_now_ms(l);
		due = s->last_event_ms + HEARTBEAT_MS;
	}
	loop_timer_start(l, t, due, on_heartbeat);
}

static void free_queued(struct hub_stream *s, struct hub_queued *q)
{
	s->queued_bytes -= q->event->len;
	if (!s->sink)
		hub_count_waiting(s->hub, -(int64_t)q->event->len);
	list_remove(&q->link);
	hub_event_unref(q->event);
	slab_free(q, sizeof *q);
}

static void free_stream(struct hub_stream *s)
{
	while (!list_empty(&s->queue))
		free_queued(s, CONTAINER_OF(s->queue.next, struct hub_queued,
					    link));
	while (!list_empty(&s->jobs))
		hub_job_disown(
			CONTAINER_OF(s->jobs.next, struct hub_job, owner_link));
	loop_timer_stop(hub_loop(s->hub), &s->heartbeat);
	loop_timer_stop(hub_loop(s->hub), &s->linger);
	loop_timer_stop(hub_loop(s->hub), &s->expiry);
	cond_unref(s->where);
	hub_remove_stream(s->hub, s);
	fiber_cond_wake_all(&s->room);
	slab_free(s, sizeof *s);
}

void hub_stream_probe(struct hub_stream *s)
{
	if (!s->bare)
		s->sink->ops->event(s->sink, hub_ping(s->hub), 0);
}

static void watch_connection(struct hub_stream *s)
{
	s->last_event_ms = loop_now_ms(hub_loop(s->hub));
	if (!s->bare)
		loop_timer_start(hub_loop(s->hub), &s->heartbeat,
				 s->last_event_ms + HEARTBEAT_MS, on_heartbeat);
}

static void on_linger(struct loop_timer *t)
{
	struct hub_stream *s = CONTAINER_OF(t, struct hub_stream, linger);
	struct loop *l = hub_loop(s->hub);
	int64_t now = loop_now_ms(l);

	if (s->open_jobs && now - s->detached_ms < hub_orphan_ms(s->hub)) {
		loop_timer_start(l, t, now + LINGER_MS, on_linger);
		return;
	}
	hub_stream_give_up(s);
}

void hub_stream_give_up(struct hub_stream *s)
{
	trace("stream %s: nobody came for it", s->id);
	free_stream(s);
}

static void wait_for_client(struct hub_stream *s)
{
	s->detached_ms = loop_now_ms(hub_loop(s->hub));
	hub_stream_waits(s->hub, s);
	loop_timer_start(hub_loop(s->hub), &s->linger,
			 s->detached_ms + LINGER_MS, on_linger);
}

static void on_expired(struct loop_timer *t)
{
	hub_stream_bye(CONTAINER_OF(t, struct hub_stream, expiry), "expired");
}

struct hub_stream *hub_stream_open(struct hub *hub,
				   const struct hub_stream_opts *opts)
{
	struct hub_stream *s = slab_zalloc(sizeof *s);

	s->hub = hub;
	s->sink = opts->sink;
	s->who = opts->who;
	s->ends_with_jobs = opts->ends_with_jobs;
	s->bare = opts->bare;
	random_id(s->id, HUB_STREAM_ID_LEN);
	s->id[0] = 's';
	random_id(s->epoch, HUB_EPOCH_LEN);
	list_init(&s->jobs);
	list_init(&s->queue);
	list_init(&s->all_link);
	list_init(&s->waiting_link);
	fiber_cond_init(&s->room);
	hub_add_stream(hub, s, opts->all);
	if (s->sink)
		watch_connection(s);
	else
		wait_for_client(s);
	s->where = opts->where;
	if (opts->for_ms)
		loop_timer_start(hub_loop(hub), &s->expiry,
				 loop_now_ms(hub_loop(hub)) + opts->for_ms,
				 on_expired);
	if (opts->opened)
		opts->opened(opts->opened_arg, s);

	struct hub_event *e = hub_event_open(str_of(s->id));

	hub_stream_send(s, e, true);
	hub_event_unref(e);
	return s;
}

static void count_dropped(struct hub_stream *s, uint64_t seq)
{
	s->dropped++;
	s->dropped_seq = seq;
	hub_count_dropped(s->hub, 1);
}

/* Makes room for bytes more by dropping the oldest parts. */
static void drop_oldest(struct hub_stream *s, size_t bytes)
{
	size_t max = hub_queue_max(s->hub);

	LIST_FOREACH_SAFE (l, &s->queue) {
		struct hub_queued *q = CONTAINER_OF(l, struct hub_queued, link);

		if (s->queued_bytes + bytes <= max)
			return;
		if (q->event->type != HUB_PART || q->own)
			continue;
		count_dropped(s, q->seq);
		free_queued(s, q);
	}
}

static void tell_dropped(struct hub_stream *s)
{
	struct hub_event *e = hub_event_dropped(s->dropped);

	s->dropped = 0;
	s->sink->ops->event(s->sink, e, s->dropped_seq);
	hub_event_unref(e);
}

void hub_stream_send(struct hub_stream *s, struct hub_event *e, bool own)
{
	s->seq++;
	s->last_event_ms = loop_now_ms(hub_loop(s->hub));
	if (list_empty(&s->queue) && has_room(s)) {
		if (s->dropped) /* one that no queue could hold */
			tell_dropped(s);
		s->sink->ops->event(s->sink, e, s->seq);
		return;
	}
	if (e->type == HUB_PART && !own) {
		drop_oldest(s, e->len);
		if (s->queued_bytes + e->len > hub_queue_max(s->hub)) {
			count_dropped(s, s->seq); /* larger than the queue */
			return;
		}
	}

	struct hub_queued *q = slab_alloc(sizeof *q);

	*q = (struct hub_queued){.event = hub_event_ref(e),
				 .seq = s->seq,
				 .own = own};
	s->queued_bytes += e->len;
	list_push(&s->queue, &q->link);
	if (!s->sink)
		hub_count_waiting(s->hub, e->len);
}

/* Hands queued events to the sink, while it has room unless all are to go. */
static void hand_over(struct hub_stream *s, bool all)
{
	while (!list_empty(&s->queue) && (all || has_room(s))) {
		struct hub_queued *q =
			CONTAINER_OF(s->queue.next, struct hub_queued, link);

		if (s->dropped && s->dropped_seq < q->seq)
			tell_dropped(s);
		s->sink->ops->event(s->sink, q->event, q->seq);
		free_queued(s, q);
	}
	if (s->dropped && list_empty(&s->queue))
		tell_dropped(s);
}

void hub_stream_drain(struct hub_stream *s)
{
	hand_over(s, false);
	if (hub_stream_backlog(s) <= SINK_HIGH)
		fiber_cond_wake_all(&s->room);
}

size_t hub_stream_backlog(const struct hub_stream *s)
{
	return s->queued_bytes + (s->sink ? s->sink->ops->unsent(s->sink) : 0);
}

void hub_stream_gone(struct hub_stream *s)
{
	trace("stream %s: the client has gone", s->id);
	free_stream(s);
}

/* Everything that waits goes to the transport, whatever its size: it is bounded
 * by the queue's limit, and nothing more comes. */
static void finish(struct hub_stream *s)
{
	struct hub_sink *sink = s->sink;

	s->finished = true;
	if (!sink) { /* the one who attaches gets it */
		wait_for_client(s);
		return;
	}
	hand_over(s, true);
	free_stream(s);
	sink->ops->end(sink);
}

void hub_stream_attach(struct hub_stream *s, struct hub_sink *sink,
		       uint32_t who)
{
	hub_count_waiting(s->hub, -(int64_t)s->queued_bytes);
	list_remove(&s->waiting_link);
	s->sink = sink;
	s->who = who;
	loop_timer_stop(hub_loop(s->hub), &s->linger);
	watch_connection(s);
	if (s->finished)
		finish(s);
	else
		hub_stream_drain(s);
}

void hub_stream_bye(struct hub_stream *s, const char *reason)
{
	struct hub_event *e;

	if (!s->sink) {
		free_stream(s);
		return;
	}
	e = hub_event_bye(reason);
	if (!s->bare)
		hub_stream_send(s, e, true);
	hub_event_unref(e);
	finish(s);
}

void hub_stream_seal(struct hub_stream *s)
{
	s->sealed = true;
	if (s->ends_with_jobs && s->open_jobs == 0)
		finish(s);
}

void hub_stream_job_done(struct hub_stream *s)
{
	s->open_jobs--;
	if (s->sealed && s->ends_with_jobs && s->open_jobs == 0)
		finish(s);
}
