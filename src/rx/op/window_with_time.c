/* window_with_time.c - stretches of a span, a new one begun every shift; or
 * until n items are there.
 *
 *     source                                          -a--b--c-----|
 *     window_with_time(40ms) { to_list }              ----[ab]----[c]----([]|)
 *     window_with_time_or_count(60ms, 2) { to_list }  ----[ab]--[c]--([]|)
 *
 * The k-th window opens at k * shift, without drift. With a count there is one
 * at a time, and a full one starts the time anew. Windows are numbered: one
 * whose block failed is gone before its time, and the next is not closed for
 * it.
 */
#include "rx/panes.h"

struct time_source {
	struct rx_source source;
	int64_t span_ms;
	int64_t shift_ms;
	uint32_t n; /* 0: by time only */
	struct rx_block *block;
};

struct time {
	struct rx_sub sub;
	struct rx_panes panes;
	struct rx_timer timer;
	int64_t next_open_ms; /* absolute */
	int64_t next_close_ms;
	uint32_t items; /* in the present window */
};

static const struct rx_panes_ops panes_ops = {
	.pane_bytes = sizeof(struct rx_pane),
};

static struct time *time_of(struct rx_sub *s)
{
	return CONTAINER_OF(s, struct time, sub);
}

static struct time_source *source_of(const struct time *t)
{
	return CONTAINER_OF(t->sub.src, struct time_source, source);
}

static void open_window(struct time *t)
{
	if (!t->sub.halted)
		rx_pane_open(rx_pane_new(&t->panes), value_null(), value_null(),
			     false);
}

static void start_timer(struct time *t, rx_timer_fn fn)
{
	if (!t->sub.halted && !t->panes.source_done)
		rx_timer_start(rx_sched_of(&t->sub), &t->timer,
			       MIN(t->next_open_ms, t->next_close_ms), fn);
}

static void on_time(struct rx_timer *timer)
{
	struct time *t = CONTAINER_OF(timer, struct time, timer);
	struct time_source *src = source_of(t);
	int64_t now_ms = MIN(t->next_open_ms, t->next_close_ms);
	bool opens = t->next_open_ms == now_ms;
	bool closes = t->next_close_ms == now_ms;

	t->next_open_ms += opens ? src->shift_ms : 0;
	t->next_close_ms += closes ? src->shift_ms : 0;
	start_timer(t, on_time);
	if (closes)
		rx_panes_close_turn(&t->panes);
	if (opens)
		open_window(t);
}

static void next_window(struct time *t);

static void on_span(struct rx_timer *timer)
{
	next_window(CONTAINER_OF(timer, struct time, timer));
}

/* With a count: the present one is over. */
static void next_window(struct time *t)
{
	t->items = 0;
	t->next_close_ms = rx_deadline_ms(&t->sub, source_of(t)->span_ms);
	t->next_open_ms = t->next_close_ms;
	start_timer(t, on_span);
	rx_panes_close_turn(&t->panes);
	open_window(t);
}

static void on_next(struct rx_observer *o, struct value v)
{
	struct time *t = time_of(rx_sub_of(o));

	rx_panes_next(&t->panes, v);
	if (!t->sub.halted && ++t->items == source_of(t)->n)
		next_window(t);
}

static void on_error(struct rx_observer *o, const struct weir_error *err)
{
	rx_panes_fail(&time_of(rx_sub_of(o))->panes, err);
}

static void on_done(struct rx_observer *o)
{
	struct time *t = time_of(rx_sub_of(o));

	rx_timer_stop(rx_sched_of(&t->sub), &t->timer);
	rx_panes_close_all(&t->panes);
	rx_panes_end(&t->panes);
}

static void start(struct rx_sub *s)
{
	struct time *t = time_of(s);
	struct time_source *src = source_of(t);

	rx_panes_init(&t->panes, &panes_ops, s, src->block);
	t->next_open_ms = rx_deadline_ms(s, src->shift_ms);
	t->next_close_ms = rx_deadline_ms(s, src->span_ms);
	start_timer(t, src->n ? on_span : on_time);
	open_window(t);
	if (!s->halted)
		rx_subscribe_in(s);
}

static void stop(struct rx_sub *s)
{
	rx_timer_stop(rx_sched_of(s), &time_of(s)->timer);
	rx_panes_stop(&time_of(s)->panes);
}

static void destroy(struct rx_source *src)
{
	rx_block_unref(CONTAINER_OF(src, struct time_source, source)->block);
}

static const struct rx_source_ops ops = {
	.name = "window_with_time",
	.source_bytes = sizeof(struct time_source),
	.sub_bytes = sizeof(struct time),
	.in = {on_next, on_error, on_done},
	.start = start,
	.stop = stop,
	.destroy = destroy,
};

static struct rx_source *time_new(struct rx_source *in, int64_t span_ms,
				  int64_t shift_ms, uint32_t n,
				  struct rx_block *inner)
{
	struct time_source *src = rx_source_new(&ops, NULL, in);

	src->span_ms = MAX(span_ms, 1);
	src->shift_ms = MAX(shift_ms, 1);
	src->n = n;
	src->block = inner;
	return &src->source;
}

struct rx_source *rx_window_with_time(struct rx_source *in, int64_t span_ms,
				      int64_t shift_ms, struct rx_block *inner)
{
	return time_new(in, span_ms, shift_ms, 0, inner);
}

struct rx_source *rx_window_with_time_or_count(struct rx_source *in,
					       int64_t span_ms, uint32_t n,
					       struct rx_block *inner)
{
	return time_new(in, span_ms, span_ms, MAX(n, 1), inner);
}
