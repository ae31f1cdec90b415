/* native_parse.c - a part of jq's grammar, by precedence climbing.
 *
 *     pipe    := alt ('|' pipe)?
 *     alt     := or ('//' alt)?
 *     or      := and ('or' and)*
 *     and     := cmp ('and' cmp)*
 *     cmp     := sum (('=='|'!='|'<'|'<='|'>'|'>=') sum)?
 *     sum     := term (('+'|'-') term)*         '-' term is a negation
 *     term    := post (('*'|'/'|'%') post)*
 *     post    := primary ( .name | ."name" | [index] | ["name"] )*
 *     primary := . | path | literal | $var | ( pipe ) | [ pipe, ... ]
 *              | { key: value, ... } | if ... end | a few functions
 *
 * Whoever calls this asks libjq whenever the answer is NULL. So this parser
 * reads exactly, or gives up; it never guesses and reports no errors.
 */
#include "flow/native.h"

#include "base/mem.h"
#include "flow/native_lex.h"
#include "flow/program.h"

/* What is deeper or larger is libjq's: the evaluation recurses, perhaps on the
 * small stack of a fiber. */
#define DEPTH_MAX 32
#define NODES_MAX 200

static struct native *node(enum native_op op)
{
	struct native *n = mem_zalloc(sizeof *n);

	n->op = op;
	n->v = value_null();
	return n;
}

static void adopt(struct native *n, struct native *kid)
{
	n->kids = mem_realloc(n->kids, (n->n + 1) * sizeof *n->kids);
	n->kids[n->n++] = kid;
}

static struct native *constant(struct value v)
{
	struct native *n = node(N_CONST);

	n->v = v;
	return n;
}

void native_destroy(struct native *n)
{
	if (!n)
		return;
	for (uint32_t i = 0; i < n->n; i++) {
		native_destroy(n->kids[i]);
		if (n->keys)
			value_unref(n->keys[i]);
	}
	for (uint32_t i = 0; i < n->n_steps; i++)
		mem_free((char *)n->steps[i].name.p);
	value_unref(n->v);
	mem_free(n->kids);
	mem_free(n->keys);
	mem_free(n->steps);
	mem_free(n);
}

/* --- literals ------------------------------------------------------------ */

static struct native *read_number(struct reader *r)
{
	struct value v;

	return lex_number(r, &v) ? constant(v) : NULL;
}

/* --- paths --------------------------------------------------------------- */

static void add_step(struct native *path, struct native_step step)
{
	path->steps = mem_realloc(path->steps,
				  (path->n_steps + 1) * sizeof *path->steps);
	path->steps[path->n_steps++] = step;
}

static void add_name(struct native *path, struct str name)
{
	add_step(path,
		 (struct native_step){str_from(mem_strndup(name.p, name.len),
					       name.len),
				      -1, false});
}

static struct native *path_of_item(void)
{
	struct native *p = node(N_PATH);

	adopt(p, node(N_ITEM));
	return p;
}

/* Inside [ ]: a whole number or a plain string. */
static bool read_subscript(struct reader *r, struct native *path)
{
	struct buf b = {0};
	int64_t index;
	size_t from;

	if (lex_next(r) == '"') {
		if (!lex_string(r, &b)) {
			buf_fini(&b);
			return false;
		}
		add_name(path, buf_str(&b));
		buf_fini(&b);
		return lex_take(r, ']');
	}
	from = r->i;
	if (lex_at(r, 0) == '-')
		r->i++;
	while (lex_is_digit(lex_at(r, 0)))
		r->i++;
	if (str_to_i64(str_from(r->p + from, r->i - from), &index) < 0 ||
	    index > INT32_MAX || index < -INT32_MAX)
		return false;
	add_step(path, (struct native_step){{NULL, 0}, index, true});
	return lex_take(r, ']');
}

/* One of .name ."name"; the dot is at r->i. */
static bool read_field(struct reader *r, struct native *path)
{
	struct buf b = {0};

	if (lex_is_word_start(lex_at(r, 1))) {
		size_t from = ++r->i;

		while (lex_is_word_start(lex_at(r, 0)) ||
		       lex_is_digit(lex_at(r, 0)))
			r->i++;
		add_name(path, str_from(r->p + from, r->i - from));
		return true;
	}
	if (lex_at(r, 1) != '"')
		return false;
	r->i++;
	if (!lex_string(r, &b)) {
		buf_fini(&b);
		return false;
	}
	add_name(path, buf_str(&b));
	buf_fini(&b);
	return true;
}

static struct native *read_pipe(struct reader *r);
static struct native *read_pipe_rest(struct reader *r, struct native *n);
static struct native *read_alternative(struct reader *r);
static struct native *read_primary(struct reader *r);
static struct native *read_term(struct reader *r);

