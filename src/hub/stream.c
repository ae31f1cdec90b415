/* stream.c - see stream.h: the life of a stream, and what it is sent.
 *
 *     attached ---- the client has gone ---> lingers ---> given up
 *        |  ^-------- hub_stream_attach -------'  ^
 *        '--- bye, or all jobs done: finished ----'
 */
#include "hub/stream.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/mem.h"
#include "hub/edge.h"
#include "hub/lane.h"
#include "hub/latest.h"

/* Above this many unsent bytes in the transport, events wait here. */
#define SINK_HIGH (64 * 1024)
/* A turn that brings more for one stream does not gather all of it. */
#define GATHER_MAX (32 * 1024)
/* The number of `open`. */
#define OPEN_SEQ 1

const char *const hub_overflow_names[] = {"drop_oldest", "drop_newest",
					  "latest", "close", NULL};

static int64_t now_ms(const struct hub_stream *s)
{
	return loop_now_ms(s->edge->loop);
}

static bool has_room(const struct hub_stream *s)
{
	return s->sink && s->sink->ops->unsent(s->sink) <= SINK_HIGH;
}

/* Something without a number: it is not kept, and passes by what waits. */
static void send_control(struct hub_stream *s, const struct hub_event *e)
{
	s->sink->ops->event(s->sink, e, &(struct hub_stamp){0});
}

static void forget_old(struct hub_stream *s)
{
	const struct hub_conf *conf = &s->edge->conf;

	hub_window_forget(&s->window,
			  s->linger_ms ? now_ms(s) - conf->kept_ms : INT64_MAX,
			  conf->kept_max);
}

/* --- what it holds ------------------------------------------------------- */

/* Tells the hub what a stream without a reader holds now. */
static void account(struct hub_stream *s)
{
	size_t bytes = 0;

	if (!s->sink)
		bytes = sizeof *s + hub_window_memory(&s->window) +
			s->window.kept_bytes + s->window.waiting_bytes;
	hub_count_waiting(s->edge, s->finished,
			  (int64_t)bytes - (int64_t)s->counted_bytes);
	s->counted_bytes = bytes;
}

static void disown_jobs(struct hub_stream *s)
{
	if (!s->lane)
		return;
	hub_lane_leave(s->lane, s->sink ? now_ms(s) : s->since_ms);
	s->lane = NULL;
}

static void free_stream(struct hub_stream *s, enum hub_absence why)
{
	struct hub_edge *edge = s->edge;

	hub_count_waiting(edge, s->finished, -(int64_t)s->counted_bytes);
	hub_interest_fini_all(s);
	hub_window_fini(&s->window);
	hub_latest_destroy(s->latest);
	hub_names_unref(s->names);
	disown_jobs(s);
	loop_timer_stop(edge->loop, &s->timer);
	loop_timer_stop(edge->loop, &s->expiry);
	hub_remove_stream(edge, s, why);
	slab_free(s, sizeof *s);
}

/* --- time ---------------------------------------------------------------- */

static void on_heartbeat(struct loop_timer *t)
{
	struct hub_stream *s = CONTAINER_OF(t, struct hub_stream, timer);
	int64_t every = s->edge->conf.heartbeat_ms;
	int64_t due = s->since_ms + every;

	forget_old(s);
	if (due <= now_ms(s)) {
		/* It says that the connection lives, not what was missed. */
		if (s->sink->ops->unsent(s->sink) == 0)
			send_control(s, s->edge->ping);
		s->since_ms = now_ms(s);
		due = s->since_ms + every;
	}
	loop_timer_start(s->edge->loop, t, due, on_heartbeat);
}

void hub_stream_probe(struct hub_stream *s)
{
	if (!s->bare)
		send_control(s, s->edge->ping);
}

static void watch_connection(struct hub_stream *s)
{
	s->since_ms = now_ms(s);
	loop_timer_start(s->edge->loop, &s->timer,
			 s->bare ? CLOCK_NEVER
				 : s->since_ms + s->edge->conf.heartbeat_ms,
			 on_heartbeat);
}

/* How long it waits for somebody to attach. */
static int64_t patience_ms(const struct hub_stream *s)
{
	const struct hub_conf *conf = &s->edge->conf;

	return MIN(s->linger_ms ? s->linger_ms : conf->linger_ms,
		   conf->orphan_ms);
}

