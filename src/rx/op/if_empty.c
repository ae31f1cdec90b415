/* if_empty.c - what is said when a stream ends without an item.
 *
 *     source                     -----|
 *     default_if_empty(1)        -----(1|)
 *     throw_if_empty('none')     -----#
 *     switch_if_empty(@b)        -----x--x|     @b from the end on
 */
#include "rx/op.h"

struct if_source {
	struct rx_source source;
	struct value v;		 /* ours: the default; of throw the message */
	struct rx_source *other; /* ours */
};

struct if_empty {
	struct rx_sub sub;
	struct rx_inlet other;
	bool any; /* an item has passed */
};

static void on_next(struct rx_observer *o, struct value v)
{
	CONTAINER_OF(o, struct if_empty, sub.up)->any = true;
	rx_pass_next(o, v);
}

static struct if_source *source_of(struct rx_observer *o)
{
	return CONTAINER_OF(rx_sub_of(o)->src, struct if_source, source);
}

/* True when the end has been passed on. */
static bool passed_done(struct rx_observer *o)
{
	if (CONTAINER_OF(o, struct if_empty, sub.up)->any)
		rx_finish_done(rx_sub_of(o));
	return rx_sub_of(o)->halted;
}

static void default_done(struct rx_observer *o)
{
	if (!passed_done(o))
		rx_finish_with(rx_sub_of(o), value_ref(source_of(o)->v));
}

static void throw_done(struct rx_observer *o)
{
	struct weir_error err = {0};

	if (passed_done(o))
		return;
	error_set(&err, WEIR_ENOTFOUND, "%.*s",
		  STR_FMT(value_str(source_of(o)->v)));
	rx_finish_error(rx_sub_of(o), &err);
}

static void switch_done(struct rx_observer *o)
{
	struct if_empty *e = CONTAINER_OF(o, struct if_empty, sub.up);

	if (passed_done(o))
		return;
	rx_sub_drop(&e->sub.in);
	rx_inlet_open_held(&e->other, &e->sub, &rx_inlet_takes_over,
			   source_of(o)->other);
}

static void stop(struct rx_sub *s)
{
	rx_inlet_close(&CONTAINER_OF(s, struct if_empty, sub)->other);
}

static void hold(struct rx_sub *s)
{
	rx_hold_either(s, &CONTAINER_OF(s, struct if_empty, sub)->other);
}

static void destroy(struct rx_source *source)
{
	struct if_source *src = CONTAINER_OF(source, struct if_source, source);

	value_unref(src->v);
	rx_source_unref(src->other);
}

static const struct rx_source_ops default_ops = {
	.name = "default_if_empty",
	.source_bytes = sizeof(struct if_source),
	.sub_bytes = sizeof(struct if_empty),
	.in = {on_next, rx_pass_error, default_done},
	.stop = stop,
	.destroy = destroy,
};

static const struct rx_source_ops throw_ops = {
	.name = "throw_if_empty",
	.source_bytes = sizeof(struct if_source),
	.sub_bytes = sizeof(struct if_empty),
	.in = {on_next, rx_pass_error, throw_done},
	.stop = stop,
	.destroy = destroy,
};

static const struct rx_source_ops switch_ops = {
	.name = "switch_if_empty",
	.source_bytes = sizeof(struct if_source),
	.sub_bytes = sizeof(struct if_empty),
	.hold = hold,
	.in = {on_next, rx_pass_error, switch_done},
	.stop = stop,
	.destroy = destroy,
};

static struct rx_source *if_new(const struct rx_source_ops *ops,
				struct rx_source *in, struct value v,
				struct rx_source *other)
{
	struct if_source *src = rx_source_new(ops, NULL, in);

	src->v = v;
	src->other = other;
	return &src->source;
}

struct rx_source *rx_default_if_empty(struct rx_source *in, struct value v)
{
	return if_new(&default_ops, in, v, NULL);
}

struct rx_source *rx_throw_if_empty(struct rx_source *in, struct str message)
{
	return if_new(&throw_ops, in, value_string(message), NULL);
}

struct rx_source *rx_switch_if_empty(struct rx_source *in,
				     struct rx_source *other)
{
	return if_new(&switch_ops, in, value_null(), other);
}