/* Takes base; gives it back, or a path on top of it. */
static struct native *read_suffixes(struct reader *r, struct native *base)
{
	struct native *path = NULL;

	while (base) {
		bool fine;

		if (lex_at(r, 0) != '.' && lex_next(r) != '[')
			break;
		if (!path) {
			path = node(N_PATH);
			adopt(path, base);
			base = path;
		}
		if (lex_at(r, 0) == '[') {
			r->i++;
			fine = read_subscript(r, path);
		} else {
			fine = read_field(r, path);
		}
		if (!fine) {
			native_destroy(base);
			return NULL;
		}
	}
	/* `?` suppresses errors: libjq's. A field after a space is as well. */
	if (base && (lex_next(r) == '?' || lex_at(r, 0) == '.')) {
		native_destroy(base);
		return NULL;
	}
	return base;
}

static struct native *read_dot(struct reader *r)
{
	struct native *item = node(N_ITEM);
	struct native *path;

	if (lex_is_word_start(lex_at(r, 1)) || lex_at(r, 1) == '"') {
		/* .name is the first suffix of the item itself */
		return read_suffixes(r, item);
	}
	r->i++;
	if (lex_at(r, 0) == '.' ||
	    lex_is_digit(lex_at(r, 0))) { /* `..`, `.5` */
		native_destroy(item);
		return NULL;
	}
	path = read_suffixes(r, item);
	return path;
}

/* --- primaries ----------------------------------------------------------- */

static struct native *read_variable(struct reader *r)
{
	static const struct {
		const char *name;
		unsigned var;
		enum native_op op;
	} known[] = {{"acc", VAR_ACC, N_ACC},
		     {"index", VAR_INDEX, N_INDEX},
		     {"key", VAR_KEY, N_KEY}};

	r->i++;
	if (!lex_is_word_start(lex_at(r, 0)))
		return NULL;
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (lex_take_word(r, known[i].name)) {
			if (!(r->vars & known[i].var))
				return NULL;
			r->uses |= known[i].var;
			return node(known[i].op);
		}
	return NULL;
}

/* Elements are no pipes: [a, b | c] is [(a, b) | c], which is libjq's; only
 * [a | b] is read here. */
static struct native *read_array(struct reader *r)
{
	struct native *n = node(N_ARRAY);

	r->i++;
	if (lex_take(r, ']'))
		return n;
	for (;;) {
		struct native *kid = read_alternative(r);

		if (!n->n)
			kid = read_pipe_rest(r, kid);
		if (!kid)
			break;
		adopt(n, kid);
		if (lex_take(r, ']'))
			return n;
		if (kid->op == N_PIPE || !lex_take(r, ','))
			break;
	}
	native_destroy(n);
	return NULL;
}

/* The value of a member: one post-fixed term, or piped ones. */
static struct native *read_member_value(struct reader *r)
{
	struct native *v;
	struct native *n;

	if (str_eq(lex_word(r), STR("if")))
		return NULL; /* jq wants it in parentheses */
	v = read_primary(r);
	if (!v || !lex_take(r, '|'))
		return v;
	n = node(N_PIPE);
	adopt(n, v);
	v = read_member_value(r);
	if (v) {
		adopt(n, v);
		return n;
	}
	native_destroy(n);
	return NULL;
}

/* key, "key" or $var; *value is set where the key alone makes the value. */
static bool read_member_key(struct reader *r, struct value *key,
			    struct native **value)
{
	struct str w = lex_word(r);
	struct buf b = {0};

	*value = NULL;
	if (w.len) {
		static const char *const keywords[] = {
			"if",  "then",	  "else",   "elif",  "end",
			"or",  "and",	  "as",	    "def",   "reduce",
			"try", "foreach", "catch",  "label", "import",
			"not", "include", "__loc__"};

		/* `not` is no keyword, but costs nothing here. */
		for (size_t i = 0; i < ARRAY_LEN(keywords); i++)
			if (str_eq(w, str_of(keywords[i])))
				return false;
		*key = value_string(w);
		r->i += w.len;
	} else if (lex_next(r) == '"') {
		if (!lex_string(r, &b)) {
			buf_fini(&b);
			return false;
		}
		*key = value_string(buf_str(&b));
		buf_fini(&b);
	} else if (lex_at(r, 0) == '$') {
		size_t from = r->i + 1;

		*value = read_variable(r);
		if (!*value)
			return false;
		*key = value_string(str_from(r->p + from, r->i - from));
		return lex_next(r) != ':';
	} else {
		return false;
	}
	if (lex_take(r, ':')) {
		*value = read_member_value(r);
	} else {
		*value = path_of_item();
		add_name(*value, value_str(*key));
	}
	return *value != NULL;
}