static void on_linger(struct loop_timer *t)
{
	struct hub_stream *s = CONTAINER_OF(t, struct hub_stream, timer);
	int64_t now = now_ms(s);

	/* One that was never fetched waits for its jobs. */
	if (s->open_jobs && !s->attached_once &&
	    now - s->since_ms < s->edge->conf.orphan_ms) {
		loop_timer_start(s->edge->loop, t, now + patience_ms(s),
				 on_linger);
		return;
	}
	hub_stream_give_up(s);
}

void hub_stream_give_up(struct hub_stream *s)
{
	trace("stream %s: nobody came for it", s->id);
	free_stream(s, s->finished && s->attached_once ? HUB_ENDED : HUB_LOST);
}

static void wait_for_client(struct hub_stream *s)
{
	s->since_ms = now_ms(s);
	hub_stream_waits(s->edge, s);
	account(s);
	loop_timer_start(s->edge->loop, &s->timer, s->since_ms + patience_ms(s),
			 on_linger);
}

static void on_expired(struct loop_timer *t)
{
	struct hub_stream *s = CONTAINER_OF(t, struct hub_stream, expiry);

	hub_stream_bye(s, s->overflowed ? "overflow" : "expired");
}

/* --- sending ------------------------------------------------------------- */

static void write_hole(struct hub_stream *s, const struct hub_slot *slot)
{
	struct hub_event *e = hub_event_dropped(slot->count);

	s->sink->ops->event(s->sink, e, &(struct hub_stamp){.seq = slot->seq});
	hub_event_unref(e);
}

/* Of all streams the first event is the same but for its id. So it is not kept:
 * whoever is to have it is sent it anew. */
static void write_open(struct hub_stream *s)
{
	struct hub_event *e = hub_event_open(str_of(s->id));

	s->sink->ops->event(s->sink, e, &(struct hub_stamp){.seq = OPEN_SEQ});
	hub_event_unref(e);
}

static void write_slot(struct hub_stream *s, const struct hub_slot *slot)
{
	struct hub_stamp at = {.seq = slot->seq};

	if (!slot->event) {
		write_hole(s, slot);
		return;
	}
	if (slot->names)
		at.matched = str_from(slot->names->text, slot->names->len);
	s->sink->ops->event(s->sink, slot->event, &at);
}

/* Hands what waits to the sink, while it has room unless all is to go. */
static void hand_over(struct hub_stream *s, bool all)
{
	const struct hub_slot *slot;

	while ((all || has_room(s)) && (slot = hub_window_next(&s->window))) {
		write_slot(s, slot);
		hub_window_advance(&s->window);
	}
	if (s->latest && hub_window_idle(&s->window))
		hub_latest_clear(s->latest);
	/* What is only too old goes with the next heartbeat: looking at the
	 * oldest event for every new one would cost more than to write it. */
	if (!s->linger_ms || s->window.kept_bytes > s->edge->conf.kept_max)
		forget_old(s);
}

/* Numbers an event and puts it behind what waits. */
static void push(struct hub_stream *s, struct hub_event *e,
		 struct hub_names *names, bool own)
{
	hub_window_push(&s->window, e, ++s->seq, names, own);
	if (s->sink)
		s->since_ms = now_ms(s);
}

/* The transport fetches it at the end of the turn, or when it has room. What
 * was pushed for HUB_LATEST is on its way at once, or what comes behind it in
 * the same turn would take its place. */
static void pass_on(struct hub_stream *s, bool waits)
{
	size_t max = MIN((size_t)GATHER_MAX, s->edge->conf.queue_max);

	if (!has_room(s) || (waits && !s->woken))
		return; /* it tells when it has, or nobody reads */
	if (!s->sink->ops->wake || s->latest || s->window.waiting_bytes > max) {
		hand_over(s, false);
	} else if (!s->woken) {
		s->woken = true;
		s->sink->ops->wake(s->sink);
	}
}

/* Writes an event that need not be kept, if nothing is in its way. */
static bool pass_through(struct hub_stream *s, struct hub_event *e,
			 struct hub_names *names)
{
	struct hub_slot slot = {.event = e, .names = names};

	if (s->linger_ms || !hub_window_idle(&s->window) || !has_room(s))
		return false;
	slot.seq = ++s->seq;
	s->since_ms = now_ms(s);
	write_slot(s, &slot);
	return true;
}

void hub_stream_send(struct hub_stream *s, struct hub_event *e)
{
	bool waits;

	if (s->finished || pass_through(s, e, NULL))
		return;
	waits = !hub_window_idle(&s->window);
	push(s, e, NULL, true);
	pass_on(s, waits);
	if (!s->sink)
		account(s);
}

