/* function.h - value functions written in C.
 *
 *     map(&celsius) | scan(&add, 0) | group_by(&site) { ... }
 *
 * Where the language of pipelines takes a jq program (a mapper, predicate, key,
 * accumulator, duration selector) it takes `&name`: a function of the program
 * that embeds weir. weir_pipe is told the functions of a text, weir_open_with
 * those of a server's pipelines.
 */
#ifndef WEIR_FUNCTION_H
#define WEIR_FUNCTION_H

#include "weir/value.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What an operator lends beside the item. */
struct weir_vars {
	/* What was gathered: scan, reduce; inside the block of a merge_scan or
	 * switch_scan; else null. */
	struct weir_value acc;
	struct weir_value key; /* inside the block of a group; else null */
	int64_t index;	       /* the *_indexed operators; else -1 */
};

/* Makes *out, which goes to the caller, of item; both item and vars are
 * borrowed. Returns 0; or a negative code with err filled by weir_error_set,
 * and *out untouched: an item error, which ends the stream (a server skips the
 * item and tells its job).
 *
 * A predicate gives weir_bool; a duration selector gives milliseconds. Called
 * on the loop's thread; must not block. */
typedef int (*weir_fn)(struct weir_value item, const struct weir_vars *vars,
		       void *arg, struct weir_value *out,
		       struct weir_error *err);

/* A function by its name: letters, digits, `_` and `-`. Lists of them end with
 * one whose name is NULL. */
struct weir_function {
	const char *name;
	weir_fn fn;
	void *arg;
};

#ifdef __cplusplus
}
#endif

#endif
