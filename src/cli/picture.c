/* picture.c - records what passes between the stages. See picture.h.
 *
 *     scope (main) --- stage 0: lane
 *        |             stage 1: lane
 *        `- scope (a block of stage 1, for one inner stream): entry lane,
 *              its stages' lanes, scopes inside
 *
 * While the pipeline runs lanes are found by scope and stage; at the end they
 * are put in the order in which they are read: inner streams stand between what
 * comes into their stage and what it gives.
 */
#include "cli/picture.h"

#include "base/mem.h"
#include "cli/marble_lab.h"
#include "flow/ast.h"
#include "flow/table.h"
#include "rx/op.h"

#include <string.h>

#define RUN_MAX_MS    (24 * 3600 * 1000)
#define COLOURS_APART 3	 /* the first items of two inputs */
#define LEAST_FRAMES  30 /* of what has no end of its own */

struct scope {
	struct list link; /* in around's inner */
	struct list inner;
	uint32_t owner; /* number of the stage; of the main one: none */
	struct picture_lane *entry;
	struct picture_lane **stages; /* ours: by number, NULL: not built */
};

struct recorder {
	struct marble_lab lab;
	struct rx_observer watcher;
	struct flow_hooks hooks;
	struct flow *flow;
	struct scope *root;
	struct picture *picture;
	const struct picture_conf *conf;
	uint32_t items;
	bool full;
};

/* --- lanes ---------------------------------------------------------------- */

static struct picture_lane *lane_new(void)
{
	struct picture_lane *l = mem_zalloc(sizeof *l);

	l->from_ms = -1;
	l->to_ms = INT64_MAX;
	return l;
}

static void lane_free(struct picture_lane *l)
{
	if (!l)
		return;
	for (uint32_t i = 0; i < l->n; i++)
		value_unref(l->marks[i].v);
	mem_free(l->marks);
	buf_fini(&l->label);
	mem_free(l);
}

static void mark(struct recorder *r, struct picture_lane *l,
		 enum rx_event_kind kind, struct value v, int colour)
{
	if (l->n == l->cap) {
		l->cap = l->cap ? 2 * l->cap : 8;
		l->marks = mem_realloc(l->marks, l->cap * sizeof *l->marks);
	}
	l->marks[l->n++] =
		(struct picture_mark){rx_sched_now_ms(r->lab.ctx.sched), kind,
				      value_ref(v), colour};
	if (++r->items == PICTURE_ITEMS_MAX) {
		r->full = true;
		marble_lab_stop(&r->lab);
	}
}

/* --- colours ---------------------------------------------------------------
 */

struct colour_cause {
	struct rx_cause cause;
	int colour;
};

static void cause_released(struct rx_cause *c)
{
	mem_free(CONTAINER_OF(c, struct colour_cause, cause));
}

static void look_at_colour(void *arg, struct rx_cause *c)
{
	int *colour = arg;
	int this = CONTAINER_OF(c, struct colour_cause, cause)->colour;

	/* -2: none seen yet */
	*colour = *colour == -2 || *colour == this ? this : PICTURE_NO_COLOUR;
}

static int present_colour(void)
{
	int colour = -2;

	if (rx_cause_now)
		rx_cause_each(rx_cause_now, look_at_colour, &colour);
	return MAX(colour, PICTURE_NO_COLOUR);
}

/* --- listening between stages ----------------------------------------------
 */

struct listener_source {
	struct rx_source source;
	struct recorder *recorder;
	struct picture_lane *lane;
	int colour; /* that its first item gets, of an input; or none */
};

struct listener {
	struct rx_sub sub;
	uint32_t items;
};

static struct listener_source *listens_at(const struct rx_sub *s)
{
	return CONTAINER_OF(s->src, struct listener_source, source);
}

