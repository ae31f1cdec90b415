/* sieve.h - keys of an event through the filter of the table, one by one. For
 * match_keys.c and match_grams.c. */
#ifndef WEIR_COND_INDEX_SIEVE_H
#define WEIR_COND_INDEX_SIEVE_H

#include "cond/index/internal.h"

/* The filter, and where the keys go that it lets through. A key is stored in
 * any case, and stays if the next one does not take its place: there is no
 * branch to mispredict, so the processor has ten and more looks at the filter
 * under way at once, and need not be asked to fetch ahead.
 *
 * A copy of what it needs, to be kept in registers: the compiler cannot know
 * that a key which is stored does not change the table. */
struct sieve {
	const uint32_t *filter;
	const uint32_t *patterns;
	struct spread spread;
	uint64_t key_mask;
	struct match_key *out;
};

/* Makes room for more keys, and for one that is stored in vain. */
static inline void sieve_room(struct match_event *e, struct sieve *s,
			      uint32_t more)
{
	uint32_t n = (uint32_t)(s->out - e->keys);

	if (LIKELY(n + more < e->keys_cap))
		return;
	e->keys = match_grown(e->keys, &e->keys_cap, n + more + 1,
			      sizeof *e->keys);
	s->out = e->keys + n;
}

static inline struct sieve sieve_begin(const struct interest_index *ix,
				       struct match_event *e, uint32_t more)
{
	struct sieve s = {
		.filter = (const uint32_t *)ix->table.filter.base,
		.patterns = ix->table.patterns,
		.spread = ix->table.spread,
		.key_mask = ix->access.key_mask,
		.out = e->keys + e->keys_n,
	};

	sieve_room(e, &s, more);
	return s;
}

static inline void sieve_end(const struct interest_index *ix,
			     struct match_event *e, const struct sieve *s)
{
	for (struct match_key *k = e->keys + e->keys_n; k < s->out; k++)
		table_prefetch(&ix->table, k->key);
	e->keys_n = (uint32_t)(s->out - e->keys);
}

/* A key that the event has, if so. */
INLINE void sieve_key(struct sieve *s, uint64_t key, uint64_t where, bool so)
{
	uint32_t bits;

	key &= s->key_mask;
	bits = s->patterns[key >> (64 - TABLE_PATTERNS_BITS)];
	*s->out = (struct match_key){{key}, where};
	s->out +=
		(s->filter[spread_place(&s->spread, key)] & bits) == bits && so;
}

#endif
