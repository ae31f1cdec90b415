/* grammar.c - terms and combinators.
 *
 *     condition  = term [ combinator condition ]
 *     term       = { "not" } ( "[" condition "]" | atom | true | false )
 *     atom       = key [ { prefix } operator [ value ] ]
 *     combinator = "and" | "or" | "xor" | "and not" | "or not"
 *     prefix     = "not" | "rev" | "not_rev" | "rev_not"     (at most two)
 *     value      = word | quoted | "[" { word | quoted } "]"
 *
 * There is no precedence: each combinator takes all that follows up to the end
 * of its group. `and not X` negates the whole X, while a `not` at the
 * beginning of a term belongs to that term alone.
 *
 * A row of combinators is read in a loop and built from its end, so that only
 * brackets and changes of the combinator cost depth.
 */
#include "cond/grammar.h"

#include "base/mem.h"
#include "cond/literal.h"
#include "cond/operators.h"

#include <string.h>

#define OPERAND_DEPTH_MAX 16

struct grammar {
	struct cond_tokens *t;
	const struct cond_rules *rules;
	uint32_t depth;
	uint32_t atoms; /* and eighths of lists */
};

static const struct str combinators[] = {
	{"and", 3}, {"or", 2}, {"xor", 3}, {"and_not", 7}, {"or_not", 6}};
static const struct str prefixes[] = {
	{"not", 3}, {"rev", 3}, {"not_rev", 7}, {"rev_not", 7}};

static bool is_one_of(struct str word, const struct str *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(word, words[i]))
			return true;
	return false;
}

bool cond_is_keyword(struct str word)
{
	return is_one_of(word, combinators, ARRAY_LEN(combinators)) ||
	       is_one_of(word, prefixes, ARRAY_LEN(prefixes));
}

/* --- the present token ------------------------------------------------- */

static bool plain(const struct grammar *g)
{
	return g->t->token.kind == COND_TOKEN_WORD && !g->t->token.escaped;
}

static bool at_not(const struct grammar *g)
{
	return plain(g) && str_eq(g->t->token.text, STR("not"));
}

/* The first letter rules out most words. */
static bool at_combinator(const struct grammar *g)
{
	struct str word = g->t->token.text;

	return plain(g) && word.len &&
	       (*word.p == 'a' || *word.p == 'o' || *word.p == 'x') &&
	       is_one_of(word, combinators, ARRAY_LEN(combinators));
}

static bool at_prefix(const struct grammar *g)
{
	struct str word = g->t->token.text;

	return plain(g) && word.len && (*word.p == 'n' || *word.p == 'r') &&
	       is_one_of(word, prefixes, ARRAY_LEN(prefixes));
}

static bool at_constant(const struct grammar *g)
{
	return g->t->token.kind == COND_TOKEN_VALUE &&
	       value_is_bool(g->t->token.v);
}

static int advance(struct grammar *g, enum cond_place place)
{
	return g->t->next(g->t, place);
}

static int fail_expected(struct grammar *g, const char *expected)
{
	const struct cond_token *token = &g->t->token;

	if (token->kind == COND_TOKEN_END)
		return cond_fail_at(g->t, WEIR_EINVAL, token->at,
				    "expected %s, but the condition ends here",
				    expected);
	if (token->kind == COND_TOKEN_VALUE || token->kind == COND_TOKEN_PATH)
		return cond_fail_at(g->t, WEIR_EINVAL, token->at,
				    "expected %s, not this %s", expected,
				    value_type_name(token->v));
	return cond_fail_at(g->t, WEIR_EINVAL, token->at,
			    "expected %s, not '%.*s'", expected,
			    (int)MIN(token->text.len, 64), token->text.p);
}

/* --- limits ------------------------------------------------------------ */

static int deeper(struct grammar *g)
{
	if (++g->depth > g->rules->depth_max)
		return cond_fail_at(g->t, WEIR_ETOOBIG, g->t->token.at,
				    "nested deeper than %u levels",
				    g->rules->depth_max);
	return 0;
}

static int count_atoms(struct grammar *g, uint32_t n)
{
	g->atoms += n;
	if (g->atoms > g->rules->atoms_max)
		return cond_fail_at(g->t, WEIR_ETOOBIG, g->t->token.at,
				    "more than %u comparisons (eight elements "
				    "of a list count as one)",
				    g->rules->atoms_max);
	return 0;
}

