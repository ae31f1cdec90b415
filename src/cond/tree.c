/* tree.c - nodes: making, walking, comparing, printing. */
#include "cond/tree.h"

#include "base/mem.h"
#include "cond/literal.h"
#include "cond/operators.h"
#include "cond/regex.h"
#include "json/write.h"

#include <string.h>

/* A comparison is one piece with its node; two children need no more memory,
 * which is what most groups have. */
struct atom_node {
	struct cond_node node;
	struct cond_atom atom;
};

struct cond_node *cond_node_new(enum cond_kind kind)
{
	struct cond_node *n = slab_zalloc(sizeof *n);

	n->kind = kind;
	n->children = n->few;
	n->cap = ARRAY_LEN(n->few);
	return n;
}

struct cond_node *cond_node_atom(struct cond_key *key)
{
	struct atom_node *both = slab_zalloc(sizeof *both);

	both->node.kind = COND_ATOM;
	both->node.atom = &both->atom;
	both->atom.key = key;
	return &both->node;
}

void cond_node_add(struct cond_node *n, struct cond_node *child)
{
	if (n->n == n->cap) {
		struct cond_node **more =
			mem_alloc(2 * n->cap * sizeof(struct cond_node *));

		memcpy(more, n->children, n->n * sizeof(struct cond_node *));
		if (n->children != n->few)
			mem_free(n->children);
		n->children = more;
		n->cap *= 2;
	}
	n->children[n->n++] = child;
}

void cond_node_add_first(struct cond_node *n, struct cond_node *child)
{
	cond_node_add(n, child);
	memmove(n->children + 1, n->children,
		(n->n - 1) * sizeof(struct cond_node *));
	n->children[0] = child;
}

struct cond_node *cond_node_not(struct cond_node *n)
{
	struct cond_node *not = cond_node_new(COND_NOT);

	cond_node_add(not, n);
	return not ;
}

static void atom_fini(struct cond_atom *a)
{
	cond_key_unref(a->key);
	cond_key_unref(a->claim);
	cond_regex_unref(a->regex);
	value_unref(a->operand);
	value_unref(a->text);
}

void cond_node_destroy(struct cond_node *n)
{
	if (!n)
		return;
	if (n->kind == COND_ATOM) {
		atom_fini(n->atom);
		slab_free(n, sizeof(struct atom_node));
		return;
	}
	for (uint32_t i = 0; i < n->n; i++)
		cond_node_destroy(n->children[i]);
	if (n->children != n->few)
		mem_free(n->children);
	slab_free(n, sizeof *n);
}

/* --- walking ------------------------------------------------------------- */

static bool each_atom(const struct cond_node *n, bool negated, cond_atom_fn fn,
		      void *ctx)
{
	if (n->kind == COND_ATOM)
		return fn(n->atom, negated, ctx);
	negated ^= n->kind == COND_NOT;
	for (uint32_t i = 0; i < n->n; i++)
		if (!each_atom(n->children[i], negated, fn, ctx))
			return false;
	return true;
}

bool cond_each_atom(const struct cond_node *n, cond_atom_fn fn, void *ctx)
{
	return each_atom(n, false, fn, ctx);
}

/* --- comparing ----------------------------------------------------------- */

/* 1 is 1.0, but has bits. */
static bool operand_same(const struct cond_atom *a, const struct cond_atom *b)
{
	return value_equal(a->operand, b->operand) &&
	       (a->op < COND_BIT_AND ||
		value_type(a->operand) == value_type(b->operand));
}

static bool atom_same(const struct cond_atom *a, const struct cond_atom *b)
{
	return a->key == b->key && a->op == b->op &&
	       a->reversed == b->reversed && a->claim == b->claim &&
	       operand_same(a, b) && value_equal(a->text, b->text);
}

bool cond_node_same(const struct cond_node *a, const struct cond_node *b)
{
	if (a->hash != b->hash || a->kind != b->kind || a->n != b->n)
		return false;
	if (a->kind == COND_ATOM)
		return atom_same(a->atom, b->atom);
	for (uint32_t i = 0; i < a->n; i++)
		if (!cond_node_same(a->children[i], b->children[i]))
			return false;
	return true;
}

/* --- as text ------------------------------------------------------------- */

