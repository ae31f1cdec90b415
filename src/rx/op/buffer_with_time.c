/* buffer_with_time.c - arrays of what came in a span, a new one every shift.
 *
 *     source                         -a--b--c-----|
 *     buffer_with_time(40ms)         ----[ab]----[c]----([]|)   empty ones too
 *     buffer_with_time(40ms, 20ms)   0..40, 20..60, 40..80 ms ...
 *
 * The k-th array begins at k * shift and ends at k * shift + span, from the
 * subscription and without drift. Open arrays end in the order in which they
 * began, so each is a tail of one queue; `starts` has the number of the first
 * item of each. At the end every open array is emitted.
 */
#include "rx/op.h"

struct time_source {
	struct rx_source source;
	int64_t span_ms;
	int64_t shift_ms;
	uint32_t max;
};

struct time {
	struct rx_sub sub;
	struct rx_timer timer;
	struct rx_queue held;
	struct rx_queue starts; /* only `at` is used: number of an item */
	int64_t first;		/* number of the first item of held */
	int64_t next_open_ms;	/* absolute */
	int64_t next_close_ms;
};

static void open_array(struct time *t)
{
	rx_queue_push(&t->starts, (struct rx_item){0}, t->first + t->held.len);
}

/* Takes the oldest open array out; items that no other array needs go. */
static struct rx_item close_array(struct time *t)
{
	uint32_t from = (uint32_t)(rx_queue_at(&t->starts, 0)->at - t->first);
	struct rx_item array = rx_queue_array(&t->held, from);
	uint32_t gone = t->held.len;

	rx_queue_pop(&t->starts);
	if (t->starts.len)
		gone = (uint32_t)(rx_queue_at(&t->starts, 0)->at - t->first);
	rx_queue_drop(&t->held, gone);
	t->first += gone;
	return array;
}

static void on_time(struct rx_timer *timer)
{
	struct time *t = CONTAINER_OF(timer, struct time, timer);
	struct time_source *src =
		CONTAINER_OF(t->sub.src, struct time_source, source);
	int64_t now_ms = MIN(t->next_open_ms, t->next_close_ms);
	bool closes = t->next_close_ms == now_ms;
	struct rx_item array = {0};

	if (closes) {
		array = close_array(t);
		t->next_close_ms += src->shift_ms;
	}
	if (t->next_open_ms == now_ms) {
		open_array(t);
		t->next_open_ms += src->shift_ms;
	}
	rx_timer_start(rx_sched_of(&t->sub), timer,
		       MIN(t->next_open_ms, t->next_close_ms), on_time);
	if (closes)
		rx_emit_item(&t->sub, array);
}

static void start(struct rx_sub *s)
{
	struct time *t = CONTAINER_OF(s, struct time, sub);
	struct time_source *src =
		CONTAINER_OF(s->src, struct time_source, source);

	t->next_open_ms = rx_now_ms(s) + src->shift_ms;
	t->next_close_ms = rx_now_ms(s) + src->span_ms;
	open_array(t);
	rx_timer_start(rx_sched_of(s), &t->timer,
		       MIN(t->next_open_ms, t->next_close_ms), on_time);
	rx_subscribe_in(s);
}

static void on_next(struct rx_observer *o, struct value v)
{
	struct time *t = CONTAINER_OF(o, struct time, sub.up);
	struct time_source *src =
		CONTAINER_OF(t->sub.src, struct time_source, source);

	if (!t->starts.len)
		return; /* between two spans */
	if (t->held.len >= src->max)
		rx_item_refused(&t->sub, v, t->held.len, "max_buffer");
	else
		rx_queue_push(&t->held, rx_item_hold(v), 0);
}

static void on_done(struct rx_observer *o)
{
	struct time *t = CONTAINER_OF(o, struct time, sub.up);

	while (t->starts.len && !t->sub.halted)
		rx_emit_item(&t->sub, close_array(t));
	rx_finish_done(&t->sub);
}

static void stop(struct rx_sub *s)
{
	struct time *t = CONTAINER_OF(s, struct time, sub);

	rx_timer_stop(rx_sched_of(s), &t->timer);
	rx_queue_clear(&t->held);
	rx_queue_clear(&t->starts);
}

static const struct rx_source_ops ops = {
	.name = "buffer_with_time",
	.source_bytes = sizeof(struct time_source),
	.sub_bytes = sizeof(struct time),
	.in = {on_next, rx_pass_error, on_done},
	.start = start,
	.stop = stop,
};

struct rx_source *rx_buffer_with_time(struct rx_source *in, int64_t span_ms,
				      int64_t shift_ms, uint32_t max_buffer)
{
	struct time_source *src = rx_source_new(&ops, NULL, in);

	src->span_ms = MAX(span_ms, 1);
	src->shift_ms = MAX(shift_ms, 1);
	src->max = max_buffer ? max_buffer : RX_MAX_BUFFER_DEFAULT;
	return &src->source;
}
