/* combine_latest.c - the latest items of several streams, side by side.
 *
 *     a                     -1----2------|
 *     b                     ---3----4--|
 *     combine_latest        ---[13][23][24]|    at each item of any
 *     with_latest_from      ------[23]---|      at each item of the first
 *     fork_join             --------------([24]|)   when all have ended
 *
 * combine_latest and with_latest_from begin when each has had an item.
 * fork_join ends without an item as soon as one has ended without.
 */
#include "rx/op.h"

struct latest {
	struct rx_many many;
	struct rx_item *items; /* ours; one an input */
	bool *has;	       /* ours; likewise */
	uint32_t missing;      /* inputs without an item so far */
};

static struct latest *latest_of(struct rx_observer *o)
{
	return CONTAINER_OF(rx_inlet_of(o)->owner, struct latest, many.sub);
}

static void note(struct rx_observer *o, struct value v)
{
	struct latest *l = latest_of(o);
	uint32_t i = rx_many_index(rx_inlet_of(o));
	struct rx_item old = l->items[i];

	l->items[i] = (struct rx_item){.v = value_ref(v)};
	if (l->has[i]) {
		rx_item_drop(old);
	} else {
		l->has[i] = true;
		l->missing--;
	}
}

static struct value row(struct latest *l)
{
	uint32_t n = rx_many_of(&l->many.sub)->n;
	struct value *elements = mem_alloc(n * sizeof *elements);

	for (uint32_t i = 0; i < n; i++)
		elements[i] = value_ref(l->items[i].v);

	struct value array = value_array(elements, n);

	mem_free(elements);
	return array;
}

static void emit(struct latest *l)
{
	struct value array = row(l);

	rx_next(l->many.sub.down, array);
	value_unref(array);
}

static void combine_next(struct rx_observer *o, struct value v)
{
	struct latest *l = latest_of(o);

	note(o, v);
	if (!l->missing)
		emit(l);
}

static void combine_done(struct rx_observer *o)
{
	struct latest *l = latest_of(o);

	if (--l->many.open == 0)
		rx_finish_done(&l->many.sub);
}

static const struct rx_observer_ops combine_inlet = {combine_next,
						     rx_inlet_pass_error,
						     combine_done};

static void with_next(struct rx_observer *o, struct value v)
{
	note(o, v);
}

static void with_done(struct rx_observer *o)
{
	/* Its latest item stays. */
}

static const struct rx_observer_ops with_inlet = {with_next,
						  rx_inlet_pass_error,
						  with_done};
static const struct rx_observer_ops with_first_inlet = {combine_next,
							rx_inlet_pass_error,
							rx_inlet_pass_done};

/* Keeps the cause too: the item comes out when all have ended. */
static void join_next(struct rx_observer *o, struct value v)
{
	note(o, v);
	latest_of(o)->items[rx_many_index(rx_inlet_of(o))].cause =
		rx_cause_ref(rx_cause_now);
}

static void join_done(struct rx_observer *o)
{
	struct latest *l = latest_of(o);
	struct rx_sub *s = &l->many.sub;
	struct rx_item all;

	if (!l->has[rx_many_index(rx_inlet_of(o))]) {
		rx_finish_done(s);
		return;
	}
	if (--l->many.open)
		return;
	all = (struct rx_item){row(l),
			       rx_cause_join(l->items, rx_many_of(s)->n)};
	rx_emit_item(s, all);
	rx_finish_done(s);
}

static const struct rx_observer_ops join_inlet = {join_next,
						  rx_inlet_pass_error,
						  join_done};

static void prepare(struct rx_sub *s)
{
	struct latest *l = CONTAINER_OF(s, struct latest, many.sub);
	uint32_t n = rx_many_of(s)->n;

	l->items = mem_zalloc((n + 1) * sizeof *l->items);
	l->has = mem_zalloc(n + 1);
	l->missing = n;
}

static void start_all(struct rx_sub *s, const struct rx_observer_ops *inlet)
{
	prepare(s);
	if (rx_many_of(s)->n)
		rx_many_open(s, inlet);
	else
		rx_finish_done(s);
}

static void combine_start(struct rx_sub *s)
{
	start_all(s, &combine_inlet);
}

static void join_start(struct rx_sub *s)
{
	start_all(s, &join_inlet);
}

/* The first comes last: what the others emit at once is there by then. */
static void with_start(struct rx_sub *s)
{
	struct latest *l = CONTAINER_OF(s, struct latest, many.sub);
	struct rx_many_source *src = rx_many_of(s);

	prepare(s);
	rx_many_prepare(s);
	for (uint32_t i = 1; i < src->n && !s->halted; i++)
		rx_inlet_open_held(&l->many.inlets[i], s, &with_inlet,
				   src->inputs[i]);
	if (!s->halted)
		rx_inlet_open_held(&l->many.inlets[0], s, &with_first_inlet,
				   src->inputs[0]);
}

static void stop(struct rx_sub *s)
{
	struct latest *l = CONTAINER_OF(s, struct latest, many.sub);

	rx_many_stop(s);
	for (uint32_t i = 0; i < rx_many_of(s)->n; i++) {
		struct rx_item gone = l->items[i];

		l->items[i] = (struct rx_item){0};
		rx_item_drop(gone);
	}
}

static void fini(struct rx_sub *s)
{
	struct latest *l = CONTAINER_OF(s, struct latest, many.sub);

	mem_free(l->items);
	mem_free(l->has);
	rx_many_fini(s);
}

static const struct rx_source_ops combine_ops = {
	.name = "combine_latest",
	.source_bytes = sizeof(struct rx_many_source),
	.sub_bytes = sizeof(struct latest),
	.start = combine_start,
	.stop = stop,
	.fini = fini,
	.destroy = rx_many_destroy,
	.hold = rx_many_hold,
};

static const struct rx_source_ops with_ops = {
	.name = "with_latest_from",
	.source_bytes = sizeof(struct rx_many_source),
	.sub_bytes = sizeof(struct latest),
	.start = with_start,
	.stop = stop,
	.fini = fini,
	.destroy = rx_many_destroy,
	.hold = rx_many_hold,
};

static const struct rx_source_ops join_ops = {
	.name = "fork_join",
	.source_bytes = sizeof(struct rx_many_source),
	.sub_bytes = sizeof(struct latest),
	.start = join_start,
	.stop = stop,
	.fini = fini,
	.destroy = rx_many_destroy,
	.hold = rx_many_hold,
};

struct rx_source *rx_combine_latest(struct rx_ctx *ctx,
				    struct rx_source *const *in, uint32_t n)
{
	return rx_many_new(&combine_ops, ctx, in, n);
}

struct rx_source *rx_with_latest_from(struct rx_ctx *ctx,
				      struct rx_source *const *in, uint32_t n)
{
	return n ? rx_many_new(&with_ops, ctx, in, n) : rx_empty(ctx);
}

struct rx_source *rx_fork_join(struct rx_ctx *ctx, struct rx_source *const *in,
			       uint32_t n)
{
	return rx_many_new(&join_ops, ctx, in, n);
}
