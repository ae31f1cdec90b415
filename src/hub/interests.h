/* interests.h - the registry: which interests does a part meet?
 *
 *     part, as JSON text ---> leaves ---> index ---> entries that it meets
 *
 * The index (cond/index/index.h) keeps equal conditions once, and leads from
 * what is in a part to the few conditions that it may meet. Those that it calls
 * linear are residual: held against each part that comes. So there is a limit
 * of them. An interest without a condition is one in `true`, which is no
 * residual one: all that it costs are the parts that it wants.
 *
 * Lifetimes are not the registry's: who has an entry takes it out in time.
 *
 * Threads: those that the streams of its entries belong to. Each may have one.
 */
#ifndef WEIR_HUB_INTERESTS_H
#define WEIR_HUB_INTERESTS_H

#include "base/error.h"
#include "cond/cond.h"
#include "cond/index/index.h"

#include <stdbool.h>
#include <stdint.h>

struct interests;

/* Embedded in what is interested. All zero: it is in no registry. */
struct interests_entry {
	uint64_t id;	  /* in the index; 0: none */
	const char *text; /* its condition; borrowed while it is in */
};

struct interests *interests_create(void);
void interests_destroy(struct interests *r); /* must be empty; NULL is fine */

/* So many distinct conditions at most, and residual ones of them, from now on.
 */
void interests_limit(struct interests *r, uint32_t conditions_max,
		     uint32_t residual_max);

/* Adds e, or gives it another condition; text (borrowed) is what c (borrowed)
 * was read from. c NULL: every part meets it. 0, or with err (may be NULL), e
 * being as it was: WEIR_EBUSY: there are too many conditions, WEIR_EDENIED:
 * it is residual, and there are too many of those. residual_out: it is. */
int interests_set(struct interests *r, struct interests_entry *e,
		  const char *text, struct cond *c, bool *residual_out,
		  struct weir_error *err);
void interests_remove(struct interests *r, struct interests_entry *e);
bool interests_empty(const struct interests *r);

/* What interests_set would return. by_out (may be NULL): the comparisons that
 * lead to c are appended, like "user.id eq"; none of a residual one. */
int interests_ask(struct interests *r, struct cond *c,
		  struct interest_report *report, struct buf *by_out,
		  struct weir_error *err);
/* Fills err for a residual condition: which part of it makes it so, and what
 * would help. Returns WEIR_EDENIED. */
int interests_deny(struct interests *r, struct cond *c, struct weir_error *err);

/* Appends what interests_ask says as members of a JSON object:
 * `,"indexed":"user.id eq","cost":0.02`; of a residual one `,"residual":true`
 * as well. */
void interests_explain(struct interests *r, struct cond *c, struct buf *out);

/* Reads what is known of a part, as JSON text, for conditions. What is nested
 * deeper than text is read, by a pipeline, is read as null. */
void interests_read(struct json_leaves *l, struct str json);

/* Calls fn for each entry whose condition is met by a part with this JSON text
 * (all borrowed). fn must not change the registry. */
void interests_match(struct interests *r, struct str json,
		     const struct cond_meta *meta,
		     void (*fn)(void *arg, struct interests_entry *e),
		     void *arg);

/* --- for the operator ---------------------------------------------------- */

struct interests_figures {
	uint32_t interests;
	uint32_t conditions; /* distinct ones */
	uint32_t residual;   /* of those */
	uint64_t bytes;	     /* of the index, all in */
	uint64_t parts;	     /* matched, ever */
	uint64_t candidates; /* looked at for them */
};
void interests_figures(const struct interests *r,
		       struct interests_figures *out);

/* Calls fn for the conditions (one of the entries of each), a piece at a time:
 * *at is 0 to begin with, and anything may happen between two calls. Returns
 * false when there is no more. fn must not change the registry. */
bool interests_walk(struct interests *r, uint32_t *at,
		    void (*fn)(void *arg, const struct interests_entry *e,
			       const struct interest_report *report),
		    void *arg);

#endif
