/* group_by.c - the items of each key through a pipeline of their own.
 *
 *     source                       -a1-b1-a2-b2-|
 *     group_by(.k) { .. }           |  |
 *        block on group a          -a1----a2----|
 *        block on group b          ----b1----b2-|     results merged
 *
 * A group lives until the source ends, until it was quiet for idle_ms, or until
 * the span of group_by_until is over; the next item of its key then opens a new
 * one. The idle timer is moved lazily: an item only notes the new deadline.
 */
#include "rx/keys.h"
#include "rx/panes.h"
#include "rx/span.h"

struct group_source {
	struct rx_source source;
	struct rx_fn *key;
	struct rx_fn *element; /* NULL: the item itself */
	struct rx_block *block;
	struct rx_group_by_opts opts;
	struct rx_dur until;
	bool has_until;
};

struct group_by {
	struct rx_sub sub;
	struct rx_panes panes;
	struct rx_keys groups; /* key to struct group *, the open ones */
};

struct group {
	struct rx_pane pane;
	struct value key; /* ours */
};

/* What only a group that ends before the source has: there may be a million of
 * the others. */
struct timed_group {
	struct group group;
	struct rx_timer idle;
	int64_t idle_at_ms;
	struct rx_span until;
};

static struct group_source *source_of(const struct group_by *g)
{
	return CONTAINER_OF(g->sub.src, struct group_source, source);
}

static bool is_timed(const struct group_source *src)
{
	return src->opts.idle_ms || src->has_until;
}

static struct timed_group *timed_of(struct group *gr)
{
	return CONTAINER_OF(gr, struct timed_group, group);
}

static struct group_by *owner_of(const struct rx_pane *p)
{
	return CONTAINER_OF(p->panes->owner, struct group_by, sub);
}

static void group_closed(struct rx_pane *p)
{
	rx_keys_remove(&owner_of(p)->groups,
		       CONTAINER_OF(p, struct group, pane)->key);
}

static void timed_group_closed(struct rx_pane *p)
{
	struct timed_group *t = CONTAINER_OF(p, struct timed_group, group.pane);

	group_closed(p);
	rx_timer_stop(rx_sched_of(p->panes->owner), &t->idle);
	rx_span_close(&t->until);
}

static void group_fini(struct rx_pane *p)
{
	value_unref(CONTAINER_OF(p, struct group, pane)->key);
}

static const struct rx_panes_ops panes_ops = {
	.pane_bytes = sizeof(struct group),
	.closed = group_closed,
	.fini = group_fini,
};

static const struct rx_panes_ops timed_panes_ops = {
	.pane_bytes = sizeof(struct timed_group),
	.closed = timed_group_closed,
	.fini = group_fini,
};

static void on_idle(struct rx_timer *timer)
{
	struct timed_group *t = CONTAINER_OF(timer, struct timed_group, idle);
	struct rx_pane *p = &t->group.pane;
	struct rx_sub *s = p->panes->owner;

	if (t->idle_at_ms > rx_now_ms(s))
		rx_timer_start(rx_sched_of(s), timer, t->idle_at_ms, on_idle);
	else
		rx_pane_close(p);
}

static void on_until(struct rx_span *span)
{
	rx_pane_close(
		&CONTAINER_OF(span, struct timed_group, until)->group.pane);
}

static void on_until_error(struct rx_span *span, const struct weir_error *err)
{
	struct timed_group *t = CONTAINER_OF(span, struct timed_group, until);

	rx_panes_fail(t->group.pane.panes, err);
}

static const struct rx_span_ops until_ops = {on_until, on_until_error};

/* Begins what ends gr before the source; v opened it. */
static void time_group(struct group_by *g, struct group *gr, struct value v)
{
	struct group_source *src = source_of(g);
	struct timed_group *t = timed_of(gr);

	if (src->opts.idle_ms)
		rx_timer_start(rx_sched_of(&g->sub), &t->idle,
			       rx_deadline_ms(&g->sub, src->opts.idle_ms),
			       on_idle);
	if (src->has_until &&
	    !rx_span_open(&t->until, &g->sub, &until_ops, &src->until, v))
		rx_pane_close(&gr->pane);
}

