/* join.c - the pairs of items whose lives overlap.
 *
 *     left                      -a-----b----|
 *     right                     --1--2----3-|
 *     join(@b, 40ms, 40ms)      --[a1][a2][b2][b3]..
 *
 * How long an item lives is asked of it. Over when one side has ended and none
 * of its items lives any more, or when both have ended.
 */
#include "rx/span.h"

enum { LEFT, RIGHT };

struct join_source {
	struct rx_source source; /* in: the left */
	struct rx_source *right; /* ours */
	struct rx_dur lives[2];
	uint32_t max;
};

struct join {
	struct rx_sub sub;
	struct rx_inlet right;
	struct side {
		struct list living;
		uint32_t n;
		bool done;
	} sides[2];
};

struct living {
	struct list link;
	struct rx_span span;
	struct rx_item item;
	int side;
};

static struct join *join_of(struct rx_sub *s)
{
	return CONTAINER_OF(s, struct join, sub);
}

static struct join_source *source_of(struct rx_sub *s)
{
	return CONTAINER_OF(s->src, struct join_source, source);
}

static void bury(struct join *j, struct living *l)
{
	struct rx_item it = l->item;

	list_remove(&l->link);
	j->sides[l->side].n--;
	rx_span_close(&l->span);
	slab_free(l, sizeof *l);
	rx_item_drop(it);
}

static void on_over(struct rx_span *span)
{
	struct living *l = CONTAINER_OF(span, struct living, span);
	struct join *j = join_of(span->owner);
	struct side *side = &j->sides[l->side];

	bury(j, l);
	if (side->done && !side->n)
		rx_finish_done(&j->sub);
}

static const struct rx_span_ops span_ops = {.over = on_over};

/* The partners are copied: they may come and go while pairs are handed on. */
static void emit_pairs(struct join *j, int side, struct value v)
{
	struct rx_queue partners = {0};
	struct rx_item own = rx_item_hold(v);

	LIST_FOREACH (link, &j->sides[!side].living) {
		struct rx_item it =
			CONTAINER_OF(link, struct living, link)->item;

		value_ref(it.v);
		rx_cause_ref(it.cause);
		rx_queue_push(&partners, it, 0);
	}
	while (partners.len && !j->sub.halted) {
		struct rx_item pair[2];

		pair[side] = own;
		pair[!side] = rx_queue_pop(&partners);

		struct value elements[] = {value_ref(pair[LEFT].v),
					   value_ref(pair[RIGHT].v)};
		struct rx_item both = {value_array(elements, 2),
				       rx_cause_join(pair, 2)};

		rx_item_drop(pair[!side]);
		rx_emit_item(&j->sub, both);
	}
	rx_queue_clear(&partners);
	rx_item_drop(own);
}

static void take(struct join *j, int side, struct value v)
{
	struct join_source *src = source_of(&j->sub);
	struct living *l;

	if (j->sides[side].n >= src->max) {
		rx_item_refused(&j->sub, v, j->sides[side].n, "max_buffer");
		return;
	}
	l = slab_zalloc(sizeof *l);
	l->item = rx_item_hold(v);
	l->side = side;
	list_push(&j->sides[side].living, &l->link);
	j->sides[side].n++;
	if (rx_span_open(&l->span, &j->sub, &span_ops, &src->lives[side], v))
		emit_pairs(j, side, v);
	else if (!j->sub.halted) /* else stop has buried it */
		bury(j, l);
}

static void finish(struct join *j, int side)
{
	j->sides[side].done = true;
	if (j->sides[!side].done || !j->sides[side].n)
		rx_finish_done(&j->sub);
}

static void left_next(struct rx_observer *o, struct value v)
{
	take(join_of(rx_sub_of(o)), LEFT, v);
}

static void left_done(struct rx_observer *o)
{
	finish(join_of(rx_sub_of(o)), LEFT);
}

static void right_next(struct rx_observer *o, struct value v)
{
	take(join_of(rx_inlet_of(o)->owner), RIGHT, v);
}

static void right_done(struct rx_observer *o)
{
	finish(join_of(rx_inlet_of(o)->owner), RIGHT);
}

static const struct rx_observer_ops right_ops = {right_next,
						 rx_inlet_pass_error,
						 right_done};

static void start(struct rx_sub *s)
{
	struct join *j = join_of(s);

	list_init(&j->sides[LEFT].living);
	list_init(&j->sides[RIGHT].living);
	rx_subscribe_in(s);
	if (!s->halted)
		rx_inlet_open(&j->right, s, &right_ops, source_of(s)->right);
}

static void stop(struct rx_sub *s)
{
	struct join *j = join_of(s);

	rx_inlet_close(&j->right);
	for (int side = LEFT; side <= RIGHT; side++)
		while (!list_empty(&j->sides[side].living))
			bury(j, CONTAINER_OF(j->sides[side].living.next,
					     struct living, link));
}

static void destroy(struct rx_source *source)
{
	struct join_source *src =
		CONTAINER_OF(source, struct join_source, source);

	rx_source_unref(src->right);
	rx_dur_fini(&src->lives[LEFT]);
	rx_dur_fini(&src->lives[RIGHT]);
}

static const struct rx_source_ops ops = {
	.name = "join",
	.source_bytes = sizeof(struct join_source),
	.sub_bytes = sizeof(struct join),
	.in = {left_next, rx_pass_error, left_done},
	.start = start,
	.stop = stop,
	.destroy = destroy,
};

struct rx_source *rx_join(struct rx_source *left, struct rx_source *right,
			  struct rx_dur left_lives, struct rx_dur right_lives,
			  uint32_t max_buffer)
{
	struct join_source *src = rx_source_new(&ops, NULL, left);

	src->right = right;
	src->lives[LEFT] = left_lives;
	src->lives[RIGHT] = right_lives;
	src->max = max_buffer ? max_buffer : RX_MAX_BUFFER_DEFAULT;
	return &src->source;
}
