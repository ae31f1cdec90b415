/* random.c - see random.h. */
#include "random.h"

#include <math.h>
#include <string.h>

static uint64_t state = 88172645463325252;

uint32_t random_below(uint32_t n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)(state >> 33) % n;
}

#define PICK(list) (list)[random_below(ARRAY_LEN(list))]

/* --- documents ----------------------------------------------------------- */

static const char *const names[] = {"a", "b", "c", "d", "0", "1", "not"};
static const char *const scalars[] = {
	"0",	   "1",	      "2",     "5",	"-1",		"1.5",
	"2.0",	   "true",    "false", "null",	"\"\"",		"\"a\"",
	"\"ab\"",  "\"ABC\"", "\"5\"", "\"b\"", "\"10.0.0.7\"", "\"abcabc\"",
	"\"::1\"", "1e3",
};

static void put_document(struct buf *out, uint32_t depth)
{
	uint32_t kind = random_below(depth > 3 ? 1 : 4);
	uint32_t n = random_below(5);

	if (kind < 2 && depth) {
		buf_append_cstr(out, PICK(scalars));
		return;
	}
	buf_append_char(out, kind == 2 ? '[' : '{');
	for (uint32_t i = 0; i < n; i++) {
		if (i)
			buf_append_char(out, ',');
		if (kind != 2)
			buf_printf(out, "\"%s\":", PICK(names));
		put_document(out, depth + 1);
	}
	buf_append_char(out, kind == 2 ? ']' : '}');
}

void random_document(struct buf *out)
{
	put_document(out, 0);
}

/* --- conditions ---------------------------------------------------------- */

static const char *const keys[] = {
	"a",	   "b",	   "c",	   "a.b",     "a.0",   "b.1",
	"a.-1",	   "*",	   "*",	   "**.a",    "**.b",  "**.a.b",
	"**.b.0",  "a.*",  "*.a",  "*.*",     "a.*.b", "**.*.a",
	"@source", "@job", "a.00", "\"not\"", "0",     "**.-1",
};
static const char *const comparisons[] = {
	"eq",  "ne",	 "gt",	     "ge",	"lt",  "le",
	"is_", "is_not", "contains", "in",	"add", "sub",
	"mul", "mod",	 "floordiv", "truediv", "pow", "and_",
	"or_", "^",	 "lshift",   "rshift",
};
static const char *const texts[] = {"startswith", "endswith",	 "ieq",
				    "icontains",  "istartswith", "iendswith"};
static const char *const words[] = {
	"0",	      "1",	 "2",
	"-1",	      "1.5",	 "2.0",
	"5",	      "true",	 "false",
	"None",	      "\"\"",	 "a",
	"ab",	      "abc",	 "ABC",
	"b",	      "\"5\"",	 "str:1",
	"[a ab 5 1]", "[1 2 2]", "[]",
	"[1.5 None]", "abcabc",	 "[5 None a ab 1.5 true -1 2 \"5\" zz]",
};

static void put_atom(struct buf *out)
{
	static const char *const negations[] = {"",	"",	    " not",
						" rev", " not rev", " not not"};
	const char *negation = PICK(negations);

	buf_append_cstr(out, PICK(keys));
	switch (random_below(10)) {
	case 0:
		return;
	case 1:
		buf_append_cstr(out, random_below(2) ? " exists" : " missing");
		return;
	case 2:
		buf_append_cstr(out, random_below(2) ? " truthy" : " falsy 7");
		return;
	case 3:
		buf_append_cstr(out, random_below(2) ? " between [0 2]"
						     : " not between [a abc]");
		return;
	case 4:
	case 5:
		buf_printf(out, "%s %s ", negation, PICK(texts));
		do {
			buf_append_cstr(out, "a");
		} while (random_below(3) == 0);
		buf_append_cstr(out, random_below(2) ? "" : "B");
		return;
	default:
		buf_printf(out, "%s %s %s", negation, PICK(comparisons),
			   PICK(words));
	}
}

static void put_condition(struct buf *out, uint32_t depth)
{
	static const char *const combinators[] = {" and ",    " or ",
						  " xor ",    " and not ",
						  " or not ", " and ",
						  " or "};

	for (;;) {
		if (random_below(6) == 0)
			buf_append_cstr(out, "not ");
		if (depth < 4 && random_below(3) == 0) {
			buf_append_char(out, '[');
			put_condition(out, depth + 1);
			buf_append_char(out, ']');
		} else {
			put_atom(out);
		}
		if (random_below(3))
			return;
		buf_append_cstr(out, PICK(combinators));
	}
}

