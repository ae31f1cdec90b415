/* index.h - of a million standing interests, which does this event meet?
 *
 *     interest --> pack --> access set --> table <-- keys of the event's leaves
 *                                            |
 *                                       candidates --> evaluated --> ids
 *
 * An interest is a condition with an owner and a lifetime. Each condition is
 * filed under keys of which an event has at least one if it meets it; so an
 * event costs its own size and its candidates, hardly the number of interests.
 * Only candidates are evaluated, exactly. docs/design/index.md tells why it is
 * built so, and what it takes.
 *
 * Conditions that no key leads to, and those that only "there is such a path"
 * leads to, are looked at for each event that may concern them. They are linear
 * in the report, counted, and limited. One that is always true is not: it is
 * looked at in vain for none.
 *
 * No call stops for long: tables grow by a place at a time, and what may be
 * much work takes a budget.
 *
 * Threads: an index belongs to one thread.
 */
#ifndef WEIR_COND_INDEX_INDEX_H
#define WEIR_COND_INDEX_INDEX_H

#include "base/buf.h"
#include "cond/cond.h"
#include "json/leaves.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct interest_index;

struct interest_limits {
	uint32_t interests_max;	 /* 0: INTEREST_MAX_DEFAULT */
	uint32_t conditions_max; /* different ones; 0: INTEREST_MAX_DEFAULT */
	uint32_t linear_max;	 /* of those; 0: INTEREST_LINEAR_MAX_DEFAULT */
};

#define INTEREST_MAX_DEFAULT	    100000000
#define INTEREST_LINEAR_MAX_DEFAULT 1000
#define INTEREST_NO_END		    INT64_MAX

/* How a condition is filed, and what is expected of it. */
struct interest_report {
	double visits;	 /* looks at it or beside it an event, estimated; a
			  * look at text counts for several */
	uint32_t keys;	 /* access keys; 0 for one that is never true, too */
	uint32_t kinds;	 /* of them; interest_report_print names them */
	bool linear;	 /* see above */
	bool shared;	 /* others had stated the same */
	bool never_true; /* not filed at all */
};

struct interest_match {
	uint64_t id;
	uint64_t user;
};

struct interest_figures {
	uint64_t interests;
	uint64_t conditions; /* different ones */
	uint64_t linear;     /* of those */
	uint64_t keys;	     /* in the table */
	uint64_t bytes;	     /* in use, all in */
	uint64_t events;     /* matched, ever */
	uint64_t candidates; /* entries and conditions looked at, ever */
	uint64_t matches;    /* ever */
};

/* now_ms is that of a clock of the caller's, of which all times here are.
 * limits may be NULL. */
struct interest_index *interest_index_create(
	const struct interest_limits *limits, int64_t now_ms);
void interest_index_destroy(struct interest_index *ix); /* NULL is fine */

/* Other limits from now on. What is there stays. */
void interest_index_limit(struct interest_index *ix,
			  const struct interest_limits *limits);

/* --- interests --------------------------------------------------------- */

/* Adds an interest in c until deadline_ms, or INTEREST_NO_END.
 *
 * c         borrowed; most conditions are not kept (pack.h), others are shared
 * user      the owner's, 48 bits: a pointer will do
 * id_out    never 0, and not used again for a long time
 * report    may be NULL
 *
 * Returns 0; WEIR_EBUSY where a limit is reached, err (may be NULL) says which;
 * WEIR_EDENIED for a linear condition where that limit is; WEIR_ETIMEDOUT when
 * the deadline has passed.
 */
int interest_index_insert(struct interest_index *ix, struct cond *c,
			  int64_t deadline_ms, uint64_t user, uint64_t *id_out,
			  struct interest_report *report,
			  struct weir_error *err);

/* All of these return WEIR_ENOTFOUND for an interest that has ended. */
int interest_index_remove(struct interest_index *ix, uint64_t id);

/* Another condition for the same interest; else like insert. On failure the
 * old one stays. */
int interest_index_replace(struct interest_index *ix, uint64_t id,
			   struct cond *c, struct interest_report *report,
			   struct weir_error *err);

/* Another end; one store, when it is later than the one before. */
int interest_index_keep_alive(struct interest_index *ix, uint64_t id,
			      int64_t deadline_ms);

/* What an insertion of c (borrowed) would report and return, without it.
 *
 * by_out    may be NULL; the comparisons by which c is found are appended:
 *           "user.id eq, temp gt"; nothing where none leads to it
 */
int interest_index_ask(struct interest_index *ix, struct cond *c,
		       struct interest_report *report, struct buf *by_out,
		       struct weir_error *err);

/* Walks the conditions in pieces: *at is 0 to begin with, and anything may
 * happen between two calls. Gives one of the interests in the next condition,
 * with its user and how it is filed. False: there is no more, or *budget, the
 * interests that may be looked at, is used up. */
bool interest_index_next(struct interest_index *ix, uint32_t *at,
			 uint32_t *budget, uint64_t *user_out,
			 struct interest_report *report);

/* "indexed by a value at a path, 0.02 visits an event". */
void interest_report_print(const struct interest_report *r, struct buf *out);

/* --- time and work ----------------------------------------------------- */

/* Borrowed for the call; the interest is gone already. May insert, remove and
 * match. */
typedef void (*interest_ended_fn)(uint64_t id, uint64_t user, void *ctx);

/* Tells the time. Interests whose deadline is not behind it match nothing from
 * now on; fn hears of them one by one, in at most budget steps, a step of which
 * takes some tenths of a microsecond. Returns true if there is more to do. */
bool interest_index_expire(struct interest_index *ix, int64_t now_ms,
			   uint32_t budget, interest_ended_fn fn, void *ctx);

/* Upkeep that can wait, at most budget steps of some nanoseconds. Returns true
 * if there is more to do. */
bool interest_index_work(struct interest_index *ix, uint32_t budget);

/* --- events ------------------------------------------------------------ */

enum { INTEREST_BATCH_MAX = 16 };

struct interest_event {
	const struct json_leaves *leaves;
	const struct cond_meta *meta; /* NULL: nothing is known of the part */
	const struct interest_match *matches;
	size_t n; /* of them */
};

/* Which interests do these events meet? At most INTEREST_BATCH_MAX: the memory
 * of one is waited for while another is worked on. What is in an event is
 * borrowed; matches and n are filled, and lent until the next call here. The
 * same interest comes once for an event. */
void interest_index_match(struct interest_index *ix,
			  struct interest_event *events, uint32_t n);

void interest_index_figures(const struct interest_index *ix,
			    struct interest_figures *out);

/* --- for tests --------------------------------------------------------- */

/* Of keys only these bits count: with few, all hashes collide. The index must
 * be empty. */
void interest_index_weaken(struct interest_index *ix, uint64_t key_mask);

#endif
