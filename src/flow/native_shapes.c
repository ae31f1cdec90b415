/* native_shapes.c - operators whose operands are at hand: one function for each
 * operator and each pair of places that its operands stand in.
 *
 *     . * 2               MUL  ITEM   NUMBER
 *     .v.n > 3            GT   MEMBER NUMBER
 *     . % 4 == 0          EQ   TERM   NUMBER     TERM: MOD ITEM NUMBER
 *     .k == "a"           EQ   MEMBER TEXT
 *     $acc + .n           ADD  ACC    MEMBER
 *     . - . % 4           SUB  ITEM   TERM
 *
 * They are instances of one inline function. What is constant in an instance
 * costs nothing when an item comes: no switch over operator and place, no
 * count on values, no copy of them. What an instance does not expect (a text
 * where most are numbers, a sum that leaves 64 bits) goes the long way of
 * native_eval.c, so nothing about the meaning stands here.
 */
#include "flow/native_shapes.h"

enum place {
	ITEM,
	ACC,
	MEMBER, /* names below the item: .a.b */
	TERM,	/* a node of any other kind */
	NUMBER, /* a constant integer */
	TEXT,	/* a constant string, which is compared for equality */
};

#define ALWAYS_INLINE static inline __attribute__((always_inline))

/* False: something on the way is no object. Lends. */
ALWAYS_INLINE bool walk_names(const struct native *path, struct value item,
			      struct value *v)
{
	*v = item;
	for (uint32_t i = 0; i < path->n_steps; i++) {
		if (value_type(*v) != VALUE_OBJECT)
			return false;
		*v = native_step_into(&path->steps[i], *v);
	}
	return true;
}

/* What stands there; false when that takes the long way. Lends. */
ALWAYS_INLINE bool look(enum place place, const struct native *kid,
			struct value item, const struct rx_vars *vars,
			struct value *v)
{
	switch (place) {
	case ITEM:
		*v = item;
		return true;
	case ACC:
		*v = vars->acc;
		return true;
	case MEMBER:
		return walk_names(kid, item, v);
	default:
		*v = kid->v;
		return true;
	}
}

/* False: the result is no integer of 64 bits. */
ALWAYS_INLINE bool integers(enum native_op op, int64_t a, int64_t b,
			    struct value *out)
{
	int64_t i;

	switch (op) {
	case N_ADD:
		if (__builtin_add_overflow(a, b, &i))
			return false;
		break;
	case N_SUB:
		if (__builtin_sub_overflow(a, b, &i))
			return false;
		break;
	case N_MUL:
		if (__builtin_mul_overflow(a, b, &i))
			return false;
		break;
	case N_MOD:
		if (b <= 0)
			return false;
		i = a % b;
		break;
	case N_EQ:
		*out = value_bool(a == b);
		return true;
	case N_NE:
		*out = value_bool(a != b);
		return true;
	case N_LT:
		*out = value_bool(a < b);
		return true;
	case N_LE:
		*out = value_bool(a <= b);
		return true;
	case N_GT:
		*out = value_bool(a > b);
		return true;
	case N_GE:
		*out = value_bool(a >= b);
		return true;
	default:
		return false;
	}
	*out = value_int(i);
	return true;
}

/* False: they are not of the types that this place makes likely. */
ALWAYS_INLINE bool likely(enum native_op op, enum place right, struct value a,
			  struct value b, struct value *out)
{
	if (right == TEXT) {
		if (value_type(a) != VALUE_STRING)
			return false;
		*out = value_bool(str_eq(value_str(a), value_str(b)) ==
				  (op == N_EQ));
		return true;
	}
	return value_type(a) == VALUE_INT &&
	       (right == NUMBER || value_type(b) == VALUE_INT) &&
	       integers(op, a.i, b.i, out);
}

/* MEMBER and TERM are no pair: the long way from the one would evaluate the
 * other once more, and so would each level of nested ones. */
ALWAYS_INLINE int shaped(enum native_op op, enum place left, enum place right,
			 const struct native *n, struct value item,
			 const struct rx_vars *vars, struct value *out,
			 struct weir_error *err)
{
	struct value a;
	struct value b;
	int rc = 0;

