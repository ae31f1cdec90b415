/* operate.h - the operators at work, on one value each.
 *
 * A value comes from a tree (struct value) or from a flat document (struct
 * json_leaf). A view is what both have in common, so that there is one piece
 * of code for each operator.
 */
#ifndef WEIR_COND_OPERATE_H
#define WEIR_COND_OPERATE_H

#include "cond/cidr.h"
#include "cond/tree.h"
#include "json/leaves.h"

struct cond_view {
	/* Its type, and what it is if it is no string; of a container only if
	 * it comes from a tree. */
	struct value v;
	struct str s;		       /* of a string */
	const struct json_leaf *leaf;  /* where it comes from, or NULL */
	const struct json_leaf *first; /* of the document, if leaf */
};

/* What the operator holds the value against. */
struct cond_operand {
	struct cond_view view; /* null for those that take nothing */
	struct str text;       /* as written; p is NULL if it was no word */
	bool digits;	       /* text is a whole number beyond 64 bits */
	bool sorted;	       /* view is a list of scalars in order */
	const struct cond_cidr *blocks;
	uint32_t n_blocks;
	struct cond_regex *regex;
};

static inline struct cond_view cond_view_value(struct value v)
{
	return (struct cond_view){.v = v, .s = value_str(v)};
}

static inline struct cond_view cond_view_leaf(const struct json_leaf *leaf,
					      const struct json_leaf *first)
{
	return (struct cond_view){
		.v = {.tag = leaf->type, .i = leaf->i},
		.s = {leaf->p, leaf->type == VALUE_STRING ? leaf->len : 0},
		.leaf = leaf,
		.first = first,
	};
}

/* Does it hold? Not for EXISTS and MISSING, which ask for no value. */
bool cond_operate(enum cond_op op, bool reversed, const struct cond_view *value,
		  const struct cond_operand *operand);

/* JSON equality of a value and another, of whatever origin. */
bool cond_view_equal(const struct cond_view *a, const struct cond_view *b);

#endif
