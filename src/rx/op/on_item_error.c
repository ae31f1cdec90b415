/* on_item_error.c - what becomes of an item that fails in the stages above.
 *
 *     source                                -1--x--3-|
 *     map('. * 10') fails on x              -10-#
 *       | on_item_error('skip')             -10----30-|
 *       | on_item_error('dead_letter')      -10-E--30-|
 *                                               E: {"error": .., "item": "x"}
 *
 * `fail` is the ReactiveX contract, `skip` lets the stream go on without the
 * item; both whatever the surroundings do. A dead letter comes out here, under
 * the cause of its item, past the stages in between.
 *
 * How it hears: its guard travels upwards with the subscriptions, as Reactor's
 * onErrorContinue does in the Context. The other way was to build the stages
 * above with a context of their own. But a stream may be subscribed more than
 * once at a time, and an item error belongs to one of these runs: a context of
 * the description cannot tell which.
 *
 * A shared run that outlives the stage whose guard it has loses its letters:
 * then they are skipped.
 */
#include "rx/op.h"

struct policy_source {
	struct rx_source source;
	enum rx_item_policy policy;
};

struct policy_guard {
	struct rx_guard guard;
	enum rx_item_policy policy;
	struct rx_sub *stage; /* borrowed; NULL when it is over */
};

struct policy {
	struct rx_sub sub;
	struct policy_guard *guard; /* ours: one reference */
};

static void skip(struct rx_sub *s, const struct weir_error *err,
		 struct value item)
{
	struct rx_ctx *ctx = s->src->ctx;

	if (ctx->item_error)
		ctx->item_error(ctx, err, item);
}

static void write_letter(struct rx_sub *stage, const struct weir_error *err,
			 struct value item)
{
	struct value pairs[] = {value_cstr("error"), value_cstr(err->message),
				value_cstr("item"), value_ref(item)};
	struct value letter = value_object(pairs, 2);

	rx_next(stage->down, letter);
	value_unref(letter);
}

static void item_error(struct rx_guard *guard, struct rx_sub *s,
		       const struct weir_error *err, struct value item)
{
	struct policy_guard *g =
		CONTAINER_OF(guard, struct policy_guard, guard);

	if (g->policy == RX_ITEM_FAIL)
		rx_finish_error(s, err);
	else if (g->policy == RX_ITEM_DEAD_LETTER && g->stage)
		write_letter(g->stage, err, item);
	else
		skip(s, err, item);
}

static void guard_destroy(struct rx_guard *guard)
{
	struct policy_guard *g =
		CONTAINER_OF(guard, struct policy_guard, guard);

	slab_free(g, sizeof *g);
}

static void start(struct rx_sub *s)
{
	struct policy *p = CONTAINER_OF(s, struct policy, sub);
	struct policy_source *src =
		CONTAINER_OF(s->src, struct policy_source, source);

	p->guard = slab_alloc(sizeof *p->guard);
	*p->guard = (struct policy_guard){
		{.refs = 1, .item_error = item_error, .destroy = guard_destroy},
		src->policy,
		s,
	};
	rx_subscribe_guarded(&p->guard->guard, s->on_hold, s->src->in, &s->up,
			     &s->in);
}

static void stop(struct rx_sub *s)
{
	CONTAINER_OF(s, struct policy, sub)->guard->stage = NULL;
}

static void fini(struct rx_sub *s)
{
	rx_guard_unref(&CONTAINER_OF(s, struct policy, sub)->guard->guard);
}

static const struct rx_source_ops ops = {
	.name = "on_item_error",
	.source_bytes = sizeof(struct policy_source),
	.sub_bytes = sizeof(struct policy),
	.in = {rx_pass_next, rx_pass_error, rx_pass_done},
	.start = start,
	.stop = stop,
	.fini = fini,
};

struct rx_source *rx_on_item_error(struct rx_source *in,
				   enum rx_item_policy policy)
{
	struct policy_source *src = rx_source_new(&ops, NULL, in);

	src->policy = policy;
	return &src->source;
}
