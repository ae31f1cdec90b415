/* posting.h - the conditions behind one access key, in order.
 *
 *     slot n   slot ref
 *     1        the condition itself
 *     2..256   entries:     test operand cond | test operand cond | ...
 *     more     a directory: first entry, block, n | first entry, block, n | ...
 *
 * An entry carries a second predicate of its condition: `temp gt 50` beside
 * the key of `dev.id eq d17`. Entries are in the order of test, operand and
 * condition. So of a thousand thresholds on one key the event's own is found
 * by a binary search, and those that it passes are a run beside it. Without
 * this, a range workload of a million looked at 258 candidates for each event
 * instead of 11.
 *
 * Blocks of the directory hold at most 256 entries: an insertion into however
 * long a posting moves no more than that, and the directory.
 */
#ifndef WEIR_COND_INDEX_POSTING_H
#define WEIR_COND_INDEX_POSTING_H

#include "cond/index/arena.h"
#include "cond/index/table.h"

#include <stdbool.h>
#include <stdint.h>

/* What else must hold, by a look at one path. */
enum test_op {
	TEST_NONE,
	TEST_EQ,	      /* the hash of what is there is operand */
	TEST_AT_LEAST,	      /* order_number of it >= operand */
	TEST_AT_MOST,	      /* <= */
	TEST_STRING_AT_LEAST, /* order_string of it >= operand */
	TEST_STRING_AT_MOST,
};

#define TEST_OP_BITS 3

/* The path's id and a test_op. */
static inline uint32_t test_make(uint32_t path, enum test_op op)
{
	return path << TEST_OP_BITS | op;
}

static inline enum test_op test_op(uint32_t test)
{
	return (enum test_op)(test & ((1u << TEST_OP_BITS) - 1));
}

static inline uint32_t test_path(uint32_t test)
{
	return test >> TEST_OP_BITS;
}

struct posting_entry {
	uint64_t operand;
	uint32_t test;
	uint32_t cond;
};

enum { POSTING_BLOCK = 256 };

/* One block of a long posting. */
struct posting_part {
	struct posting_entry first;
	uint32_t block;
	uint32_t n;
};

struct posting_dir {
	uint32_t n;
	uint32_t cap;
	struct posting_part parts[];
};

/* Adds e. With s->n == 1, alone is the entry of the condition that is there. */
void posting_add(struct arena *a, struct table_slot *s, struct posting_entry e,
		 struct posting_entry alone);

/* Takes e out, which is there. */
void posting_remove(struct arena *a, struct table_slot *s,
		    struct posting_entry e);

/* The entries of a short posting, 2 <= n <= POSTING_BLOCK. */
static inline const struct posting_entry *posting_entries(const struct arena *a,
							  uint32_t block)
{
	return arena_at(a, block);
}

static inline int posting_order(const struct posting_entry *a,
				const struct posting_entry *b)
{
	if (a->test != b->test)
		return a->test < b->test ? -1 : 1;
	if (a->operand != b->operand)
		return a->operand < b->operand ? -1 : 1;
	return a->cond < b->cond ? -1 : a->cond > b->cond;
}

/* The first of n entries that is not before e. Mostly it is the first of all,
 * or none: with one test in a posting each run begins or ends there, and a
 * search would wait for a line of the cache at every step. */
static inline uint32_t posting_lower(const struct posting_entry *at, uint32_t n,
				     const struct posting_entry *e)
{
	uint32_t low = 0;

	if (!n || posting_order(&at[0], e) >= 0)
		return 0;
	if (posting_order(&at[n - 1], e) < 0)
		return n;
	while (n) {
		uint32_t half = n / 2;

		if (posting_order(&at[low + half], e) < 0) {
			low += half + 1;
			n -= half + 1;
		} else {
			n = half;
		}
	}
	return low;
}

/* The part of a directory in which e is, or would be put. */
static inline uint32_t posting_part(const struct posting_dir *d,
				    const struct posting_entry *e)
{
	uint32_t low = 0;
	uint32_t n = d->n;

	while (n) {
		uint32_t half = n / 2;

		if (posting_order(&d->parts[low + half].first, e) <= 0) {
			low += half + 1;
			n -= half + 1;
		} else {
			n = half;
		}
	}
	return low ? low - 1 : 0;
}

#endif