/* --- values ------------------------------------------------------------ */

static struct value convert(const struct cond_token *token)
{
	if (token->kind == COND_TOKEN_QUOTED || token->escaped)
		return value_string(token->text);
	return cond_literal(token->text);
}

static int read_elements(struct grammar *g, struct buf *elements)
{
	size_t open = g->t->token.at;
	uint32_t n = 0;
	int rc;

	for (;;) {
		struct value v;

		rc = advance(g, COND_IN_LIST);
		if (rc < 0 || g->t->token.kind == COND_TOKEN_CLOSE)
			return rc;
		if (g->t->token.kind == COND_TOKEN_END)
			return cond_fail_at(g->t, WEIR_EINVAL, open,
					    "this list is never closed");
		if (g->t->token.kind == COND_TOKEN_OPEN)
			return fail_expected(g, "an element or ]");
		if (++n % 8 == 0) {
			rc = count_atoms(g, 1);
			if (rc < 0)
				return rc;
		}
		v = convert(&g->t->token);
		buf_append(elements, &v, sizeof v);
	}
}

static int read_list(struct grammar *g, struct value *out)
{
	struct buf elements = {0};
	int rc = read_elements(g, &elements);
	uint32_t n = (uint32_t)(buf_len(&elements) / sizeof *out);
	struct value *at = n ? (struct value *)buf_bytes(&elements) : NULL;

	/* value_array takes them; it also frees what there is on failure. */
	*out = value_array(at, n);
	buf_fini(&elements);
	return rc;
}

/* Lists and objects in each other: comparing recurses as deep, and does not
 * allocate. */
static bool deeper_than(struct value v, uint32_t levels)
{
	uint32_t n = value_len(v) * (value_type(v) == VALUE_OBJECT ? 2 : 1);

	if (value_type(v) < VALUE_ARRAY)
		return false;
	if (!levels)
		return true;
	for (uint32_t i = 0; i < n; i++)
		if (deeper_than(value_nodes(v)[i], levels - 1))
			return true;
	return false;
}

static int share_value(struct grammar *g, struct cond_atom *a)
{
	struct value v = g->t->token.v;

	if (deeper_than(v, OPERAND_DEPTH_MAX))
		return cond_fail_at(g->t, WEIR_ETOOBIG, g->t->token.at,
				    "a value nested deeper than %d levels",
				    OPERAND_DEPTH_MAX);
	a->operand = value_ref(v);
	return count_atoms(g, value_len(v) / 8);
}

/* Most numbers are told by their value; a string is shared with it. */
static void convert_operand(struct grammar *g, struct cond_atom *a)
{
	struct str text = g->t->token.text;

	a->operand = convert(&g->t->token);
	if (value_type(a->operand) == VALUE_STRING)
		a->text = value_ref(a->operand);
	else if (g->rules->as_written || a->reversed ||
		 cond_asks_for_text(a, text))
		a->text = value_string(text);
}

static int read_value(struct grammar *g, struct cond_atom *a)
{
	const struct cond_token *token = &g->t->token;
	int rc;

	switch (token->kind) {
	case COND_TOKEN_OPEN:
		rc = read_list(g, &a->operand);
		break;
	case COND_TOKEN_VALUE:
		rc = share_value(g, a);
		break;
	case COND_TOKEN_WORD:
	case COND_TOKEN_QUOTED:
		if (at_combinator(g))
			return fail_expected(g, "a value");
		rc = cond_claim_read(g->t, g->rules, &a->claim);
		if (rc == 0 && !a->claim)
			convert_operand(g, a);
		break;
	default:
		return fail_expected(g, "a value");
	}
	return rc < 0 ? rc : advance(g, COND_AT_TERM);
}

/* Is there a value behind an operator that needs none? */
static bool at_value(const struct grammar *g)
{
	enum cond_token_kind kind = g->t->token.kind;

	return kind != COND_TOKEN_END && kind != COND_TOKEN_CLOSE &&
	       !at_combinator(g);
}

/* --- atoms ------------------------------------------------------------- */

