/* map_to.c - the same for each item; or nothing of any.
 *
 *     source             -a--b-|
 *     map_to(7)          -7--7-|
 *     ignore_elements    ------|
 */
#include "rx/op.h"

struct to_source {
	struct rx_source source;
	struct value v; /* ours */
};

static void on_next(struct rx_observer *o, struct value v)
{
	struct rx_sub *s = rx_sub_of(o);

	rx_next(s->down, CONTAINER_OF(s->src, struct to_source, source)->v);
}

static void ignore_next(struct rx_observer *o, struct value v)
{
	/* Only how it ends is of interest. */
}

static void destroy(struct rx_source *src)
{
	value_unref(CONTAINER_OF(src, struct to_source, source)->v);
}

static const struct rx_source_ops to_ops = {
	.name = "map_to",
	.source_bytes = sizeof(struct to_source),
	.sub_bytes = sizeof(struct rx_sub),
	.in = {on_next, rx_pass_error, rx_pass_done},
	.destroy = destroy,
};

static const struct rx_source_ops ignore_ops = {
	.name = "ignore_elements",
	.source_bytes = sizeof(struct rx_source),
	.sub_bytes = sizeof(struct rx_sub),
	.in = {ignore_next, rx_pass_error, rx_pass_done},
};

struct rx_source *rx_map_to(struct rx_source *in, struct value v)
{
	struct to_source *src = rx_source_new(&to_ops, NULL, in);

	src->v = v;
	return &src->source;
}

struct rx_source *rx_ignore_elements(struct rx_source *in)
{
	return rx_source_new(&ignore_ops, NULL, in);
}
