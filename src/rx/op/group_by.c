/* group_by.c - the items of each key through a pipeline of their own.
 *
 *     source                    -a1-b1-a2-b2-|
 *     group_by(key) { .. }       |  |
 *        group a                -a1----a2----|    `-> results merged
 *        group b                ----b1----b2-|
 *
 * A group is a subject with the block behind it. It lives until the source
 * ends, its block fails, or it was idle for idle_ms; the next item of its key
 * then opens a new one. A source error reaches every group and the outcome.
 *
 * Groups are found by value_hash in a table that grows with them.
 */
#include "rx/op.h"

#include "rx/subject.h"

struct group_source {
	struct rx_source source;
	struct rx_fn *key;
	struct rx_fn *element; /* NULL: the item itself */
	struct rx_block *block;
	struct rx_group_by_opts opts;
};

struct group_by {
	struct rx_sub sub;
	struct group **table; /* ours; chains by hash */
	uint32_t cap;         /* a power of two, or 0 */
	uint32_t n;           /* groups in the table */
	struct list groups;   /* all, in the order of their opening */
	uint32_t open;	      /* groups whose block has not ended */
	bool source_done;
};

struct group {
	struct rx_inlet inlet;      /* what comes out of the block */
	struct group *next;         /* in its chain */
	struct list link;           /* in open */
	struct rx_subject *subject; /* ours; NULL once it takes nothing more */
	struct value key;           /* ours */
	uint64_t hash;
	struct rx_timer idle;
	int64_t idle_at_ms;
	struct rx_later grave;
	bool in_table;
	bool block_ended;
};

static struct group_source *source_of(struct group_by *g)
{
	return CONTAINER_OF(g->sub.src, struct group_source, source);
}

static struct group_by *owner_of(struct group *gr)
{
	return CONTAINER_OF(gr->inlet.owner, struct group_by, sub);
}

static struct group *group_of(struct rx_observer *up)
{
	return CONTAINER_OF(rx_inlet_of(up), struct group, inlet);
}

/* --- the table ------------------------------------------------------------ */

static struct group *find(struct group_by *g, struct value key, uint64_t hash)
{
	struct group *gr = g->cap ? g->table[hash & (g->cap - 1)] : NULL;

	while (gr && !(gr->hash == hash && value_equal(gr->key, key)))
		gr = gr->next;
	return gr;
}

static void grow(struct group_by *g)
{
	uint32_t cap = g->cap ? g->cap * 2 : 16;
	struct group **table = mem_zalloc(cap * sizeof *table);

	for (uint32_t i = 0; i < g->cap; i++) {
		while (g->table[i]) {
			struct group *gr = g->table[i];

			g->table[i] = gr->next;
			gr->next = table[gr->hash & (cap - 1)];
			table[gr->hash & (cap - 1)] = gr;
		}
	}
	mem_free(g->table);
	g->table = table;
	g->cap = cap;
}

static void put(struct group_by *g, struct group *gr)
{
	if (g->n >= g->cap)
		grow(g);
	gr->next = g->table[gr->hash & (g->cap - 1)];
	g->table[gr->hash & (g->cap - 1)] = gr;
	gr->in_table = true;
	g->n++;
}

static void take_out(struct group_by *g, struct group *gr)
{
	struct group **at = &g->table[gr->hash & (g->cap - 1)];

	if (!gr->in_table)
		return;
	while (*at != gr)
		at = &(*at)->next;
	*at = gr->next;
	gr->in_table = false;
	g->n--;
}

/* --- a group's end -----------------------------------------------------------
 */

static void free_group(struct rx_later *l)
{
	struct group *gr = CONTAINER_OF(l, struct group, grave);

	rx_subject_destroy(gr->subject);
	value_unref(gr->key);
	slab_free(gr, sizeof *gr);
}

static void block_over(struct group_by *g, struct group *gr)
{
	if (!gr->block_ended)
		g->open--;
	gr->block_ended = true;
}

/* It hears nothing more and gives nothing more. */
static void bury(struct group_by *g, struct group *gr)
{
	if (gr->grave.fn)
		return;
	take_out(g, gr);
	block_over(g, gr);
	list_remove(&gr->link);
	rx_timer_stop(rx_sched_of(&g->sub), &gr->idle);
	rx_inlet_close(&gr->inlet);
	gr->grave.fn = free_group;
	rx_sched_later(rx_sched_of(&g->sub), &gr->grave);
}

static void end_when_all_ended(struct group_by *g)
{
	if (g->source_done && !g->open)
		rx_finish_done(&g->sub);
}

static void inner_next(struct rx_observer *up, struct value v)
{
	rx_next(rx_inlet_of(up)->owner->down, v);
}

static void inner_error(struct rx_observer *up, const struct weir_error *err)
{
	struct group *gr = group_of(up);
	struct group_by *g = owner_of(gr);

	rx_item_failed(&g->sub, err);
	bury(g, gr);
	end_when_all_ended(g);
}

/* A block may end before its group does (take): the group then lets its items
 * fall until it ends itself. */
static void inner_done(struct rx_observer *up)
{
	struct group *gr = group_of(up);
	struct group_by *g = owner_of(gr);

	block_over(g, gr);
	if (gr->in_table)
		rx_inlet_close(&gr->inlet);
	else
		bury(g, gr);
	end_when_all_ended(g);
}

static const struct rx_observer_ops inner_ops = {inner_next, inner_error,
                                                 inner_done};

