/* few.h - a small filter in front of the large one, for kinds of few keys.
 *
 * The filter of the table grows with all keys, out of the cache of a core. When
 * a million needles are long and a hundred are short, each place of a text is
 * asked for its 4 bytes as well, in vain nearly always. So keys of such a kind
 * are counted here in 128 KiB that stay in the cache. While there are more of
 * them than a quarter of its cells, it is not asked: it would say yes too
 * often.
 *
 * A cell that has counted to its end stays there.
 */
#ifndef WEIR_COND_INDEX_FEW_H
#define WEIR_COND_INDEX_FEW_H

#include <stdbool.h>
#include <stdint.h>

enum {
	FEW_BITS = 17,
	FEW_CELLS = 1 << FEW_BITS,
	FEW_KEYS_MAX = FEW_CELLS / 4,
	FEW_SHIFT = 32 - FEW_BITS, /* of the lower half of a key */
};

struct few {
	uint8_t cells[FEW_CELLS];
	uint32_t keys;
};

static inline uint8_t *few_cell(struct few *f, uint64_t key)
{
	return &f->cells[(uint32_t)key >> FEW_SHIFT];
}

static inline void few_count(struct few *f, uint64_t key, int by)
{
	uint8_t *cell = few_cell(f, key);

	f->keys += (uint32_t)by;
	if (*cell < UINT8_MAX)
		*cell = (uint8_t)(*cell + by);
}

static inline bool few_enough(const struct few *f)
{
	return f->keys <= FEW_KEYS_MAX;
}

#endif