static void on_next(struct rx_observer *o, struct value v)
{
	struct listener *l = CONTAINER_OF(o, struct listener, sub.up);
	struct listener_source *src = listens_at(&l->sub);
	struct rx_cause *old = NULL;
	struct colour_cause *own = NULL;

	if (src->colour >= 0) {
		own = mem_alloc(sizeof *own);
		*own = (struct colour_cause){{1, cause_released},
					     (int)(((uint32_t)src->colour +
						    l->items++) %
						   PICTURE_COLOURS)};
		old = rx_cause_enter(&own->cause);
	}
	mark(src->recorder, src->lane, RX_EVENT_NEXT, v, present_colour());
	if (!l->sub.halted) /* the picture may be full now */
		rx_next(l->sub.down, v);
	if (own) {
		rx_cause_leave(old);
		rx_cause_unref(&own->cause);
	}
}

static void on_error(struct rx_observer *o, const struct weir_error *err)
{
	struct rx_sub *s = rx_sub_of(o);
	struct listener_source *src = listens_at(s);
	struct value v = value_cstr(err->message);

	mark(src->recorder, src->lane, RX_EVENT_ERROR, v, PICTURE_NO_COLOUR);
	value_unref(v);
	rx_finish_error(s, err);
}

static void on_done(struct rx_observer *o)
{
	struct rx_sub *s = rx_sub_of(o);
	struct listener_source *src = listens_at(s);

	mark(src->recorder, src->lane, RX_EVENT_DONE, value_null(),
	     PICTURE_NO_COLOUR);
	rx_finish_done(s);
}

static void start(struct rx_sub *s)
{
	struct picture_lane *lane = listens_at(s)->lane;

	if (lane->from_ms < 0)
		lane->from_ms = rx_now_ms(s);
	lane->to_ms = INT64_MAX;
	rx_subscribe_in(s);
}

static void stop(struct rx_sub *s)
{
	listens_at(s)->lane->to_ms = rx_now_ms(s);
}

static const struct rx_source_ops listener_ops = {
	.name = "picture",
	.source_bytes = sizeof(struct listener_source),
	.sub_bytes = sizeof(struct listener),
	.in = {on_next, on_error, on_done},
	.start = start,
	.stop = stop,
};

/* Takes in. */
static struct rx_source *listen(struct recorder *r, struct picture_lane *lane,
				struct rx_source *in, int colour)
{
	struct listener_source *src = rx_source_new(&listener_ops, NULL, in);

	src->recorder = r;
	src->lane = lane;
	src->colour = colour;
	return &src->source;
}

/* --- scopes ----------------------------------------------------------------
 */

static struct scope *scope_new(struct recorder *r, struct scope *around,
			       uint32_t owner)
{
	struct scope *s = mem_zalloc(sizeof *s);

	list_init(&s->inner);
	list_init(&s->link);
	s->owner = owner;
	s->stages = mem_zalloc(r->flow->n_stages * sizeof *s->stages);
	if (around)
		list_push(&around->inner, &s->link);
	return s;
}

/* Its lanes are the picture's by then. */
static void scope_free(struct scope *s)
{
	struct list *l;

	while ((l = list_pop(&s->inner)))
		scope_free(CONTAINER_OF(l, struct scope, link));
	mem_free(s->stages);
	mem_free(s);
}

static void *enter_block(void *arg, void *inside, uint32_t no,
			 struct rx_inner *in)
{
	struct recorder *r = arg;
	struct scope *s = scope_new(r, inside ? inside : r->root, no);

	s->entry = lane_new();
	if (in->has_key)
		picture_label(in->key, &s->entry->label);
	else if (value_type(in->item) != VALUE_NULL)
		picture_label(in->item, &s->entry->label);
	in->source = listen(r, s->entry, in->source, PICTURE_NO_COLOUR);
	return s;
}

static struct rx_source *leave_stage(void *arg, void *inside, uint32_t no,
				     struct rx_source *src)
{
	struct recorder *r = arg;
	struct scope *s = inside ? inside : r->root;

