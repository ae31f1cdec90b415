/* lane.c - see lane.h. */
#include "hub/lane.h"

#include "base/mem.h"
#include "hub/edge.h"
#include "hub/job.h"
#include "hub/stream.h"

/* Who waits for room is told below so many bytes. */
#define ROOM_LOW (64 * 1024)

/* From the common heap: either side may be the last one. */
struct hub_lane *hub_lane_of(struct hub_stream *s)
{
	if (!s->lane) {
		s->lane = mem_zalloc(sizeof *s->lane);
		atomic_init(&s->lane->refs, 1);
		s->lane->edge = s->edge;
		s->lane->stream = s;
		list_init(&s->lane->jobs);
		fiber_cond_init(&s->lane->room);
	}
	return s->lane;
}

struct hub_lane *hub_lane_ref(struct hub_lane *lane)
{
	atomic_fetch_add_explicit(&lane->refs, 1, memory_order_relaxed);
	return lane;
}

void hub_lane_unref(struct hub_lane *lane)
{
	if (atomic_fetch_sub_explicit(&lane->refs, 1, memory_order_acq_rel) ==
	    1)
		mem_free(lane);
}

/* --- how much there is to read -------------------------------------------- */

size_t hub_lane_backlog(const struct hub_lane *lane)
{
	if (lane->gone)
		return 0;
	if (hub_edge_is_here(lane->edge))
		return hub_stream_backlog(lane->stream);
	return (size_t)(lane->posted - atomic_load(&lane->taken) +
			atomic_load(&lane->backlog));
}

static void on_room(void *arg)
{
	struct hub_lane *lane = arg;

	fiber_cond_wake_all(&lane->room);
	hub_lane_unref(lane);
}

/* The side that waits says so and looks once more; this side changes the
 * figures and then looks whether somebody waits. So one of them sees the
 * other. */
void hub_lane_update(struct hub_lane *lane)
{
	size_t backlog = lane->stream ? hub_stream_backlog(lane->stream) : 0;

	if (hub_edge_is_here(lane->edge)) {
		if (backlog <= ROOM_LOW)
			fiber_cond_wake_all(&lane->room);
		return;
	}
	atomic_store(&lane->backlog, backlog);
	if (backlog <= ROOM_LOW && atomic_exchange(&lane->awaited, false))
		loop_post(hub_loop(lane->edge->hub), on_room,
			  hub_lane_ref(lane));
}

void hub_lane_take(struct hub_lane *lane, size_t bytes)
{
	atomic_fetch_add(&lane->taken, bytes);
	hub_lane_update(lane);
}

int hub_lane_wait(struct hub_lane *lane, int64_t deadline_ms)
{
	int rc = 0;

	hub_lane_ref(lane);
	atomic_store(&lane->awaited, true);
	if (hub_lane_backlog(lane) > ROOM_LOW)
		rc = fiber_cond_wait(&lane->room, deadline_ms);
	hub_lane_unref(lane);
	return rc;
}

/* --- the end of the stream ------------------------------------------------ */

static void close_lane(struct hub_lane *lane, int64_t seen_ms)
{
	lane->gone = true;
	while (!list_empty(&lane->jobs))
		hub_job_disown(CONTAINER_OF(lane->jobs.next, struct hub_job,
					    owner_link),
			       seen_ms);
	fiber_cond_wake_all(&lane->room);
	hub_lane_unref(lane);
}

struct leaving {
	struct hub_lane *lane; /* the stream's reference */
	int64_t seen_ms;
};

static void on_leave(void *arg)
{
	struct leaving *l = arg;

	close_lane(l->lane, l->seen_ms);
	mem_free(l);
}

void hub_lane_leave(struct hub_lane *lane, int64_t seen_ms)
{
	struct leaving l = {lane, seen_ms};

	lane->stream = NULL;
	if (hub_edge_is_here(lane->edge))
		close_lane(lane, seen_ms);
	else
		loop_post(hub_loop(lane->edge->hub), on_leave,
			  mem_dup(&l, sizeof l));
}

/* --- events of jobs ------------------------------------------------------- */

struct letter {
	struct hub_lane *lane;	       /* one reference */
	struct hub_event_bytes *event; /* one reference */
	bool over;
};

static void receive(struct hub_stream *s, struct hub_event *e, bool over)
{
	hub_stream_send(s, e);
	if (over)
		hub_stream_job_done(s);
}

static void on_letter(void *arg)
{
	struct letter *l = arg;
	struct hub_event *e = hub_event_of(l->event);

	if (l->lane->stream)
		receive(l->lane->stream, e, l->over);
	hub_lane_take(l->lane, e->len);
	hub_event_unref(e);
	hub_lane_unref(l->lane);
	mem_free(l);
}

void hub_lane_send(struct hub_lane *lane, struct hub_event *e, bool over)
{
	struct letter l = {.lane = lane, .over = over};

	if (lane->gone)
		return;
	if (hub_edge_is_here(lane->edge)) {
		receive(lane->stream, e, over);
		return;
	}
	hub_lane_ref(lane);
	l.event = hub_event_share(e);
	lane->posted += e->len;
	loop_post(lane->edge->loop, on_letter, mem_dup(&l, sizeof l));
}
