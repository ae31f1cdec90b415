/* native_eval.c - what the nodes mean: jq 1.6, with its messages.
 * jq evaluates the right operand of arithmetic and comparisons first; so do
 * we, or the wrong one of two errors would be told.
 */
#include "flow/native.h"

#include "base/mem.h"
#include "flow/jqvalue.h"
#include "flow/native_arith.h"
#include "flow/native_shapes.h"

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
		struct native_step *s = &n->steps[i];

		if (value_type(*v) == VALUE_OBJECT && s->name.p)
			*v = native_step_into(s, *v);
		else if (value_type(*v) == VALUE_ARRAY && s->is_index)
			*v = value_at(*v, s->index);
		else if (value_type(*v) != VALUE_NULL)
			return no_index(s, *v, err);
	}
	return 0;
}

static int lend(const struct native *n, struct value item,
		const struct rx_vars *vars, struct got *g,
		struct weir_error *err)
{
	int rc;

	g->ours = false;
	switch (n->op) {
	case N_ITEM:
		g->v = item;
		return 0;
	case N_CONST:
		g->v = n->v;
		return 0;
	case N_ACC:
		g->v = vars->acc;
		return 0;
	case N_KEY:
		g->v = vars->key;
		return 0;
	case N_INDEX:
		g->v = value_int(vars->index);
		return 0;
	case N_PATH:
		rc = lend(n->kids[0], item, vars, g, err);
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
		rc = native_eval(n, item, vars, &g->v, err);
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

int native_apply(enum native_op op, struct value a, struct value b,
		 struct value *out, struct weir_error *err)
{
	switch (op) {
	case N_ADD:
		return arith_add(a, b, out, err);
	case N_SUB:
		return arith_subtract(a, b, out, err);
	case N_MUL:
		return arith_multiply(a, b, out, err);
	case N_DIV:
		return arith_divide(a, b, out, err);
	case N_MOD:
		return arith_modulo(a, b, out, err);
	default:
		*out = value_bool(compares(op, a, b));
		return 0;
	}
}

int native_binary(const struct native *n, struct value item,
		  const struct rx_vars *vars, struct value *out,
		  struct weir_error *err)
{
	struct got a;
	struct got b;
	int rc = lend(n->kids[1], item, vars, &b, err);

	if (rc)
		return rc;
	rc = lend(n->kids[0], item, vars, &a, err);
	if (rc == 0) {
		rc = native_apply(n->op, a.v, b.v, out, err);
		got_drop(a);
	}
	got_drop(b);
	return rc;
}

/* --- the rest ------------------------------------------------------------ */

/* Whether a node's result holds: 1, 0, or in *rc what it came to instead. */
static bool holds(const struct native *n, struct value item,
		  const struct rx_vars *vars, int *rc, struct weir_error *err)
{
	struct got g;
	bool yes;

	*rc = lend(n, item, vars, &g, err);
	if (*rc)
		return false;
	yes = value_truthy(g.v);
	got_drop(g);
	return yes;
}

static int and_or(const struct native *n, struct value item,
		  const struct rx_vars *vars, struct value *out,
		  struct weir_error *err)
{
	int rc;
	bool yes = holds(n->kids[0], item, vars, &rc, err);

	if (rc == 0 && yes == (n->op == N_AND))
		yes = holds(n->kids[1], item, vars, &rc, err);
	if (rc == 0)
		*out = value_bool(yes);
	return rc;
}

static int alternative(const struct native *n, struct value item,
		       const struct rx_vars *vars, struct value *out,
		       struct weir_error *err)
{
	struct value v;
	int rc = native_eval(n->kids[0], item, vars, &v, err);

	if (rc < 0)
		return rc;
	if (rc == 0 && value_truthy(v)) {
		*out = v;
		return 0;
	}
	if (rc == 0)
		value_unref(v);
	return native_eval(n->kids[1], item, vars, out, err);
}

static int pipe_on(const struct native *n, struct value item,
		   const struct rx_vars *vars, struct value *out,
		   struct weir_error *err)
{
	struct got g;
	int rc = lend(n->kids[0], item, vars, &g, err);

	if (rc)
		return rc;
	rc = native_eval(n->kids[1], g.v, vars, out, err);
	got_drop(g);
	return rc;
}

static int negate(const struct native *n, struct value item,
		  const struct rx_vars *vars, struct value *out,
		  struct weir_error *err)
{
	struct got g;
	int rc = lend(n->kids[0], item, vars, &g, err);

	if (rc)
		return rc;
	rc = arith_negate(g.v, out, err);
	got_drop(g);
	return rc;
}

/* error(null) is, in jq 1.6, as if there was no output. */
static int raise(const struct native *n, struct value item,
		 const struct rx_vars *vars, struct value *out,
		 struct weir_error *err)
{
	struct got g;
	struct value text;
	int rc = lend(n->kids[0], item, vars, &g, err);

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

static int length_of(struct value v, struct value *out, struct weir_error *err)
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

static int construct(const struct native *n, struct value item,
		     const struct rx_vars *vars, struct value *out,
		     struct weir_error *err)
{
	struct value few[2 * KIDS_ON_STACK];
	struct value *nodes = few;
	uint32_t k = 0;
	int rc = 0;

	if (n->n > KIDS_ON_STACK)
		nodes = mem_alloc(2 * n->n * sizeof *nodes);
	for (uint32_t i = 0; i < n->n; i++) {
		struct value v;

		rc = native_eval(n->kids[i], item, vars, &v, err);
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

int native_operand(const struct native *n, struct value item,
		   const struct rx_vars *vars, struct value *out,
		   struct weir_error *err)
{
	struct got g;
	int rc = lend(n, item, vars, &g, err);

	if (rc == 0)
		*out = g.ours ? g.v : value_ref(g.v);
	return rc;
}

static int select_item(const struct native *n, struct value item,
		       const struct rx_vars *vars, struct value *out,
		       struct weir_error *err)
{
	int rc;
	bool yes = holds(n->kids[0], item, vars, &rc, err);

	if (rc)
		return rc;
	if (!yes)
		return NATIVE_EMPTY;
	*out = value_ref(item);
	return 0;
}

static int either(const struct native *n, struct value item,
		  const struct rx_vars *vars, struct value *out,
		  struct weir_error *err)
{
	int rc;
	bool yes = holds(n->kids[0], item, vars, &rc, err);

	if (rc)
		return rc;
	return native_eval(n->kids[yes ? 1 : 2], item, vars, out, err);
}

static int not(const struct native *n, struct value item,
	       const struct rx_vars *vars, struct value *out,
	       struct weir_error *err)
{
	*out = value_bool(!value_truthy(item));
	return 0;
}

static int length(const struct native *n, struct value item,
		  const struct rx_vars *vars, struct value *out,
		  struct weir_error *err)
{
	return length_of(item, out, err);
}

static int tostring(const struct native *n, struct value item,
		    const struct rx_vars *vars, struct value *out,
		    struct weir_error *err)
{
	*out = text_of(item);
	return 0;
}

static int type(const struct native *n, struct value item,
		const struct rx_vars *vars, struct value *out,
		struct weir_error *err)
{
	*out = value_cstr(value_type_name(item));
	return 0;
}

static int empty(const struct native *n, struct value item,
		 const struct rx_vars *vars, struct value *out,
		 struct weir_error *err)
{
	return NATIVE_EMPTY;
}

/* --- which function a node gets ------------------------------------------ */

static const native_fn meanings[] = {
	[N_ITEM] = native_operand,
	[N_CONST] = native_operand,
	[N_ACC] = native_operand,
	[N_INDEX] = native_operand,
	[N_KEY] = native_operand,
	[N_PATH] = native_operand,
	[N_EQ] = native_binary,
	[N_NE] = native_binary,
	[N_LT] = native_binary,
	[N_LE] = native_binary,
	[N_GT] = native_binary,
	[N_GE] = native_binary,
	[N_ADD] = native_binary,
	[N_SUB] = native_binary,
	[N_MUL] = native_binary,
	[N_DIV] = native_binary,
	[N_MOD] = native_binary,
	[N_AND] = and_or,
	[N_OR] = and_or,
	[N_PIPE] = pipe_on,
	[N_ALT] = alternative,
	[N_NEGATE] = negate,
	[N_ERROR] = raise,
	[N_SELECT] = select_item,
	[N_NOT] = not,
	[N_LENGTH] = length,
	[N_TOSTRING] = tostring,
	[N_TYPE] = type,
	[N_EMPTY] = empty,
	[N_IF] = either,
	[N_ARRAY] = construct,
	[N_OBJECT] = construct,
};

void native_choose(struct native *n)
{
	for (uint32_t i = 0; i < n->n; i++)
		native_choose(n->kids[i]);
	n->eval = native_shape(n);
	if (!n->eval)
		n->eval = meanings[n->op];
}
