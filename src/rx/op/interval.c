/* interval.c - numbers in the rhythm of the clock.
 *
 *     interval(20ms)      --0-1-2-3 ...
 *     timer(30ms)         ---(0|)
 *     timer(10ms, 30ms)   -0--1--2--3 ...
 *
 * Ticks are absolute: the k-th is due at the first plus k periods, however late
 * the one before it came.
 */
#include "base/clock.h"
#include "rx/op.h"

struct interval_source {
	struct rx_source source;
	int64_t due_ms;
	int64_t period_ms; /* below 0: only one */
};

struct interval {
	struct rx_sub sub;
	struct rx_pause pause;
	int64_t next_ms; /* absolute */
	int64_t n;
};

static void tick(struct rx_sub *s)
{
	struct interval *i = CONTAINER_OF(s, struct interval, sub);
	struct interval_source *src =
		CONTAINER_OF(s->src, struct interval_source, source);

	if (src->period_ms < 0) {
		rx_next(s->down, value_int(0));
		rx_finish_done(s);
		return;
	}
	i->next_ms += src->period_ms;
	rx_pause_until(&i->pause, s, i->next_ms, tick);
	rx_next(s->down, value_int(i->n++));
}

static void start(struct rx_sub *s)
{
	struct interval *i = CONTAINER_OF(s, struct interval, sub);
	struct interval_source *src =
		CONTAINER_OF(s->src, struct interval_source, source);

	i->next_ms = rx_deadline_ms(s, src->due_ms);
	rx_pause_until(&i->pause, s, i->next_ms, tick);
}

static void stop(struct rx_sub *s)
{
	rx_pause_stop(&CONTAINER_OF(s, struct interval, sub)->pause);
}

static const struct rx_source_ops ops = {
	.name = "timer",
	.source_bytes = sizeof(struct interval_source),
	.sub_bytes = sizeof(struct interval),
	.start = start,
	.stop = stop,
};

struct rx_source *rx_timer_source(struct rx_ctx *ctx, int64_t due_ms,
				  int64_t period_ms)
{
	struct interval_source *src = rx_source_new(&ops, ctx, NULL);

	src->due_ms = due_ms;
	/* A period of 0 would be a busy loop, on virtual time an endless one.
	 */
	src->period_ms = period_ms == 0 ? 1 : period_ms;
	return &src->source;
}

struct rx_source *rx_interval(struct rx_ctx *ctx, int64_t period_ms)
{
	return rx_timer_source(ctx, period_ms, MAX(period_ms, 1));
}
