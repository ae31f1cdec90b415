/* canon.c - the canonical form of a condition; tree.h says what it is. */
#include "base/hash.h"
#include "base/mem.h"
#include "cond/literal.h"
#include "cond/operators.h"
#include "cond/tree.h"

#include <math.h>
#include <stdlib.h>

/* --- one form of each operator ----------------------------------------- */

static enum cond_op mirrored(enum cond_op op)
{
	switch (op) {
	case COND_GT:
		return COND_LT;
	case COND_GE:
		return COND_LE;
	case COND_LT:
		return COND_GT;
	case COND_LE:
		return COND_GE;
	case COND_CONTAINS:
		return COND_IN;
	case COND_IN:
		return COND_CONTAINS;
	default:
		return op;
	}
}

/* Which side stands first is told by the operator alone, or does not matter. */
static bool is_two_sided(enum cond_op op)
{
	switch (op) {
	case COND_EQ:
	case COND_NE:
	case COND_IEQ:
	case COND_ADD:
	case COND_SUB:
	case COND_MUL:
	case COND_BIT_AND:
	case COND_BIT_OR:
	case COND_BIT_XOR:
		return true;
	default:
		return mirrored(op) != op;
	}
}

static int by_value(const void *a, const void *b)
{
	const struct value *x = a;
	const struct value *y = b;

	return value_compare(*x, *y);
}

static bool is_in_order(struct value list)
{
	const struct value *e = value_nodes(list);

	for (uint32_t i = 1; i < value_len(list); i++)
		if (value_compare(e[i - 1], e[i]) >= 0)
			return false;
	return true;
}

/* Sorts a list and drops what is repeated. */
static void sort_list(struct value *list)
{
	uint32_t n = value_len(*list);
	struct value *e;
	uint32_t kept = 0;

	if (is_in_order(*list))
		return;
	e = mem_alloc((n + 1) * sizeof *e);
	for (uint32_t i = 0; i < n; i++)
		e[i] = value_ref(value_nodes(*list)[i]);
	qsort(e, n, sizeof *e, by_value);
	for (uint32_t i = 0; i < n; i++) {
		if (kept && value_equal(e[kept - 1], e[i]))
			value_unref(e[i]);
		else
			e[kept++] = e[i];
	}
	value_unref(*list);
	*list = value_array(e, kept);
	mem_free(e);
}

static void in_one_is_eq(struct cond_atom *a)
{
	struct value only;

	if (a->operand.len != 1)
		return;
	only = value_ref(value_nodes(a->operand)[0]);
	value_unref(a->operand);
	a->operand = only;
	a->op = COND_EQ;
}

bool cond_asks_for_text(const struct cond_atom *a, struct str text)
{
	if (a->op == COND_CONTAINS ||
	    (a->op >= COND_STARTS && a->op <= COND_MATCHES &&
	     a->op != COND_CIDR))
		return true;
	return value_type(a->operand) == VALUE_DOUBLE &&
	       (!isfinite(a->operand.d) || cond_is_integer(text));
}

/* Returns true if the atom is to be negated. */
static bool canon_atom(struct cond_atom *a)
{
	bool negated = false;

	if (a->reversed && is_two_sided(a->op)) {
		a->op = mirrored(a->op);
		a->reversed = false;
	}
	if (a->op == COND_MISSING) {
		a->op = COND_EXISTS;
		negated = true;
	} else if (!a->key->many && !a->claim &&
		   (a->op == COND_NE || a->op == COND_FALSY)) {
		a->op = a->op == COND_NE ? COND_EQ : COND_TRUTHY;
		negated = true;
	}
	if (a->op == COND_IN && value_type(a->operand) == VALUE_ARRAY) {
		sort_list(&a->operand);
		in_one_is_eq(a);
	} else if (a->op == COND_CIDR) {
		sort_list(&a->operand);
	}
	if (value_type(a->text) != VALUE_STRING ||
	    !cond_asks_for_text(a, value_str(a->text))) {
		value_unref(a->text);
		a->text = value_null();
	}
	return negated;
}

/* --- hashes ------------------------------------------------------------ */

static uint64_t hash_atom(const struct cond_atom *a)
{
	uint64_t h = hash_u64((uint64_t)a->op << 1 | a->reversed);

	h = hash_mix(h ^ a->key->hash, hash_key[1]);
	h = hash_mix(h ^ value_hash(a->operand), hash_key[2]);
	h = hash_mix(h ^ value_hash(a->text), hash_key[3]);
	if (a->claim)
		h = hash_mix(h ^ a->claim->hash, hash_key[1]);
	return h;
}

static void set_hash(struct cond_node *n)
{
	uint64_t h = hash_u64(n->kind);

	if (n->kind == COND_ATOM)
		h = hash_mix(h ^ hash_atom(n->atom), hash_key[1]);
	for (uint32_t i = 0; i < n->n; i++)
		h = hash_mix(h ^ n->children[i]->hash, hash_key[2]);
	n->hash = h;
}

/* --- the tree ---------------------------------------------------------- */

static struct cond_node *canon(struct cond_node *n, bool negated);

/* The only child instead of its parent. */
static struct cond_node *unwrap(struct cond_node *n)
{
	struct cond_node *child = n->children[0];

	n->n = 0;
	cond_node_destroy(n);
	return child;
}

