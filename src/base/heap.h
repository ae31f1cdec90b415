/* heap.h - intrusive 4-ary min-heap of (key, seq): the order of timers.
 *
 * Items with the same key leave in the order in which they were put in.
 * A link knows its place, so removal needs no search. The keys lie in the heap,
 * side by side: with a million timers each look at one elsewhere would be a
 * miss of the cache. All zero is an empty heap; a zeroed link is in no heap.
 */
#ifndef WEIR_BASE_HEAP_H
#define WEIR_BASE_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct heap_link {
	uint32_t place; /* index + 1; 0 while in no heap */
};

struct heap_entry {
	int64_t key;
	uint64_t seq;
	struct heap_link *link;
};

struct heap {
	struct heap_entry *entries; /* ours */
	uint32_t len;
	uint32_t cap;
	uint64_t next_seq;
};

void heap_fini(struct heap *h);
/* link must be in no heap. */
void heap_push(struct heap *h, struct heap_link *link, int64_t key);
void heap_remove(struct heap *h, struct heap_link *link); /* if it is in */

static inline bool heap_link_in(const struct heap_link *link)
{
	return link->place != 0;
}

static inline int64_t heap_key(const struct heap *h,
			       const struct heap_link *link) /* it is in */
{
	return h->entries[link->place - 1].key;
}

/* Lent until the heap changes; NULL: it is empty. */
static inline const struct heap_entry *heap_first(const struct heap *h)
{
	return h->len ? &h->entries[0] : NULL;
}

#endif