static struct native *read_object(struct reader *r)
{
	struct native *n = node(N_OBJECT);

	r->i++;
	if (lex_take(r, '}'))
		return n;
	for (;;) {
		struct value key = value_null();
		struct native *kid;

		if (!read_member_key(r, &key, &kid)) {
			value_unref(key);
			native_destroy(kid);
			break;
		}
		n->keys = mem_realloc(n->keys, (n->n + 1) * sizeof *n->keys);
		n->keys[n->n] = key;
		adopt(n, kid);
		if (lex_take(r, '}'))
			return n;
		if (!lex_take(r, ','))
			break;
	}
	native_destroy(n);
	return NULL;
}

static bool adopt_pipe(struct reader *r, struct native *n)
{
	struct native *kid = read_pipe(r);

	if (kid)
		adopt(n, kid);
	return kid;
}

/* Behind `if` or `elif`. */
static struct native *read_if(struct reader *r)
{
	struct native *n = node(N_IF);

	if (!adopt_pipe(r, n) || !lex_take_word(r, "then") || !adopt_pipe(r, n))
		goto give_up;
	if (lex_take_word(r, "elif")) {
		struct native *other;

		if (++r->depth > DEPTH_MAX)
			goto give_up;
		other = read_if(r);
		r->depth--;
		if (!other)
			goto give_up;
		adopt(n, other);
		return n;
	}
	if (lex_take_word(r, "else") && adopt_pipe(r, n) &&
	    lex_take_word(r, "end"))
		return n;
give_up:
	native_destroy(n);
	return NULL;
}

static struct native *read_call(struct reader *r)
{
	static const struct {
		const char *name;
		enum native_op op;
	} plain[] = {{"not", N_NOT},
		     {"length", N_LENGTH},
		     {"tostring", N_TOSTRING},
		     {"type", N_TYPE},
		     {"empty", N_EMPTY}};
	struct native *n;

	for (size_t i = 0; i < ARRAY_LEN(plain); i++)
		if (lex_take_word(r, plain[i].name))
			return lex_next(r) == '(' ? NULL : node(plain[i].op);
	if (lex_take_word(r, "true"))
		return constant(value_bool(true));
	if (lex_take_word(r, "false"))
		return constant(value_bool(false));
	if (lex_take_word(r, "null"))
		return constant(value_null());
	if (lex_take_word(r, "if"))
		return read_if(r);
	if (lex_take_word(r, "error"))
		n = node(N_ERROR);
	else if (lex_take_word(r, "select"))
		n = node(N_SELECT);
	else
		return NULL;
	if (lex_take(r, '(') && adopt_pipe(r, n) && lex_take(r, ')'))
		return n;
	native_destroy(n);
	return NULL;
}

static struct native *read_primary(struct reader *r)
{
	struct native *n = NULL;
	struct buf b = {0};

	if (++r->nodes > NODES_MAX)
		return NULL;
	switch (lex_next(r)) {
	case '.':
		return read_dot(r);
	case '"':
		if (lex_string(r, &b))
			n = constant(value_string(buf_str(&b)));
		buf_fini(&b);
		break;
	case '$':
		n = read_variable(r);
		break;
	case '[':
		n = read_array(r);
		break;
	case '{':
		n = ++r->depth > DEPTH_MAX ? NULL : read_object(r);
		r->depth--;
		break;
	case '(':
		r->i++;
		n = read_pipe(r);
		if (n && !lex_take(r, ')')) {
			native_destroy(n);
			n = NULL;
		}
		break;
	default:
		n = lex_is_digit(lex_at(r, 0)) ? read_number(r) : read_call(r);
		if (n && n->op == N_IF)
			return n; /* an expression: no suffix follows it */
	}
	return read_suffixes(r, n);
}

/* --- operators ----------------------------------------------------------- */

static struct native *binary(enum native_op op, struct native *a,
			     struct native *b)
{
	struct native *n;

	/* jq folds constants while it compiles, and finds 1 / 0 there. */
	if (!b || (a->op == N_CONST && b->op == N_CONST &&
		   (op == N_DIV || op == N_MOD))) {
		native_destroy(a);
		native_destroy(b);
		return NULL;
	}
	n = node(op);
	adopt(n, a);
	adopt(n, b);
	return n;
}

static struct native *read_negation(struct reader *r)
{
	struct native *n;
	struct native *kid;

