/* native_eval.c - what the nodes mean: jq 1.6, with its messages.
 * jq evaluates the right operand of arithmetic and comparisons first; so do
 * we, or the wrong one of two errors would be told.
 */
#include "flow/native.h"

#include "base/mem.h"
#include "flow/jqvalue.h"
#include "flow/native_arith.h"

#define HINT_MAX 8 /* members among which a hint is looked for */

/* An operand: lent by the item or a constant where that is possible. */
struct got {
	struct value v;
	bool ours;
};

static void got_drop(struct got g)
{
	if (g.ours)
		value_unref(g.v);
}

/* --- paths --------------------------------------------------------------- */

static int no_index(const struct native_step *s, struct value v,
		    struct weir_error *err)
{
	if (s->is_index)
		return error_set(err, WEIR_EITEM, "Cannot index %s with number",
				 value_type_name(v));
	return error_set(err, WEIR_EITEM,
			 "Cannot index %s with string \"%.*s\"",
			 value_type_name(v), (int)MIN(s->name.len, 128),
			 s->name.p);
}

/* Few bytes each, so that a call costs more than the loop. */
static inline bool same_name(struct value key, struct str name)
{
	const char *p = value_str(key).p;

	if (key.len != name.len)
		return false;
	for (size_t i = 0; i < name.len; i++)
		if (p[i] != name.p[i])
			return false;
	return true;
}

/* The member of o, an object; null without one. Lends. */
static inline struct value member(struct native_step *s, struct value o)
{
	const struct value *nodes = value_nodes(o);

	if (s->hint < o.len && same_name(nodes[2 * s->hint], s->name))
		return nodes[2 * s->hint + 1];
	for (uint32_t i = 0; i < MIN(o.len, HINT_MAX); i++)
		if (same_name(nodes[2 * i], s->name)) {
			s->hint = i;
			return nodes[2 * i + 1];
		}
	return o.len <= HINT_MAX ? value_null() : value_get(o, s->name);
}

/* Lends. */
static int walk(const struct native *n, struct value *v, struct weir_error *err)
{
	for (uint32_t i = 0; i < n->n_steps; i++) {
		struct native_step *s = &n->steps[i];

		if (value_type(*v) == VALUE_OBJECT && s->name.p)
			*v = member(s, *v);
		else if (value_type(*v) == VALUE_ARRAY && s->is_index)
			*v = value_at(*v, s->index);
		else if (value_type(*v) != VALUE_NULL)
			return no_index(s, *v, err);
	}
	return 0;
}

static int lend(const struct native *n, const struct native_env *env,
		struct got *g, struct weir_error *err)
{
	int rc;

	g->ours = false;
	switch (n->op) {
	case N_ITEM:
		g->v = env->item;
		return 0;
	case N_CONST:
		g->v = n->v;
		return 0;
	case N_ACC:
		g->v = env->acc;
		return 0;
	case N_KEY:
		g->v = env->key;
		return 0;
	case N_INDEX:
		g->v = value_int(env->index);
		return 0;
	case N_PATH:
		rc = lend(n->kids[0], env, g, err);
		if (rc == 0 && !g->ours)
			return walk(n, &g->v, err);
		if (rc == 0) {
			struct value base = g->v;

			rc = walk(n, &g->v, err);
			if (rc == 0)
				value_ref(g->v);
			value_unref(base);
		}
		return rc;
	default:
		rc = native_eval(n, env, &g->v, err);
		g->ours = rc == 0;
		return rc;
	}
}

/* --- operators ----------------------------------------------------------- */

static inline bool compares(enum native_op op, struct value a, struct value b)
{
	bool ints = value_type(a) == VALUE_INT && value_type(b) == VALUE_INT;
	int order;

	if (op == N_EQ || op == N_NE)
		return (ints ? a.i == b.i : value_equal(a, b)) == (op == N_EQ);
	order = ints ? (a.i > b.i) - (a.i < b.i) : value_compare(a, b);
	switch (op) {
	case N_LT:
		return order < 0;
	case N_LE:
		return order <= 0;
	case N_GT:
		return order > 0;
	default:
		return order >= 0;
	}
}

/* What most operands are: there without a call and without a count. */
static inline bool at_hand(const struct native *n, const struct native_env *env,
			   struct value *v)
{
	switch (n->op) {
	case N_ITEM:
		*v = env->item;
		return true;
	case N_CONST:
		*v = n->v;
		return true;
	case N_ACC:
		*v = env->acc;
		return true;
	case N_PATH:
		if (n->kids[0]->op != N_ITEM)
			return false;
		*v = env->item;
		for (uint32_t i = 0; i < n->n_steps; i++) {
			if (value_type(*v) != VALUE_OBJECT ||
			    !n->steps[i].name.p)
				return false;
			*v = member(&n->steps[i], *v);
		}
		return true;
	default:
		return false;
	}
}

