/* pusher.c - see pusher.h. */
#include "hub/pusher.h"

#include "base/mem.h"
#include "hub/edge.h"
#include "hub/internal.h"
#include "json/parse.h"

#include <string.h>

/* Bytes of an edge that may be on their way to the reactor. */
#define AHEAD (16 * 1024)

void hub_pusher_fini(struct hub_pusher *p)
{
	buf_fini(&p->pending);
}

static uint64_t count(struct value v, bool spread)
{
	return spread && value_type(v) == VALUE_ARRAY ? v.len : 1;
}

static void push_one(struct hub *hub, struct str source, struct value data)
{
	struct value part = hub_part(hub, (struct str){0}, source, data);

	hub_push(hub, part);
	value_unref(part);
}

/* Takes v. */
static void push(struct hub *hub, struct str source, struct value v,
		 bool spread)
{
	if (!spread || value_type(v) != VALUE_ARRAY) {
		push_one(hub, source, v);
		return;
	}
	for (uint32_t i = 0; i < v.len; i++)
		push_one(hub, source, value_ref(value_nodes(v)[i]));
	value_unref(v);
}

/* --- to another thread ---------------------------------------------------- */

struct pushed {
	struct hub *hub;
	char *source; /* ours */
	bool spread;
	struct buf texts; /* ours */
};

static void on_pushed(void *arg)
{
	struct pushed *p = arg;
	const char *at = buf_bytes(&p->texts);
	const char *end = at + buf_len(&p->texts);
	struct value v;
	uint32_t len;

	for (; at < end; at += len) {
		memcpy(&len, at, sizeof len);
		at += sizeof len;
		/* It has been a value before: nothing can be wrong with it. */
		if (json_parse(str_from(at, len), &v, NULL) == 0)
			push(p->hub, str_of(p->source), v, p->spread);
	}
	buf_fini(&p->texts);
	mem_free(p->source);
	mem_free(p);
}

static void post(struct hub_pusher *p)
{
	struct pushed msg = {.hub = p->edge->hub,
			     .source = mem_strndup(p->source.p, p->source.len),
			     .spread = p->spread,
			     .texts = p->pending};

	p->pending = (struct buf){0};
	p->edge->ahead += buf_len(&msg.texts);
	loop_post(hub_loop(msg.hub), on_pushed, mem_dup(&msg, sizeof msg));
}

uint64_t hub_pusher_add(struct hub_pusher *p, struct value v, struct str text)
{
	uint64_t n = count(v, p->spread);
	uint32_t len = (uint32_t)text.len;

	if (hub_edge_is_here(p->edge)) {
		push(p->edge->hub, p->source, v, p->spread);
		return n;
	}
	value_unref(v);
	buf_append(&p->pending, &len, sizeof len);
	buf_append_str(&p->pending, text);
	return n;
}

/* It comes behind what was posted before. */
static void on_wait(struct hub *hub, void *arg)
{
	*(int *)arg = hub_wait_room(hub);
}

int hub_pusher_flush(struct hub_pusher *p)
{
	int rc = 0;

	if (buf_len(&p->pending))
		post(p);
	if (hub_edge_is_here(p->edge) || p->edge->ahead <= AHEAD)
		return 0;
	hub_call(p->edge, on_wait, &rc);
	p->edge->ahead = 0;
	return rc;
}