	r->i++;
	if (lex_next(r) == '-')
		return NULL;
	kid = read_term(r);
	if (!kid)
		return NULL;
	if (kid->op == N_CONST && value_type(kid->v) == VALUE_INT) {
		kid->v.i = -kid->v.i;
		return kid;
	}
	n = node(N_NEGATE);
	adopt(n, kid);
	return n;
}

static struct native *read_factor(struct reader *r)
{
	return lex_next(r) == '-' ? read_negation(r) : read_primary(r);
}

static struct native *read_term(struct reader *r)
{
	struct native *n = read_factor(r);

	while (n) {
		char c = lex_next(r);
		enum native_op op;

		if (lex_at(r, 1) == '=' || (c == '/' && lex_at(r, 1) == '/'))
			break; /* an update, or the alternative */
		if (c == '*')
			op = N_MUL;
		else if (c == '/')
			op = N_DIV;
		else if (c == '%')
			op = N_MOD;
		else
			break;
		r->i++;
		n = binary(op, n, read_factor(r));
	}
	return n;
}

static struct native *read_sum(struct reader *r)
{
	struct native *n = read_term(r);

	while (n) {
		char c = lex_next(r);

		if ((c != '+' && c != '-') || lex_at(r, 1) == '=')
			break;
		r->i++;
		n = binary(c == '+' ? N_ADD : N_SUB, n, read_term(r));
	}
	return n;
}

static bool take_comparison(struct reader *r, enum native_op *op)
{
	char c = lex_next(r);
	bool eq = lex_at(r, 1) == '=';

	if (c == '=' && eq)
		*op = N_EQ;
	else if (c == '!' && eq)
		*op = N_NE;
	else if (c == '<')
		*op = eq ? N_LE : N_LT;
	else if (c == '>')
		*op = eq ? N_GE : N_GT;
	else
		return false;
	r->i += eq ? 2 : 1;
	return true;
}

static struct native *read_comparison(struct reader *r)
{
	struct native *n = read_sum(r);
	enum native_op op;

	if (!n || !take_comparison(r, &op))
		return n;
	n = binary(op, n, read_sum(r));
	/* They do not chain; libjq says so. */
	if (n && take_comparison(r, &op)) {
		native_destroy(n);
		return NULL;
	}
	return n;
}

static struct native *read_and(struct reader *r)
{
	struct native *n = read_comparison(r);

	while (n && lex_take_word(r, "and"))
		n = binary(N_AND, n, read_comparison(r));
	return n;
}

static struct native *read_or(struct reader *r)
{
	struct native *n = read_and(r);

	while (n && lex_take_word(r, "or"))
		n = binary(N_OR, n, read_and(r));
	return n;
}

static struct native *read_alternative(struct reader *r)
{
	struct native *n = read_or(r);

	if (n && lex_next(r) == '/' && lex_at(r, 1) == '/' &&
	    lex_at(r, 2) != '=') {
		r->i += 2;
		if (++r->depth > DEPTH_MAX) {
			native_destroy(n);
			return NULL;
		}
		n = binary(N_ALT, n, read_alternative(r));
		r->depth--;
	}
	return n;
}

/* Takes n, what stands before a possible |. */
static struct native *read_pipe_rest(struct reader *r, struct native *n)
{
	if (n && lex_next(r) == '|' && lex_at(r, 1) != '=') {
		r->i++;
		n = binary(N_PIPE, n, read_pipe(r));
	}
	return n;
}

static struct native *read_pipe(struct reader *r)
{
	struct native *n;

	if (++r->depth > DEPTH_MAX)
		return NULL;
	n = read_pipe_rest(r, read_alternative(r));
	r->depth--;
	return n;
}

struct native *native_parse(struct str text, unsigned vars, unsigned *uses)
{
	struct reader r = {.p = text.p, .len = text.len, .vars = vars};
	struct native *n = read_pipe(&r);

	lex_next(&r);
	if (n && r.i < r.len) {
		native_destroy(n);
		return NULL;
	}
	*uses = r.uses;
	if (n)
		native_choose(n);
	return n;
}

struct native *native_path(struct str path)
{
	struct native *p;

	if (str_starts(path, STR(".")))
		path = str_from(path.p + 1, path.len - 1);
	p = path.len ? path_of_item() : node(N_ITEM);
	while (path.len) {
		struct str name = str_cut(&path, '.');
		struct native_step *step;

		add_name(p, name);
		step = &p->steps[p->n_steps - 1];
		step->is_index = lex_is_digit(name.p[0]) &&
				 str_to_i64(name, &step->index) == 0;
	}
	native_choose(p);
	return p;
}

struct native *native_member(struct str name)
{
	struct native *p = path_of_item();

	add_name(p, name);
	native_choose(p);
	return p;
}
