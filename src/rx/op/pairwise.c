/* pairwise.c - each item with the one before it.
 *
 *     source      -a--b--c-|
 *     pairwise    ----[ab]-[bc]|
 */
#include "rx/op.h"

struct pairwise {
	struct rx_sub sub;
	struct value last; /* ours */
	bool has_last;
};

static void on_next(struct rx_observer *o, struct value v)
{
	struct pairwise *p = CONTAINER_OF(o, struct pairwise, sub.up);
	struct value last = p->last;

	p->last = value_ref(v);
	if (!p->has_last) {
		p->has_last = true;
		return;
	}

	struct value pair[] = {last, value_ref(v)};
	struct value array = value_array(pair, 2);

	rx_next(p->sub.down, array);
	value_unref(array);
}

static void stop(struct rx_sub *s)
{
	struct pairwise *p = CONTAINER_OF(s, struct pairwise, sub);

	value_unref(p->last);
	p->last = value_null();
}

static const struct rx_source_ops ops = {
	.name = "pairwise",
	.source_bytes = sizeof(struct rx_source),
	.sub_bytes = sizeof(struct pairwise),
	.in = {on_next, rx_pass_error, rx_pass_done},
	.stop = stop,
};

struct rx_source *rx_pairwise(struct rx_source *in)
{
	return rx_source_new(&ops, NULL, in);
}
