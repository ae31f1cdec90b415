/* native_eval.c - what the nodes mean: jq 1.6, with its messages.
 * jq evaluates the right operand of arithmetic and comparisons first; so do
 * we, or the wrong one of two errors would be told.
 */
#include "flow/native.h"

#include "base/mem.h"
#include "flow/jqvalue.h"
#include "flow/native_arith.h"

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

/* Lends. */
static int walk(const struct native *n, struct value *v, struct weir_error *err)
{
	for (uint32_t i = 0; i < n->n_steps; i++) {
		const struct native_step *s = &n->steps[i];

		if (value_type(*v) == VALUE_OBJECT && s->name.p)
			*v = value_get(*v, s->name);
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

static bool compares(enum native_op op, struct value a, struct value b)
{
	int order;

	if (op == N_EQ || op == N_NE)
		return value_equal(a, b) == (op == N_EQ);
	if (value_type(a) == VALUE_INT && value_type(b) == VALUE_INT)
		order = (a.i > b.i) - (a.i < b.i);
	else
		order = value_compare(a, b);
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
		return binary(n, env, out, err);
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