static struct cond_node *constant(struct cond_node *n, bool truth)
{
	struct cond_node *c = cond_node_new(truth ? COND_TRUE : COND_FALSE);

	cond_node_destroy(n);
	set_hash(c);
	return c;
}

static struct cond_node *negation(struct cond_node *n)
{
	n = cond_node_not(n);
	set_hash(n);
	return n;
}

static bool is_constant(const struct cond_node *n)
{
	return n->kind == COND_TRUE || n->kind == COND_FALSE;
}

static int by_hash(const void *a, const void *b)
{
	const struct cond_node *x = *(struct cond_node *const *)a;
	const struct cond_node *y = *(struct cond_node *const *)b;

	return x->hash < y->hash ? -1 : x->hash > y->hash;
}

/* Most groups are a handful; for these it is faster than qsort. */
enum { INSERTION_MAX = 8 };

static void sort_children(struct cond_node *n)
{
	struct cond_node **c = n->children;

	if (n->n > INSERTION_MAX) {
		qsort(c, n->n, sizeof *c, by_hash);
		return;
	}
	for (uint32_t i = 1; i < n->n; i++) {
		struct cond_node *moved = c[i];
		uint32_t k = i;

		for (; k && c[k - 1]->hash > moved->hash; k--)
			c[k] = c[k - 1];
		c[k] = moved;
	}
}

/* Takes the children of what is in n out of it: AND in AND, and so on. */
static void flatten(struct cond_node *n)
{
	uint32_t before = n->n;

	for (uint32_t i = 0; i < before; i++) {
		struct cond_node *c = n->children[i];

		if (c->kind != n->kind)
			continue;
		n->children[i] = c->children[0];
		for (uint32_t j = 1; j < c->n; j++)
			cond_node_add(n, c->children[j]);
		c->n = 0;
		cond_node_destroy(c);
	}
}

/* x and not x: each NOT looks for its own. Equal hashes of 64 bits whose keys
 * nobody knows are not met, but a wrong answer would be for ever. */
static bool has_opposite(const struct cond_node *n)
{
	for (uint32_t i = 0; i < n->n; i++) {
		const struct cond_node *c = n->children[i];

		if (c->kind != COND_NOT)
			continue;
		c = c->children[0];

		struct cond_node *const *found =
			bsearch(&c, n->children, n->n, sizeof c, by_hash);

		if (found && cond_node_same(*found, c))
			return true;
	}
	return false;
}

/* AND or OR of canonical children. */
static struct cond_node *canon_group(struct cond_node *n)
{
	enum cond_kind neutral = n->kind == COND_AND ? COND_TRUE : COND_FALSE;
	uint32_t kept = 0;
	bool decided = false;

	flatten(n);
	sort_children(n);
	for (uint32_t i = 0; i < n->n; i++) {
		struct cond_node *c = n->children[i];

		decided |= is_constant(c) && c->kind != neutral;
		if (is_constant(c) ||
		    (kept && cond_node_same(n->children[kept - 1], c)))
			cond_node_destroy(c);
		else
			n->children[kept++] = c;
	}
	n->n = kept;
	if (decided || has_opposite(n))
		return constant(n, n->kind == COND_OR);
	if (kept == 0)
		return constant(n, n->kind == COND_AND);
	if (kept == 1)
		return unwrap(n);
	set_hash(n);
	return n;
}

/* XOR of canonical children: a NOT or a constant turns the whole, and of two
 * that are equal nothing is left. */
static struct cond_node *canon_xor(struct cond_node *n, bool negated)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < n->n; i++) {
		struct cond_node **c = &n->children[i];

		if ((*c)->kind == COND_NOT) {
			*c = unwrap(*c);
			negated = !negated;
		}
		negated ^= (*c)->kind == COND_TRUE;
	}
	flatten(n);
	sort_children(n);
	for (uint32_t i = 0; i < n->n; i++) {
		struct cond_node *c = n->children[i];

		if (is_constant(c)) {
			cond_node_destroy(c);
		} else if (kept && cond_node_same(n->children[kept - 1], c)) {
			cond_node_destroy(c);
			cond_node_destroy(n->children[--kept]);
		} else {
			n->children[kept++] = c;
		}
	}
	n->n = kept;
	if (kept == 0)
		return constant(n, negated);
	if (kept == 1)
		return canon(unwrap(n), negated);
	set_hash(n);
	return negated ? negation(n) : n;
}

static struct cond_node *canon(struct cond_node *n, bool negated)
{
	switch (n->kind) {
	case COND_FALSE:
	case COND_TRUE:
		return constant(n, (n->kind == COND_TRUE) != negated);
	case COND_ATOM:
		negated ^= canon_atom(n->atom);
		set_hash(n);
		return negated ? negation(n) : n;
	case COND_NOT:
		return canon(unwrap(n), !negated);
	case COND_XOR:
		for (uint32_t i = 0; i < n->n; i++)
			n->children[i] = canon(n->children[i], false);
		return canon_xor(n, negated);
	default:
		for (uint32_t i = 0; i < n->n; i++)
			n->children[i] = canon(n->children[i], negated);
		if (negated) /* De Morgan */
			n->kind = n->kind == COND_AND ? COND_OR : COND_AND;
		return canon_group(n);
	}
}

struct cond_node *cond_canon(struct cond_node *n)
{
	return canon(n, false);
}