	if (!s->stages[no])
		s->stages[no] = lane_new();
	/* A pipeline that begins by itself is its own input. */
	return listen(r, s->stages[no], src,
		      no == 0 && flow_head(r->flow) == FLOW_HEAD_CREATE
			      ? 0
			      : PICTURE_NO_COLOUR);
}

/* --- the order of lanes ----------------------------------------------------
 */

static void put_lane(struct recorder *r, struct picture_lane *l, uint32_t depth,
		     bool shown)
{
	struct picture *p = r->picture;

	l->depth = depth;
	l->shown = shown;
	p->lanes = mem_realloc(p->lanes, (p->n_lanes + 1) * sizeof *p->lanes);
	p->lanes[p->n_lanes++] = l;
}

static void order_pipeline(struct recorder *r, struct scope *s,
			   const struct pipeline *p, uint32_t depth);

/* A window has a number; what has neither key nor item, too. */
static void name_inner(struct buf *label, const struct stage *owner,
		       uint32_t number)
{
	bool window = !strncmp(owner->op->name, "window", 6);

	if (window)
		buf_clear(label);
	if (!buf_len(label))
		buf_printf(label, "%s%u", window ? "window " : "", number);
}

/* An inner stream of single items is its result, any other what enters it. */
static void order_block(struct recorder *r, struct scope *s,
			const struct stage *owner, uint32_t number,
			uint32_t depth)
{
	const struct pipeline *block = owner->block;
	struct picture_lane *last = s->stages[block->stages[block->n - 1].no];
	bool items = owner->op->flags & OP_BLOCK_ITEM;
	bool room = r->picture->n_lanes < PICTURE_LANES_MAX;
	struct buf label = {0};

	if (!room)
		r->picture->cut_lanes++;
	name_inner(&s->entry->label, owner, number);
	if (items && last)
		buf_append_str(&label, buf_str(&s->entry->label));
	put_lane(r, s->entry, depth, room && (!items || !last));
	order_pipeline(r, s, block, depth + 1);
	if (items && last) {
		buf_fini(&last->label);
		last->label = label;
		last->depth = depth;
		last->shown = room;
	}
}

static void order_pipeline(struct recorder *r, struct scope *s,
			   const struct pipeline *p, uint32_t depth)
{
	for (uint32_t i = 0; i < p->n; i++) {
		const struct stage *st = &p->stages[i];
		struct picture_lane *lane = s->stages[st->no];
		uint32_t number = 0;

		LIST_FOREACH (l, &s->inner) {
			struct scope *in = CONTAINER_OF(l, struct scope, link);

			if (in->owner == st->no)
				order_block(r, in, st, ++number, depth + 1);
		}
		if (!lane)
			continue;
		buf_append_str(&lane->label, st->head);
		if (st->block)
			buf_append_cstr(&lane->label, " { }");
		put_lane(r, lane, depth, s == r->root || r->conf->all);
	}
}

/* --- the whole -------------------------------------------------------------
 */

static void watch_next(struct rx_observer *o, struct value v)
{
}

static void watch_error(struct rx_observer *o, const struct weir_error *err)
{
	CONTAINER_OF(o, struct recorder, watcher)->picture->ended = true;
}

static void watch_done(struct rx_observer *o)
{
	CONTAINER_OF(o, struct recorder, watcher)->picture->ended = true;
}

static const struct rx_observer_ops watcher_ops = {watch_next, watch_error,
						   watch_done};

/* The @streams and main, each heard by a lane of its own. */
struct streams {
	struct recorder *recorder;
	struct picture_lane **lanes; /* one an input */
};

static struct rx_source *run_jobs(void *arg, struct rx_ctx *ctx,
				  struct value jobs)
{
	struct streams *st = arg;
	struct marble_run how = st->recorder->conf->run;

	return marble_run(&how, ctx, jobs);
}

static struct rx_source *find_stream(void *arg, struct str name)
{
	struct streams *st = arg;
	struct marble_lab *lab = &st->recorder->lab;
	struct rx_source *src = marble_lab_stream(lab, name);

