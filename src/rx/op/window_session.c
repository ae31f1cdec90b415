/* window_session.c - a window for each stretch without a long pause.
 *
 *     source                            -ab-c-------d---|
 *     window_session(40ms) { to_list }  --------X-------(Y|)
 *                                        |------|   |---|   X = [a,b,c]  Y =
 * [d]
 *
 * An item opens a window, each further one keeps it open, quiet for that long
 * closes it. The timer is moved lazily: an item only notes the new deadline.
 * When a block has failed, the rest of its session falls. Each session is one
 * pane, so the turns of the panes are those of the sessions.
 */
#include "rx/panes.h"

struct session_source {
	struct rx_source source;
	int64_t quiet_ms;
	struct rx_block *block;
};

struct session {
	struct rx_sub sub;
	struct rx_panes panes;
	struct rx_timer quiet;
	int64_t quiet_at_ms; /* absolute */
	bool within;	     /* a session has begun and is not over */
};

static const struct rx_panes_ops panes_ops = {
	.pane_bytes = sizeof(struct rx_pane),
};

static struct session *session_of(struct rx_sub *s)
{
	return CONTAINER_OF(s, struct session, sub);
}

static struct session_source *source_of(const struct session *w)
{
	return CONTAINER_OF(w->sub.src, struct session_source, source);
}

static void on_quiet(struct rx_timer *t)
{
	struct session *w = CONTAINER_OF(t, struct session, quiet);

	if (rx_now_ms(&w->sub) < w->quiet_at_ms) {
		rx_timer_start(rx_sched_of(&w->sub), t, w->quiet_at_ms,
			       on_quiet);
		return;
	}
	w->within = false; /* first: what the block gives may bring an item */
	rx_panes_close_turn(&w->panes);
}

static void on_next(struct rx_observer *o, struct value v)
{
	struct session *w = session_of(rx_sub_of(o));

	w->quiet_at_ms = rx_deadline_ms(&w->sub, source_of(w)->quiet_ms);
	if (!w->within) {
		w->within = true;
		rx_timer_start(rx_sched_of(&w->sub), &w->quiet, w->quiet_at_ms,
			       on_quiet);
		rx_pane_open(rx_pane_new(&w->panes), v, value_null(), false);
	}
	if (!w->sub.halted)
		rx_panes_next(&w->panes, v);
}

static void on_error(struct rx_observer *o, const struct weir_error *err)
{
	rx_panes_fail(&session_of(rx_sub_of(o))->panes, err);
}

static void on_done(struct rx_observer *o)
{
	struct session *w = session_of(rx_sub_of(o));

	rx_timer_stop(rx_sched_of(&w->sub), &w->quiet);
	rx_panes_close_all(&w->panes);
	rx_panes_end(&w->panes);
}

static void start(struct rx_sub *s)
{
	struct session *w = session_of(s);

	rx_panes_init(&w->panes, &panes_ops, s, source_of(w)->block);
	rx_subscribe_in(s);
}

static void stop(struct rx_sub *s)
{
	rx_timer_stop(rx_sched_of(s), &session_of(s)->quiet);
	rx_panes_stop(&session_of(s)->panes);
}

static void destroy(struct rx_source *src)
{
	rx_block_unref(CONTAINER_OF(src, struct session_source, source)->block);
}

static const struct rx_source_ops ops = {
	.name = "window_session",
	.source_bytes = sizeof(struct session_source),
	.sub_bytes = sizeof(struct session),
	.in = {on_next, on_error, on_done},
	.start = start,
	.stop = stop,
	.destroy = destroy,
};

struct rx_source *rx_window_session(struct rx_source *in, int64_t quiet_ms,
				    struct rx_block *inner)
{
	struct session_source *src = rx_source_new(&ops, NULL, in);

	src->quiet_ms = quiet_ms;
	src->block = inner;
	return &src->source;
}
