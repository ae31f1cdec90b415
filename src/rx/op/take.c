/* take.c - the first n items, then the end.
 *
 *     source     -a--b--c--d-
 *     take(2)    -a--b|
 *
 * The upstream is let go of before the last item is handed on: whatever the
 * observer does then, a source that runs on cannot push an item too many.
 * take(0) ends at once and never subscribes.
 */
#include "rx/op.h"

struct take_source {
	struct rx_source source;
	uint64_t n;
};

struct take {
	struct rx_sub sub;
	uint64_t left;
};

static void start(struct rx_sub *s)
{
	struct take *t = CONTAINER_OF(s, struct take, sub);

	t->left = CONTAINER_OF(s->src, struct take_source, source)->n;
	if (t->left)
		rx_subscribe_in(s);
	else
		rx_finish_done(s);
}

static void on_next(struct rx_observer *o, struct value v)
{
	struct take *t = CONTAINER_OF(o, struct take, sub.up);

	if (--t->left == 0)
		rx_sub_drop(&t->sub.in);

	bool last = t->left == 0;

	rx_next(t->sub.down, v);
	if (last)
		rx_finish_done(&t->sub);
}

static const struct rx_source_ops ops = {
	.name = "take",
	.source_bytes = sizeof(struct take_source),
	.sub_bytes = sizeof(struct take),
	.in = {on_next, rx_pass_error, rx_pass_done},
	.start = start,
};

struct rx_source *rx_take(struct rx_source *in, uint64_t n)
{
	struct take_source *t = rx_source_new(&ops, NULL, in);

	t->n = n;
	return &t->source;
}
