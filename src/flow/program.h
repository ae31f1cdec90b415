/* program.h - a value function: a jq program, compiled.
 *
 *     text --> native.c: what most programs are (paths, comparisons,
 *       |      arithmetic, constructions), as a tree of nodes
 *       `----> jqprog.c: everything else, in libjq
 *
 * Both mean the same: jq 1.6, its messages included. What differs is stated in
 * native_eval.c. The first output counts; without one the result is null.
 *
 * Threads: a program belongs to the thread that compiled it.
 */
#ifndef WEIR_FLOW_PROGRAM_H
#define WEIR_FLOW_PROGRAM_H

#include "rx/block.h"
#include "rx/fn.h"

/* Variables: which a program may use, and which it does use. */
enum {
	VAR_ACC = 1,
	VAR_INDEX = 2,
	VAR_KEY = 4,
};

/* What surrounds a program inside a block; shared by the functions in it. */
struct scope {
	uint32_t refs;
	int64_t index;	  /* $index; -1 without */
	struct value key; /* $key; ours */
	struct value acc; /* $acc; ours */
	bool has_acc;
};

/* Like around (may be NULL) but for what in lends. */
struct scope *scope_create(const struct scope *around,
			   const struct rx_inner *in);
void scope_unref(struct scope *s);

/* fn (shared), with what is around it lent to it: an rx_fn of the
 * caller's. scope (may be NULL: fn itself) is shared. */
struct rx_fn *scope_bind(struct rx_fn *fn, struct scope *scope);

struct program;

/* vars: what is defined where the program stands. Returns 0, or WEIR_EINVAL
 * with err->message, and in err->offset the byte of the text where the place
 * is known, else 0. */
int program_compile(struct str text, unsigned vars, struct program **out,
		    struct weir_error *err);
/* The same for a bare path: .a.0.b, where digits are an index in an array and
 * a name in an object. */
struct program *program_path(struct str path);
/* The member of that name, dots and all. */
struct program *program_member(struct str name);
struct program *program_ref(struct program *p);
void program_unref(struct program *p);

unsigned program_vars(const struct program *p); /* those it uses */
bool program_is_native(const struct program *p);

/* An rx_fn of the caller's that runs p. scope (may be NULL) is shared; it is
 * not needed by a program that uses nothing of what is around. */
struct rx_fn *program_fn(struct program *p, struct scope *scope);

#endif
