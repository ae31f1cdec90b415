/* cond.c - conditions: words, a right-associative grammar, evaluation.
 *
 *     condition  = term [ combinator condition ]
 *     term       = [ "not" ] ( "[" condition "]" | atom )
 *     atom       = key [ [ "not" ] operator value ]
 *     combinator = "and" | "or" | "xor" | "and not" | "or not"
 *
 * There is no precedence: each combinator takes all that follows up to the end
 * of its bracket group. `and not X` negates the whole X, while a `not` at the
 * beginning of a term belongs to that term alone.
 *
 * The key `*` stands for every scalar leaf of the value, at any depth; the atom
 * holds if its operator holds for some leaf.
 */
#include "cond/cond.h"

#include "base/mem.h"

#include <string.h>

enum cond_op {
	OP_TRUTHY, /* a key alone */
	OP_EQ,
	OP_NE,
	OP_GT,
	OP_GE,
	OP_LT,
	OP_LE,
	OP_CONTAINS,
};

static const struct {
	const char *name;
	enum cond_op op;
} op_names[] = {
	{"eq", OP_EQ}, {"==", OP_EQ},
	{"=", OP_EQ},  {"ne", OP_NE},
	{"!=", OP_NE}, {"gt", OP_GT},
	{">", OP_GT},  {"ge", OP_GE},
	{">=", OP_GE}, {"lt", OP_LT},
	{"<", OP_LT},  {"le", OP_LE},
	{"<=", OP_LE}, {"contains", OP_CONTAINS},
};

enum node_kind { NODE_ATOM, NODE_NOT, NODE_AND, NODE_OR, NODE_XOR };

struct node {
	enum node_kind kind;
	struct node *a; /* NOT, AND, OR, XOR */
	struct node *b;
	/* An atom: */
	enum cond_op op;
	bool anywhere; /* the key is `*` */
	struct value_path path;
	struct value operand;
	struct value needle; /* the operand as it was written, a string */
};

struct cond {
	uint32_t refs;
	struct node *root;
};

/* --- words --------------------------------------------------------------- */

enum word_kind { WORD_END, WORD_PLAIN, WORD_QUOTED, WORD_OPEN, WORD_CLOSE };

struct word {
	enum word_kind kind;
	struct buf text; /* ours: without quotes and escapes */
	size_t at;
	bool escaped; /* had a backslash: no keyword, and no number */
};

struct reader {
	struct str text;
	size_t i;
	struct word word; /* the present one */
	uint32_t depth;
	struct weir_error *err;
};

static int fail(struct reader *r, size_t at, const char *message)
{
	return error_at(r->err, WEIR_EINVAL, r->text.p, r->text.len, at, "%s",
			message);
}

