/* window_with_count.c - stretches of n items, a new one begun every skip items.
 *
 *     source                               -a--b--c--d-|
 *     window_with_count(2) { to_list }     ----[ab]--[cd]-([]|)
 *
 * The next window opens with the item that closes the one before, so that the
 * last may stay empty; it counts all the same. Windows are numbered: one whose
 * block failed is gone before its turn, and the next is not closed for it.
 */
#include "rx/panes.h"

struct count_source {
	struct rx_source source;
	uint32_t n;
	uint32_t skip;
	struct rx_block *block;
};

struct count {
	struct rx_sub sub;
	struct rx_panes panes;
	uint64_t items; /* so far */
};

static const struct rx_panes_ops panes_ops = {
	.pane_bytes = sizeof(struct rx_pane),
};

static struct count *count_of(struct rx_sub *s)
{
	return CONTAINER_OF(s, struct count, sub);
}

static struct count_source *source_of(const struct count *c)
{
	return CONTAINER_OF(c->sub.src, struct count_source, source);
}

static void open_window(struct count *c)
{
	rx_pane_open(rx_pane_new(&c->panes), value_null(), value_null(), false);
}

static void on_next(struct rx_observer *o, struct value v)
{
	struct count *c = count_of(rx_sub_of(o));
	struct count_source *src = source_of(c);

	rx_panes_next(&c->panes, v);
	if (c->sub.halted)
		return;
	c->items++;
	/* Window number k is closed by item k * skip + n. */
	if (c->items == c->panes.turn * src->skip + src->n)
		rx_panes_close_turn(&c->panes);
	if (!c->sub.halted && c->items % src->skip == 0)
		open_window(c);
}

static void on_error(struct rx_observer *o, const struct weir_error *err)
{
	rx_panes_fail(&count_of(rx_sub_of(o))->panes, err);
}

static void on_done(struct rx_observer *o)
{
	struct count *c = count_of(rx_sub_of(o));

	rx_panes_close_all(&c->panes);
	rx_panes_end(&c->panes);
}

static void start(struct rx_sub *s)
{
	struct count *c = count_of(s);

	rx_panes_init(&c->panes, &panes_ops, s, source_of(c)->block);
	open_window(c);
	if (!s->halted)
		rx_subscribe_in(s);
}

static void stop(struct rx_sub *s)
{
	rx_panes_stop(&count_of(s)->panes);
}

static void destroy(struct rx_source *src)
{
	rx_block_unref(CONTAINER_OF(src, struct count_source, source)->block);
}

static const struct rx_source_ops ops = {
	.name = "window_with_count",
	.source_bytes = sizeof(struct count_source),
	.sub_bytes = sizeof(struct count),
	.in = {on_next, on_error, on_done},
	.start = start,
	.stop = stop,
	.destroy = destroy,
};

struct rx_source *rx_window_with_count(struct rx_source *in, uint32_t n,
				       uint32_t skip, struct rx_block *inner)
{
	struct count_source *src = rx_source_new(&ops, NULL, in);

	src->n = MAX(n, 1);
	src->skip = MAX(skip, 1);
	src->block = inner;
	return &src->source;
}
