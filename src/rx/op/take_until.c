/* take_until.c - another stream closes, or opens, the gate.
 *
 *     source             -a--b--c--d-|
 *     @stop              -----x
 *     take_until(@stop)  -a--b|          an item of it is the end
 *     skip_until(@stop)  -------c--d-|   an item of it is the beginning
 *
 * The end of @stop does nothing, its error is an error. It is subscribed first,
 * so that a signal it gives at once comes before the first item.
 */
#include "rx/op.h"

struct until_source {
	struct rx_source source;
	struct rx_source *other; /* ours */
};

struct until {
	struct rx_sub sub;
	struct rx_inlet other;
	bool open;
};

static void take_signal(struct rx_observer *o, struct value v)
{
	rx_finish_done(rx_inlet_of(o)->owner);
}

static void signal_over(struct rx_observer *o)
{
	rx_inlet_close(rx_inlet_of(o));
}

static const struct rx_observer_ops take_inlet = {take_signal,
						  rx_inlet_pass_error,
						  signal_over};

static void skip_signal(struct rx_observer *o, struct value v)
{
	struct rx_inlet *i = rx_inlet_of(o);

	CONTAINER_OF(i->owner, struct until, sub)->open = true;
	rx_inlet_close(i);
}

static const struct rx_observer_ops skip_inlet = {skip_signal,
						  rx_inlet_pass_error,
						  signal_over};

static void skip_next(struct rx_observer *o, struct value v)
{
	struct until *u = CONTAINER_OF(o, struct until, sub.up);

	if (u->open)
		rx_next(u->sub.down, v);
}

static void start(struct rx_sub *s, const struct rx_observer_ops *inlet)
{
	struct until *u = CONTAINER_OF(s, struct until, sub);

	rx_inlet_open(&u->other, s, inlet,
		      CONTAINER_OF(s->src, struct until_source, source)->other);
	if (!s->halted)
		rx_subscribe_in(s);
}

static void take_start(struct rx_sub *s)
{
	start(s, &take_inlet);
}

static void skip_start(struct rx_sub *s)
{
	start(s, &skip_inlet);
}

static void stop(struct rx_sub *s)
{
	rx_inlet_close(&CONTAINER_OF(s, struct until, sub)->other);
}

static void destroy(struct rx_source *src)
{
	rx_source_unref(CONTAINER_OF(src, struct until_source, source)->other);
}

static const struct rx_source_ops take_ops = {
	.name = "take_until",
	.source_bytes = sizeof(struct until_source),
	.sub_bytes = sizeof(struct until),
	.in = {rx_pass_next, rx_pass_error, rx_pass_done},
	.start = take_start,
	.stop = stop,
	.destroy = destroy,
};

static const struct rx_source_ops skip_ops = {
	.name = "skip_until",
	.source_bytes = sizeof(struct until_source),
	.sub_bytes = sizeof(struct until),
	.in = {skip_next, rx_pass_error, rx_pass_done},
	.start = skip_start,
	.stop = stop,
	.destroy = destroy,
};

static struct rx_source *until_new(const struct rx_source_ops *ops,
				   struct rx_source *in,
				   struct rx_source *other)
{
	struct until_source *src = rx_source_new(ops, NULL, in);

	src->other = other;
	return &src->source;
}

struct rx_source *rx_take_until(struct rx_source *in, struct rx_source *other)
{
	return until_new(&take_ops, in, other);
}

struct rx_source *rx_skip_until(struct rx_source *in, struct rx_source *other)
{
	return until_new(&skip_ops, in, other);
}
