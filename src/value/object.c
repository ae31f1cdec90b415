/* object.c - the members of an object: lookup, repeated names, index. */
#include "value/object.h"

#include "base/hash.h"
#include "base/mem.h"

#include <string.h>

/* A slot holds the number of a member plus one; 0 is an empty slot. */
static uint32_t slots_of(uint64_t n)
{
	uint32_t slots = 64;

	while (slots < 2 * n)
		slots *= 2;
	return slots;
}

uint64_t value_object_nodes(uint64_t n)
{
	return 2 * n + (n >= VALUE_INDEXED_MIN ? slots_of(n) / 2 : 0);
}

/* The slots are the payloads of the nodes behind the members. */
static uint32_t slot_get(const struct value *index, uint32_t at)
{
	return at & 1 ? index[at / 2].off : index[at / 2].len;
}

static void slot_set(struct value *index, uint32_t at, uint32_t member)
{
	if (at & 1)
		index[at / 2].off = member + 1;
	else
		index[at / 2].len = member + 1;
}

static bool is_key(const char *base, struct value node, struct str key)
{
	return node.len == key.len &&
	       memcmp(base + node.off, key.p, key.len) == 0;
}

/* The slot with key, or the empty one where it would stand. */
static uint32_t probe(const char *base, const struct value *nodes,
		      const struct value *index, uint32_t mask, struct str key)
{
	uint32_t at = (uint32_t)hash_bytes(key.p, key.len) & mask;

	for (;;) {
		uint32_t member = slot_get(index, at);

		if (!member || is_key(base, nodes[2 * (member - 1)], key))
			return at;
		at = (at + 1) & mask;
	}
}

/* The value of members [from] takes the place of that of members [to]. */
static void supersede(struct value *nodes, uint32_t to, uint32_t from,
		      void (*drop)(struct value v))
{
	if (drop)
		drop(nodes[2 * to + 1]);
	nodes[2 * to + 1] = nodes[2 * from + 1];
}

static struct str key_at(const char *base, struct value node)
{
	return str_from(base + node.off, node.len);
}

/* Fills the index of n members; moves members together over repeated ones. */
static uint32_t fill_index(const char *base, struct value *nodes,
			   struct value *index, uint32_t n,
			   void (*drop)(struct value v))
{
	uint32_t slots = slots_of(n);
	uint32_t kept = 0;

	for (uint32_t i = 0; i < slots / 2; i++)
		index[i] = value_int(0);
	for (uint32_t i = 0; i < n; i++) {
		uint32_t at = probe(base, nodes, index, slots - 1,
				    key_at(base, nodes[2 * i]));
		uint32_t member = slot_get(index, at);

		if (member) {
			supersede(nodes, member - 1, i, drop);
			continue;
		}
		slot_set(index, at, kept);
		if (kept != i)
			memcpy(&nodes[2 * kept], &nodes[2 * i],
			       2 * sizeof *nodes);
		kept++;
	}
	return kept;
}

/* Eight bits that differ for most keys, without a look at the whole key. */
static unsigned fingerprint(const char *key, uint32_t len)
{
	uint32_t word = len;

	if (len)
		word += (uint32_t)(unsigned char)key[0] << 8 |
			(uint32_t)(unsigned char)key[len - 1] << 16 |
			(uint32_t)(unsigned char)key[len / 2] << 24;
	return (word * 0x9E3779B1U) >> 24;
}

static uint32_t finish_small(const char *base, struct value *nodes, uint32_t n,
			     void (*drop)(struct value v))
{
	uint64_t seen[4] = {0};
	uint32_t kept = 0;

	for (uint32_t i = 0; i < n; i++) {
		struct str key = key_at(base, nodes[2 * i]);
		unsigned f = fingerprint(key.p, (uint32_t)key.len);
		uint32_t j = kept;

		if (seen[f / 64] >> f % 64 & 1)
			for (j = 0; j < kept; j++)
				if (is_key(base, nodes[2 * j], key))
					break;
		seen[f / 64] |= (uint64_t)1 << f % 64;
		if (j < kept) {
			supersede(nodes, j, i, drop);
			continue;
		}
		if (kept != i)
			memcpy(&nodes[2 * kept], &nodes[2 * i],
			       2 * sizeof *nodes);
		kept++;
	}
	return kept;
}

uint32_t value_object_finish(const char *base, struct value *nodes, uint32_t n,
			     void (*drop)(struct value v))
{
	if (n < VALUE_INDEXED_MIN)
		return finish_small(base, nodes, n, drop);

	uint32_t kept =
		fill_index(base, nodes, nodes + 2 * (uint64_t)n, n, drop);

	/* Fewer than came: the index stands too far behind and may be too
	 * large. There are no repeated names now. */
	if (kept != n && kept >= VALUE_INDEXED_MIN)
		fill_index(base, nodes, nodes + 2 * (uint64_t)kept, kept, drop);
	return kept;
}

bool value_find(struct value v, struct str key, struct value *out)
{
	const char *base = (const char *)value_block(v);
	const struct value *nodes = value_nodes(v);

	*out = value_null();
	if (value_type(v) != VALUE_OBJECT || !v.len)
		return false;
	if (v.len >= VALUE_INDEXED_MIN) {
		const struct value *index = nodes + 2 * (uint64_t)v.len;
		uint32_t at =
			probe(base, nodes, index, slots_of(v.len) - 1, key);
		uint32_t member = slot_get(index, at);

		if (member)
			*out = nodes[2 * (member - 1) + 1];
		return member != 0;
	}
	for (uint32_t i = 0; i < v.len; i++) {
		if (is_key(base, nodes[2 * i], key)) {
			*out = nodes[2 * i + 1];
			return true;
		}
	}
	return false;
}

struct value value_get(struct value v, struct str key)
{
	struct value found;

	value_find(v, key, &found);
	return found;
}
