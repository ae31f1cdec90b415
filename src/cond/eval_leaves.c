/* eval_leaves.c - keys within a document that was read into a flat array.
 *
 * A path goes down from the root, from sibling to sibling. `**.a.b` goes the
 * other way: each entry called b is looked at, and whether its parent is
 * called a. Names are compared by their 64-bit keyed hashes, as everywhere
 * where leaves are read.
 */
#include "cond/code.h"
#include "value/number.h"

static const struct json_leaf *next_sibling(const struct json_leaves *l,
					    const struct json_leaf *leaf)
{
	return leaf->type >= VALUE_ARRAY ? l->at + leaf->end : leaf + 1;
}

static const struct json_leaf *end_of(const struct json_leaves *l,
				      const struct json_leaf *leaf)
{
	return leaf->type >= VALUE_ARRAY ? l->at + leaf->end : leaf + 1;
}

/* How many elements there are from leaf on to the end of its array. */
static int64_t count_from(const struct json_leaves *l,
			  const struct json_leaf *leaf,
			  const struct json_leaf *end)
{
	int64_t n = 0;

	for (; leaf < end; leaf = next_sibling(l, leaf))
		n++;
	return n;
}

/* Is leaf, a child of parent, what the step means? */
static bool is_step(const struct cond_step *s, const struct json_leaves *l,
		    const struct json_leaf *parent,
		    const struct json_leaf *leaf)
{
	if (s->kind == COND_STEP_ANY)
		return true;
	if (parent->type == VALUE_OBJECT)
		return s->kind != COND_STEP_INDEX && leaf->name == s->name_hash;
	if (s->index >= 0)
		return leaf->name == s->index_hash;
	return s->index != COND_NO_INDEX &&
	       count_from(l, leaf, end_of(l, parent)) == -s->index;
}

/* The child of parent that the step means, or NULL. */
static const struct json_leaf *step_into(const struct cond_step *s,
					 const struct json_leaves *l,
					 const struct json_leaf *parent)
{
	const struct json_leaf *end = end_of(l, parent);
	const struct json_leaf *leaf = parent + 1;
	uint64_t name = s->name_hash;
	int64_t skip;

	if (parent->type == VALUE_ARRAY) {
		if (s->index == COND_NO_INDEX)
			return NULL;
		skip = s->index < 0 ? s->index + count_from(l, leaf, end)
				    : s->index;
		if (skip < 0)
			return NULL;
		for (; skip && leaf < end; skip--)
			leaf = next_sibling(l, leaf);
		return leaf < end ? leaf : NULL;
	}
	if (parent->type != VALUE_OBJECT || s->kind == COND_STEP_INDEX)
		return NULL;
	for (; leaf < end; leaf = next_sibling(l, leaf))
		if (leaf->name == name)
			return leaf;
	return NULL;
}

bool cond_find_leaf(const struct cond_key *k, const struct json_leaves *l,
		    struct cond_view *out)
{
	const struct json_leaf *leaf = l->at;

	for (uint32_t i = 0; i < k->n; i++) {
		leaf = step_into(&k->steps[i], l, leaf);
		if (!leaf)
			return false;
	}
	*out = cond_view_leaf(leaf, l->at);
	return true;
}

static bool holds_for(const struct cond_test *t, const struct json_leaves *l,
		      const struct json_leaf *leaf)
{
	struct cond_view view = cond_view_leaf(leaf, l->at);

	return cond_test_holds(t, &view);
}

/* Recurses once a step. */
static bool some_at(const struct cond_key *k, uint32_t step,
		    const struct json_leaves *l, const struct json_leaf *leaf,
		    const struct cond_test *t)
{
	const struct json_leaf *end;

	for (; step < k->n && k->steps[step].kind != COND_STEP_ANY; step++) {
		leaf = step_into(&k->steps[step], l, leaf);
		if (!leaf)
			return false;
	}
	if (step == k->n)
		return holds_for(t, l, leaf);
	if (leaf->type < VALUE_ARRAY)
		return false;
	end = end_of(l, leaf);
	for (leaf++; leaf < end; leaf = next_sibling(l, leaf))
		if (some_at(k, step + 1, l, leaf, t))
			return true;
	return false;
}