/* Quotes where it would be read as something else without. */
static void print_string(struct str s, struct buf *out)
{
	bool plain = s.len > 0 && !cond_is_integer(s);
	bool both = memchr(s.p, '"', s.len) && memchr(s.p, '\'', s.len);
	char quote = memchr(s.p, '"', s.len) ? '\'' : '"';
	struct value v;

	for (size_t i = 0; plain && i < s.len; i++)
		plain = !strchr(" \t\r\n[]\\,\"'", s.p[i]);
	if (plain) {
		v = cond_literal(s);
		plain = value_type(v) == VALUE_STRING &&
			str_eq(value_str(v), s);
		value_unref(v);
	}
	for (size_t i = 0; plain && i < 5; i++)
		plain = !str_eq(s,
				str_of(((const char *const[]){"and", "or",
							      "xor", "and_not",
							      "or_not"})[i]));
	if (plain && !str_starts(s, STR("$claims."))) {
		buf_append_str(out, s);
		return;
	}
	if (!both) {
		buf_append_char(out, quote);
		buf_append_str(out, s);
		buf_append_char(out, quote);
		return;
	}
	for (size_t i = 0; i < s.len; i++) {
		if (i == 0 || strchr(" \t\r\n[]\\,", s.p[i]))
			buf_append_char(out, '\\');
		buf_append_char(out, s.p[i]);
	}
}

static void print_value(struct value v, struct buf *out)
{
	switch (value_type(v)) {
	case VALUE_NULL:
		buf_append_cstr(out, "None");
		break;
	case VALUE_STRING:
		print_string(value_str(v), out);
		break;
	case VALUE_ARRAY:
		buf_append_char(out, '[');
		for (uint32_t i = 0; i < v.len; i++) {
			if (i)
				buf_append_char(out, ' ');
			print_value(value_nodes(v)[i], out);
		}
		buf_append_char(out, ']');
		break;
	default:
		json_write(v, out);
	}
}

/* first: nothing stands before it in its group. Elsewhere a `not` in front
 * would be read as part of the combinator, and negate all that follows. */
static void print_atom(const struct cond_atom *a, bool negated, bool first,
		       struct buf *out)
{
	const struct cond_operator *op = cond_operator_of(a->op);

	if (a->op == COND_TRUTHY && (first || !negated)) {
		buf_append_cstr(out, negated ? "not " : "");
		cond_key_print(a->key, out);
		return;
	}
	cond_key_print(a->key, out);
	buf_append_cstr(out, negated ? " not" : "");
	buf_append_cstr(out, a->reversed ? " rev " : " ");
	buf_append_cstr(out, op->name);
	if (op->takes <= COND_MAY_TAKE)
		return;
	buf_append_char(out, ' ');
	if (a->claim)
		cond_key_print(a->claim, out);
	else if (value_is_number(a->operand) &&
		 value_type(a->text) == VALUE_STRING)
		buf_append_str(out, value_str(a->text));
	else if (a->op == COND_CIDR && a->operand.len == 1)
		print_value(value_nodes(a->operand)[0], out);
	else
		print_value(a->operand, out);
}

static void print(const struct cond_node *n, bool bracket, bool first,
		  struct buf *out)
{
	static const char *const words[] = {
		[COND_AND] = " and ", [COND_OR] = " or ", [COND_XOR] = " xor "};

	switch (n->kind) {
	case COND_ATOM:
		print_atom(n->atom, false, first, out);
		return;
	case COND_NOT:
		if (n->children[0]->kind == COND_ATOM) {
			print_atom(n->children[0]->atom, true, first, out);
			return;
		}
		buf_append_cstr(out, first ? "not " : "[not ");
		print(n->children[0], true, true, out);
		buf_append_cstr(out, first ? "" : "]");
		return;
	case COND_TRUE:
	case COND_FALSE:
		buf_append_cstr(out,
				n->kind == COND_TRUE ? "[true]" : "[false]");
		return;
	default:
		break;
	}
	buf_append_cstr(out, bracket ? "[" : "");
	for (uint32_t i = 0; i < n->n; i++) {
		if (i)
			buf_append_cstr(out, words[n->kind]);
		print(n->children[i], true, i == 0, out);
	}
	buf_append_cstr(out, bracket ? "]" : "");
}

void cond_node_print(const struct cond_node *n, struct buf *out)
{
	print(n, false, true, out);
}
