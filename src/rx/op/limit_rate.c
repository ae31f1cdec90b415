/* limit_rate.c - at most n items in a span, by a bucket of tokens.
 *
 *     source                                        -abcd-----------e|
 *     limit_rate(2, per=100ms)                      -ab-------------e|
 *     limit_rate(2, per=100ms, overflow='delay')    -ab---c----d----e|
 *     limit_rate(2, per=100ms, overflow='error')    -ab#     error `rate`
 *
 * The bucket is full at the start: n items may come at once. It is refilled
 * evenly, one token every per / n, without drift. Its level is counted in parts
 * of a token of which one millisecond brings n, so that no division is needed
 * and none is lost:
 *
 *     a token      per_ms parts
 *     the bucket   n * per_ms parts, below 2^63 (see RX_RATE_PER_MAX_MS)
 *
 * An item without a token is dropped and counted; or waits for its token in a
 * bounded queue, and the end behind it, and a source that can wait does so; or
 * ends the stream. An error overtakes
 * what waits and drops it.
 */
#include "rx/op.h"

struct limit_source {
	struct rx_source source;
	uint32_t n;
	int64_t per_ms;
	enum rx_rate_overflow overflow;
	uint32_t max;
};

struct limit {
	struct rx_sub sub;
	struct rx_timer timer; /* the next token; while items wait */
	struct rx_queue waiting;
	uint64_t level;	      /* parts */
	int64_t filled_at_ms; /* what level was counted for */
	bool source_done;
};

static struct limit *limit_of(struct rx_sub *s)
{
	return CONTAINER_OF(s, struct limit, sub);
}

static struct limit_source *source_of(const struct limit *l)
{
	return CONTAINER_OF(l->sub.src, struct limit_source, source);
}

static uint64_t bucket(const struct limit_source *src)
{
	return src->n * (uint64_t)src->per_ms;
}

static bool take_token(struct limit *l)
{
	struct limit_source *src = source_of(l);
	int64_t now_ms = rx_now_ms(&l->sub);
	int64_t passed_ms = now_ms - l->filled_at_ms;

	if (passed_ms >= src->per_ms)
		l->level = bucket(src);
	else
		l->level = MIN(bucket(src),
			       l->level + (uint64_t)passed_ms * src->n);
	l->filled_at_ms = now_ms;
	if (l->level < (uint64_t)src->per_ms)
		return false;
	l->level -= (uint64_t)src->per_ms;
	return true;
}

/* A source that can wait does, while items wait here. */
static void hold(struct rx_sub *s)
{
	rx_sub_hold(s->in, s->on_hold || limit_of(s)->waiting.len);
}

static void on_token(struct rx_timer *t);

/* level is of now. It may hold a token when the timer was late. */
static void await_token(struct limit *l)
{
	struct limit_source *src = source_of(l);
	uint64_t token = (uint64_t)src->per_ms;
	uint64_t missing = token - MIN(token, l->level);
	int64_t wait_ms = (int64_t)((missing + src->n - 1) / src->n);

	rx_timer_start(rx_sched_of(&l->sub), &l->timer,
		       rx_deadline_ms(&l->sub, wait_ms), on_token);
}

static void on_token(struct rx_timer *t)
{
	struct limit *l = CONTAINER_OF(t, struct limit, timer);

	while (l->waiting.len && take_token(l))
		rx_emit_item(&l->sub, rx_queue_pop(&l->waiting));
	if (l->sub.halted)
		return;
	if (l->waiting.len)
		await_token(l);
	else if (l->source_done)
		rx_finish_done(&l->sub);
	hold(&l->sub);
}

static void overflow(struct limit *l, struct value v)
{
	struct limit_source *src = source_of(l);

	switch (src->overflow) {
	case RX_RATE_DROP:
		rx_item_dropped(&l->sub);
		break;
	case RX_RATE_DELAY:
		if (l->waiting.len >= src->max) {
			rx_item_refused(&l->sub, v, l->waiting.len,
					"max_buffer");
			break;
		}
		rx_queue_push(&l->waiting, rx_item_hold(v), 0);
		if (!heap_link_in(&l->timer.link))
			await_token(l);
		hold(&l->sub);
		break;
	case RX_RATE_ERROR:
		rx_finish_code(&l->sub, WEIR_EBUSY, "rate");
		break;
	}
}

static void on_next(struct rx_observer *o, struct value v)
{
	struct limit *l = limit_of(rx_sub_of(o));

	/* Who waits is first. */
	if (!l->waiting.len && take_token(l))
		rx_next(l->sub.down, v);
	else
		overflow(l, v);
}

static void on_done(struct rx_observer *o)
{
	struct limit *l = limit_of(rx_sub_of(o));

	l->source_done = true;
	if (!l->waiting.len)
		rx_finish_done(&l->sub);
}

static void start(struct rx_sub *s)
{
	struct limit *l = limit_of(s);

	l->level = bucket(source_of(l));
	l->filled_at_ms = rx_now_ms(s);
	rx_subscribe_in(s);
}

static void stop(struct rx_sub *s)
{
	struct limit *l = limit_of(s);

	rx_timer_stop(rx_sched_of(s), &l->timer);
	rx_queue_clear(&l->waiting);
}

static const struct rx_source_ops ops = {
	.name = "limit_rate",
	.source_bytes = sizeof(struct limit_source),
	.sub_bytes = sizeof(struct limit),
	.queue = offsetof(struct limit, waiting),
	.in = {on_next, rx_pass_error, on_done},
	.start = start,
	.stop = stop,
	.hold = hold,
};

struct rx_source *rx_limit_rate(struct rx_source *in, uint32_t n,
				int64_t per_ms, enum rx_rate_overflow overflow,
				uint32_t max_buffer)
{
	struct limit_source *src = rx_source_new(&ops, NULL, in);

	src->n = MAX(n, 1);
	src->per_ms = MIN(MAX(per_ms, 1), RX_RATE_PER_MAX_MS);
	src->overflow = overflow;
	src->max = max_buffer ? max_buffer : RX_MAX_BUFFER_DEFAULT;
	return &src->source;
}
