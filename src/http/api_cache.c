/* api_cache.c - GET /v1/parts?where=CONDITION: what the cache still holds.
 *
 * A part a line, as an event without an id, oldest first. The condition is held
 * against what interests are: the values that its source picked, or all of the
 * data. What comes while the answer is on its way is not part of it; what goes
 * by age meanwhile is missing.
 */
#include "base/clock.h"
#include "base/mem.h"
#include "fiber/fiber.h"
#include "http/api_internal.h"
#include "hub/edge.h"
#include "json/leaves.h"
#include "json/parse.h"

/* Parts that are fetched, and looked at, before others get their turn. */
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

/* The next parts, which the reactor has. */
struct batch {
	uint64_t next;
	uint64_t end; /* 0: not known yet */
	size_t n;
	struct hub_event_bytes *parts[TURN]; /* one reference each */
};

static void on_batch(struct hub *hub, void *arg)
{
	struct batch *b = arg;
	const struct hub_cache *c = hub_parts_kept(hub);
	struct hub_event *e;

	if (!b->end)
		b->end = c->end;
	b->n = 0;
	while (b->n < TURN && (e = hub_cache_next(c, &b->next, b->end))) {
		b->parts[b->n++] = hub_event_share(e);
		b->next++;
	}
}

static int write_part(struct http_exchange *x, struct search *s,
		      const struct hub_event *e)
{
	struct str text[] = {STR("{"), {e->body, e->len}, STR("\n")};
	int rc = 0;

	if (is_met(s, e))
		rc = http_write(x, text, ARRAY_LEN(text));
	return rc < 0 ? rc : http_wait_room(x);
}

static void write_parts(struct api *a, struct http_exchange *x,
			const struct cond *where)
{
	struct search s = {.where = where};
	struct batch *b = mem_zalloc(sizeof *b);
	int rc = 0;

	do {
		hub_call(a->host.edge, on_batch, b);
		for (size_t i = 0; i < b->n; i++) {
			struct hub_event *e = hub_event_of(b->parts[i]);

			if (rc == 0)
				rc = write_part(x, &s, e);
			hub_event_unref(e);
		}
		if (rc == 0)
			rc = fiber_yield_turn();
	} while (rc == 0 && b->n);
	mem_free(b);
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