	for (uint32_t i = 0; src && i < lab->n_inputs; i++)
		if (str_eq(lab->inputs[i].name, name))
			return listen(st->recorder, st->lanes[i], src,
				      (int)i * COLOURS_APART);
	return src;
}

static void add_inputs(struct recorder *r, struct streams *st,
		       const struct picture_input *inputs, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		const struct diagram *d = &inputs[i].diagram;
		struct rx_event *events =
			mem_zalloc((d->n + 1) * sizeof *events);
		bool main = str_eq(inputs[i].name, STR("main"));

		for (uint32_t k = 0; k < d->n; k++) {
			events[k] = d->events[k];
			value_ref(events[k].v);
		}
		marble_lab_input(&r->lab, inputs[i].name, d->hot, events, d->n);
		mem_free(events);
		st->lanes[i] = lane_new();
		buf_printf(&st->lanes[i]->label, "%s%.*s", main ? "" : "@",
			   STR_FMT(inputs[i].name));
	}
}

/* A picture of what goes on for ever is as long as its inputs. */
static int64_t choose_end(const struct recorder *r,
			  const struct picture_input *inputs, uint32_t n)
{
	const struct picture *p = r->picture;
	int64_t longest = LEAST_FRAMES * p->frame_ms;
	int64_t last = 0;

	for (uint32_t i = 0; i < n; i++)
		longest = MAX(longest, inputs[i].diagram.end_ms);
	for (uint32_t i = 0; i < p->n_lanes; i++)
		if (p->lanes[i]->n)
			last = MAX(
				last,
				p->lanes[i]->marks[p->lanes[i]->n - 1].at_ms);
	if (r->conf->until_ms)
		return MIN(r->conf->until_ms,
			   p->ended ? last : r->conf->until_ms);
	return p->ended ? last : longest;
}

static int record(struct recorder *r, const struct picture_input *inputs,
		  uint32_t n, struct weir_error *err)
{
	struct streams st = {r, mem_zalloc((n + 1) * sizeof *st.lanes)};
	int64_t until_ms = r->conf->until_ms ? r->conf->until_ms : RUN_MAX_MS;
	struct rx_source *main = NULL;
	int rc;

	add_inputs(r, &st, inputs, n);
	r->lab.env.stream = find_stream;
	r->lab.env.run = run_jobs;
	r->lab.env.arg = &st;
	r->lab.env.hooks = &r->hooks;
	main = find_stream(&st, STR("main"));
	rc = marble_lab_run(&r->lab, r->flow, main, until_ms, err);
	if (r->full)
		rc = 0;
	for (uint32_t i = 0; i < n; i++)
		put_lane(r, st.lanes[i], 0, true);
	order_pipeline(r, r->root, r->flow->main, 0);
	r->picture->end_ms = choose_end(r, inputs, n);
	mem_free(st.lanes);
	return rc;
}

int picture_make(struct flow *flow, const struct picture_input *inputs,
		 uint32_t n_inputs, const struct picture_conf *conf,
		 struct picture **out, struct weir_error *err)
{
	struct recorder r = {.watcher = {&watcher_ops},
			     .hooks = {enter_block, leave_stage, &r},
			     .flow = flow,
			     .conf = conf};
	int rc;

	r.picture = mem_zalloc(sizeof *r.picture);
	r.picture->frame_ms = conf->frame_ms;
	r.root = scope_new(&r, NULL, UINT32_MAX);
	marble_lab_init(&r.lab, &r.watcher);
	rc = record(&r, inputs, n_inputs, err);
	marble_lab_fini(&r.lab);
	scope_free(r.root);
	if (rc < 0) {
		picture_destroy(r.picture);
		r.picture = NULL;
	}
	*out = r.picture;
	return rc;
}

void picture_destroy(struct picture *p)
{
	if (!p)
		return;
	for (uint32_t i = 0; i < p->n_lanes; i++)
		lane_free(p->lanes[i]);
	mem_free(p->lanes);
	mem_free(p);
}
