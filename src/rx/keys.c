/* keys.c - the table of values. Removal closes the gap (no tombstones): what
 * stands behind it moves up if its place by hash is at or before the gap.
 */
#include "rx/keys.h"

#include "base/mem.h"
#include "base/util.h"

/* Never 0. The bit for it is a high one: the low ones choose the slot. */
static uint64_t hash_of(struct value key)
{
	return value_hash(key) | UINT64_C(1) << 63;
}

static bool same_words(struct value a, struct value b)
{
	return a.tag == b.tag && a.u == b.u;
}

/* Not inline: rx_keys_find mostly does without. */
static __attribute__((noinline)) struct rx_keys_slot *slot_of(
	const struct rx_keys *k, struct value key, uint64_t hash)
{
	uint32_t i = (uint32_t)hash & (k->cap - 1);

	while (k->slots[i].hash) {
		struct rx_keys_slot *s = &k->slots[i];

		if (s->hash == hash &&
		    (same_words(s->key, key) || value_equal(s->key, key)))
			return s;
		i = (i + 1) & (k->cap - 1);
	}
	return &k->slots[i];
}

static void grow(struct rx_keys *k)
{
	struct rx_keys old = *k;

	k->cap = old.cap ? old.cap * 2 : 16;
	k->slots = mem_zalloc(k->cap * sizeof *k->slots);
	for (uint32_t i = 0; i < old.cap; i++)
		if (old.slots[i].hash)
			*slot_of(k, old.slots[i].key, old.slots[i].hash) =
				old.slots[i];
	mem_free(old.slots);
}

uintptr_t *rx_keys_find(const struct rx_keys *k, struct value key)
{
	if (!k->n)
		return NULL;

	uint64_t hash = hash_of(key);
	struct rx_keys_slot *s = &k->slots[(uint32_t)hash & (k->cap - 1)];

	/* The same words are the same value, as most keys that are found; and
	 * most are found where they are first looked for. */
	if (s->hash != hash || !same_words(s->key, key))
		s = slot_of(k, key, hash);
	return s->hash ? &s->data : NULL;
}

void rx_keys_add(struct rx_keys *k, struct value key, uintptr_t data)
{
	uint64_t hash = hash_of(key);

	if ((k->n + 1) * 4ULL > k->cap * 3ULL)
		grow(k);
	*slot_of(k, key, hash) = (struct rx_keys_slot){.key = value_ref(key),
						       .hash = hash,
						       .data = data};
	k->n++;
}

void rx_keys_remove(struct rx_keys *k, struct value key)
{
	struct rx_keys_slot *gap = k->n ? slot_of(k, key, hash_of(key)) : NULL;
	uint32_t mask = k->cap - 1;

	if (!gap || !gap->hash)
		return;

	struct value gone = gap->key;
	uint32_t hole = (uint32_t)(gap - k->slots);

	for (uint32_t i = (hole + 1) & mask; k->slots[i].hash;
	     i = (i + 1) & mask) {
		uint32_t home = (uint32_t)k->slots[i].hash & mask;

		/* Distances count around the ring. */
		if (((i - home) & mask) >= ((i - hole) & mask)) {
			k->slots[hole] = k->slots[i];
			hole = i;
		}
	}
	k->slots[hole] = (struct rx_keys_slot){0};
	k->n--;
	value_unref(gone);
}

void rx_keys_clear(struct rx_keys *k)
{
	for (uint32_t i = 0; i < k->cap; i++)
		if (k->slots[i].hash)
			value_unref(k->slots[i].key);
	mem_free(k->slots);
	*k = (struct rx_keys){0};
}