/* Takes key. NULL when there is no group to put v into, which is dealt with. */
static struct group *open_group(struct group_by *g, struct value key,
				struct value v)
{
	struct group_source *src = source_of(g);

	if (g->groups.n >= src->opts.max_groups) {
		rx_item_refused(&g->sub, v, g->groups.n, "max_groups");
		value_unref(key);
		return NULL;
	}

	struct group *gr =
		CONTAINER_OF(rx_pane_new(&g->panes), struct group, pane);

	gr->key = key;
	rx_keys_add(&g->groups, key, (uintptr_t)gr);
	if (!rx_pane_open(&gr->pane, v, key, true))
		return NULL;
	if (is_timed(src))
		time_group(g, gr, v);
	return gr->pane.is_open ? gr : NULL;
}

static void on_next(struct rx_observer *o, struct value v)
{
	struct group_by *g = CONTAINER_OF(o, struct group_by, sub.up);
	struct group_source *src = source_of(g);
	struct value key, element = v;

	if (!rx_apply(&g->sub, src->key, v, -1, &key))
		return;

	uintptr_t *found = rx_keys_find(&g->groups, key);
	struct group *gr;

	if (found) {
		gr = (struct group *)*found;
		value_unref(key);
	} else {
		gr = open_group(g, key, v);
	}
	if (!gr ||
	    (src->element && !rx_apply(&g->sub, src->element, v, -1, &element)))
		return;
	if (src->opts.idle_ms)
		timed_of(gr)->idle_at_ms =
			rx_deadline_ms(&g->sub, src->opts.idle_ms);
	rx_pane_next(&gr->pane, element);
	if (src->element)
		value_unref(element);
}

static void on_error(struct rx_observer *o, const struct weir_error *err)
{
	rx_panes_fail(&CONTAINER_OF(o, struct group_by, sub.up)->panes, err);
}

static void on_done(struct rx_observer *o)
{
	struct group_by *g = CONTAINER_OF(o, struct group_by, sub.up);

	rx_panes_close_all(&g->panes);
	rx_panes_end(&g->panes);
}

static void start(struct rx_sub *s)
{
	struct group_by *g = CONTAINER_OF(s, struct group_by, sub);

	rx_panes_init(&g->panes,
		      is_timed(source_of(g)) ? &timed_panes_ops : &panes_ops, s,
		      source_of(g)->block);
	rx_subscribe_in(s);
}

static void stop(struct rx_sub *s)
{
	struct group_by *g = CONTAINER_OF(s, struct group_by, sub);

	rx_panes_stop(&g->panes);
	rx_keys_clear(&g->groups);
}

static void destroy(struct rx_source *source)
{
	struct group_source *src =
		CONTAINER_OF(source, struct group_source, source);

	rx_fn_unref(src->key);
	rx_fn_unref(src->element);
	rx_block_unref(src->block);
	rx_dur_fini(&src->until);
}

static const struct rx_source_ops ops = {
	.name = "group_by",
	.source_bytes = sizeof(struct group_source),
	.sub_bytes = sizeof(struct group_by),
	.count = offsetof(struct group_by, groups.n),
	.in = {on_next, on_error, on_done},
	.start = start,
	.stop = stop,
	.destroy = destroy,
};

static struct group_source *group_new(struct rx_source *in, struct rx_fn *key,
				      struct rx_fn *element,
				      struct rx_block *inner,
				      struct rx_group_by_opts opts)
{
	struct group_source *src = rx_source_new(&ops, NULL, in);

	src->key = key;
	src->element = element;
	src->block = inner;
	src->opts = opts;
	if (!src->opts.max_groups)
		src->opts.max_groups = RX_MAX_GROUPS_DEFAULT;
	return src;
}

struct rx_source *rx_group_by(struct rx_source *in, struct rx_fn *key,
			      struct rx_fn *element, struct rx_block *inner,
			      struct rx_group_by_opts opts)
{
	return &group_new(in, key, element, inner, opts)->source;
}

struct rx_source *rx_group_by_until(struct rx_source *in, struct rx_fn *key,
				    struct rx_fn *element, struct rx_dur until,
				    struct rx_block *inner,
				    struct rx_group_by_opts opts)
{
	struct group_source *src = group_new(in, key, element, inner, opts);

	src->until = until;
	src->has_until = true;
	return &src->source;
}
