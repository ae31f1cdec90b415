/* interests.h - the registry: which interests does a part meet?
 *
 *     condition --- entries of struct interests_entry, each of some stream
 *     condition --- ...
 *
 * Interests with the same condition share it: a part is held against each
 * distinct condition once, and the text is parsed once. An interest without one
 * is met by every part.
 *
 * Threads: those that the streams of its entries belong to.
 */
#ifndef WEIR_HUB_INTERESTS_H
#define WEIR_HUB_INTERESTS_H

#include "base/error.h"
#include "base/list.h"
#include "cond/cond.h"
#include "value/value.h"

#include <stdint.h>

struct interests;
struct interests_condition;

/* Embedded in what is interested. All zero: it is in no registry. */
struct interests_entry {
	struct list link; /* of those with the same condition */
	struct interests_condition *condition;
};

struct interests *interests_create(void);
void interests_destroy(struct interests *r); /* must be empty */

/* The condition of that text, one reference of the caller's: that of the
 * registry when it is known there. Errors as cond_parse. */
int interests_parse(struct interests *r, struct str text, struct cond **out,
		    struct weir_error *err);

/* So many distinct conditions at most, from now on. */
void interests_limit(struct interests *r, uint32_t conditions_max);

/* Adds e, or gives it another condition. text (borrowed) is c's; empty with c
 * NULL: every part meets it. 0, or WEIR_EBUSY with err (may be NULL): there are
 * too many conditions; e is as it was. */
int interests_set(struct interests *r, struct interests_entry *e,
		  struct str text, struct cond *c, struct weir_error *err);
/* What interests_set would say of it. */
int interests_check(const struct interests *r, struct str text,
		    struct weir_error *err);
void interests_remove(struct interests *r, struct interests_entry *e);

/* Calls fn for each entry whose condition v meets (all borrowed). fn must not
 * change the registry. */
void interests_match(struct interests *r, struct value v,
		     const struct cond_meta *meta,
		     void (*fn)(void *arg, struct interests_entry *e),
		     void *arg);

uint32_t interests_count(const struct interests *r);
uint32_t interests_conditions(const struct interests *r);

#endif
