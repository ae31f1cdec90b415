/* window_until.c - windows that an item closes, by a predicate.
 *
 *     source                             -1-2-9-3-8-|
 *     window_until('. > 7') { to_list }  -----X---Y-|   X = [1,2,9]  Y = [3,8]
 *     window_while('. < 7') { to_list }  -----X---Y-|   X = [1,2]    Y = [3]
 *
 * until: the item that matches closes the window and belongs to it. while: an
 * item that does not match closes the window and is dropped. A window is opened
 * by its first item, so none is empty. When a block has failed, the rest of its
 * window falls: the next one begins where it would have begun anyway.
 * Source: Reactor, windowUntil and windowWhile.
 */
#include "rx/panes.h"

struct until_source {
	struct rx_source source;
	struct rx_fn *predicate;
	struct rx_block *block;
};

struct until {
	struct rx_sub sub;
	struct rx_panes panes;
	bool within; /* a window has begun and is not over */
};

static const struct rx_panes_ops panes_ops = {
	.pane_bytes = sizeof(struct rx_pane),
};

static struct until *until_of(struct rx_sub *s)
{
	return CONTAINER_OF(s, struct until, sub);
}

static struct until_source *source_of(struct rx_sub *s)
{
	return CONTAINER_OF(s->src, struct until_source, source);
}

static void give(struct until *u, struct value v)
{
	if (!u->within) {
		u->within = true;
		rx_pane_open(rx_pane_new(&u->panes), v, value_null(), false);
	}
	if (!u->sub.halted)
		rx_panes_next(&u->panes, v);
}

/* Each window is one pane, so their turns are the windows' numbers. What its
 * block gives now may bring an item, which opens the next one. */
static void close_window(struct until *u)
{
	u->within = false;
	rx_panes_close_turn(&u->panes);
}

static void until_next(struct rx_observer *o, struct value v)
{
	struct until *u = until_of(rx_sub_of(o));
	int matches = rx_test(&u->sub, source_of(&u->sub)->predicate, v, -1);
	uint64_t no = u->panes.turn;

	if (matches < 0)
		return;
	give(u, v);
	/* Another match may have come, and closed it, while v was given. */
	if (matches && !u->sub.halted && u->panes.turn == no)
		close_window(u);
}

static void while_next(struct rx_observer *o, struct value v)
{
	struct until *u = until_of(rx_sub_of(o));
	int matches = rx_test(&u->sub, source_of(&u->sub)->predicate, v, -1);

	if (matches > 0)
		give(u, v);
	else if (matches == 0 && u->within)
		close_window(u);
}

static void on_error(struct rx_observer *o, const struct weir_error *err)
{
	rx_panes_fail(&until_of(rx_sub_of(o))->panes, err);
}

static void on_done(struct rx_observer *o)
{
	struct until *u = until_of(rx_sub_of(o));

	rx_panes_close_all(&u->panes);
	rx_panes_end(&u->panes);
}

static void start(struct rx_sub *s)
{
	rx_panes_init(&until_of(s)->panes, &panes_ops, s, source_of(s)->block);
	rx_subscribe_in(s);
}

static void stop(struct rx_sub *s)
{
	rx_panes_stop(&until_of(s)->panes);
}

static void destroy(struct rx_source *source)
{
	struct until_source *src =
		CONTAINER_OF(source, struct until_source, source);

	rx_fn_unref(src->predicate);
	rx_block_unref(src->block);
}

static const struct rx_source_ops until_ops = {
	.name = "window_until",
	.source_bytes = sizeof(struct until_source),
	.sub_bytes = sizeof(struct until),
	.in = {until_next, on_error, on_done},
	.start = start,
	.stop = stop,
	.destroy = destroy,
};

static const struct rx_source_ops while_ops = {
	.name = "window_while",
	.source_bytes = sizeof(struct until_source),
	.sub_bytes = sizeof(struct until),
	.in = {while_next, on_error, on_done},
	.start = start,
	.stop = stop,
	.destroy = destroy,
};

static struct rx_source *until_new(const struct rx_source_ops *ops,
				   struct rx_source *in,
				   struct rx_fn *predicate,
				   struct rx_block *inner)
{
	struct until_source *src = rx_source_new(ops, NULL, in);

	src->predicate = predicate;
	src->block = inner;
	return &src->source;
}

struct rx_source *rx_window_until(struct rx_source *in, struct rx_fn *predicate,
				  struct rx_block *inner)
{
	return until_new(&until_ops, in, predicate, inner);
}

struct rx_source *rx_window_while(struct rx_source *in, struct rx_fn *predicate,
				  struct rx_block *inner)
{
	return until_new(&while_ops, in, predicate, inner);
}
