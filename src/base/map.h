/* map.h - hash map from bytes to a pointer, with a key random per process.
 *
 * Open addressing; keys are borrowed (usually they live in what the pointer
 * points to). All zero is an empty map.
 */
#ifndef WEIR_BASE_MAP_H
#define WEIR_BASE_MAP_H

#include "base/str.h"

#include <stdint.h>

struct map_slot {
	const char *key; /* NULL: empty */
	uint32_t key_len;
	uint32_t hash;
	void *value;
};

struct map {
	struct map_slot *slots; /* ours */
	size_t len;
	size_t cap; /* a power of two, or 0 */
};

void map_fini(struct map *m);			    /* frees the table only */
void *map_get(const struct map *m, struct str key); /* or NULL */
/* key is borrowed as long as it is in. Returns the value it replaced (the old
 * key is then replaced as well), or NULL. value must not be NULL. */
void *map_put(struct map *m, struct str key, void *value);
void *map_remove(struct map *m, struct str key); /* what was there, or NULL */

/* All values, for who changes the map meanwhile: *n_out of them, of mem_alloc.
 */
void **map_values(const struct map *m, size_t *n_out);

/* Walks all; the map must not change meanwhile:
 *     MAP_FOREACH(slot, &m) use(slot->value); */
#define MAP_FOREACH(slot, m)                               \
	for (struct map_slot *slot = (m)->slots;           \
	     slot && slot < (m)->slots + (m)->cap; slot++) \
		if (slot->key)

#endif
