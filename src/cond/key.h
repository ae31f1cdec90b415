/* key.h - what an atom looks at: a path, any leaf, what describes the part.
 *
 *     text         scope          steps
 *     a.b.0        COND_PATH      a b 0
 *     items.*.qty  COND_PATH      items * qty     many
 *     *            COND_LEAF      -               many
 *     **.to.email  COND_ANYWHERE  to email        many
 *     @source      COND_SOURCE    -
 *     @job         COND_JOB       -
 *     $claims.a    COND_CLAIMS    a
 *
 * A key that is `many` may meet several values: its atom holds if the operator
 * holds for some of them, and is false where there is none. Any other key
 * meets one value, or none, which then counts as null.
 *
 * Keys are interned: the same key exists once a thread, so keys are compared
 * by pointer, and a million conditions on user.id share one.
 *
 * Threads: a key belongs to the thread that interned it.
 */
#ifndef WEIR_COND_KEY_H
#define WEIR_COND_KEY_H

#include "base/buf.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

#define COND_STEPS_MAX 256

enum cond_scope {
	COND_PATH,
	COND_LEAF,
	COND_ANYWHERE,
	COND_SOURCE,
	COND_JOB,
	COND_CLAIMS,
};

enum cond_step_kind {
	COND_STEP_NAME,	 /* a member, or an element if it is a number */
	COND_STEP_INDEX, /* an element only: a number of a structured path */
	COND_STEP_ANY,	 /* each member or element */
};

#define COND_NO_INDEX INT64_MIN

struct cond_step {
	struct str name;    /* of a member; NUL-terminated, the key's */
	int64_t index;	    /* as an element: -1 is the last one; or
			     * COND_NO_INDEX */
	uint64_t name_hash; /* json_name_hash(name) */
	/* json_index_hash(index); not for those counted from the end. "01" is
	 * an index whose hash is not that of its name. */
	uint64_t index_hash;
	enum cond_step_kind kind;
};

struct cond_key {
	uint32_t refs;
	uint32_t number; /* see cond_key_at */
	uint32_t n;
	enum cond_scope scope;
	bool many;
	/* COND_PATH without COND_STEP_ANY, and each step has the same hash as a
	 * member and as an element: json_path_hash. Then path tells the place
	 * in a document whatever is there. */
	bool has_path;
	uint64_t path;
	struct str id; /* what it is interned by */
	uint64_t hash; /* of id */
	struct cond_step steps[];
};

/* The key that this text, a word without a backslash, is, where there is one
 * already and its names are plain; or NULL. */
struct cond_key *cond_key_find(struct str text);

/* The key of these steps (name, index and kind are read, and copied). */
struct cond_key *cond_key_intern(enum cond_scope scope,
				 const struct cond_step *steps, uint32_t n);
struct cond_key *cond_key_ref(struct cond_key *k);
void cond_key_unref(struct cond_key *k);

/* Each living key of a thread has a number; lent. */
struct cond_key *cond_key_at(uint32_t number);

/* A step of this name as it is written in a key: a number is an index, too. */
struct cond_step cond_step_named(struct str name);

/* As a person writes it; the inverse of reading it, except for a name with a
 * dot, which only the structured form can tell. */
void cond_key_print(const struct cond_key *k, struct buf *out);

#endif