void random_cond(struct buf *out)
{
	/* So that a group of one key is never taken for JSON. */
	if (random_below(2))
		buf_append_cstr(out, "a or ");
	else
		buf_append_cstr(out, "not not ");
	put_condition(out, 0);
}

/* --- the naive reading --------------------------------------------------- */

enum { MET_MAX = 4096 };

struct met {
	struct value v[MET_MAX];
	uint32_t n;
};

static void meet(struct met *m, struct value v)
{
	if (m->n < MET_MAX)
		m->v[m->n++] = v;
}

static bool get_step(const struct cond_step *s, struct value v,
		     struct value *out)
{
	if (value_type(v) == VALUE_OBJECT)
		return value_find(v, s->name, out);
	if (value_type(v) != VALUE_ARRAY || s->index == COND_NO_INDEX)
		return false;
	*out = value_at(v, s->index);
	return s->index < (int64_t)v.len && s->index >= -(int64_t)v.len;
}

static void walk(const struct cond_key *k, uint32_t step, struct value v,
		 struct met *m)
{
	const struct value *nodes = value_nodes(v);
	uint32_t stride = value_type(v) == VALUE_OBJECT ? 2 : 1;
	struct value child;

	if (step == k->n)
		meet(m, v);
	else if (k->steps[step].kind != COND_STEP_ANY) {
		if (get_step(&k->steps[step], v, &child))
			walk(k, step + 1, child, m);
	} else {
		for (uint32_t i = 0; i < value_len(v); i++)
			walk(k, step + 1, nodes[stride * i + stride - 1], m);
	}
}

static void walk_all(const struct cond_key *k, struct value v, struct met *m)
{
	const struct value *nodes = value_nodes(v);
	uint32_t stride = value_type(v) == VALUE_OBJECT ? 2 : 1;

	if (k->scope == COND_ANYWHERE)
		walk(k, 0, v, m);
	else if (value_type(v) < VALUE_ARRAY)
		meet(m, v);
	for (uint32_t i = 0; i < value_len(v); i++)
		walk_all(k, nodes[stride * i + stride - 1], m);
}

static bool is_text(struct value v)
{
	return value_type(v) == VALUE_STRING;
}

static bool order(enum cond_op op, struct value a, struct value b)
{
	int o = value_compare(a, b);

	if (!(is_text(a) && is_text(b)) &&
	    !(value_is_number(a) && value_is_number(b)))
		return false;
	return op == COND_GT   ? o > 0
	       : op == COND_GE ? o >= 0
	       : op == COND_LT ? o < 0
			       : o <= 0;
}

static bool truthy(struct value v)
{
	if (value_is_number(v))
		return value_to_double(v) != 0;
	if (value_type(v) >= VALUE_STRING)
		return v.len > 0;
	return value_type(v) == VALUE_TRUE;
}

static bool has(struct value whole, struct value part, struct str written)
{
	struct value found;
	struct str needle = written.p ? written : value_str(part);

	if (value_type(whole) == VALUE_ARRAY) {
		for (uint32_t i = 0; i < whole.len; i++)
			if (value_equal(value_nodes(whole)[i], part))
				return true;
		return false;
	}
	if (!written.p && !is_text(part))
		return false;
	if (value_type(whole) == VALUE_OBJECT)
		return value_find(whole, needle, &found);
	return is_text(whole) &&
	       memmem(value_str(whole).p, whole.len, needle.p, needle.len);
}

static bool arithmetic(enum cond_op op, struct value a, struct value b)
{
	double x = value_to_double(a);
	double y = value_to_double(b);
	bool whole = value_type(a) == VALUE_INT && value_type(b) == VALUE_INT;

	if (!value_is_number(a) || !value_is_number(b)) {
		if (op == COND_ADD)
			return value_type(a) == value_type(b) &&
			       (is_text(a) || value_type(a) == VALUE_ARRAY) &&
			       a.len + b.len > 0;
		if (value_type(a) == VALUE_INT) {
			struct value t = a;

			a = b;
			b = t;
		}
		return op == COND_MUL &&
		       (is_text(a) || value_type(a) == VALUE_ARRAY) &&
		       a.len > 0 && value_type(b) == VALUE_INT && b.i > 0;
	}
	switch (op) {
	case COND_ADD:
		return x + y != 0;
	case COND_SUB:
		return x != y;
	case COND_MUL:
		return x * y != 0;
	case COND_TRUEDIV:
		return y != 0 && x / y != 0;
	case COND_FLOORDIV:
		return y != 0 && floor(x / y) != 0;
	case COND_MOD:
		return y != 0 && fmod(x, y) != 0;
	case COND_POW: /* of whole ones no power is too large */
		return (x != 0 || y >= 0) && pow(x, y) != 0 &&
		       (whole || isfinite(pow(x, y)));
	case COND_BIT_AND:
		return whole && (a.i & b.i);
	case COND_BIT_OR:
		return whole && (a.i | b.i);
	case COND_BIT_XOR:
		return whole && (a.i ^ b.i);
	case COND_LSHIFT:
		return whole && b.i >= 0 && a.i;
	default:
		return whole && b.i >= 0 && floor(x / pow(2, y)) != 0;
	}
}