static int no_operator(struct grammar *g)
{
	struct str word = g->t->token.text;
	const char *near =
		plain(g) && !at_prefix(g) ? cond_operator_nearest(word) : NULL;

	if (!near)
		return fail_expected(g, "an operator, and, or, or the end");
	return cond_fail_at(g->t, WEIR_EINVAL, g->t->token.at,
			    "no operator '%.*s'; did you mean '%s'?",
			    (int)MIN(word.len, 64), word.p, near);
}

static int read_prefixes(struct grammar *g, bool *negated, bool *reversed)
{
	int rc = 0;

	for (int i = 0; rc == 0 && i < 2 && at_prefix(g); i++) {
		struct str word = g->t->token.text;

		*negated ^= !str_eq(word, STR("rev"));
		*reversed |= !str_eq(word, STR("not"));
		rc = advance(g, COND_AT_TERM);
		if (rc == 0 && !plain(g))
			return fail_expected(g, "an operator");
	}
	return rc;
}

static int read_operand(struct grammar *g, const struct cond_operator *op,
			struct cond_atom *a)
{
	struct cond_token *token = &g->t->token;
	size_t at;
	int rc;

	if (a->reversed && !op->reversible)
		return cond_fail_at(g->t, WEIR_EINVAL, token->at,
				    "%s has no reverse", op->name);
	rc = advance(g, COND_AT_VALUE);
	if (rc < 0)
		return rc;
	at = token->at;
	if (op->takes == COND_TAKES_NOTHING && at_value(g))
		return cond_fail_at(g->t, WEIR_EINVAL, at,
				    "%s takes no value; expected and, or, or "
				    "the end",
				    op->name);
	if (op->takes <= COND_MAY_TAKE) {
		/* What is ignored is read, so that it is a value. */
		struct cond_atom ignored = {0};

		if (at_value(g))
			rc = read_value(g, &ignored);
		value_unref(ignored.operand);
		value_unref(ignored.text);
		cond_key_unref(ignored.claim);
		a->reversed = false;
		return rc;
	}
	rc = read_value(g, a);
	return rc < 0 ? rc : cond_operand_check(g->t, g->rules, a, at);
}

/* *out is set also on failure: the caller destroys it. */
static int read_atom(struct grammar *g, struct cond_node **out)
{
	struct cond_token *token = &g->t->token;
	const struct cond_operator *op;
	struct cond_key *key;
	struct cond_atom *a;
	bool negated = false;
	int rc = count_atoms(g, 1);

	if (rc < 0)
		return rc;
	rc = cond_key_read(g->t, g->rules, &key);
	if (rc < 0)
		return rc;
	*out = cond_node_atom(key);
	a = (*out)->atom;
	a->at = (uint32_t)token->at;
	rc = advance(g, COND_AT_TERM);
	if (rc == 0)
		rc = read_prefixes(g, &negated, &a->reversed);
	if (rc < 0)
		return rc;
	op = plain(g) ? cond_operator_find(token->text) : NULL;
	if (op) {
		a->op = op->op;
		rc = read_operand(g, op, a);
		if (negated)
			*out = cond_node_not(*out);
		return rc;
	}
	if (negated || a->reversed || at_value(g))
		return no_operator(g);
	return 0; /* the key alone: truthy */
}

/* --- terms ------------------------------------------------------------- */

static int read_condition(struct grammar *g, struct cond_node **out);

static int read_group(struct grammar *g, struct cond_node **out)
{
	size_t open = g->t->token.at;
	int rc = deeper(g);

	if (rc == 0)
		rc = advance(g, COND_AT_TERM);
	if (rc == 0)
		rc = read_condition(g, out);
	if (rc < 0)
		return rc;
	if (g->t->token.kind == COND_TOKEN_END)
		return cond_fail_at(g->t, WEIR_EINVAL, open,
				    "this bracket is never closed");
	if (g->t->token.kind != COND_TOKEN_CLOSE)
		return fail_expected(g, "and, or, or ]");
	g->depth--;
	return advance(g, COND_AT_TERM);
}

