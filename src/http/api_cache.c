/* api_cache.c - GET /v1/parts?where=CONDITION: what the cache still holds.
 *
 * A part a line, as an event without an id, oldest first. What comes while the
 * answer is on its way is not part of it; what goes by age meanwhile is
 * missing.
 */
#include "base/clock.h"
#include "fiber/fiber.h"
#include "http/api_internal.h"
#include "hub/hub.h"
#include "json/parse.h"

/* Parts that are looked at before others get their turn. */
#define TURN 256

/* The body of an event begins behind the brace that opens it. */
static bool is_met(const struct cond *where, const struct hub_event *e)
{
	struct buf text = {0};
	struct value part;
	bool met = false;

	if (!where)
		return true;
	buf_append_char(&text, '{');
	buf_append(&text, e->body, e->len);
	if (json_parse(buf_str(&text), &part, NULL) == 0) {
		const struct cond_meta meta =
			hub_meta(value_str(value_get(part, STR("source"))),
				 value_str(value_get(part, STR("job"))));

		met = cond_eval(where, value_get(part, STR("data")), &meta);
		value_unref(part);
	}
	buf_fini(&text);
	return met;
}

static void write_parts(struct api *a, struct http_exchange *x,
			const struct cond *where)
{
	const struct hub_cache *c = hub_parts_kept(a->host.hub);
	uint64_t end = c->end;
	uint64_t n = c->first;
	struct hub_event *e;
	int rc = 0;

	for (; rc == 0 && (e = hub_cache_next(c, &n, end)); n++) {
		struct str text[] = {STR("{"), {e->body, e->len}, STR("\n")};

		if (is_met(where, e))
			rc = http_write(x, text, ARRAY_LEN(text));
		if (rc == 0)
			rc = http_wait_room(x);
		if (rc == 0 && n % TURN == 0)
			rc = fiber_yield_turn();
	}
}

void api_cache(struct api *a, struct http_exchange *x)
{
	struct hub_interest_spec spec = {0};
	struct weir_error err;
	struct buf text = {0};
	int rc = http_query_get(x, "where", &text);

	if (rc == 0)
		rc = hub_interest_where(a->host.hub, buf_str(&text), &spec,
					&err);
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