static int fail_word(struct reader *r, const char *expected)
{
	struct str w = buf_str(&r->word.text);

	if (r->word.kind == WORD_END)
		return error_at(r->err, WEIR_EINVAL, r->text.p, r->text.len,
				r->text.len,
				"expected %s, but the condition ends here",
				expected);
	if (r->word.kind == WORD_OPEN)
		w = STR("[");
	if (r->word.kind == WORD_CLOSE)
		w = STR("]");
	return error_at(r->err, WEIR_EINVAL, r->text.p, r->text.len, r->word.at,
			"expected %s, not '%.*s'", expected,
			(int)MIN(w.len, 64), w.p);
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static int read_quoted(struct reader *r, char quote)
{
	const char *end =
		memchr(r->text.p + r->i + 1, quote, r->text.len - r->i - 1);

	if (!end)
		return fail(r, r->word.at, "this quote is never closed");
	buf_append(&r->word.text, r->text.p + r->i + 1,
		   (size_t)(end - r->text.p) - r->i - 1);
	r->i = (size_t)(end - r->text.p) + 1;
	r->word.kind = WORD_QUOTED;
	return 0;
}

static int read_plain(struct reader *r)
{
	r->word.kind = WORD_PLAIN;
	for (; r->i < r->text.len; r->i++) {
		char c = r->text.p[r->i];

		if (is_space(c) || c == '[' || c == ']')
			break;
		if (c == '\\') {
			if (++r->i == r->text.len)
				return fail(r, r->i - 1,
					    "a backslash at the very end");
			r->word.escaped = true;
			c = r->text.p[r->i];
		}
		buf_append_char(&r->word.text, c);
	}
	return 0;
}

static int next_word(struct reader *r)
{
	char c;

	while (r->i < r->text.len && is_space(r->text.p[r->i]))
		r->i++;
	buf_clear(&r->word.text);
	r->word.at = r->i;
	r->word.escaped = false;
	r->word.kind = WORD_END;
	if (r->i == r->text.len)
		return 0;
	c = r->text.p[r->i];
	if (c == '[' || c == ']') {
		r->word.kind = c == '[' ? WORD_OPEN : WORD_CLOSE;
		r->i++;
		return 0;
	}
	if (c == '"' || c == '\'')
		return read_quoted(r, c);
	return read_plain(r);
}

static bool word_is(const struct reader *r, const char *keyword)
{
	return r->word.kind == WORD_PLAIN && !r->word.escaped &&
	       str_eq(buf_str(&r->word.text), str_of(keyword));
}

static bool word_is_combinator(const struct reader *r)
{
	return word_is(r, "and") || word_is(r, "or") || word_is(r, "xor") ||
	       word_is(r, "and_not") || word_is(r, "or_not");
}

/* --- nodes --------------------------------------------------------------- */

static struct node *node(enum node_kind kind, struct node *a, struct node *b)
{
	struct node *n = mem_zalloc(sizeof *n);

	n->kind = kind;
	n->a = a;
	n->b = b;
	return n;
}

static void node_destroy(struct node *n)
{
	if (!n)
		return;
	node_destroy(n->a);
	node_destroy(n->b);
	value_path_fini(&n->path);
	value_unref(n->operand);
	value_unref(n->needle);
	mem_free(n);
}

/* --- grammar ------------------------------------------------------------- */

/* true, false, None, numbers, str:text; all else is a string. */
static struct value convert(struct str w)
{
	struct value v = value_null();
	struct str digits = w;
	uint64_t u;
	double d;

	if (str_eq(w, STR("true")) || str_eq(w, STR("false")))
		return value_bool(w.p[0] == 't');
	if (str_eq(w, STR("None")))
		return v;
	if (str_starts(w, STR("str:")))
		return value_string(str_from(w.p + 4, w.len - 4));
	if (digits.len > 1 && digits.p[0] == '+' && digits.p[1] != '-')
		digits = str_from(w.p + 1, w.len - 1);
	if (str_to_i64(digits, &v.i) == 0) {
		v.tag = VALUE_INT;
		return v;
	}
	if (str_to_u64(digits, &u) == 0)
		return value_uint(u);
	if (str_to_double(digits, &d) == 0)
		return value_double(d);
	return value_string(w);
}

static bool find_op(const struct reader *r, enum cond_op *op)
{
	for (size_t i = 0; i < ARRAY_LEN(op_names); i++)
		if (word_is(r, op_names[i].name)) {
			*op = op_names[i].op;
			return true;
		}
	return false;
}

static int no_op(struct reader *r)
{
	static const char *const combinators[] = {"and", "or", "xor", "not"};
	const char *names[ARRAY_LEN(op_names) + 1] = {0};
	struct str w = buf_str(&r->word.text);
	const char *near;

	for (size_t i = 0; i < ARRAY_LEN(op_names); i++)
		names[i] = op_names[i].name;
	near = str_nearest(w, names);
	for (size_t i = 0; i < ARRAY_LEN(combinators); i++)
		if (str_ieq(w, str_of(combinators[i])))
			near = combinators[i];
	if (r->word.kind != WORD_PLAIN || !near)
		return fail_word(r, "an operator, and, or, or the end");
	return error_at(r->err, WEIR_EINVAL, r->text.p, r->text.len, r->word.at,
			"no operator '%.*s'; did you mean '%s'?",
			(int)MIN(w.len, 64), w.p, near);
}

static int read_operand(struct reader *r, struct node *n)
{
	struct str w;

	if (r->word.kind != WORD_QUOTED &&
	    (r->word.kind != WORD_PLAIN || word_is_combinator(r)))
		return fail_word(r, "a value");
	w = buf_str(&r->word.text);
	n->needle = value_string(w);
	n->operand =
		r->word.kind == WORD_QUOTED ? value_ref(n->needle) : convert(w);
	return next_word(r);
}

/* *out is set also on failure: the caller destroys it. */
static int read_atom(struct reader *r, struct node **out)
{
	struct node *n = *out = node(NODE_ATOM, NULL, NULL);
	bool negated = false;
	int rc;

	if ((r->word.kind != WORD_PLAIN && r->word.kind != WORD_QUOTED) ||
	    word_is_combinator(r))
		return fail_word(r, "a key or [");
	n->anywhere = word_is(r, "*");
	/* Stars within a path have no meaning here, and shall not get the one
	 * of a member's name. */
	if (!n->anywhere && r->word.kind == WORD_PLAIN && !r->word.escaped &&
	    memchr(buf_bytes(&r->word.text), '*', buf_len(&r->word.text)))
		return fail_word(r, "a path or *");
	rc = value_path_parse(&n->path,
			      n->anywhere ? STR(".") : buf_str(&r->word.text),
			      NULL);
	if (rc < 0)
		return fail_word(r, "a key");
	rc = next_word(r);
	if (rc < 0)
		return rc;
	while (word_is(r, "not")) {
		negated = !negated;
		rc = next_word(r);
		if (rc < 0)
			return rc;
		if (r->word.kind != WORD_PLAIN)
			return fail_word(r, "an operator");
	}
	if (negated)
		*out = node(NODE_NOT, n, NULL);
	if (find_op(r, &n->op)) {
		rc = next_word(r);
		return rc < 0 ? rc : read_operand(r, n);
	}
	if (negated || (r->word.kind != WORD_END &&
			r->word.kind != WORD_CLOSE && !word_is_combinator(r)))
		return no_op(r);
	return 0; /* the key alone */
}

static int read_condition(struct reader *r, struct node **out);

static int read_term(struct reader *r, struct node **out)
{
	int rc;

	if (word_is(r, "not")) {
		*out = node(NODE_NOT, NULL, NULL);
		rc = next_word(r);
		if (rc < 0)
			return rc;
		if (++r->depth > COND_DEPTH_MAX)
			return fail(r, r->word.at, "nested too deep");
		rc = read_term(r, &(*out)->a);
		r->depth--;
		return rc;
	}
	if (r->word.kind != WORD_OPEN)
		return read_atom(r, out);

	size_t open = r->word.at;

	rc = next_word(r);
	if (rc == 0)
		rc = read_condition(r, out);
	if (rc < 0)
		return rc;
	if (r->word.kind == WORD_END)
		return fail(r, open, "this bracket is never closed");
	if (r->word.kind != WORD_CLOSE)
		return fail_word(r, "and, or, or ]");
	return next_word(r);
}

static int read_condition(struct reader *r, struct node **out)
{
	struct node *n;
	enum node_kind kind;
	bool negate;
	int rc;

	*out = NULL;
	if (++r->depth > COND_DEPTH_MAX)
		return fail(r, r->word.at, "nested too deep, or too long");
	rc = read_term(r, out);
	if (rc < 0)
		return rc;
	if (word_is_combinator(r)) {
		negate = word_is(r, "and_not") || word_is(r, "or_not");
		kind = word_is(r, "xor")		    ? NODE_XOR
		       : buf_str(&r->word.text).p[0] == 'a' ? NODE_AND
							    : NODE_OR;
		rc = next_word(r);
		if (rc < 0)
			return rc;
		if (word_is(r, "not") && kind != NODE_XOR && !negate) {
			negate = true;
			rc = next_word(r);
			if (rc < 0)
				return rc;
		}
		n = *out = node(kind, *out, NULL);
		if (negate) {
			n->b = node(NODE_NOT, NULL, NULL);
			n = n->b;
			rc = read_condition(r, &n->a);
		} else {
			rc = read_condition(r, &n->b);
		}
	}
	r->depth--;
	return rc;
}

int cond_parse(struct str text, struct cond **out, struct weir_error *err)
{
	struct reader r = {.text = text, .err = err};
	struct node *root = NULL;
	size_t valid = str_utf8_valid(text);
	int rc;

	*out = NULL;
	if (text.len > COND_TEXT_MAX)
		return error_set(err, WEIR_ETOOBIG,
				 "a condition has at most %d bytes",
				 COND_TEXT_MAX);
	if (valid < text.len)
		return fail(&r, valid, "this is not valid UTF-8");
	rc = next_word(&r);
	if (rc == 0)
		rc = read_condition(&r, &root);
	if (rc == 0 && r.word.kind != WORD_END)
		rc = fail_word(&r, "and, or, or the end");
	buf_fini(&r.word.text);
	if (rc < 0) {
		node_destroy(root);
		return rc;
	}
	*out = mem_zalloc(sizeof **out);
	(*out)->refs = 1;
	(*out)->root = root;
	return 0;
}

struct cond *cond_ref(struct cond *c)
{
	c->refs++;
	return c;
}

void cond_unref(struct cond *c)
{
	if (!c || --c->refs)
		return;
	node_destroy(c->root);
	mem_free(c);
}

/* --- evaluation ---------------------------------------------------------- */

/* Not what jq takes for true: zero and what is empty is false here. */
static bool truthy(struct value v)
{
	switch (value_type(v)) {
	case VALUE_NULL:
	case VALUE_FALSE:
		return false;
	case VALUE_TRUE:
		return true;
	case VALUE_INT:
	case VALUE_UINT:
	case VALUE_DOUBLE:
		return value_to_double(v) != 0;
	default:
		return v.len > 0;
	}
}

/* Only two numbers or two strings have an order. */
static bool ordered(struct value a, struct value b)
{
	return (value_is_number(a) && value_is_number(b)) ||
	       (value_type(a) == VALUE_STRING && value_type(b) == VALUE_STRING);
}

static bool contains(struct value v, struct value operand, struct value needle)
{
	struct value member;
	struct str hay = value_str(v);
	struct str s = value_str(needle);

	switch (value_type(v)) {
	case VALUE_STRING:
		return !s.len || memmem(hay.p, hay.len, s.p, s.len);
	case VALUE_ARRAY:
		for (uint32_t i = 0; i < v.len; i++)
			if (value_equal(value_nodes(v)[i], operand))
				return true;
		return false;
	case VALUE_OBJECT:
		return value_find(v, s, &member);
	default:
		return false;
	}
}

static bool compare(const struct node *n, struct value v)
{
	switch (n->op) {
	case OP_TRUTHY:
		return truthy(v);
	case OP_EQ:
		return value_equal(v, n->operand);
	case OP_NE:
		return !value_equal(v, n->operand);
	case OP_CONTAINS:
		return contains(v, n->operand, n->needle);
	default:
		break;
	}
	if (!ordered(v, n->operand))
		return false;

	int order = value_compare(v, n->operand);

	switch (n->op) {
	case OP_GT:
		return order > 0;
	case OP_GE:
		return order >= 0;
	case OP_LT:
		return order < 0;
	default:
		return order <= 0;
	}
}

/* Some leaf: depth is that of the document, which its parser bounds. */
static bool some_leaf(const struct node *n, struct value v)
{
	uint32_t step = value_type(v) == VALUE_OBJECT ? 2 : 1;

	if (value_type(v) < VALUE_ARRAY)
		return compare(n, v);
	for (uint32_t i = step - 1; i < step * v.len; i += step)
		if (some_leaf(n, value_nodes(v)[i]))
			return true;
	return false;
}

static bool eval(const struct node *n, struct value v)
{
	struct value found;

	switch (n->kind) {
	case NODE_NOT:
		return !eval(n->a, v);
	case NODE_AND:
		return eval(n->a, v) && eval(n->b, v);
	case NODE_OR:
		return eval(n->a, v) || eval(n->b, v);
	case NODE_XOR:
		return eval(n->a, v) != eval(n->b, v);
	case NODE_ATOM:
		break;
	}
	if (n->anywhere)
		return some_leaf(n, v);
	if (!value_path_find(&n->path, v, &found))
		found = value_null();
	return compare(n, found);
}

bool cond_eval(const struct cond *c, struct value v)
{
	return eval(c->root, v);
}
