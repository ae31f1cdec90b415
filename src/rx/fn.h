/* fn.h - a value function: mapper, key, predicate, accumulator.
 *
 * rx/ knows only this table; flow/ compiles jq programs to it, embedding
 * programs wrap a C function.
 */
#ifndef WEIR_RX_FN_H
#define WEIR_RX_FN_H

#include "base/error.h"
#include "value/value.h"

#include <stdbool.h>
#include <stdint.h>

/* What an operator lends beside the item. */
struct rx_vars {
	struct value acc; /* $acc: scan, reduce; else null */
	int64_t index;	  /* $index: the *_indexed operators; else -1 */
	struct value key; /* $key of a group's block; else null */
	bool has_acc;	  /* acc is lent: it hides the $acc of a block around */
};

struct rx_fn;

struct rx_fn_ops {
	/* Borrows v and vars; *out is the caller's. Returns 0, or a negative
	 * code with err filled (message as the program raised it) and *out
	 * untouched. A mapper without an output gives null. */
	int (*call)(struct rx_fn *fn, struct value v,
		    const struct rx_vars *vars, struct value *out,
		    struct weir_error *err);
	void (*destroy)(struct rx_fn *fn); /* the last reference is gone */
};

struct rx_fn {
	const struct rx_fn_ops *ops;
	uint32_t refs;
};

static inline struct rx_fn *rx_fn_ref(struct rx_fn *fn)
{
	if (fn)
		fn->refs++;
	return fn;
}

static inline void rx_fn_unref(struct rx_fn *fn)
{
	if (fn && --fn->refs == 0)
		fn->ops->destroy(fn);
}

static inline int rx_fn_call(struct rx_fn *fn, struct value v,
			     const struct rx_vars *vars, struct value *out,
			     struct weir_error *err)
{
	return fn->ops->call(fn, v, vars, out, err);
}

#endif
