/* take_with_time.c - a gate that the clock closes, or opens.
 *
 *     source                  -a--b--c--d-|
 *     take_with_time(50ms)    -a--b|
 *     skip_with_time(50ms)    -------c--d-|
 *     delay_subscription(d)   subscribes the source d later
 */
#include "rx/op.h"

struct gate_source {
	struct rx_source source;
	int64_t span_ms;
};

struct gate {
	struct rx_sub sub;
	struct rx_pause timer;
	int64_t open_ms; /* absolute */
};

static int64_t deadline(struct rx_sub *s)
{
	return rx_deadline_ms(
		s, CONTAINER_OF(s->src, struct gate_source, source)->span_ms);
}

static void take_start(struct rx_sub *s)
{
	rx_pause_until(&CONTAINER_OF(s, struct gate, sub)->timer, s,
		       deadline(s), rx_finish_done);
	rx_subscribe_in(s);
}

static void skip_start(struct rx_sub *s)
{
	CONTAINER_OF(s, struct gate, sub)->open_ms = deadline(s);
	rx_subscribe_in(s);
}

static void skip_next(struct rx_observer *o, struct value v)
{
	struct gate *g = CONTAINER_OF(o, struct gate, sub.up);

	if (rx_now_ms(&g->sub) >= g->open_ms)
		rx_next(g->sub.down, v);
}

static void delay_start(struct rx_sub *s)
{
	rx_pause_until(&CONTAINER_OF(s, struct gate, sub)->timer, s,
		       deadline(s), rx_subscribe_in);
}

static void stop(struct rx_sub *s)
{
	rx_pause_stop(&CONTAINER_OF(s, struct gate, sub)->timer);
}

static const struct rx_source_ops take_ops = {
	.name = "take_with_time",
	.source_bytes = sizeof(struct gate_source),
	.sub_bytes = sizeof(struct gate),
	.in = {rx_pass_next, rx_pass_error, rx_pass_done},
	.start = take_start,
	.stop = stop,
};

static const struct rx_source_ops skip_ops = {
	.name = "skip_with_time",
	.source_bytes = sizeof(struct gate_source),
	.sub_bytes = sizeof(struct gate),
	.in = {skip_next, rx_pass_error, rx_pass_done},
	.start = skip_start,
	.stop = stop,
};

static const struct rx_source_ops delay_ops = {
	.name = "delay_subscription",
	.source_bytes = sizeof(struct gate_source),
	.sub_bytes = sizeof(struct gate),
	.in = {rx_pass_next, rx_pass_error, rx_pass_done},
	.start = delay_start,
	.stop = stop,
};

static struct rx_source *gate_new(const struct rx_source_ops *ops,
				  struct rx_source *in, int64_t span_ms)
{
	struct gate_source *src = rx_source_new(ops, NULL, in);

	src->span_ms = span_ms;
	return &src->source;
}

struct rx_source *rx_take_with_time(struct rx_source *in, int64_t span_ms)
{
	return gate_new(&take_ops, in, span_ms);
}

struct rx_source *rx_skip_with_time(struct rx_source *in, int64_t span_ms)
{
	return gate_new(&skip_ops, in, span_ms);
}

struct rx_source *rx_delay_subscription(struct rx_source *in, int64_t by_ms)
{
	return gate_new(&delay_ops, in, by_ms);
}
