/* cond.h - a condition: is this value of interest?
 *
 *     type eq order and [total gt 100 or * contains joe]
 *
 *     text  --+
 *             +--> tree --> canonical tree --> program --> true or false
 *     JSON  --+   (tree.h)                    (program.h)
 *
 * Parsed once, evaluated often. A condition is total: no value makes it fail,
 * and after the first time evaluating it allocates nothing. A missing member or
 * a value of another type makes a comparison false, and its `not` true.
 * docs/conditions.md is the language.
 *
 * Threads: a condition belongs to the thread that parsed it.
 */
#ifndef WEIR_COND_COND_H
#define WEIR_COND_COND_H

#include "base/error.h"
#include "base/str.h"
#include "value/value.h"

struct json_leaves;

struct cond;

/* What a condition may be. */
struct cond_rules {
	uint32_t text_max;     /* bytes; a structured one is written as JSON */
	uint32_t depth_max;    /* brackets in brackets, `not`s in a row */
	uint32_t atoms_max;    /* a list counts one for 8 elements */
	uint32_t regex_max;    /* bytes of a regular expression */
	uint32_t regex_states; /* and what it is with {n,m} written out */
	bool claims;	       /* $claims.NAME stands for one of the token */
	bool as_written;       /* the tree is not made canonical: for explain */
};

extern const struct cond_rules cond_rules_operator; /* generous */
extern const struct cond_rules cond_rules_client;   /* for what peers send */

/* What is known of a part beside its data. */
struct cond_meta {
	struct str source;
	struct str job;
	struct value claims; /* borrowed; an object */
};

/* Reads text (borrowed): the language, or a JSON array. rules may be NULL:
 * those of an operator. Returns 0; else WEIR_EINVAL or WEIR_ETOOBIG with err
 * telling where, and *out is NULL. */
int cond_parse(struct str text, const struct cond_rules *rules,
	       struct cond **out, struct weir_error *err);

/* The structured form: an array (or a string, which is read as text). v is
 * borrowed. err tells what, but not where. */
int cond_parse_value(struct value v, const struct cond_rules *rules,
		     struct cond **out, struct weir_error *err);

struct cond *cond_ref(struct cond *c);
void cond_unref(struct cond *c);

/* All borrowed; meta may be NULL. Both give the same for the same document. */
bool cond_eval(const struct cond *c, struct value v,
	       const struct cond_meta *meta);
bool cond_eval_leaves(const struct cond *c, const struct json_leaves *l,
		      const struct cond_meta *meta);

#endif
