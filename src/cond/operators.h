/* operators.h - the operators of conditions: their names and what they take.
 */
#ifndef WEIR_COND_OPERATORS_H
#define WEIR_COND_OPERATORS_H

#include "cond/tree.h"

enum cond_takes {
	COND_TAKES_NOTHING,
	COND_MAY_TAKE,	   /* a value that it ignores, for those of pycond */
	COND_TAKES_ANY,	   /* any value */
	COND_TAKES_TEXT,   /* a word or a string, as it was written */
	COND_TAKES_BOUNDS, /* a list of two numbers or two strings */
	COND_TAKES_BLOCKS, /* a block of addresses, or a list of them */
	COND_TAKES_REGEX,
};

struct cond_operator {
	enum cond_op op;
	enum cond_takes takes;
	bool reversible; /* may stand behind `rev` */
	const char *name;
	const char *aliases; /* separated by spaces */
	const char *means;
};

/* Of the name or of an alias; NULL: there is none. */
const struct cond_operator *cond_operator_find(struct str name);
const struct cond_operator *cond_operator_of(enum cond_op op);

/* The i-th, NULL behind the last. */
const struct cond_operator *cond_operator_at(size_t i);

/* The name that is nearest to what was written, or NULL. */
const char *cond_operator_nearest(struct str written);

#endif
