/* eval.c - runs a program over a document, and the keys of trees. */
#include "cond/code.h"

struct run {
	const struct cond_program *p;
	const struct cond_meta *meta;
	const struct json_leaves *leaves; /* or NULL: */
	struct value v;
	struct cond_met *met; /* or NULL */
};

/* --- keys within a tree -------------------------------------------------- */

static bool step_into(const struct cond_step *s, struct value v,
		      struct value *out)
{
	int64_t i = s->index;

	if (value_type(v) == VALUE_OBJECT)
		return s->kind != COND_STEP_INDEX &&
		       value_find(v, s->name, out);
	if (value_type(v) != VALUE_ARRAY || i == COND_NO_INDEX)
		return false;
	if (i < 0)
		i += v.len;
	if (i < 0 || i >= (int64_t)v.len)
		return false;
	*out = value_nodes(v)[i];
	return true;
}

bool cond_find_value(const struct cond_key *k, struct value v,
		     struct cond_view *out)
{
	for (uint32_t i = 0; i < k->n; i++)
		if (!step_into(&k->steps[i], v, &v))
			return false;
	*out = cond_view_value(v);
	return true;
}

/* The n-th child of an array or object; its first step there is over names. */
static struct value child(struct value v, uint32_t n)
{
	return value_nodes(v)[value_type(v) == VALUE_OBJECT ? 2 * n + 1 : n];
}

/* Recurses once a step. */
static bool some_at(const struct cond_key *k, uint32_t step, struct value v,
		    const struct cond_test *t)
{
	struct cond_view view;

	for (; step < k->n && k->steps[step].kind != COND_STEP_ANY; step++)
		if (!step_into(&k->steps[step], v, &v))
			return false;
	if (step == k->n) {
		view = cond_view_value(v);
		return cond_test_holds(t, &view);
	}
	for (uint32_t i = 0; i < value_len(v); i++)
		if (some_at(k, step + 1, child(v, i), t))
			return true;
	return false;
}

/* These recurse as deep as the document, which its parser bounds. */
static bool some_scalar(struct value v, const struct cond_test *t)
{
	struct cond_view view;

	if (value_type(v) < VALUE_ARRAY) {
		view = cond_view_value(v);
		return cond_test_holds(t, &view);
	}
	for (uint32_t i = 0; i < v.len; i++)
		if (some_scalar(child(v, i), t))
			return true;
	return false;
}

static bool some_anywhere(const struct cond_key *k, struct value v,
			  const struct cond_test *t)
{
	if (some_at(k, 0, v, t))
		return true;
	for (uint32_t i = 0; i < value_len(v); i++)
		if (some_anywhere(k, child(v, i), t))
			return true;
	return false;
}

bool cond_some_value(const struct cond_key *k, struct value v,
		     const struct cond_test *t)
{
	if (k->scope == COND_LEAF)
		return some_scalar(v, t);
	return k->scope == COND_ANYWHERE ? some_anywhere(k, v, t)
					 : some_at(k, 0, v, t);
}

/* --- atoms --------------------------------------------------------------- */

static bool find_claim(const struct run *r, const struct cond_key *k,
		       struct cond_view *out)
{
	return r->meta && cond_find_value(k, r->meta->claims, out) &&
	       value_type(out->v) != VALUE_NULL;
}

/* False: the operand is a claim that is not there. */
static bool load_operand(const struct run *r, const struct code *c,
			 struct cond_operand *o)
{
	switch (c->operand) {
	case CODE_CLAIM:
		return find_claim(r, cond_key_at(c->off), &o->view);
	case CODE_REGEX:
		o->regex = code_regex(r->p, c);
		break;
	case CODE_BLOCKS:
		o->blocks = (const void *)code_data(r->p, c->off);
		o->n_blocks = c->len;
		break;
	case VALUE_STRING:
		o->view.v.tag = VALUE_STRING;
		o->view.s = code_string(r->p, c);
		break;
	case VALUE_ARRAY:
	case VALUE_OBJECT:
		o->view.v = code_value(r->p, c);
		o->sorted = c->flags & CODE_SORTED;
		break;
	default:
		o->view.v = (struct value){.tag = c->operand, .i = c->i};
	}
	if (c->flags & CODE_TEXT) {
		o->text = code_string(r->p, c + 1);
		o->digits = c->operand == VALUE_DOUBLE;
	}
	return true;
}

