/* api_cache.c - GET /v1/parts?where=CONDITION: what the cache still holds.
 *
 * A part a line, as an event without an id, oldest first. The condition is held
 * against what interests are: the values that its source picked, or all of the
 * data. What comes while the answer is on its way is not part of it; what goes
 * by age meanwhile is missing.
 */
#include "base/clock.h"
#include "fiber/fiber.h"
#include "http/api_internal.h"
#include "hub/hub.h"
#include "json/leaves.h"
#include "json/parse.h"

/* Parts that are looked at before others get their turn. */
#define TURN 256

struct search {
	const struct cond *where; /* NULL: all */
	struct json_leaves leaves;
	struct buf head;
};

/* The members of the body in front of the data tell what the part comes of;
 * the data itself need not be read for that. A reference of the caller's. */
static struct value read_head(struct search *s, const struct hub_event *e)
{
	struct value head = value_null();

	buf_clear(&s->head);
	buf_append_char(&s->head, '{');
	buf_append(&s->head, e->body, e->data_off);
	buf_append_cstr(&s->head, "null}");
	json_parse(buf_str(&s->head), &head, NULL);
	return head;
}

static bool is_met(struct search *s, const struct hub_event *e)
{
	struct value head;
	bool met;

	if (!s->where)
		return true;
	interests_read(&s->leaves, hub_event_values(e));
	head = read_head(s, e);

	const struct cond_meta meta =
		hub_meta(value_str(value_get(head, STR("source"))),
			 value_str(value_get(head, STR("job"))));

	met = cond_eval_leaves(s->where, &s->leaves, &meta);
	value_unref(head);
	return met;
}

static void write_parts(struct api *a, struct http_exchange *x,
			const struct cond *where)
{
	struct search s = {.where = where};
	const struct hub_cache *c = hub_parts_kept(a->host.hub);
	uint64_t end = c->end;
	uint64_t n = c->first;
	struct hub_event *e;
	int rc = 0;

	for (; rc == 0 && (e = hub_cache_next(c, &n, end)); n++) {
		struct str text[] = {STR("{"), {e->body, e->len}, STR("\n")};

		if (is_met(&s, e))
			rc = http_write(x, text, ARRAY_LEN(text));
		if (rc == 0)
			rc = http_wait_room(x);
		if (rc == 0 && n % TURN == 0)
			rc = fiber_yield_turn();
	}
	json_leaves_fini(&s.leaves);
	buf_fini(&s.head);
}

void api_cache(struct api *a, struct http_exchange *x)
{
	struct hub_interest_spec spec = {0};
	struct weir_error err;
	struct buf text = {0};
	int rc = http_query_get(x, "where", &text);

	if (rc == 0)
		rc = hub_interest_where(buf_str(&text), &spec, &err);
	buf_fini(&text);
	if (rc < 0 && rc != WEIR_ENOTFOUND) {
		api_body_problem(x, 422, "bad-condition", &err, NULL);
		return;
	}
	http_set_header(x, "Cache-Control", STR("no-store"));
	http_begin(x, 200, "application/x-ndjson");
	write_parts(a, x, spec.where);
	http_end(x);
	hub_interest_spec_fini(&spec);
}