/* The part that was pushed last was one too many. */
static void overflow(struct hub_stream *s)
{
	size_t max = s->edge->conf.queue_max;
	uint64_t dropped = 0;

	if (s->overflow == HUB_DROP_NEWEST || s->overflow == HUB_CLOSE)
		dropped = hub_window_drop(&s->window, s->seq);
	else
		while (s->window.waiting_bytes > max &&
		       hub_window_drop_oldest(&s->window))
			dropped++;
	hub_edge_add(&s->edge->dropped, dropped);
	if (s->overflow != HUB_CLOSE || s->overflowed)
		return;
	/* Not now: who sends goes on to others, and s must be there. */
	s->overflowed = true;
	loop_timer_start(s->edge->loop, &s->expiry, now_ms(s), on_expired);
}

/* Only what waits can be replaced by what is newer. */
static void replace_older(struct hub_stream *s, struct value data)
{
	uint64_t old = hub_latest_put(s->latest, &s->window, data, s->seq);

	if (old && hub_window_drop(&s->window, old))
		hub_edge_add(&s->edge->dropped, 1);
}

void hub_stream_send_part(struct hub_stream *s, struct hub_delivery *d,
			  bool own, struct hub_names *names)
{
	bool waits;

	if (s->finished || pass_through(s, d->event, names))
		return;
	waits = !hub_window_idle(&s->window) || !has_room(s);
	push(s, d->event, names, own);
	if (waits && !own && s->latest)
		replace_older(s, hub_delivery_data(d));
	pass_on(s, waits);
	if (waits && !own && s->window.waiting_bytes > s->edge->conf.queue_max)
		overflow(s);
	if (!s->sink)
		account(s);
}

void hub_stream_drain(struct hub_stream *s)
{
	s->woken = false;
	hand_over(s, false);
	if (s->lane)
		hub_lane_update(s->lane);
}

size_t hub_stream_backlog(const struct hub_stream *s)
{
	return s->window.waiting_bytes +
	       (s->sink ? s->sink->ops->unsent(s->sink) : 0);
}

/* --- life ---------------------------------------------------------------- */

/* Random, but for the letter that tells where it lives. */
static void choose_id(struct hub_stream *s)
{
	random_id(s->id, HUB_STREAM_ID_LEN);
	s->id[0] = 's';
	s->id[HUB_EDGE_LETTER] = hub_edge_letter(s->edge);
}

struct hub_stream *hub_stream_open(struct hub_edge *edge,
				   const struct hub_stream_opts *opts)
{
	struct hub_stream *s = slab_zalloc(sizeof *s);

	s->edge = edge;
	s->sink = opts->sink;
	s->who = opts->who;
	s->overflow = (uint8_t)opts->overflow;
	s->ends_with_jobs = opts->ends_with_jobs;
	s->bare = opts->bare;
	s->linger_ms = opts->linger_ms;
	s->tag = opts->tag;
	if (opts->overflow == HUB_LATEST)
		s->latest = hub_latest_create(opts->key);
	choose_id(s);
	list_init(&s->interests);
	list_init(&s->waiting_link);
	hub_add_stream(edge, s);
	if (s->sink) {
		s->attached_once = true;
		watch_connection(s);
	} else {
		wait_for_client(s);
	}
	if (opts->for_ms)
		loop_timer_start(edge->loop, &s->expiry,
				 now_ms(s) + opts->for_ms, on_expired);
	if (opts->opened)
		opts->opened(opts->sink, s);

	s->seq = OPEN_SEQ;
	if (s->sink)
		write_open(s);
	return s;
}

/* Its transport is no more. It is kept for who comes back, or freed. */
static void detach(struct hub_stream *s)
{
	s->sink = NULL;
	s->woken = false;
	if (s->linger_ms && !s->edge->closing) {
		wait_for_client(s);
		return;
	}
	s->since_ms = now_ms(s);
	free_stream(s, s->finished ? HUB_ENDED : HUB_LOST);
}

void hub_stream_gone(struct hub_stream *s)
{
	trace("stream %s: the client has gone", s->id);
	detach(s);
}

/* Everything that waits goes to the transport, whatever its size: it is bounded
 * by the queue's limit, and nothing more comes. */
static void end_transport(struct hub_stream *s)
{
	struct hub_sink *sink = s->sink;

	hand_over(s, true);
	detach(s);
	sink->ops->end(sink);
}

/* Nothing more comes. */
static void finish(struct hub_stream *s)
{
	hub_interest_fini_all(s);
	disown_jobs(s);
	loop_timer_stop(s->edge->loop, &s->expiry);
	hub_stream_over(s->edge, s, s->counted_bytes);
	s->finished = true;
	if (s->sink)
		end_transport(s);
	else
		wait_for_client(s); /* the one who attaches gets it */
}

