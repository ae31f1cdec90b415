/* generate.c - a state, and what the program makes of it, and so on.
 *
 *     generate(1, '. < 20', '. * 3')                                 (139|)
 *     generate_with_relative_time(1, '. < 20', '. * 3', '. * 10')
 * -1---3------..9
 *
 * Without times it is emitted in one go, with a pause now and then. With them
 * the span of each item passes before that item; the end follows the last item
 * at once. On hold no state is made, so the end waits, too.
 */
#include "rx/span.h"

struct generate_source {
	struct rx_source source;
	struct value initial; /* ours */
	struct rx_fn *condition;
	struct rx_fn *iterate;
	struct rx_dur wait;
};

struct generate {
	struct rx_sub sub;
	struct rx_pause pause;
	struct rx_span span;
	struct rx_item state; /* its cause: whose work this is */
	bool begun;	      /* state is not the initial one any more */
};

static struct generate_source *source_of(struct rx_sub *s)
{
	return CONTAINER_OF(s->src, struct generate_source, source);
}

/* The next state, if there is one; else s has ended. */
static bool advance(struct generate *g)
{
	struct rx_sub *s = &g->sub;
	struct generate_source *src = source_of(s);
	struct weir_error err;
	struct value out;

	if (g->begun) {
		if (rx_fn_call(src->iterate, g->state.v, &rx_no_vars, &out,
			       &err) < 0) {
			rx_finish_error(s, &err);
			return false;
		}
		value_unref(g->state.v);
		g->state.v = out;
	}
	g->begun = true;
	if (rx_fn_call(src->condition, g->state.v, &rx_no_vars, &out, &err) <
	    0) {
		rx_finish_error(s, &err);
		return false;
	}

	bool more = value_truthy(out);

	value_unref(out);
	if (!more)
		rx_finish_done(s);
	return more;
}

static void emit(struct generate *g)
{
	struct value v = value_ref(g->state.v);

	rx_next(g->sub.down, v);
	value_unref(v);
}

static void go_on(struct rx_sub *s)
{
	struct generate *g = CONTAINER_OF(s, struct generate, sub);

	for (uint32_t n = 0; n < RX_SLICE && rx_may_emit(s); n++) {
		if (!advance(g))
			return;
		emit(g);
	}
	if (!s->halted)
		rx_pause_begin(&g->pause, s, go_on);
}

static void start(struct rx_sub *s)
{
	struct generate *g = CONTAINER_OF(s, struct generate, sub);

	g->state = rx_item_hold(source_of(s)->initial);
	go_on(s);
}

static void on_wait_over(struct rx_span *span);

static const struct rx_span_ops span_ops = {.over = on_wait_over};

/* A pause before each span: spans that are over at once do not recurse. */
static void wait_for_next(struct rx_sub *s)
{
	struct generate *g = CONTAINER_OF(s, struct generate, sub);

	if (advance(g) && !rx_span_open(&g->span, s, &span_ops,
					&source_of(s)->wait, g->state.v))
		rx_finish_done(s);
}

static void on_wait_over(struct rx_span *span)
{
	struct generate *g = CONTAINER_OF(span, struct generate, span);
	/* A count of our own: stop lets go of that of the state. */
	struct rx_cause *cause = rx_cause_ref(g->state.cause);
	struct rx_cause *old = rx_cause_enter(cause);

	emit(g);
	if (!g->sub.halted)
		rx_pause_begin(&g->pause, &g->sub, wait_for_next);
	rx_cause_leave(old);
	rx_cause_unref(cause);
}

static void timed_start(struct rx_sub *s)
{
	struct generate *g = CONTAINER_OF(s, struct generate, sub);

	g->state = rx_item_hold(source_of(s)->initial);
	wait_for_next(s);
}

static void stop(struct rx_sub *s)
{
	struct generate *g = CONTAINER_OF(s, struct generate, sub);
	struct rx_item gone = g->state;

	rx_pause_stop(&g->pause);
	rx_span_close(&g->span);
	g->state = (struct rx_item){0};
	rx_item_drop(gone);
}

static void hold(struct rx_sub *s)
{
	rx_pause_held(&CONTAINER_OF(s, struct generate, sub)->pause);
}

static void destroy(struct rx_source *source)
{
	struct generate_source *src =
		CONTAINER_OF(source, struct generate_source, source);

	value_unref(src->initial);
	rx_fn_unref(src->condition);
	rx_fn_unref(src->iterate);
	rx_dur_fini(&src->wait);
}

static const struct rx_source_ops ops = {
	.name = "generate",
	.source_bytes = sizeof(struct generate_source),
	.sub_bytes = sizeof(struct generate),
	.start = start,
	.stop = stop,
	.hold = hold,
	.destroy = destroy,
};

static const struct rx_source_ops timed_ops = {
	.name = "generate_with_relative_time",
	.source_bytes = sizeof(struct generate_source),
	.sub_bytes = sizeof(struct generate),
	.start = timed_start,
	.stop = stop,
	.hold = hold,
	.destroy = destroy,
};

static struct rx_source *generate_new(const struct rx_source_ops *table,
				      struct rx_ctx *ctx, struct value initial,
				      struct rx_fn *condition,
				      struct rx_fn *iterate, struct rx_dur wait)
{
	struct generate_source *src = rx_source_new(table, ctx, NULL);

	src->initial = initial;
	src->condition = condition;
	src->iterate = iterate;
	src->wait = wait;
	return &src->source;
}

struct rx_source *rx_generate(struct rx_ctx *ctx, struct value initial,
			      struct rx_fn *condition, struct rx_fn *iterate)
{
	return generate_new(&ops, ctx, initial, condition, iterate,
			    rx_dur_ms(0));
}

struct rx_source *rx_generate_with_relative_time(struct rx_ctx *ctx,
						 struct value initial,
						 struct rx_fn *condition,
						 struct rx_fn *iterate,
						 struct rx_dur wait)
{
	return generate_new(&timed_ops, ctx, initial, condition, iterate, wait);
}
