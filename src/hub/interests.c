/* interests.c - see interests.h. */
#include "hub/interests.h"

#include "base/mem.h"
#include "base/util.h"
#include "cond/tree.h"
#include "json/leaves.h"
#include "json/write.h"

#include <assert.h>

enum {
	TEXT_KEPT = 1 << 16, /* bytes; the memory for larger parts goes back */
	WORK_STEPS = 256,    /* of upkeep a part, when there is any */
	WALK_STEPS = 1000,   /* interests that one call looks at */
	SHOWN_MAX = 60,	     /* bytes of a condition in an error */
};

struct interests {
	struct interest_index *index;
	struct cond *always;	   /* of the interests without a condition */
	struct json_leaves leaves; /* of the part at hand */
	uint32_t n;
};

struct interests *interests_create(void)
{
	struct interests *r = mem_zalloc(sizeof *r);

	/* Lifetimes are the owners', so the index needs no clock. */
	r->index = interest_index_create(NULL, 0);
	cond_parse(STR("[true]"), NULL, &r->always, NULL);
	return r;
}

void interests_destroy(struct interests *r)
{
	if (!r)
		return;
	assert(!r->n);
	interest_index_destroy(r->index);
	json_leaves_fini(&r->leaves);
	cond_unref(r->always);
	mem_free(r);
}

void interests_limit(struct interests *r, uint32_t conditions_max,
		     uint32_t residual_max)
{
	interest_index_limit(r->index, &(struct interest_limits){
					       .conditions_max = conditions_max,
					       .linear_max = residual_max});
}

/* --- what is refused ----------------------------------------------------- */

static bool is_residual(struct interests *r, struct cond *c)
{
	struct interest_report report;

	interest_index_ask(r->index, c, &report, NULL, NULL);
	return report.linear;
}

/* The first child that is residual by itself, as a condition; NULL: none. */
static struct cond *residual_child(struct interests *r,
				   const struct cond_node *n)
{
	struct buf text = {0};
	struct cond *c;

	for (uint32_t i = 0; i < n->n; i++) {
		buf_clear(&text);
		cond_node_print(n->children[i], &text);
		if (cond_parse(buf_str(&text), NULL, &c, NULL) < 0)
			continue;
		if (is_residual(r, c))
			goto out;
		cond_unref(c);
	}
	c = NULL;
out:
	buf_fini(&text);
	return c;
}

/* The smallest part of c that makes it residual. Of an OR it is one side, while
 * of an AND no side leads anywhere. A reference of the caller's. */
static struct cond *culprit(struct interests *r, struct cond *c)
{
	cond_ref(c);
	for (;;) {
		const struct cond_node *n = cond_root(c);
		struct cond *inner = NULL;

		if (n->kind == COND_OR || n->kind == COND_XOR)
			inner = residual_child(r, n);
		if (!inner)
			return c;
		cond_unref(c);
		c = inner;
	}
}

int interests_deny(struct interests *r, struct cond *c, struct weir_error *err)
{
	struct cond *part = culprit(r, c);
	struct buf text = {0};
	struct str shown;
	bool cut;

	cond_node_print(cond_root(part), &text);
	shown = buf_str(&text);
	cut = shown.len > SHOWN_MAX;
	shown.len = cut ? SHOWN_MAX : shown.len;
	shown.len = str_utf8_valid(shown);
	error_set(err, WEIR_EDENIED,
		  "'%.*s%s' would be held against each part, and there are "
		  "too many such conditions: add `and` with a comparison by "
		  "eq, in, contains or between, or with @source eq NAME",
		  STR_FMT(shown), cut ? "..." : "");
	buf_fini(&text);
	cond_unref(part);
	return WEIR_EDENIED;
}

/* --- entries ------------------------------------------------------------- */

int interests_set(struct interests *r, struct interests_entry *e,
		  const char *text, struct cond *c, bool *residual_out,
		  struct weir_error *err)
{
	struct interest_report report;
	bool is_new = !e->id;
	int rc;

	c = c ? c : r->always;
	if (!is_new)
		rc = interest_index_replace(r->index, e->id, c, &report, err);
	else
		rc = interest_index_insert(r->index, c, INTEREST_NO_END,
					   (uintptr_t)e, &e->id, &report, err);
	if (rc == WEIR_EDENIED)
		return interests_deny(r, c, err);
	if (rc < 0)
		return rc;
	r->n += is_new;
	e->text = text;
	*residual_out = report.linear;
	return 0;
}

void interests_remove(struct interests *r, struct interests_entry *e)
{
	if (!e->id)
		return;
	interest_index_remove(r->index, e->id);
	r->n--;
	e->id = 0;
}

bool interests_empty(const struct interests *r)
{
	return !r->n;
}

int interests_ask(struct interests *r, struct cond *c,
		  struct interest_report *report, struct buf *by_out,
		  struct weir_error *err)
{
	int rc;

	c = c ? c : r->always;
	rc = interest_index_ask(r->index, c, report, by_out, err);
	return rc == WEIR_EDENIED ? interests_deny(r, c, err) : rc;
}

void interests_explain(struct interests *r, struct cond *c, struct buf *out)
{
	struct interest_report report;
	struct buf by = {0};

	interests_ask(r, c, &report, &by, NULL);
	buf_append_cstr(out, ",\"indexed\":");
	if (buf_len(&by))
		json_write_string(buf_str(&by), out);
	else
		buf_append_cstr(out, "null");
	buf_printf(out, ",\"cost\":%.3g", report.visits);
	if (report.linear)
		buf_append_cstr(out, ",\"residual\":true");
	buf_fini(&by);
}

void interests_read(struct json_leaves *l, struct str json)
{
	/* So it still goes to those who want all that its source has. */
	if (json_leaves_read(l, json, NULL) < 0)
		json_leaves_read(l, STR("null"), NULL);
}

void interests_match(struct interests *r, struct str json,
		     const struct cond_meta *meta,
		     void (*fn)(void *arg, struct interests_entry *e),
		     void *arg)
{
	struct interest_event event = {.leaves = &r->leaves, .meta = meta};

	interests_read(&r->leaves, json);
	interest_index_match(r->index, &event, 1);
	for (size_t i = 0; i < event.n; i++)
		fn(arg,
		   (struct interests_entry *)(uintptr_t)event.matches[i].user);
	interest_index_work(r->index, WORK_STEPS);
	if (json.len > TEXT_KEPT)
		json_leaves_fini(&r->leaves);
}

/* --- for the operator ---------------------------------------------------- */

void interests_figures(const struct interests *r, struct interests_figures *out)
{
	struct interest_figures f;

	interest_index_figures(r->index, &f);
	*out = (struct interests_figures){
		.interests = (uint32_t)f.interests,
		.conditions = (uint32_t)f.conditions,
		.residual = (uint32_t)f.linear,
		.bytes = f.bytes,
		.parts = f.events,
		.candidates = f.candidates,
	};
}

bool interests_walk(struct interests *r, uint32_t *at,
		    void (*fn)(void *arg, const struct interests_entry *e,
			       const struct interest_report *report),
		    void *arg)
{
	struct interest_report report;
	uint32_t budget = WALK_STEPS;
	uint64_t user;

	while (interest_index_next(r->index, at, &budget, &user, &report))
		fn(arg, (struct interests_entry *)(uintptr_t)user, &report);
	return !budget;
}