static void on_idle(struct rx_timer *t)
{
	struct group *gr = CONTAINER_OF(t, struct group, idle);
	struct group_by *g = owner_of(gr);

	if (gr->idle_at_ms > rx_now_ms(&g->sub)) {
		rx_timer_start(rx_sched_of(&g->sub), t, gr->idle_at_ms,
		               on_idle);
		return;
	}
	take_out(g, gr);
	if (gr->block_ended)
		bury(g, gr);
	else
		rx_done(rx_subject_observer(gr->subject));
}

/* --- items
 * ---------------------------------------------------------------------- */

/* Takes key. NULL: an item error, dealt with. */
static struct group *open_group(struct group_by *g, struct value key,
                                uint64_t hash, struct value v)
{
	struct group_source *src = source_of(g);
	struct weir_error err;
	struct group *gr;

	if (g->n >= src->opts.max_groups) {
		rx_item_refused(&g->sub, g->n, "max_groups");
		value_unref(key);
		return NULL;
	}
	gr = slab_zalloc(sizeof *gr);
	gr->key = key;
	gr->hash = hash;
	gr->inlet.owner = &g->sub;
	gr->subject = rx_subject_create_remembering(src->source.ctx);
	list_init(&gr->link);

	struct rx_inner in = {.source = rx_subject_source(gr->subject),
	                      .item = v,
	                      .key = key,
	                      .index = -1,
	                      .has_key = true};
	struct rx_source *stream =
	        src->block->ops->build(src->block, &in, &err);

	if (!stream) {
		rx_item_failed(&g->sub, &err);
		free_group(&gr->grave);
		return NULL;
	}
	put(g, gr);
	list_push(&g->groups, &gr->link);
	g->open++;
	if (src->opts.idle_ms) {
		gr->idle_at_ms = rx_deadline_ms(&g->sub, src->opts.idle_ms);
		rx_timer_start(rx_sched_of(&g->sub), &gr->idle, gr->idle_at_ms,
		               on_idle);
	}
	rx_inlet_open(&gr->inlet, &g->sub, &inner_ops, stream);
	rx_source_unref(stream);
	return g->sub.halted || gr->grave.fn ? NULL : gr;
}

static void on_next(struct rx_observer *o, struct value v)
{
	struct group_by *g = CONTAINER_OF(o, struct group_by, sub.up);
	struct group_source *src = source_of(g);
	struct value key;
	struct value element;

	if (!rx_apply(&g->sub, src->key, v, -1, &key))
		return;

	uint64_t hash = value_hash(key);
	struct group *gr = find(g, key, hash);

	if (gr)
		value_unref(key);
	else
		gr = open_group(g, key, hash, v);
	if (!gr || !rx_apply(&g->sub, src->element, v, -1, &element))
		return;
	if (src->opts.idle_ms)
		gr->idle_at_ms = rx_deadline_ms(&g->sub, src->opts.idle_ms);
	rx_next(rx_subject_observer(gr->subject), element);
	value_unref(element);
}

static void on_error(struct rx_observer *o, const struct weir_error *err)
{
	struct group_by *g = CONTAINER_OF(o, struct group_by, sub.up);

	rx_finish_error(&g->sub, err);
}

/* Told in the order of their opening. They may change meanwhile, so each goes to
 * the end of the list before it is told. */
static void on_done(struct rx_observer *o)
{
	struct group_by *g = CONTAINER_OF(o, struct group_by, sub.up);
	uint32_t left = 0;

	g->source_done = true;
	LIST_FOREACH (l, &g->groups)
		left++;
	while (left-- && !list_empty(&g->groups)) {
		struct list *first = list_pop(&g->groups);
		struct group *gr = CONTAINER_OF(first, struct group, link);

		list_push(&g->groups, first);
		if (!gr->in_table)
			continue;
		take_out(g, gr);
		if (gr->block_ended)
			bury(g, gr);
		else
			rx_done(rx_subject_observer(gr->subject));
	}
	end_when_all_ended(g);
}

static void start(struct rx_sub *s)
{
	list_init(&CONTAINER_OF(s, struct group_by, sub)->groups);
	rx_subscribe_in(s);
}

static void stop(struct rx_sub *s)
{
	struct group_by *g = CONTAINER_OF(s, struct group_by, sub);

	while (!list_empty(&g->groups))
		bury(g, CONTAINER_OF(g->groups.next, struct group, link));
}

static void fini(struct rx_sub *s)
{
	mem_free(CONTAINER_OF(s, struct group_by, sub)->table);
}

static void destroy(struct rx_source *source)
{
	struct group_source *src =
	        CONTAINER_OF(source, struct group_source, source);

	rx_fn_unref(src->key);
	rx_fn_unref(src->element);
	rx_block_unref(src->block);
}

static const struct rx_source_ops ops = {
        .name = "group_by",
        .source_bytes = sizeof(struct group_source),
        .sub_bytes = sizeof(struct group_by),
        .in = {on_next, on_error, on_done},
        .start = start,
        .stop = stop,
        .fini = fini,
        .destroy = destroy,
};

struct rx_source *rx_group_by(struct rx_source *in, struct rx_fn *key,
                              struct rx_fn *element, struct rx_block *inner,
                              struct rx_group_by_opts opts)
{
	struct group_source *src = rx_source_new(&ops, NULL, in);

	src->key = key;
	src->element = element;
	src->block = inner;
	src->opts = opts;
	if (!src->opts.max_groups)
		src->opts.max_groups = RX_MAX_GROUPS_DEFAULT;
	return &src->source;
}
