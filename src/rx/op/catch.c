/* catch.c - another stream takes over after an error.
 *
 *     source         -a-b-#
 *     @b                  -x-x|
 *     catch(@b)      -a-b--x-x|      from the moment of the error
 *     catch { .. }                   the block on just(message)
 */
#include "rx/op.h"

struct catch_source {
	struct rx_source source;
	struct rx_source *other; /* ours; NULL: handler */
	struct rx_block *handler;
};

struct catch
{
	struct rx_sub sub;
	struct rx_inlet other; /* the stream that took over */
};

static struct rx_source *successor(struct catch_source *src,
				   const struct weir_error *err,
				   struct weir_error *bad)
{
	if (src->other)
		return rx_source_ref(src->other);

	struct value message = value_cstr(err->message);
	struct rx_source *next =
		rx_build_inner(src->source.ctx, src->handler, message, -1, bad);

	value_unref(message);
	return next;
}

static void on_error(struct rx_observer *o, const struct weir_error *err)
{
	struct catch *c = CONTAINER_OF(o, struct catch, sub.up);
	struct weir_error bad;
	struct rx_source *next =
		successor(CONTAINER_OF(c->sub.src, struct catch_source, source),
			  err, &bad);

	if (!next) {
		rx_finish_error(&c->sub, &bad);
		return;
	}
	rx_sub_drop(&c->sub.in);
	rx_inlet_open_held(&c->other, &c->sub, &rx_inlet_takes_over, next);
	rx_source_unref(next);
}

static void stop(struct rx_sub *s)
{
	rx_inlet_close(&CONTAINER_OF(s, struct catch, sub)->other);
}

static void hold(struct rx_sub *s)
{
	rx_hold_either(s, &CONTAINER_OF(s, struct catch, sub)->other);
}

static void destroy(struct rx_source *source)
{
	struct catch_source *src =
		CONTAINER_OF(source, struct catch_source, source);

	rx_source_unref(src->other);
	rx_block_unref(src->handler);
}

static const struct rx_source_ops ops = {
	.name = "catch",
	.source_bytes = sizeof(struct catch_source),
	.sub_bytes = sizeof(struct catch),
	.hold = hold,
	.in = {rx_pass_next, on_error, rx_pass_done},
	.stop = stop,
	.destroy = destroy,
};

struct rx_source *rx_catch(struct rx_source *in, struct rx_source *other,
			   struct rx_block *handler)
{
	struct catch_source *src = rx_source_new(&ops, NULL, in);

	src->other = other;
	src->handler = handler;
	return &src->source;
}
