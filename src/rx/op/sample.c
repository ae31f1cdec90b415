/* sample.c - at each tick the latest item, if there is a new one.
 *
 *     source          -ab----c-|
 *     sample(30ms)    ---b-----(c|)      ticks at 30, 60, 90 ms
 *
 * The source's end waits for the next tick, as the last item does. When the
 * ticks have ended (sample(@b) only), nothing more is sampled, and the source's
 * end is the end.
 */
#include "rx/slot.h"

struct sample_source {
	struct rx_source source;
	struct rx_source *ticks; /* ours */
};

struct sample {
	struct rx_sub sub;
	struct rx_inlet ticks;
	struct rx_slot latest;
	bool source_done;
	bool ticks_done;
};

static void on_tick(struct rx_observer *o, struct value v)
{
	struct sample *s =
		CONTAINER_OF(rx_inlet_of(o)->owner, struct sample, sub);
	bool last = s->source_done;

	rx_slot_emit(&s->latest, &s->sub);
	if (last)
		rx_finish_done(&s->sub);
}

static void on_ticks_done(struct rx_observer *o)
{
	struct sample *s =
		CONTAINER_OF(rx_inlet_of(o)->owner, struct sample, sub);

	s->ticks_done = true;
	rx_slot_clear(&s->latest);
	if (s->source_done)
		rx_finish_done(&s->sub);
}

static const struct rx_observer_ops tick_ops = {on_tick, rx_inlet_pass_error,
						on_ticks_done};

static void on_next(struct rx_observer *o, struct value v)
{
	struct sample *s = CONTAINER_OF(o, struct sample, sub.up);

	if (!s->ticks_done)
		rx_slot_put(&s->latest, v);
}

static void on_done(struct rx_observer *o)
{
	struct sample *s = CONTAINER_OF(o, struct sample, sub.up);

	s->source_done = true;
	if (s->ticks_done)
		rx_finish_done(&s->sub);
}

static void start(struct rx_sub *sub)
{
	struct sample *s = CONTAINER_OF(sub, struct sample, sub);
	struct sample_source *src =
		CONTAINER_OF(sub->src, struct sample_source, source);

	rx_subscribe_in(sub);
	if (!sub->halted)
		rx_inlet_open(&s->ticks, sub, &tick_ops, src->ticks);
}

static void stop(struct rx_sub *sub)
{
	struct sample *s = CONTAINER_OF(sub, struct sample, sub);

	rx_inlet_close(&s->ticks);
	rx_slot_clear(&s->latest);
}

static void destroy(struct rx_source *src)
{
	rx_source_unref(CONTAINER_OF(src, struct sample_source, source)->ticks);
}

static const struct rx_source_ops ops = {
	.name = "sample",
	.source_bytes = sizeof(struct sample_source),
	.sub_bytes = sizeof(struct sample),
	.slot = offsetof(struct sample, latest),
	.in = {on_next, rx_pass_error, on_done},
	.start = start,
	.stop = stop,
	.destroy = destroy,
};

struct rx_source *rx_sample_on(struct rx_source *in, struct rx_source *ticks)
{
	struct sample_source *src = rx_source_new(&ops, NULL, in);

	src->ticks = ticks;
	return &src->source;
}

struct rx_source *rx_sample(struct rx_source *in, int64_t period_ms)
{
	struct rx_ctx *ctx = rx_source_ctx(in);

	return rx_sample_on(in, rx_interval(ctx, period_ms));
}