	if (right == TERM) {
		rc = native_eval(n->kids[1], item, vars, &b, err);
		if (UNLIKELY(rc))
			return rc;
	} else if (!look(right, n->kids[1], item, vars, &b)) {
		return native_binary(n, item, vars, out, err);
	}
	if (left == TERM) {
		rc = native_eval(n->kids[0], item, vars, &a, err);
		if (UNLIKELY(rc)) {
			if (right == TERM)
				value_unref(b);
			return rc;
		}
	} else if (!look(left, n->kids[0], item, vars, &a)) {
		return native_binary(n, item, vars, out, err);
	}
	if (UNLIKELY(!likely(op, right, a, b, out)))
		rc = native_apply(op, a, b, out, err);
	if (left == TERM)
		value_unref(a);
	if (right == TERM)
		value_unref(b);
	return rc;
}

static int member(const struct native *n, struct value item,
		  const struct rx_vars *vars, struct value *out,
		  struct weir_error *err)
{
	struct value v;

	if (!walk_names(n, item, &v))
		return native_operand(n, item, vars, out, err);
	*out = value_ref(v);
	return 0;
}

/* --- the instances ------------------------------------------------------- */

/* clang-format off */
#define NUMBER_SHAPES(_, op)                                            \
	_(op, ITEM, NUMBER) _(op, ITEM, MEMBER)   _(op, ITEM, ACC)      \
	_(op, ACC, NUMBER)  _(op, ACC, ITEM)      _(op, ACC, MEMBER)    \
	_(op, TERM, NUMBER) _(op, MEMBER, NUMBER) _(op, MEMBER, MEMBER) \
	_(op, MEMBER, ACC)  _(op, NUMBER, ITEM)   _(op, NUMBER, MEMBER) \
	_(op, ITEM, TERM)   _(op, ACC, TERM)      _(op, TERM, TERM)

#define TEXT_SHAPES(_, op) \
	_(op, ITEM, TEXT) _(op, MEMBER, TEXT) _(op, TERM, TEXT)

#define ALL_SHAPES(_)                                                      \
	NUMBER_SHAPES(_, EQ) NUMBER_SHAPES(_, NE) NUMBER_SHAPES(_, LT)     \
	NUMBER_SHAPES(_, LE) NUMBER_SHAPES(_, GT) NUMBER_SHAPES(_, GE)     \
	NUMBER_SHAPES(_, ADD) NUMBER_SHAPES(_, SUB) NUMBER_SHAPES(_, MUL)  \
	NUMBER_SHAPES(_, MOD) TEXT_SHAPES(_, EQ) TEXT_SHAPES(_, NE)
/* clang-format on */

#define INSTANCE(op, left, right)                                            \
	static int op##_##left##_##right(const struct native *n,             \
					 struct value item,                  \
					 const struct rx_vars *vars,         \
					 struct value *out,                  \
					 struct weir_error *err)             \
	{                                                                    \
		return shaped(N_##op, left, right, n, item, vars, out, err); \
	}

#define ENTRY(op, left, right) \
	[N_##op - N_EQ][left][right] = op##_##left##_##right,

ALL_SHAPES(INSTANCE)

static const native_fn instances[N_MOD - N_EQ + 1][TEXT + 1][TEXT + 1] = {
	ALL_SHAPES(ENTRY)};

static bool is_member(const struct native *n)
{
	if (n->op != N_PATH || n->kids[0]->op != N_ITEM)
		return false;
	for (uint32_t i = 0; i < n->n_steps; i++)
		if (!n->steps[i].name.p)
			return false;
	return true;
}

static enum place place_of(const struct native *n)
{
	if (n->op == N_ITEM)
		return ITEM;
	if (n->op == N_ACC)
		return ACC;
	if (n->op == N_CONST && value_type(n->v) == VALUE_INT)
		return NUMBER;
	if (n->op == N_CONST && value_type(n->v) == VALUE_STRING)
		return TEXT;
	return is_member(n) ? MEMBER : TERM;
}

native_fn native_shape(const struct native *n)
{
	if (n->op >= N_EQ && n->op <= N_MOD)
		return instances[n->op - N_EQ][place_of(n->kids[0])]
				[place_of(n->kids[1])];
	return is_member(n) ? member : NULL;
}
