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

enum {
	TABLE_LINE = 4,
	TABLE_PATTERNS_BITS = 10,
	TABLE_PATTERNS = 1 << TABLE_PATTERNS_BITS,
};

/* The i-th pattern has bits i mod 32, i / 32 and the upper five of this times
 * i; match_grams.c computes it, too. */
#define TABLE_PATTERN_FACTOR 0x9E3779B1u

#define TABLE_LINK UINT32_MAX /* n of a last slot that links to line ref */

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
	/* The bits of a key, chosen by its highest bits: a load in place of
	 * three shifts, which an event does two hundred times. */
	uint32_t patterns[TABLE_PATTERNS];
};

void table_init(struct table *t);
void table_fini(struct table *t);

/* The slot of key; a new one has n == 0, and the caller sets it at once. */
struct table_slot *table_add(struct table *t, uint64_t key);

/* Takes the key out whose slot this is. */
void table_remove(struct table *t, struct table_slot *s);

uint64_t table_bytes(const struct table *t);

static inline uint32_t table_filter_bits(const struct table *t, uint64_t key)
{
	return t->patterns[key >> (64 - TABLE_PATTERNS_BITS)];
}

static inline struct table_line *table_home(const struct table *t, uint64_t key)
{
	return (struct table_line *)t->lines.base +
	       spread_place(&t->spread, key);
}

static inline void table_prefetch_filter(const struct table *t, uint64_t key)
{
	__builtin_prefetch(t->filter.base +
			   spread_place(&t->spread, key) * sizeof(uint32_t));
}

static inline void table_prefetch(const struct table *t, uint64_t key)
{
	__builtin_prefetch(table_home(t, key));
}

/* The link of a line, or NULL. */
static inline struct table_slot *table_link(struct table_line *line)
{
	struct table_slot *last = &line->slots[TABLE_LINE - 1];

	return last->n == TABLE_LINK ? last : NULL;
}

static inline struct table_line *table_next(const struct table *t,
					    struct table_line *line)
{
	struct table_slot *link = table_link(line);

	return link ? (struct table_line *)t->overflow.base + link->ref : NULL;
}

/* The slot of key in the chain of its line, or NULL; the filter is not asked.
 * Slots move when another key is added or removed. All keys of a line are
 * compared before the first branch: which of them it is cannot be predicted. */
static inline struct table_slot *table_look_up(const struct table *t,
					       uint64_t key)
{
	struct table_line *line = table_home(t, key);

	for (; line; line = table_next(t, line)) {
		struct table_slot *s = line->slots;
		uint32_t same = (uint32_t)(s[0].key == key) |
				(uint32_t)(s[1].key == key) << 1 |
				(uint32_t)(s[2].key == key) << 2 |
				(uint32_t)(s[3].key == key) << 3;

		/* An empty slot may have it, too, and a link has key 0. */
		for (; same; same &= same - 1) {
			struct table_slot *at = &s[__builtin_ctz(same)];

			if (at->n && at->n != TABLE_LINK)
				return at;
		}
	}
	return NULL;
}

/* False: key is not there. */
static inline bool table_maybe(const struct table *t, uint64_t key)
{
	const uint32_t *filter = (const uint32_t *)t->filter.base;
	uint32_t bits = table_filter_bits(t, key);

	return (filter[spread_place(&t->spread, key)] & bits) == bits;
}

/* The slot of key, or NULL. */
static inline struct table_slot *table_find(const struct table *t, uint64_t key)
{
	return table_maybe(t, key) ? table_look_up(t, key) : NULL;
}

#endif
