/* group_join.c - for each item of the left, a block on the right's items that
 * live while it does.
 *
 *     left                                  -a------------|
 *     right                                 ---1--2---3-|
 *     group_join(@b, 60ms, 20ms) {count}    ------[a2]----|
 *
 * A right item lives its own span too: a left item that comes meanwhile gets
 * it. Each result of a block comes out as [left item, result]. Over when the
 * left has ended and no block is at work.
 */
#include "rx/panes.h"
#include "rx/span.h"

struct join_source {
	struct rx_source source; /* in: the left */
	struct rx_source *right; /* ours */
	struct rx_dur left_lives;
	struct rx_dur right_lives;
	struct rx_block *block;
	uint32_t max;
};

struct join {
	struct rx_sub sub;
	struct rx_inlet right;
	struct rx_panes panes; /* one a left item */
	struct list living;    /* of the right */
	uint32_t n_living;
};

struct left {
	struct rx_pane pane;
	struct rx_span span;
	struct value item; /* ours */
};

struct living {
	struct list link;
	struct rx_span span;
	struct rx_item item;
};

static struct join *join_of(struct rx_sub *s)
{
	return CONTAINER_OF(s, struct join, sub);
}

static struct join_source *source_of(struct rx_sub *s)
{
	return CONTAINER_OF(s->src, struct join_source, source);
}

/* --- the left ------------------------------------------------------------ */

static void emit_pair(struct rx_pane *p, struct value v)
{
	struct left *l = CONTAINER_OF(p, struct left, pane);
	struct value elements[] = {value_ref(l->item), value_ref(v)};
	struct value pair = value_array(elements, 2);

	rx_next(p->panes->owner->down, pair);
	value_unref(pair);
}

static void left_closed(struct rx_pane *p)
{
	rx_span_close(&CONTAINER_OF(p, struct left, pane)->span);
}

static void left_fini(struct rx_pane *p)
{
	value_unref(CONTAINER_OF(p, struct left, pane)->item);
}

static const struct rx_panes_ops panes_ops = {
	.pane_bytes = sizeof(struct left),
	.next = emit_pair,
	.closed = left_closed,
	.fini = left_fini,
};

static void left_over(struct rx_span *span)
{
	rx_pane_close(&CONTAINER_OF(span, struct left, span)->pane);
}

static void span_error(struct rx_span *span, const struct weir_error *err)
{
	rx_panes_fail(&join_of(span->owner)->panes, err);
}

static const struct rx_span_ops left_span_ops = {left_over, span_error};

/* What lives on the right, to a pane that has just opened. Copied, since it may
 * change meanwhile. */
static void give_living(struct join *j, struct rx_pane *p)
{
	struct rx_queue items = {0};

	LIST_FOREACH (link, &j->living) {
		struct rx_item it =
			CONTAINER_OF(link, struct living, link)->item;

		value_ref(it.v);
		rx_cause_ref(it.cause);
		rx_queue_push(&items, it, 0);
	}
	while (items.len && p->is_open) {
		struct rx_item it = rx_queue_pop(&items);
		struct rx_cause *old = rx_cause_enter(it.cause);

		rx_pane_next(p, it.v);
		rx_cause_leave(old);
		rx_item_drop(it);
	}
	rx_queue_clear(&items);
}

static void left_next(struct rx_observer *o, struct value v)
{
	struct rx_sub *s = rx_sub_of(o);
	struct join *j = join_of(s);
	struct rx_pane *p = rx_pane_new(&j->panes);
	struct left *l = CONTAINER_OF(p, struct left, pane);

	l->item = value_ref(v);
	if (!rx_pane_open(p, v, value_null(), false))
		return;
	give_living(j, p);
	if (p->is_open && !rx_span_open(&l->span, s, &left_span_ops,
					&source_of(s)->left_lives, v))
		rx_pane_close(p);
}

static void left_error(struct rx_observer *o, const struct weir_error *err)
{
	rx_panes_fail(&join_of(rx_sub_of(o))->panes, err);
}

static void left_done(struct rx_observer *o)
{
	rx_panes_end(&join_of(rx_sub_of(o))->panes);
}

/* --- the right ----------------------------------------------------------- */

static void bury(struct join *j, struct living *l)
{
	struct rx_item it = l->item;

	list_remove(&l->link);
	j->n_living--;
	rx_span_close(&l->span);
	slab_free(l, sizeof *l);
	rx_item_drop(it);
}

static void right_over(struct rx_span *span)
{
	bury(join_of(span->owner), CONTAINER_OF(span, struct living, span));
}

static const struct rx_span_ops right_span_ops = {right_over, span_error};

static void right_next(struct rx_observer *o, struct value v)
{
	struct rx_sub *s = rx_inlet_of(o)->owner;
	struct join *j = join_of(s);
	struct living *l;

	if (j->n_living >= source_of(s)->max) {
		rx_item_refused(s, v, j->n_living, "max_buffer");
		return;
	}
	l = slab_zalloc(sizeof *l);
	l->item = rx_item_hold(v);
	list_push(&j->living, &l->link);
	j->n_living++;
	if (rx_span_open(&l->span, s, &right_span_ops,
			 &source_of(s)->right_lives, v))
		rx_panes_next(&j->panes, v);
	else if (!s->halted) /* else stop has buried it */
		bury(j, l);
}

static void right_error(struct rx_observer *o, const struct weir_error *err)
{
	rx_panes_fail(&join_of(rx_inlet_of(o)->owner)->panes, err);
}

static void right_done(struct rx_observer *o)
{
	rx_inlet_close(rx_inlet_of(o));
}

static const struct rx_observer_ops right_ops = {right_next, right_error,
						 right_done};

/* --- both ---------------------------------------------------------------- */

static void start(struct rx_sub *s)
{
	struct join *j = join_of(s);

	rx_panes_init(&j->panes, &panes_ops, s, source_of(s)->block);
	list_init(&j->living);
	rx_subscribe_in(s);
	if (!s->halted)
		rx_inlet_open(&j->right, s, &right_ops, source_of(s)->right);
}

static void stop(struct rx_sub *s)
{
	struct join *j = join_of(s);

	rx_inlet_close(&j->right);
	rx_panes_stop(&j->panes);
	while (!list_empty(&j->living))
		bury(j, CONTAINER_OF(j->living.next, struct living, link));
}

static void destroy(struct rx_source *source)
{
	struct join_source *src =
		CONTAINER_OF(source, struct join_source, source);

	rx_source_unref(src->right);
	rx_dur_fini(&src->left_lives);
	rx_dur_fini(&src->right_lives);
	rx_block_unref(src->block);
}

static const struct rx_source_ops ops = {
	.name = "group_join",
	.source_bytes = sizeof(struct join_source),
	.sub_bytes = sizeof(struct join),
	.in = {left_next, left_error, left_done},
	.start = start,
	.stop = stop,
	.destroy = destroy,
};

struct rx_source *rx_group_join(struct rx_source *left, struct rx_source *right,
				struct rx_dur left_lives,
				struct rx_dur right_lives,
				struct rx_block *inner, uint32_t max_buffer)
{
	struct join_source *src = rx_source_new(&ops, NULL, left);

	src->right = right;
	src->left_lives = left_lives;
	src->right_lives = right_lives;
	src->block = inner;
	src->max = max_buffer ? max_buffer : RX_MAX_BUFFER_DEFAULT;
	return &src->source;
}
