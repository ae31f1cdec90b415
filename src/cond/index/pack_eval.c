/* pack_eval.c - is this event of interest? Asked of a pack.
 *
 * The same answers as cond_eval_leaves gives, from the packed bytes, for the
 * operators that a pack tells; tests/unit/cond/index compares both at random.
 * A path is found by its number: the matcher has noted where the event has it.
 */
#include "cond/index/pack.h"

#include "value/number.h"

#include <string.h>

/* --- one value --------------------------------------------------------- */

static bool is_number(enum value_type type)
{
	return type >= VALUE_INT && type <= VALUE_DOUBLE;
}

static int compare_numbers(const struct json_leaf *leaf,
			   const struct pack_literal *l)
{
	/* Up to here a double tells all whole numbers apart. */
	const int64_t exact = (int64_t)1 << 53;

	if (leaf->type == VALUE_INT && l->type == VALUE_INT)
		return (leaf->i > l->i) - (leaf->i < l->i);
	if (leaf->type == VALUE_DOUBLE && l->type == VALUE_INT &&
	    l->i >= -exact && l->i <= exact)
		return (leaf->d > (double)l->i) - (leaf->d < (double)l->i);
	if (leaf->type == VALUE_DOUBLE && l->type == VALUE_DOUBLE)
		return (leaf->d > l->d) - (leaf->d < l->d);

	struct value a = {.tag = leaf->type, .i = leaf->i};
	struct value b = {.tag = l->type, .i = l->i};

	return value_number_compare(a, b);
}

static int compare_strings(const struct json_leaf *leaf,
			   const struct pack_literal *l)
{
	int order = memcmp(leaf->p, l->p, MIN(leaf->len, l->len));

	if (order)
		return order;
	return (leaf->len > l->len) - (leaf->len < l->len);
}

static bool equals(const struct json_leaf *leaf, const struct pack_literal *l)
{
	if (l->type == VALUE_STRING)
		return leaf->type == VALUE_STRING && leaf->len == l->len &&
		       !memcmp(leaf->p, l->p, l->len);
	if (!is_number(l->type))
		return leaf->type == l->type;
	return is_number(leaf->type) && compare_numbers(leaf, l) == 0;
}

/* Only two numbers, and two strings, have an order. */
static bool in_order(enum pack_code code, const struct json_leaf *leaf,
		     const struct pack_literal *l)
{
	int order;

	if (leaf->type == VALUE_STRING && l->type == VALUE_STRING)
		order = compare_strings(leaf, l);
	else if (is_number(leaf->type) && is_number(l->type))
		order = compare_numbers(leaf, l);
	else
		return false;
	switch (code) {
	case PACK_GT:
		return order > 0;
	case PACK_GE:
		return order >= 0;
	case PACK_LT:
		return order < 0;
	default:
		return order <= 0;
	}
}

/* Zero and what is empty is false. */
static bool truthy(const struct json_leaves *leaves, uint32_t at)
{
	const struct json_leaf *leaf = &leaves->at[at];

	switch ((enum value_type)leaf->type) {
	case VALUE_NULL:
	case VALUE_FALSE:
		return false;
	case VALUE_INT:
		return leaf->i != 0;
	case VALUE_DOUBLE:
		return leaf->d != 0;
	case VALUE_STRING:
		return leaf->len > 0;
	case VALUE_ARRAY:
	case VALUE_OBJECT:
		return leaf->end > at + 1;
	default:
		return true;
	}
}

static bool has_text(const struct json_leaf *leaf, const struct pack_literal *l)
{
	return !l->len || memmem(leaf->p, leaf->len, l->p, l->len);
}

/* contains: a part of text, an element of a list, a member of an object. */
static bool contains(const struct json_leaves *leaves, uint32_t at,
		     const struct pack_literal *element,
		     const struct pack_literal *text)
{
	const struct json_leaf *leaf = &leaves->at[at];
	uint64_t name;
	uint32_t next;

	if (leaf->type == VALUE_STRING)
		return has_text(leaf, text);
	if (leaf->type < VALUE_ARRAY)
		return false;
	name = json_name_hash(str_from(text->p, text->len));
	for (uint32_t i = at + 1; i < leaf->end; i = next) {
		const struct json_leaf *inner = &leaves->at[i];

		next = inner->type >= VALUE_ARRAY ? inner->end : i + 1;
		if (leaf->type == VALUE_OBJECT ? inner->name == name
					       : equals(inner, element))
			return true;
	}
	return false;
}

/* --- one atom ---------------------------------------------------------- */

static bool holds(const struct pack_node *n, const struct json_leaves *leaves,
		  uint32_t at)
{
	const struct json_leaf *leaf = &leaves->at[at];
	const uint8_t *p = n->inside;
	const uint8_t *end = p + n->literals;
	struct pack_literal a;
	struct pack_literal b;

	switch (n->code) {
	case PACK_TRUTHY:
		return truthy(leaves, at);
	case PACK_EXISTS:
		return true;
	case PACK_EQ:
		pack_literal(p, &a);
		return equals(leaf, &a);
	case PACK_NE:
		pack_literal(p, &a);
		return !equals(leaf, &a);
	case PACK_IN:
		while (p < end) {
			p = pack_literal(p, &a);
			if (equals(leaf, &a))
				return true;
		}
		return false;
	case PACK_BETWEEN:
		pack_literal(pack_literal(p, &a), &b);
		return in_order(PACK_GE, leaf, &a) &&
		       in_order(PACK_LE, leaf, &b);
	case PACK_CONTAINS:
		pack_literal(pack_literal(p, &a), &b);
		return contains(leaves, at, &a, &b);
	case PACK_STARTS:
		pack_literal(p, &a);
		return leaf->type == VALUE_STRING && leaf->len >= a.len &&
		       !memcmp(leaf->p, a.p, a.len);
	case PACK_ENDS:
		pack_literal(p, &a);
		return leaf->type == VALUE_STRING && leaf->len >= a.len &&
		       !memcmp(leaf->p + leaf->len - a.len, a.p, a.len);
	default:
		pack_literal(p, &a);
		return in_order(n->code, leaf, &a);
	}
}

