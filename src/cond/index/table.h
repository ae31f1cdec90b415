/* table.h - the one table of access keys, and the filter in front of it.
 *
 *     filter  |word|word|word|word|         32 bits a line
 *                |
 *     lines   |key ref n|key ref n|key ref n|link    |  64 bytes, one cache
 * line
 *                                                |
 *     overflow                                   '-> |key ref n|   ...
 *
 * Nine of ten keys of an event are in no interest. So each line has a word of
 * the filter, in which each key of the line sets three bits: a key that is not
 * there costs one look at a table 16 times smaller. A word belongs to a line,
 * hence it is made anew from the line whenever a key leaves: the filter never
 * grows stale, as one over the whole table would.
 *
 * Lines are addressed by linear hashing (spread.h) and are three quarters full
 * at any size. A fifth of them then overflow: their last slot links to a line
 * of a second array. Rejected: probing the next line. It needs no link, but a
 * place cannot be split alone then.
 *
 * Keys are equal if their 64 bits are: a collision costs a needless candidate.
 */
#ifndef WEIR_COND_INDEX_TABLE_H
#define WEIR_COND_INDEX_TABLE_H

#include "cond/index/spread.h"
#include "cond/index/stretch.h"

#include <stdbool.h>
#include <stdint.h>

struct table_slot {
	uint64_t key;
	uint32_t ref; /* whatever the owner wants */
	uint32_t n;   /* 0: the slot is empty */
};

enum { TABLE_LINE = 4 };

struct table_line {
	struct table_slot slots[TABLE_LINE];
};

struct table {
	struct stretch lines;
	struct stretch filter; /* uint32_t a line */
	struct stretch overflow;
	struct spread spread;
	uint64_t keys;
	uint32_t overflow_end;	/* lines handed out, ever */
	uint32_t overflow_free; /* first free one, linked by ref; 0: none */
	uint32_t overflow_used;
};

void table_init(struct table *t);
void table_fini(struct table *t);

/* The slot of key, or NULL. Slots move when another key is added or removed. */
struct table_slot *table_find(const struct table *t, uint64_t key);

/* The slot of key; a new one has n == 0, and the caller sets it at once. */
struct table_slot *table_add(struct table *t, uint64_t key);

/* Takes the key out whose slot this is. */
void table_remove(struct table *t, struct table_slot *s);

uint64_t table_bytes(const struct table *t);

static inline uint32_t table_filter_bits(uint64_t key)
{
	return 1u << (key >> 59) | 1u << (key >> 54 & 31) |
	       1u << (key >> 49 & 31);
}

/* False: key is not there. */
static inline bool table_maybe(const struct table *t, uint64_t key)
{
	const uint32_t *filter = (const uint32_t *)t->filter.base;
	uint32_t bits = table_filter_bits(key);

	return (filter[spread_place(&t->spread, key)] & bits) == bits;
}

static inline void table_prefetch_filter(const struct table *t, uint64_t key)
{
	__builtin_prefetch(t->filter.base +
			   spread_place(&t->spread, key) * sizeof(uint32_t));
}

static inline void table_prefetch(const struct table *t, uint64_t key)
{
	__builtin_prefetch(t->lines.base + spread_place(&t->spread, key) *
						   sizeof(struct table_line));
}

#endif
