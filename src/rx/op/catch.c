/* catch.c - another stream takes over after an error.
 *
 *     source         -a-b-#
 *     catch(@b)      -a-b-x-x|       @b from the moment of the error
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
	struct rx_inlet inlet; /* the stream that took over */
};

static void inlet_next(struct rx_observer *up, struct value v)
{
	rx_next(rx_inlet_of(up)->owner->down, v);
}

static void inlet_done(struct rx_observer *up)
{
	rx_finish_done(rx_inlet_of(up)->owner);
}

static const struct rx_observer_ops inlet_ops = {inlet_next,
                                                 rx_inlet_pass_error,
                                                 inlet_done};

static void on_error(struct rx_observer *o, const struct weir_error *err)
{
	struct catch *c = CONTAINER_OF(o, struct catch, sub.up);
	struct catch_source *src =
	        CONTAINER_OF(c->sub.src, struct catch_source, source);
	struct rx_source *next = rx_source_ref(src->other);
	struct weir_error bad;

	if (!next) {
		struct value message = value_cstr(err->message);
		struct rx_inner in = {.item = message,
		                      .key = value_null(),
		                      .index = -1};

		in.source = rx_just(src->source.ctx, value_ref(message));
		next = src->handler->ops->build(src->handler, &in, &bad);
		value_unref(message);
	}
	if (!next) {
		rx_finish_error(&c->sub, &bad);
		return;
	}
	rx_sub_drop(&c->sub.in);
	rx_inlet_open(&c->inlet, &c->sub, &inlet_ops, next);
	rx_source_unref(next);
}

static void stop(struct rx_sub *s)
{
	rx_inlet_close(&CONTAINER_OF(s, struct catch, sub)->inlet);
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

struct rx_source *rx_catch_many(struct rx_ctx *ctx, struct rx_source *const *in,
                                uint32_t n)
{
	struct rx_source *src = n ? in[0] : rx_empty(ctx);

	for (uint32_t i = 1; i < n; i++)
		src = rx_catch(src, in[i], NULL);
	return src;
}