/* Do the names from leaf upwards end as the key does? */
static bool ends_with(const struct cond_key *k, const struct json_leaves *l,
		      const struct json_leaf *leaf)
{
	for (uint32_t i = k->n; i > 0; i--) {
		const struct json_leaf *parent;

		if (leaf->parent == JSON_NO_PARENT)
			return false;
		parent = &l->at[leaf->parent];
		if (!is_step(&k->steps[i - 1], l, parent, leaf))
			return false;
		leaf = parent;
	}
	return true;
}

/* The commonest question of all: is this text somewhere? */
static bool some_equal_string(const struct json_leaves *l, struct str s)
{
	const struct json_leaf *end = l->at + l->n;

	for (const struct json_leaf *leaf = l->at; leaf < end; leaf++)
		if (leaf->type == VALUE_STRING && leaf->len == s.len &&
		    memcmp(leaf->p, s.p, s.len) == 0)
			return true;
	return false;
}

static bool some_string_with(const struct json_leaves *l, struct str part)
{
	const struct json_leaf *end = l->at + l->n;

	for (const struct json_leaf *leaf = l->at; leaf < end; leaf++)
		if (leaf->type == VALUE_STRING && leaf->len >= part.len &&
		    (!part.len || memmem(leaf->p, leaf->len, part.p, part.len)))
			return true;
	return false;
}

/* Some leaf of all: two questions are answered without a view of each. */
static bool some_scalar(const struct json_leaves *l, const struct cond_test *t)
{
	const struct cond_operand *o = &t->operand;

	if (value_type(o->view.v) == VALUE_STRING && !t->reversed) {
		if (t->op == COND_EQ)
			return some_equal_string(l, o->view.s);
		if (t->op == COND_CONTAINS)
			return some_string_with(l, o->view.s);
	}
	for (uint32_t i = 0; i < l->n; i++)
		if (l->at[i].type < VALUE_ARRAY && holds_for(t, l, &l->at[i]))
			return true;
	return false;
}

bool cond_some_leaf(const struct cond_key *k, const struct json_leaves *l,
		    const struct cond_test *t)
{
	if (k->scope == COND_PATH)
		return some_at(k, 0, l, l->at, t);
	if (k->scope == COND_LEAF)
		return some_scalar(l, t);
	for (uint32_t i = 0; i < l->n; i++)
		if (ends_with(k, l, &l->at[i]) && holds_for(t, l, &l->at[i]))
			return true;
	return false;
}

/* --- the commonest comparisons -------------------------------------------- */

static bool ordered(enum cond_op op, int order)
{
	switch (op) {
	case COND_EQ:
		return order == 0;
	case COND_NE:
		return order != 0;
	case COND_GT:
		return order > 0;
	case COND_GE:
		return order >= 0;
	case COND_LT:
		return order < 0;
	default:
		return order <= 0;
	}
}

int cond_leaf_quick(const struct cond_key *k, const struct json_leaves *l,
		    const struct cond_program *p, const struct code *c)
{
	const struct json_leaf *leaf = l->at;
	struct value v = {.tag = c->operand, .i = c->i};

	for (uint32_t i = 0; i < k->n; i++) {
		leaf = step_into(&k->steps[i], l, leaf);
		if (!leaf)
			return c->op == COND_NE;
	}
	if (c->operand == VALUE_STRING) {
		if (c->op > COND_NE)
			return -1;
		return (leaf->type == VALUE_STRING && leaf->len == c->len &&
			memcmp(leaf->p, code_data(p, c->off), c->len) == 0) ==
		       (c->op == COND_EQ);
	}
	if (leaf->type < VALUE_INT || leaf->type > VALUE_DOUBLE)
		return c->op == COND_NE;
	return ordered((enum cond_op)c->op,
		       value_number_compare((struct value){.tag = leaf->type,
							   .i = leaf->i},
					    v));
}
