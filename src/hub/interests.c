/* interests.c - see interests.h.
 *
 * Every distinct condition is evaluated on every part: right, and good for a
 * few thousand of them.
 */
#include "hub/interests.h"

#include "base/map.h"
#include "base/mem.h"
#include "base/util.h"

#include <assert.h>

struct interests_condition {
	struct list link;    /* in the registry's conditions */
	struct list entries; /* of struct interests_entry */
	struct cond *cond;   /* one reference; NULL: every part meets it */
	struct str text;     /* ours: its key */
};

struct interests {
	struct list conditions;
	struct map by_text; /* -> struct interests_condition */
	uint32_t n;
	uint32_t conditions_max;
};

struct interests *interests_create(void)
{
	struct interests *r = mem_zalloc(sizeof *r);

	list_init(&r->conditions);
	r->conditions_max = UINT32_MAX;
	return r;
}

void interests_destroy(struct interests *r)
{
	if (!r)
		return;
	assert(!r->n);
	map_fini(&r->by_text);
	mem_free(r);
}

int interests_parse(struct interests *r, struct str text, struct cond **out,
		    struct weir_error *err)
{
	struct interests_condition *c = map_get(&r->by_text, text);

	if (!c || !c->cond)
		return cond_parse(text, &cond_rules_client, out, err);
	*out = cond_ref(c->cond);
	return 0;
}

void interests_limit(struct interests *r, uint32_t conditions_max)
{
	r->conditions_max = conditions_max;
}

int interests_check(const struct interests *r, struct str text,
		    struct weir_error *err)
{
	if (r->by_text.len < r->conditions_max || map_get(&r->by_text, text))
		return 0;
	return error_set(err, WEIR_EBUSY,
			 "there are %u different conditions, no more are taken "
			 "now",
			 r->conditions_max);
}

static struct interests_condition *condition_of(struct interests *r,
						struct str text, struct cond *c)
{
	struct interests_condition *known = map_get(&r->by_text, text);

	if (known)
		return known;
	known = mem_zalloc(sizeof *known);
	known->text = str_from(mem_strndup(text.p, text.len), text.len);
	known->cond = c ? cond_ref(c) : NULL;
	list_init(&known->entries);
	list_push(&r->conditions, &known->link);
	map_put(&r->by_text, known->text, known);
	return known;
}

static void let_go(struct interests *r, struct interests_condition *c)
{
	if (!list_empty(&c->entries))
		return;
	map_remove(&r->by_text, c->text);
	list_remove(&c->link);
	cond_unref(c->cond);
	mem_free((char *)c->text.p);
	mem_free(c);
}

int interests_set(struct interests *r, struct interests_entry *e,
		  struct str text, struct cond *c, struct weir_error *err)
{
	struct interests_condition *old = e->condition;
	int rc = interests_check(r, text, err);

	if (rc < 0)
		return rc;
	e->condition = condition_of(r, text, c);
	if (old)
		list_remove(&e->link);
	else
		r->n++;
	list_push(&e->condition->entries, &e->link);
	if (old)
		let_go(r, old);
	return 0;
}

void interests_remove(struct interests *r, struct interests_entry *e)
{
	struct interests_condition *c = e->condition;

	if (!c)
		return;
	e->condition = NULL;
	list_remove(&e->link);
	r->n--;
	let_go(r, c);
}

void interests_match(struct interests *r, struct value v,
		     const struct cond_meta *meta,
		     void (*fn)(void *arg, struct interests_entry *e),
		     void *arg)
{
	LIST_FOREACH (cl, &r->conditions) {
		struct interests_condition *c =
			CONTAINER_OF(cl, struct interests_condition, link);

		if (c->cond && !cond_eval(c->cond, v, meta))
			continue;
		LIST_FOREACH (l, &c->entries)
			fn(arg, CONTAINER_OF(l, struct interests_entry, link));
	}
}

uint32_t interests_count(const struct interests *r)
{
	return r->n;
}

uint32_t interests_conditions(const struct interests *r)
{
	return (uint32_t)r->by_text.len;
}
