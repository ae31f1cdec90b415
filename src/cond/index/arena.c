/* arena.c - see arena.h. */
#include "cond/index/arena.h"

#include <assert.h>
#include <string.h>

/* The class of a size, and the size of the class. */
static uint32_t class_of(size_t bytes, uint32_t *units_out)
{
	uint64_t units = (bytes + ARENA_UNIT - 1) / ARENA_UNIT;
	uint32_t bits;
	uint32_t quarter;

	if (units <= ARENA_EXACT) {
		*units_out = (uint32_t)MAX(units, 1u);
		return *units_out;
	}
	/* 2^bits < units <= 2^(bits + 1), in quarters of 2^bits. */
	bits = 63 - (uint32_t)__builtin_clzll(units - 1);
	quarter = (uint32_t)((units - 1) >> (bits - 2)) & 3;
	*units_out = (quarter + 5) << (bits - 2);
	return ARENA_EXACT + 1 + (bits - 6) * 4 + quarter;
}

void arena_init(struct arena *a)
{
	*a = (struct arena){.end = 1};
	stretch_init(&a->bytes, ((size_t)UINT32_MAX + 1) * ARENA_UNIT);
}

void arena_fini(struct arena *a)
{
	stretch_fini(&a->bytes);
}

uint32_t arena_alloc(struct arena *a, size_t bytes)
{
	uint32_t units;
	uint32_t class = class_of(bytes, &units);
	uint32_t block = a->freed[class];

	a->used += (uint64_t)units * ARENA_UNIT;
	if (block) {
		memcpy(&a->freed[class], arena_at(a, block), sizeof block);
		return block;
	}
	block = a->end;
	assert(units <= UINT32_MAX - block);
	stretch_need(&a->bytes, ((size_t)block + units) * ARENA_UNIT);
	a->end += units;
	return block;
}

void arena_free(struct arena *a, uint32_t block, size_t bytes)
{
	uint32_t units;
	uint32_t class = class_of(bytes, &units);

	if (!block)
		return;
	a->used -= (uint64_t)units * ARENA_UNIT;
	memcpy(arena_at(a, block), &a->freed[class], sizeof block);
	a->freed[class] = block;
}