/* Both operands at hand, two integers without overflow or two strings to be
 * compared: what most items need. False: the long way round. */
static inline bool quick(const struct native *n, const struct native_env *env,
			 struct value *out)
{
	struct value a;
	struct value b;
	int64_t i;

	if (!at_hand(n->kids[0], env, &a) || !at_hand(n->kids[1], env, &b))
		return false;
	if (value_type(a) != VALUE_INT || value_type(b) != VALUE_INT) {
		if (n->op > N_NE || value_type(a) != VALUE_STRING ||
		    value_type(b) != VALUE_STRING)
			return false;
		*out = value_bool(str_eq(value_str(a), value_str(b)) ==
				  (n->op == N_EQ));
		return true;
	}
	switch (n->op) {
	case N_ADD:
		if (__builtin_add_overflow(a.i, b.i, &i))
			return false;
		break;
	case N_SUB:
		if (__builtin_sub_overflow(a.i, b.i, &i))
			return false;
		break;
	case N_MUL:
		if (__builtin_mul_overflow(a.i, b.i, &i))
			return false;
		break;
	case N_MOD:
		if (b.i <= 0)
			return false;
		i = a.i % b.i;
		break;
	case N_DIV:
		return false;
	default:
		*out = value_bool(compares(n->op, a, b));
		return true;
	}
	*out = value_int(i);
	return true;
}

static int binary(const struct native *n, const struct native_env *env,
		  struct value *out, struct weir_error *err)
{
	struct got a;
	struct got b;
	int rc = lend(n->kids[1], env, &b, err);

	if (rc)
		return rc;
	rc = lend(n->kids[0], env, &a, err);
	if (rc) {
		got_drop(b);
		return rc;
	}
	switch (n->op) {
	case N_ADD:
		rc = arith_add(a.v, b.v, out, err);
		break;
	case N_SUB:
		rc = arith_subtract(a.v, b.v, out, err);
		break;
	case N_MUL:
		rc = arith_multiply(a.v, b.v, out, err);
		break;
	case N_DIV:
		rc = arith_divide(a.v, b.v, out, err);
		break;
	case N_MOD:
		rc = arith_modulo(a.v, b.v, out, err);
		break;
	default:
		*out = value_bool(compares(n->op, a.v, b.v));
	}
	got_drop(a);
	got_drop(b);
	return rc;
}

/* --- the rest ------------------------------------------------------------ */

/* Whether a node's result holds: 1, 0, or in *rc what it came to instead. */
static bool holds(const struct native *n, const struct native_env *env, int *rc,
		  struct weir_error *err)
{
	struct got g;
	bool yes;

	*rc = lend(n, env, &g, err);
	if (*rc)
		return false;
	yes = value_truthy(g.v);
	got_drop(g);
	return yes;
}

static int and_or(const struct native *n, const struct native_env *env,
		  struct value *out, struct weir_error *err)
{
	int rc;
	bool yes = holds(n->kids[0], env, &rc, err);

	if (rc == 0 && yes == (n->op == N_AND))
		yes = holds(n->kids[1], env, &rc, err);
	if (rc == 0)
		*out = value_bool(yes);
	return rc;
}

static int alternative(const struct native *n, const struct native_env *env,
		       struct value *out, struct weir_error *err)
{
	struct value v;
	int rc = native_eval(n->kids[0], env, &v, err);

	if (rc < 0)
		return rc;
	if (rc == 0 && value_truthy(v)) {
		*out = v;
		return 0;
	}
	if (rc == 0)
		value_unref(v);
	return native_eval(n->kids[1], env, out, err);
}

static int pipe_on(const struct native *n, const struct native_env *env,
		   struct value *out, struct weir_error *err)
{
	struct native_env inner = *env;
	struct got g;
	int rc = lend(n->kids[0], env, &g, err);

	if (rc)
		return rc;
	inner.item = g.v;
	rc = native_eval(n->kids[1], &inner, out, err);
	got_drop(g);
	return rc;
}

static int negate(const struct native *n, const struct native_env *env,
		  struct value *out, struct weir_error *err)
{
	struct got g;
	int rc = lend(n->kids[0], env, &g, err);

	if (rc)
		return rc;
	rc = arith_negate(g.v, out, err);
	got_drop(g);
	return rc;
}

/* error(null) is, in jq 1.6, as if there was no output. */
static int raise(const struct native *n, const struct native_env *env,
		 struct weir_error *err)
{
	struct got g;
	struct value text;
	int rc = lend(n->kids[0], env, &g, err);

	if (rc)
		return rc;
	if (value_type(g.v) == VALUE_NULL)
		return NATIVE_EMPTY;
	text = value_type(g.v) == VALUE_STRING ? value_ref(g.v) : jv_text(g.v);
	rc = error_set(err, WEIR_EITEM, "%.*s", STR_FMT(value_str(text)));
	value_unref(text);
	got_drop(g);
	return rc;
}

