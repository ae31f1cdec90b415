/* map.c - see map.h. Linear probing; removal shifts back what follows, so that
 * there are no tombstones to clean up. */
#include "base/map.h"

#include "base/hash.h"
#include "base/mem.h"
#include "base/util.h"

#include <assert.h>

void map_fini(struct map *m)
{
	mem_free(m->slots);
	*m = (struct map){0};
}

static uint32_t hash_of(struct str key)
{
	return (uint32_t)hash_bytes(key.p, key.len);
}

static struct str key_of(const struct map_slot *slot)
{
	return str_from(slot->key, slot->key_len);
}

static struct map_slot *find(const struct map *m, struct str key, uint32_t hash)
{
	size_t at = hash & (m->cap - 1);

	while (m->slots[at].key && !(m->slots[at].hash == hash &&
				     str_eq(key_of(&m->slots[at]), key)))
		at = (at + 1) & (m->cap - 1);
	return &m->slots[at];
}

static void grow(struct map *m)
{
	struct map old = *m;

	m->cap = old.cap ? old.cap * 2 : 16;
	m->slots = mem_zalloc(m->cap * sizeof *m->slots);
	for (size_t i = 0; i < old.cap; i++)
		if (old.slots[i].key)
			*find(m, key_of(&old.slots[i]), old.slots[i].hash) =
				old.slots[i];
	mem_free(old.slots);
}

void *map_get(const struct map *m, struct str key)
{
	if (!m->len)
		return NULL;

	return find(m, key, hash_of(key))->value;
}

void *map_put(struct map *m, struct str key, void *value)
{
	assert(key.p && key.len <= UINT32_MAX && value);
	if ((m->len + 1) * 4 > m->cap * 3)
		grow(m);

	uint32_t hash = hash_of(key);
	struct map_slot *slot = find(m, key, hash);
	void *old = slot->value;

	if (!slot->key)
		m->len++;
	*slot = (struct map_slot){key.p, (uint32_t)key.len, hash, value};
	return old;
}

void *map_remove(struct map *m, struct str key)
{
	if (!m->len)
		return NULL;

	struct map_slot *slot = find(m, key, hash_of(key));
	void *old = slot->value;

	if (!slot->key)
		return NULL;
	m->len--;

	size_t hole = (size_t)(slot - m->slots);
	size_t mask = m->cap - 1;

	for (size_t at = (hole + 1) & mask; m->slots[at].key;
	     at = (at + 1) & mask) {
		size_t home = m->slots[at].hash & mask;

		/* May move back unless its home lies behind the hole. */
		if (((at - home) & mask) >= ((at - hole) & mask)) {
			m->slots[hole] = m->slots[at];
			hole = at;
		}
	}
	m->slots[hole] = (struct map_slot){0};
	return old;
}

void **map_values(const struct map *m, size_t *n_out)
{
	void **all = mem_alloc((m->len + 1) * sizeof *all);
	size_t n = 0;

	MAP_FOREACH (slot, m)
		all[n++] = slot->value;
	*n_out = n;
	return all;
}
