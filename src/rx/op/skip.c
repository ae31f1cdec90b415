/* skip.c - all but the first n items.
 *
 *     source     -a--b--c--d-|
 *     skip(2)    -------c--d-|
 */
#include "rx/op.h"

struct skip_source {
	struct rx_source source;
	uint64_t n;
};

struct skip {
	struct rx_sub sub;
	uint64_t left;
};

static void start(struct rx_sub *s)
{
	CONTAINER_OF(s, struct skip, sub)->left =
		CONTAINER_OF(s->src, struct skip_source, source)->n;
	rx_subscribe_in(s);
}

static void on_next(struct rx_observer *o, struct value v)
{
	struct skip *k = CONTAINER_OF(o, struct skip, sub.up);

	if (k->left)
		k->left--;
	else
		rx_next(k->sub.down, v);
}

static const struct rx_source_ops ops = {
	.name = "skip",
	.source_bytes = sizeof(struct skip_source),
	.sub_bytes = sizeof(struct skip),
	.in = {on_next, rx_pass_error, rx_pass_done},
	.start = start,
};

struct rx_source *rx_skip(struct rx_source *in, uint64_t n)
{
	struct skip_source *k = rx_source_new(&ops, NULL, in);

	k->n = n;
	return &k->source;
}
