/* spread.h - the addresses of a table that grows by one place at a time.
 *
 * Linear hashing (Litwin, 1980). With 4 + 2 places:
 *
 *     0  1 | 2  3 | 4  5        0 and 1 are split: what was in them is in 0, 1,
 *     ---split---   new         4 and 5, told apart by one more bit of the hash
 *
 * Each addition splits the next place, so a table never has to be copied to
 * become larger, and it is equally full at any size. A table that doubles is
 * three eighths full after doubling, needs both copies meanwhile, and has to
 * ask two tables until it is done.
 */
#ifndef WEIR_COND_INDEX_SPREAD_H
#define WEIR_COND_INDEX_SPREAD_H

#include <stdint.h>

struct spread {
	uint64_t mask;	/* 2^k - 1 */
	uint64_t split; /* places below have been split in this round */
};

static inline uint64_t spread_places(const struct spread *s)
{
	return s->mask + 1 + s->split;
}

static inline uint64_t spread_place(const struct spread *s, uint64_t hash)
{
	uint64_t at = hash & s->mask;
	uint64_t wide = hash & (s->mask * 2 + 1);

	return at < s->split ? wide : at;
}

/* Adds a place, the last. What is in *from_out has to be spread again over
 * that place and the new one. */
static inline void spread_grow(struct spread *s, uint64_t *from_out)
{
	*from_out = s->split++;
	if (s->split > s->mask) {
		s->mask = s->mask * 2 + 1;
		s->split = 0;
	}
}

#endif
