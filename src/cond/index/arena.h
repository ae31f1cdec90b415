/* arena.h - small blocks named by 32 bits, in one stretch.
 *
 * The index keeps a few blocks for each interest; with pointers and malloc's
 * headers they would take half as much again. A block has a number, its place
 * in units of 8 bytes, so 2^32 of them reach 32 GiB. The size is the owner's
 * to remember.
 *
 * Freed blocks wait in a list for each size, linked through their first word.
 * Blocks above ARENA_EXACT units come in four sizes for each power of two.
 */
#ifndef WEIR_COND_INDEX_ARENA_H
#define WEIR_COND_INDEX_ARENA_H

#include "cond/index/stretch.h"

#include <stdint.h>

enum {
	ARENA_UNIT = 8,
	ARENA_EXACT = 64,
	ARENA_CLASSES = ARENA_EXACT + 1 + 4 * 26,
};

struct arena {
	struct stretch bytes;
	uint32_t end;		       /* units handed out, ever */
	uint64_t used;		       /* bytes in use */
	uint32_t freed[ARENA_CLASSES]; /* first free block; 0: none */
};

void arena_init(struct arena *a);
void arena_fini(struct arena *a);

/* Never 0. The contents are whatever was there. */
uint32_t arena_alloc(struct arena *a, size_t bytes);
/* bytes as when it was allocated; 0 does nothing. */
void arena_free(struct arena *a, uint32_t block, size_t bytes);

static inline void *arena_at(const struct arena *a, uint32_t block)
{
	return a->bytes.base + (size_t)block * ARENA_UNIT;
}

#endif