static int length(struct value v, struct value *out, struct weir_error *err)
{
	char brief[JV_BRIEF];
	int64_t n = 0;

	switch (value_type(v)) {
	case VALUE_NULL:
		*out = value_int(0);
		return 0;
	case VALUE_TRUE:
	case VALUE_FALSE:
		return error_set(err, WEIR_EITEM, "%s (%s) has no length",
				 value_type_name(v), jv_brief(v, brief));
	case VALUE_STRING:
		for (uint32_t i = 0; i < v.len; i++)
			n += (value_str(v).p[i] & 0xc0) != 0x80;
		*out = value_int(n);
		return 0;
	case VALUE_ARRAY:
	case VALUE_OBJECT:
		*out = value_int(value_len(v));
		return 0;
	default:
		if (value_to_double(v) < 0)
			return arith_negate(v, out, err);
		*out = v;
		return 0;
	}
}

static struct value text_of(struct value v)
{
	struct buf digits = {0};
	struct value s;

	if (value_type(v) == VALUE_STRING)
		return value_ref(v);
	if (value_type(v) != VALUE_INT && value_type(v) != VALUE_UINT)
		return jv_text(v);
	if (value_type(v) == VALUE_INT)
		buf_append_i64(&digits, v.i);
	else
		buf_append_u64(&digits, v.u);
	s = value_string(buf_str(&digits));
	buf_fini(&digits);
	return s;
}

/* Array and object: kids left to right; an empty one is left out of an array,
 * and leaves no object. */
#define KIDS_ON_STACK 16

static int construct(const struct native *n, const struct native_env *env,
		     struct value *out, struct weir_error *err)
{
	struct value few[2 * KIDS_ON_STACK];
	struct value *nodes = few;
	uint32_t k = 0;
	int rc = 0;

	if (n->n > KIDS_ON_STACK)
		nodes = mem_alloc(2 * n->n * sizeof *nodes);
	for (uint32_t i = 0; i < n->n; i++) {
		struct value v;

		rc = native_eval(n->kids[i], env, &v, err);
		if (rc == NATIVE_EMPTY && n->op == N_ARRAY) {
			rc = 0;
			continue;
		}
		if (rc)
			break;
		if (n->op == N_OBJECT)
			nodes[k++] = value_ref(n->keys[i]);
		nodes[k++] = v;
	}
	if (rc)
		while (k)
			value_unref(nodes[--k]);
	else
		*out = n->op == N_OBJECT ? value_object(nodes, k / 2)
					 : value_array(nodes, k);
	if (nodes != few)
		mem_free(nodes);
	return rc;
}

int native_eval(const struct native *n, const struct native_env *env,
		struct value *out, struct weir_error *err)
{
	struct got g;
	bool yes;
	int rc;

	switch (n->op) {
	case N_ITEM:
	case N_CONST:
	case N_ACC:
	case N_INDEX:
	case N_KEY:
	case N_PATH:
		if (at_hand(n, env, &g.v)) {
			*out = value_ref(g.v);
			return 0;
		}
		rc = lend(n, env, &g, err);
		if (rc == 0)
			*out = g.ours ? g.v : value_ref(g.v);
		return rc;
	case N_EQ:
	case N_NE:
	case N_LT:
	case N_LE:
	case N_GT:
	case N_GE:
	case N_ADD:
	case N_SUB:
	case N_MUL:
	case N_DIV:
	case N_MOD:
		return quick(n, env, out) ? 0 : binary(n, env, out, err);
	case N_AND:
	case N_OR:
		return and_or(n, env, out, err);
	case N_ALT:
		return alternative(n, env, out, err);
	case N_PIPE:
		return pipe_on(n, env, out, err);
	case N_NEGATE:
		return negate(n, env, out, err);
	case N_ERROR:
		return raise(n, env, err);
	case N_SELECT:
		yes = holds(n->kids[0], env, &rc, err);
		if (rc)
			return rc;
		if (!yes)
			return NATIVE_EMPTY;
		*out = value_ref(env->item);
		return 0;
	case N_NOT:
		*out = value_bool(!value_truthy(env->item));
		return 0;
	case N_LENGTH:
		return length(env->item, out, err);
	case N_TOSTRING:
		*out = text_of(env->item);
		return 0;
	case N_TYPE:
		*out = value_cstr(value_type_name(env->item));
		return 0;
	case N_EMPTY:
		return NATIVE_EMPTY;
	case N_IF:
		yes = holds(n->kids[0], env, &rc, err);
		if (rc)
			return rc;
		return native_eval(n->kids[yes ? 1 : 2], env, out, err);
	case N_ARRAY:
	case N_OBJECT:
		return construct(n, env, out, err);
	}
	return NATIVE_EMPTY;
}
