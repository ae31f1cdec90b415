/* submit.c - see submit.h. A value belongs to its thread, so that a job crosses
 * as text, and its id is chosen on this side. */
#include "hub/submit.h"

#include "base/mem.h"
#include "hub/edge.h"
#include "hub/lane.h"
#include "json/parse.h"
#include "json/write.h"

#include <string.h>

struct order {
	struct hub_lane *lane; /* one reference */
	char id[HUB_JOB_ID_MAX + 1];
	uint32_t who;
	bool forget;
	struct buf text;
};

/* What cannot be taken is over, and the others go on. */
static void submit(struct hub_lane *lane, struct value spec, const char *id,
		   uint32_t who, bool forget)
{
	struct hub_submission sub = {.owner = lane,
				     .spec = spec,
				     .id = str_of(id),
				     .who = who,
				     .forget = forget};
	struct weir_error err;
	struct hub_event *e;

	if (hub_submit(lane->edge->hub, &sub, &err) == 0)
		return;
	e = hub_event_error(str_of(id), &err);
	hub_lane_send(lane, e, true);
	hub_event_unref(e);
}

static void on_order(void *arg)
{
	struct order *o = arg;
	struct value spec;

	/* It has been a value before: nothing can be wrong with it. */
	if (json_parse(buf_str(&o->text), &spec, NULL) == 0) {
		submit(o->lane, spec, o->id, o->who, o->forget);
		value_unref(spec);
	}
	hub_lane_unref(o->lane);
	buf_fini(&o->text);
	mem_free(o);
}

static void post(struct hub_lane *lane, struct value spec, const char *id,
		 uint32_t who, bool forget)
{
	struct order *o = mem_zalloc(sizeof *o);

	o->lane = hub_lane_ref(lane);
	memcpy(o->id, id, sizeof o->id);
	o->who = who;
	o->forget = forget;
	json_write(spec, &o->text);
	loop_post(hub_loop(lane->edge->hub), on_order, o);
}

void hub_stream_submit(struct hub_stream *s, struct value spec, uint32_t who,
		       bool forget, char id_out[HUB_JOB_ID_MAX + 1])
{
	struct str given = value_str(value_get(spec, STR("id")));
	struct hub_lane *lane = hub_lane_of(s);
	char id[HUB_JOB_ID_MAX + 1] = {0};

	if (given.len)
		memcpy(id, given.p, given.len);
	else
		hub_job_choose_id(id);
	s->open_jobs++;
	if (id_out)
		memcpy(id_out, id, sizeof id);
	if (hub_edge_is_here(s->edge))
		submit(lane, spec, id, who, forget);
	else
		post(lane, spec, id, who, forget);
}
