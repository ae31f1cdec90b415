/* retry.c - subscribes anew after an error (retry) or after the end (repeat).
 *
 *     source                   -a-#
 *     retry(3)                 -a--a--a-#
 *     retry(3, delay=20ms)     -a----a----a-#
 *     ... backoff=2            -a----a------a-#
 *
 *     source                   -a-|
 *     repeat(3)                -a--a--a-|
 *     repeat(3, delay=20ms)    -a----a----a-|
 *
 * Both count runs, as RxPY does; RxJS counts retries: its retry(2) is our
 * retry(3). None at all ends at once. A source that ends at once, again and
 * again, is begun by a loop that pauses, see again.c.
 *
 * The delay is a duration selector. A program gets the message of the error,
 * or, in repeat, how many runs there were; a stream is subscribed for each
 * wait (RxJS's retryWhen). When such a program fails, the stream ends with its
 * error; where item errors are skipped, as if there were no further run. A
 * wait goes on under the cause of what ended the run.
 *
 * The k-th wait in a row is delay * backoff^(k-1), at most max_delay, and then
 * drawn evenly from that +- its share jitter, still at most max_delay: so
 * those who failed together do not come back together.
 */
#include "rx/span.h"

struct retry_source {
	struct rx_source source;
	uint64_t runs;
	struct rx_wait wait;
};

struct retry {
	struct rx_sub sub;
	struct rx_rounds rounds;
	struct rx_span span;
	struct rx_cause *cause; /* ours: of the wait */
	uint64_t begun;		/* runs, since the last success if it counts */
	double factor;		/* of the next wait: 1, backoff ... */
	uint64_t random;
};

static struct retry_source *source_of(const struct rx_sub *s)
{
	return CONTAINER_OF(s->src, struct retry_source, source);
}

static struct retry *retry_of(struct rx_sub *s)
{
	return CONTAINER_OF(s, struct retry, sub);
}

static void run(struct rx_sub *s)
{
	retry_of(s)->begun++;
	rx_sub_drop(&s->in);
	rx_subscribe_in(s);
}

static void again(struct rx_sub *s)
{
	rx_rounds_go(&retry_of(s)->rounds, s, run, again);
}

static bool was_last(struct rx_sub *s)
{
	uint64_t runs = source_of(s)->runs;

	return runs != RX_FOREVER && retry_of(s)->begun >= runs;
}

/* --- waiting ------------------------------------------------------------- */

#define MS_MAX 1e15 /* as good as never, and whole in a double */

/* 0 .. 1, by splitmix64. Each subscription draws a sequence of its own, the
 * same in each process: runs on virtual time can be repeated. */
static double draw(struct retry *r)
{
	static _Thread_local uint64_t subscriptions;
	uint64_t z;

	if (!r->random)
		r->random = ++subscriptions;
	z = r->random += 0x9e3779b97f4a7c15;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return (double)((z ^ z >> 31) >> 11) / (double)(1ULL << 53);
}

static int64_t stretch(struct retry *r, int64_t delay_ms)
{
	const struct rx_wait *w = &source_of(&r->sub)->wait;
	double max = w->max_ms ? (double)w->max_ms : MS_MAX;
	double ms = MIN((double)delay_ms * r->factor, max);

	if (w->backoff > 0)
		r->factor = MIN(r->factor * w->backoff, MS_MAX);
	if (w->jitter > 0) {
		double least = ms * (1 - w->jitter);
		double most = MIN(ms * (1 + w->jitter), max);

		ms = least + (most - least) * draw(r);
	}
	return (int64_t)(ms + 0.5);
}

static void stop_waiting(struct retry *r)
{
	struct rx_cause *cause = r->cause;

	r->cause = NULL;
	rx_span_close(&r->span);
	rx_cause_unref(cause);
}

