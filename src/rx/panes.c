/* panes.c - see panes.h. A pane's memory goes when nobody is inside it. */
#include "rx/panes.h"

static struct rx_pane *first_of(struct list *head)
{
	return CONTAINER_OF(head->next, struct rx_pane, link);
}

static struct rx_pane *pane_of(struct rx_observer *up)
{
	return CONTAINER_OF(rx_inlet_of(up), struct rx_pane, out);
}

static void end_when_idle(struct rx_panes *ps)
{
	if (ps->source_done && !ps->working)
		rx_finish_done(ps->owner);
}

static void free_pane(struct rx_later *l)
{
	struct rx_pane *p = CONTAINER_OF(l, struct rx_pane, grave);
	const struct rx_panes_ops *ops = p->panes->ops;

	rx_subject_destroy(p->subject);
	if (ops->fini)
		ops->fini(p);
	slab_free(p, ops->pane_bytes);
}

static void take_from_open(struct rx_pane *p)
{
	if (!p->is_open)
		return;
	p->is_open = false;
	p->panes->n_open--;
	if (p->panes->ops->closed)
		p->panes->ops->closed(p);
}

/* It hears nothing more and gives nothing more. */
static void bury(struct rx_pane *p)
{
	if (p->buried)
		return;
	p->buried = true;
	take_from_open(p);
	if (!p->block_ended) {
		p->block_ended = true;
		p->panes->working--;
	}
	list_remove(&p->link);
	rx_inlet_close(&p->out);
	p->grave.fn = free_pane;
	rx_sched_later(rx_sched_of(p->panes->owner), &p->grave);
}

static void out_next(struct rx_observer *up, struct value v)
{
	struct rx_pane *p = pane_of(up);

	if (p->panes->ops->next)
		p->panes->ops->next(p, v);
	else
		rx_next(p->panes->owner->down, v);
}

static void out_error(struct rx_observer *up, const struct weir_error *err)
{
	struct rx_pane *p = pane_of(up);
	struct rx_panes *ps = p->panes;

	bury(p);
	if (ps->failing)
		return; /* it hands on what it was told */
	rx_item_failed(ps->owner, err, value_null());
	end_when_idle(ps);
}

static void out_done(struct rx_observer *up)
{
	struct rx_pane *p = pane_of(up);
	struct rx_panes *ps = p->panes;

	p->block_ended = true;
	ps->working--;
	rx_inlet_close(&p->out);
	if (!p->is_open)
		bury(p);
	end_when_idle(ps);
}

static const struct rx_observer_ops out_ops = {out_next, out_error, out_done};

void rx_panes_init(struct rx_panes *ps, const struct rx_panes_ops *ops,
		   struct rx_sub *owner, struct rx_block *block)
{
	ps->ops = ops;
	ps->owner = owner;
	ps->block = block;
	list_init(&ps->open);
	list_init(&ps->closed);
}

void rx_panes_stop(struct rx_panes *ps)
{
	while (!list_empty(&ps->open))
		bury(first_of(&ps->open));
	while (!list_empty(&ps->closed))
		bury(first_of(&ps->closed));
}

struct rx_pane *rx_pane_new(struct rx_panes *ps)
{
	struct rx_pane *p = slab_zalloc(ps->ops->pane_bytes);

	p->panes = ps;
	p->no = ps->made++;
	p->subject = rx_subject_create_remembering(ps->owner->src->ctx);
	list_init(&p->link);
	return p;
}

bool rx_pane_open(struct rx_pane *p, struct value item, struct value key,
		  bool has_key)
{
	struct rx_panes *ps = p->panes;
	struct weir_error err;

	p->is_open = true;
	ps->n_open++;
	ps->working++;
	list_push(&ps->open, &p->link);
	if (ps->source_done) {
		/* What closed the pane before this one ended the source. */
		bury(p);
		return false;
	}

	struct rx_inner in = {
		.source = rx_subject_source(p->subject),
		.item = item,
		.key = key,
		.index = -1,
		.has_key = has_key,
	};
	struct rx_source *stream = ps->block->ops->build(ps->block, &in, &err);

	if (!stream) {
		bury(p);
		rx_item_failed(ps->owner, &err, item);
		return false;
	}
	rx_inlet_open(&p->out, ps->owner, &out_ops, stream);
	rx_source_unref(stream);
	return p->is_open;
}

void rx_pane_next(struct rx_pane *p, struct value v)
{
	rx_next(rx_subject_observer(p->subject), v);
}

void rx_pane_close(struct rx_pane *p)
{
	if (!p->is_open)
		return;
	take_from_open(p);
	list_remove(&p->link);
	list_push(&p->panes->closed, &p->link);
	if (p->block_ended)
		bury(p);
	else
		rx_done(rx_subject_observer(p->subject));
}

/* Panes may open and close meanwhile, by what a block gives. So the list is
 * copied; nobody in it is freed before all have returned. */
void rx_panes_close_turn(struct rx_panes *ps)
{
	uint64_t no = ps->turn++;

	if (list_empty(&ps->open))
		return;

	struct rx_pane *oldest =
		CONTAINER_OF(ps->open.next, struct rx_pane, link);

	if (oldest->no == no)
		rx_pane_close(oldest);
}

void rx_panes_next(struct rx_panes *ps, struct value v)
{
	struct rx_pane *few[16];
	uint32_t n = 0, cap = ps->n_open;
	struct rx_pane **all = few;

	if (cap > ARRAY_LEN(few))
		all = mem_alloc(cap * sizeof *all);
	LIST_FOREACH (l, &ps->open)
		all[n++] = CONTAINER_OF(l, struct rx_pane, link);
	for (uint32_t i = 0; i < n && !ps->owner->halted; i++)
		if (all[i]->is_open)
			rx_pane_next(all[i], v);
	if (all != few)
		mem_free(all);
}

void rx_panes_close_all(struct rx_panes *ps)
{
	while (!list_empty(&ps->open) && !ps->owner->halted)
		rx_pane_close(first_of(&ps->open));
}

void rx_panes_end(struct rx_panes *ps)
{
	ps->source_done = true;
	end_when_idle(ps);
}

void rx_panes_fail(struct rx_panes *ps, const struct weir_error *err)
{
	ps->failing = true;
	while (!list_empty(&ps->open) && !ps->owner->halted) {
		struct rx_pane *p = first_of(&ps->open);

		take_from_open(p);
		list_remove(&p->link);
		list_push(&ps->closed, &p->link);
		rx_error(rx_subject_observer(p->subject), err);
	}
	rx_finish_error(ps->owner, err);
}