/* A value that is not there counts as null. */
static const struct json_leaf null = {.type = VALUE_NULL};

static bool holds_of_null(const struct pack_node *n)
{
	static const struct json_leaves nothing = {
		.at = (struct json_leaf *)&null, .n = 1};

	return n->code != PACK_EXISTS && holds(n, &nothing, 0);
}

static bool some_leaf(const struct pack_node *n, const struct pack_event *e)
{
	const struct json_leaves *l = e->leaves;

	if (e->hint < l->n && l->at[e->hint].type < VALUE_ARRAY &&
	    holds(n, l, e->hint))
		return true;
	for (uint32_t i = 0; i < l->n; i++)
		if (l->at[i].type < VALUE_ARRAY && holds(n, l, i))
			return true;
	return false;
}

static bool some_named(const struct pack_node *n, const struct pack_event *e)
{
	const struct json_leaves *l = e->leaves;
	uint64_t name = paths_at(&e->places->names, n->path)->hash;

	for (uint32_t i = 1; i < l->n; i++)
		if (l->at[i].name == name && holds(n, l, i))
			return true;
	return false;
}

static bool of_part(const struct pack_node *n, const struct pack_event *e)
{
	struct json_leaf leaf = {.type = VALUE_NULL};
	const struct json_leaves described = {.at = &leaf, .n = 1};

	if (e->meta) {
		struct str s = n->path ? e->meta->job : e->meta->source;

		leaf.type = VALUE_STRING;
		leaf.p = s.p ? s.p : "";
		leaf.len = (uint32_t)s.len;
	}
	return holds(n, &described, 0);
}

static bool atom(const struct pack_node *n, const struct pack_event *e)
{
	const struct path *path;

	switch (n->scope) {
	case PACK_LEAF:
		return some_leaf(n, e);
	case PACK_NAME:
		return some_named(n, e);
	case PACK_META:
		return of_part(n, e);
	default:
		path = paths_at(&e->places->paths, n->path);
		return path->stamp == e->stamp ? holds(n, e->leaves, path->leaf)
					       : holds_of_null(n);
	}
}

/* --- nodes ------------------------------------------------------------- */

/* pack_literal for what literals mostly are, without a call. */
static inline const uint8_t *literal(const uint8_t *p, struct pack_literal *out)
{
	out->type = p[0];
	if (p[0] == VALUE_STRING && p[1] < 128) {
		out->p = (const char *)p + 2;
		out->len = p[1];
		return p + 2 + p[1];
	}
	if (p[0] == VALUE_DOUBLE) {
		memcpy(&out->d, p + 1, sizeof out->d);
		return p + 1 + sizeof out->d;
	}
	return pack_literal(p, out);
}

/* A value at a path beside one literal. */
static inline const uint8_t *eval_comparison(const uint8_t *p,
					     const struct pack_event *e,
					     bool *out)
{
	enum pack_code code = *p;
	const struct json_leaf *leaf = &null;
	const struct path *path;
	struct pack_literal l;
	uint64_t number;

	p = literal(pack_varint(p + 1, &number), &l);
	path = paths_at(&e->places->paths, (uint32_t)number);
	if (path->stamp == e->stamp)
		leaf = &e->leaves->at[path->leaf];
	if (code <= PACK_NE)
		*out = equals(leaf, &l) == (code == PACK_EQ);
	else
		*out = in_order(code, leaf, &l);
	return p;
}

static bool eval_node(const struct pack_node *n, const struct pack_event *e);

/* Whether the node at p holds; returns what is behind it. A header without a
 * negation, at a path, is the code itself. So are those of nearly all nodes
 * that a candidate is asked for, which are evaluated while they are read. */
static const uint8_t *eval(const uint8_t *p, const struct pack_event *e,
			   bool *out)
{
	struct pack_node n;
	const uint8_t *end;
	uint64_t size;

	switch (*p) {
	case PACK_AND:
		p = pack_varint(p + 1, &size);
		*out = true;
		for (end = p + size; p < end && *out;)
			p = eval(p, e, out);
		return end;
	case PACK_EQ:
	case PACK_NE:
	case PACK_GT:
	case PACK_GE:
	case PACK_LT:
	case PACK_LE:
		return eval_comparison(p, e, out);
	default:
		pack_read(p, &n);
		*out = eval_node(&n, e);
		return n.end;
	}
}

static bool eval_node(const struct pack_node *n, const struct pack_event *e)
{
	const uint8_t *p = n->inside;
	bool inner;
	bool odd = false;

	switch (n->code) {
	case PACK_FALSE:
	case PACK_TRUE:
		return (n->code == PACK_TRUE) != n->negated;
	case PACK_AND:
	case PACK_OR:
		while (p < n->end) {
			p = eval(p, e, &inner);
			if (inner != (n->code == PACK_AND))
				return (n->code == PACK_OR) != n->negated;
		}
		return (n->code == PACK_AND) != n->negated;
	case PACK_XOR:
		while (p < n->end) {
			p = eval(p, e, &inner);
			odd ^= inner;
		}
		return odd != n->negated;
	default:
		return atom(n, e) != n->negated;
	}
}

bool pack_eval(const uint8_t *pack, const struct pack_event *e)
{
	bool holds;

	eval(pack, e, &holds);
	return holds;
}