static bool find(const struct run *r, const struct cond_key *k,
		 struct cond_view *out)
{
	struct str s = {0};

	switch (k->scope) {
	case COND_SOURCE:
	case COND_JOB:
		if (r->meta)
			s = k->scope == COND_JOB ? r->meta->job
						 : r->meta->source;
		*out = (struct cond_view){.v = {.tag = VALUE_STRING}, .s = s};
		return s.p != NULL;
	case COND_CLAIMS:
		return find_claim(r, k, out);
	default:
		return r->leaves ? cond_find_leaf(k, r->leaves, out)
				 : cond_find_value(k, r->v, out);
	}
}

static bool some(const struct run *r, const struct cond_key *k,
		 const struct cond_test *t)
{
	if (k->scope == COND_CLAIMS)
		return r->meta && cond_some_value(k, r->meta->claims, t);
	return r->leaves ? cond_some_leaf(k, r->leaves, t)
			 : cond_some_value(k, r->v, t);
}

static bool ask(const struct run *r, const struct code *c,
		const struct cond_key *k)
{
	struct cond_test t = {.op = c->op,
			      .reversed = c->flags & CODE_REVERSED,
			      .met = r->met};
	struct cond_view view;
	bool missing = c->op == COND_MISSING;
	bool found;

	if (missing)
		t.op = COND_EXISTS;
	if (!load_operand(r, c, &t.operand))
		return false;
	if (k->many)
		return some(r, k, &t) != missing;
	found = find(r, k, &view);
	if (found && r->met)
		*r->met = (struct cond_met){true, view};
	if (t.op == COND_EXISTS)
		return found != missing;
	if (!found)
		view = cond_view_value(value_null());
	return cond_operate(t.op, t.reversed, &view, &t.operand);
}

static bool atom_holds(const struct run *r, const struct code *c)
{
	const struct cond_key *k = cond_key_at(c->key);
	int quick = -1;

	if (r->leaves && code_is_quick(c, k))
		quick = cond_leaf_quick(k, r->leaves, r->p, c);
	return quick < 0 ? ask(r, c, k) : quick;
}

/* --- nodes --------------------------------------------------------------- */

static const struct code *next_node(const struct run *r, const struct code *c)
{
	if (c->kind == COND_ATOM)
		return c + 1 + ((c->flags & CODE_TEXT) != 0);
	return r->p->at + c->next;
}

/* Recurses as deep as the condition, which its rules bound. */
static bool holds(const struct run *r, const struct code *c);

/* AND and OR are decided by the first child that is not as all the others have
 * to be; without one they are what their children are. */
static bool group_holds(const struct run *r, const struct code *group)
{
	const struct code *end = r->p->at + group->next;
	bool all = group->kind == COND_AND;

	for (const struct code *c = group + 1; c < end; c = next_node(r, c))
		if (holds(r, c) != all)
			return !all;
	return all;
}

static bool xor_holds(const struct run *r, const struct code *group)
{
	const struct code *end = r->p->at + group->next;
	bool odd = false;

	for (const struct code *c = group + 1; c < end; c = next_node(r, c))
		odd ^= holds(r, c);
	return odd;
}

static bool holds(const struct run *r, const struct code *c)
{
	bool negated = c->flags & CODE_NEGATED;

	switch (c->kind) {
	case COND_ATOM:
		return atom_holds(r, c) != negated;
	case COND_AND:
	case COND_OR:
		return group_holds(r, c) != negated;
	case COND_XOR:
		return xor_holds(r, c) != negated;
	default:
		return (c->kind == COND_TRUE) != negated;
	}
}

bool cond_program_eval(const struct cond_program *p, struct value v,
		       const struct cond_meta *meta)
{
	struct run r = {.p = p, .meta = meta, .v = v};

	return holds(&r, p->at);
}

bool cond_program_ask(const struct cond_program *p, struct value v,
		      const struct cond_meta *meta, struct cond_met *met)
{
	struct run r = {.p = p, .meta = meta, .v = v, .met = met};

	return holds(&r, p->at);
}

bool cond_program_eval_leaves(const struct cond_program *p,
			      const struct json_leaves *l,
			      const struct cond_meta *meta)
{
	struct run r = {.p = p, .meta = meta, .leaves = l};

	return holds(&r, p->at);
}
