/* native.h - programs that need no libjq: a tree of nodes.
 *
 *     .k == "a" and .v * 2 > $acc
 *
 *                and
 *              /     \
 *            ==       >
 *           /  \     /  \
 *         .k  "a"   *   $acc
 *                  / \
 *                .v   2
 *
 * native_parse.c knows a part of jq's grammar. What it does not know, or what
 * might be an error, it leaves to libjq: so each message is jq's own.
 *
 * Each node has the function that evaluates it. native_eval.c has one for every
 * meaning; native_shapes.c has quicker ones for what most programs consist of.
 */
#ifndef WEIR_FLOW_NATIVE_H
#define WEIR_FLOW_NATIVE_H

#include "base/error.h"
#include "rx/fn.h"
#include "value/value.h"

enum native_op {
	N_ITEM,
	N_CONST, /* v */
	N_ACC,
	N_INDEX,
	N_KEY,
	N_PATH, /* kids[0] and steps */
	/* Two kids: */
	N_EQ,
	N_NE,
	N_LT,
	N_LE,
	N_GT,
	N_GE,
	N_ADD,
	N_SUB,
	N_MUL,
	N_DIV,
	N_MOD,
	N_AND,
	N_OR,
	N_PIPE,
	N_ALT,
	/* One kid: */
	N_NEGATE,
	N_ERROR,
	N_SELECT,
	/* None; they work on the item: */
	N_NOT,
	N_LENGTH,
	N_TOSTRING,
	N_TYPE,
	N_EMPTY,
	/* Three: */
	N_IF,
	/* Many: */
	N_ARRAY,
	N_OBJECT, /* keys and kids */
};

struct native_step {
	struct str name; /* p == NULL: an index only */
	int64_t index;	 /* with a name: -1, or the name read as an index */
	bool is_index;	 /* [0], or digits in a bare path */
	uint32_t hint;	 /* which member it was last time: items are alike */
};

struct native;

#define NATIVE_EMPTY 1 /* there was no output */

/* Returns 0, *out is the caller's; NATIVE_EMPTY; or a negative code with err.
 * Borrows item and all that is in vars. */
typedef int (*native_fn)(const struct native *n, struct value item,
			 const struct rx_vars *vars, struct value *out,
			 struct weir_error *err);

struct native {
	native_fn eval; /* chosen by native_choose */
	enum native_op op;
	uint32_t n;		   /* kids, steps not counted */
	struct native **kids;	   /* ours */
	struct value v;		   /* N_CONST */
	struct native_step *steps; /* N_PATH: ours, names too */
	uint32_t n_steps;
	struct value *keys; /* N_OBJECT: n strings, ours */
};

/* NULL when the program is none of these, or may be wrong. vars: VAR_... that
 * are defined; *uses gets those that occur. */
struct native *native_parse(struct str text, unsigned vars, unsigned *uses);
/* A path in the notation of pipelines; it must be well-formed. */
struct native *native_path(struct str path);
struct native *native_member(struct str name);
void native_destroy(struct native *n);

/* For who makes nodes: chooses how n and all below it are evaluated. */
void native_choose(struct native *n);

static inline int native_eval(const struct native *n, struct value item,
			      const struct rx_vars *vars, struct value *out,
			      struct weir_error *err)
{
	return n->eval(n, item, vars, out, err);
}

#endif