static void wait_over(struct rx_span *span)
{
	struct retry *r = CONTAINER_OF(span, struct retry, span);
	struct rx_cause *cause = rx_cause_ref(r->cause);
	struct rx_cause *old = rx_cause_enter(cause);

	stop_waiting(r);
	again(&r->sub);
	rx_cause_leave(old);
	rx_cause_unref(cause);
}

static const struct rx_span_ops wait_ops = {.over = wait_over};

/* False: there is no saying how long. */
static bool wait_on(struct retry *r, struct value v)
{
	const struct rx_dur *delay = &source_of(&r->sub)->wait.delay;
	struct rx_dur stretched;
	int64_t ms;

	if (!rx_dur_ask(&r->sub, delay, v, &ms))
		return false;
	stretched = rx_dur_ms(stretch(r, ms));
	r->cause = rx_cause_ref(rx_cause_now);
	return rx_span_open(&r->span, &r->sub, &wait_ops,
			    delay->kind == RX_DUR_SOURCE ? delay : &stretched,
			    v);
}

/* --- the ends of a run --------------------------------------------------- */

static void on_next(struct rx_observer *o, struct value v)
{
	struct retry *r = CONTAINER_OF(o, struct retry, sub.up);

	if (source_of(&r->sub)->wait.reset_on_success) {
		r->begun = 1; /* this run is as good as the first */
		r->factor = 1;
	}
	rx_next(r->sub.down, v);
}

static void again_after_error(struct rx_observer *o,
			      const struct weir_error *err)
{
	struct rx_sub *s = rx_sub_of(o);
	struct value message;

	if (was_last(s)) {
		rx_finish_error(s, err);
	} else if (!source_of(s)->wait.has_delay) {
		again(s);
	} else {
		message = value_cstr(err->message);
		rx_sub_drop(&s->in);
		if (!wait_on(retry_of(s), message))
			rx_finish_error(s, err);
		value_unref(message);
	}
}

static void again_after_done(struct rx_observer *o)
{
	struct rx_sub *s = rx_sub_of(o);

	if (was_last(s)) {
		rx_finish_done(s);
	} else if (!source_of(s)->wait.has_delay) {
		again(s);
	} else {
		rx_sub_drop(&s->in);
		if (!wait_on(retry_of(s),
			     value_int((int64_t)retry_of(s)->begun)))
			rx_finish_done(s);
	}
}

static void start(struct rx_sub *s)
{
	retry_of(s)->factor = 1;
	if (was_last(s))
		rx_finish_done(s);
	else
		again(s);
}

static void stop(struct rx_sub *s)
{
	rx_rounds_stop(&retry_of(s)->rounds);
	stop_waiting(retry_of(s));
}

static void destroy(struct rx_source *src)
{
	rx_dur_fini(
		&CONTAINER_OF(src, struct retry_source, source)->wait.delay);
}

static const struct rx_source_ops retry_ops = {
	.name = "retry",
	.source_bytes = sizeof(struct retry_source),
	.sub_bytes = sizeof(struct retry),
	.in = {on_next, again_after_error, rx_pass_done},
	.start = start,
	.stop = stop,
	.destroy = destroy,
};

static const struct rx_source_ops repeat_ops = {
	.name = "repeat",
	.source_bytes = sizeof(struct retry_source),
	.sub_bytes = sizeof(struct retry),
	.in = {rx_pass_next, rx_pass_error, again_after_done},
	.start = start,
	.stop = stop,
	.destroy = destroy,
};

static struct rx_source *retry_new(const struct rx_source_ops *ops,
				   struct rx_source *in, uint64_t runs,
				   struct rx_wait wait)
{
	struct retry_source *src = rx_source_new(ops, NULL, in);

	src->runs = runs;
	src->wait = wait;
	return &src->source;
}

struct rx_source *rx_retry(struct rx_source *in, uint64_t runs,
			   struct rx_wait wait)
{
	return retry_new(&retry_ops, in, runs, wait);
}

struct rx_source *rx_repeat(struct rx_source *in, uint64_t runs,
			    struct rx_wait wait)
{
	return retry_new(&repeat_ops, in, runs, wait);
}