static int read_term(struct grammar *g, struct cond_node **out)
{
	bool negated = false;
	int rc = 0;

	while (at_not(g)) {
		negated = !negated;
		rc = advance(g, COND_AT_TERM);
		if (rc < 0)
			return rc;
	}
	switch (g->t->token.kind) {
	case COND_TOKEN_OPEN:
		rc = read_group(g, out);
		break;
	case COND_TOKEN_WORD:
	case COND_TOKEN_QUOTED:
		if (at_combinator(g))
			return fail_expected(g, "a key or [");
		rc = read_atom(g, out);
		break;
	case COND_TOKEN_PATH:
		rc = read_atom(g, out);
		break;
	default:
		if (!at_constant(g))
			return fail_expected(g, "a key or [");
		*out = cond_node_new(value_type(g->t->token.v) == VALUE_TRUE
					     ? COND_TRUE
					     : COND_FALSE);
		rc = advance(g, COND_AT_TERM);
	}
	if (negated && *out)
		*out = cond_node_not(*out);
	return rc;
}

/* --- rows of combinators ----------------------------------------------- */

/* A term and the combinator behind it. */
struct link {
	struct cond_node *term;
	enum cond_kind kind;
	bool negate; /* all that follows */
};

struct row {
	struct link *links; /* few while they are, then ours */
	uint32_t n;
	uint32_t cap;
	struct link few[4];
};

static struct link *row_add(struct row *r)
{
	if (r->n == r->cap) {
		struct link *more = mem_alloc(2 * r->cap * sizeof *more);

		memcpy(more, r->links, r->n * sizeof *more);
		if (r->links != r->few)
			mem_free(r->links);
		r->links = more;
		r->cap *= 2;
	}
	r->links[r->n] = (struct link){0};
	return &r->links[r->n++];
}

static int read_combinator(struct grammar *g, struct link *l)
{
	struct str word = g->t->token.text;
	int rc;

	l->negate = word.len > 3; /* and_not, or_not */
	l->kind = word.p[0] == 'a'   ? COND_AND
		  : word.p[0] == 'o' ? COND_OR
				     : COND_XOR;
	rc = advance(g, COND_AT_TERM);
	if (rc == 0 && l->kind != COND_XOR && !l->negate && at_not(g)) {
		l->negate = true;
		rc = advance(g, COND_AT_TERM);
	}
	return rc;
}

static int read_row(struct grammar *g, struct row *r)
{
	for (;;) {
		struct link *l = row_add(r);
		const struct link *before = r->n > 1 ? l - 1 : NULL;
		int rc = read_term(g, &l->term);

		if (rc < 0 || !at_combinator(g))
			return rc;
		rc = read_combinator(g, l);
		if (rc == 0 &&
		    (l->negate || (before && before->kind != l->kind)))
			rc = deeper(g);
		if (rc < 0)
			return rc;
	}
}

/* Of a row with one combinator becomes one node: all three are associative. */
static struct cond_node *join(const struct link *l, struct cond_node *rest)
{
	struct cond_node *n;

	if (l->negate)
		rest = cond_node_not(rest);
	if (rest->kind == l->kind) {
		cond_node_add_first(rest, l->term);
		return rest;
	}
	n = cond_node_new(l->kind);
	cond_node_add(n, l->term);
	cond_node_add(n, rest);
	return n;
}

static struct cond_node *build_row(const struct row *r)
{
	struct cond_node *n = r->links[r->n - 1].term;

	for (uint32_t i = r->n - 1; i > 0; i--)
		n = join(&r->links[i - 1], n);
	return n;
}

static int read_condition(struct grammar *g, struct cond_node **out)
{
	uint32_t depth = g->depth;
	struct row r;
	int rc;

	r.links = r.few;
	r.n = 0;
	r.cap = ARRAY_LEN(r.few);
	rc = read_row(g, &r);
	g->depth = depth;
	if (rc == 0)
		*out = build_row(&r);
	for (uint32_t i = 0; rc < 0 && i < r.n; i++)
		cond_node_destroy(r.links[i].term);
	if (r.links != r.few)
		mem_free(r.links);
	return rc;
}

int cond_grammar_read(struct cond_tokens *t, const struct cond_rules *rules,
		      struct cond_node **out)
{
	struct grammar g = {.t = t, .rules = rules};
	int rc = advance(&g, COND_AT_TERM);

	*out = NULL;
	/* The outermost array of a structured condition is no group. */
	if (rc == 0)
		rc = read_condition(&g, out);
	if (rc == 0 && t->token.kind != COND_TOKEN_END)
		rc = fail_expected(&g, "and, or, or the end");
	if (rc < 0) {
		cond_node_destroy(*out);
		*out = NULL;
	}
	return rc;
}