/* Only ASCII occurs here. */
static struct value lower(struct value v)
{
	char text[64];
	uint32_t n = MIN(v.len, 63u);

	for (uint32_t i = 0; i < n; i++) {
		char c = value_str(v).p[i];

		text[i] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
	}
	return value_string(str_from(text, n));
}

static bool text_op(enum cond_op op, struct value a, struct value b)
{
	bool folds = op >= COND_IEQ;
	struct value x, y;
	bool holds;

	if (!is_text(a) || !is_text(b))
		return false;
	x = folds ? lower(a) : value_ref(a);
	y = folds ? lower(b) : value_ref(b);
	if (op == COND_IEQ)
		holds = value_equal(x, y);
	else if (op == COND_ICONTAINS)
		holds = has(x, y, (struct str){0});
	else if (op == COND_STARTS || op == COND_ISTARTS)
		holds = str_starts(value_str(x), value_str(y));
	else
		holds = str_ends(value_str(x), value_str(y));
	value_unref(x);
	value_unref(y);
	return holds;
}

static bool compare(const struct cond_atom *atom, struct value v)
{
	struct value a = atom->reversed ? atom->operand : v;
	struct value b = atom->reversed ? v : atom->operand;
	struct str written = {0};

	if (atom->reversed == (atom->op == COND_IN) && is_text(atom->text))
		written = value_str(atom->text);
	switch (atom->op) {
	case COND_TRUTHY:
		return truthy(v);
	case COND_FALSY:
		return !truthy(v);
	case COND_EQ:
		return value_equal(a, b);
	case COND_NE:
		return !value_equal(a, b);
	case COND_GT:
	case COND_GE:
	case COND_LT:
	case COND_LE:
		return order(atom->op, a, b);
	case COND_BETWEEN:
		return order(COND_GE, v, value_at(b, 0)) &&
		       order(COND_LE, v, value_at(b, 1));
	case COND_CONTAINS:
		return has(a, b, written);
	case COND_IN:
		return has(b, a, written);
	default:
		return atom->op <= COND_IENDS ? text_op(atom->op, a, b)
					      : arithmetic(atom->op, a, b);
	}
}

static bool naive_atom(const struct cond_atom *a, struct value v,
		       const struct cond_meta *meta)
{
	static struct met m;
	const struct cond_key *k = a->key;
	struct value name = value_null();
	bool holds = false;

	m.n = 0;
	if (k->scope == COND_SOURCE || k->scope == COND_JOB) {
		name = value_string(k->scope == COND_JOB ? meta->job
							 : meta->source);
		meet(&m, name);
	} else if (k->scope == COND_PATH) {
		walk(k, 0, v, &m);
	} else {
		walk_all(k, v, &m);
	}
	if (a->op == COND_EXISTS || a->op == COND_MISSING) {
		value_unref(name);
		return (m.n > 0) == (a->op == COND_EXISTS);
	}
	if (!k->many && !m.n)
		meet(&m, value_null());
	for (uint32_t i = 0; i < m.n; i++)
		holds |= compare(a, m.v[i]);
	value_unref(name);
	return holds;
}

bool naive_holds(const struct cond_node *n, struct value v,
		 const struct cond_meta *meta)
{
	bool all = true, some = false, odd = false;

	if (n->kind == COND_ATOM)
		return naive_atom(n->atom, v, meta);
	for (uint32_t i = 0; i < n->n; i++) {
		bool holds = naive_holds(n->children[i], v, meta);

		all &= holds;
		some |= holds;
		odd ^= holds;
	}
	return n->kind == COND_AND   ? all
	       : n->kind == COND_OR  ? some
	       : n->kind == COND_XOR ? odd
	       : n->kind == COND_NOT ? !some
				     : n->kind == COND_TRUE;
}