static void say_bye(struct hub_stream *s, const char *reason, uint32_t retry_ms)
{
	struct hub_event *e;

	if (s->bare)
		return;
	e = hub_event_bye(reason, retry_ms);
	hub_stream_send(s, e);
	hub_event_unref(e);
}

void hub_stream_bye(struct hub_stream *s, const char *reason)
{
	if (s->finished || (!s->sink && s->linger_ms == 0)) {
		free_stream(s, HUB_ENDED);
		return;
	}
	say_bye(s, reason, 0);
	finish(s);
}

void hub_stream_delete(struct hub_stream *s, const char *reason,
		       uint32_t retry_ms)
{
	struct hub_sink *sink = s->sink;

	if (sink) {
		say_bye(s, reason, retry_ms);
		hand_over(s, true);
	}
	free_stream(s, HUB_ENDED);
	if (sink)
		sink->ops->end(sink);
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

/* --- resume -------------------------------------------------------------- */

int hub_position_parse(struct str text, struct hub_position *out,
		       struct weir_error *err)
{
	struct str rest = text;

	*out = (struct hub_position){0};
	if (!text.len)
		return 0;
	out->stream = str_cut(&rest, '.');
	if (out->stream.len && out->stream.len <= 16 && rest.p &&
	    str_to_u64(rest, &out->seq) == 0 && out->seq <= INT64_MAX)
		return 0;
	*out = (struct hub_position){0};
	return error_set(err, WEIR_EINVAL,
			 "'%.*s' is not the id of an event: expected one like "
			 "k3f9.1042",
			 (int)MIN(text.len, 40), text.p);
}

static bool is_here(const struct hub_stream *s, const struct hub_position *p)
{
	return str_eq(p->stream, str_of(s->id)) && p->seq <= s->seq;
}

bool hub_stream_has_more(const struct hub_stream *s,
			 const struct hub_position *from)
{
	return !s->finished || !is_here(s, from) || from->seq < s->seq;
}

static struct hub_event *restart_gap(const struct hub_position *from)
{
	return hub_event_gap("restart", from->stream, from->seq + 1, 0);
}

void hub_stream_tell_restart(struct hub_stream *s,
			     const struct hub_position *from)
{
	struct hub_event *e = restart_gap(from);

	hub_stream_send(s, e);
	hub_event_unref(e);
}

/* Tells of another connection than the first one, or of another stream. */
static void tell_reopened(struct hub_stream *s, const struct hub_position *from,
			  uint64_t missed)
{
	bool here = is_here(s, from);
	struct hub_event *e = hub_event_reopen(str_of(s->id), here, missed);

	send_control(s, e);
	hub_event_unref(e);
	if (!from->stream.len || here)
		return;
	e = restart_gap(from);
	send_control(s, e);
	hub_event_unref(e);
}

/* Goes to behind what the client has seen, and tells what is missing. */
static void resume(struct hub_stream *s, const struct hub_position *from)
{
	uint64_t seen = is_here(s, from) ? from->seq : 0;
	struct hub_event *e;
	uint64_t there;

	forget_old(s);
	there = hub_window_seek(&s->window, seen, s->seq);
	/* `open` alone is never missing. */
	if (there <= OPEN_SEQ)
		there = seen;
	if (from->stream.len || there != 0)
		tell_reopened(s, from, there - seen);
	if (there == 0)
		write_open(s);
	if (there == seen)
		return;
	e = hub_event_gap("expired", str_of(s->id), seen + 1, there);
	s->sink->ops->event(s->sink, e, &(struct hub_stamp){.seq = there});
	hub_event_unref(e);
}

/* Another connection comes for it; the old one may be dead without a word. */
static void replace_sink(struct hub_stream *s)
{
	struct hub_sink *old = s->sink;
	struct hub_event *e = hub_event_bye("replaced", 0);

	send_control(s, e);
	hub_event_unref(e);
	s->sink = NULL;
	old->ops->end(old);
}

void hub_stream_attach(struct hub_stream *s, struct hub_sink *sink,
		       uint32_t who, const struct hub_position *from)
{
	if (s->sink)
		replace_sink(s);
	list_remove(&s->waiting_link);
	s->sink = sink;
	s->who = who;
	s->attached_once = true;
	account(s);
	watch_connection(s);
	resume(s, from);
	if (s->finished)
		end_transport(s);
	else
		hub_stream_drain(s);
}
