/* keys.h - the access keys: what an event is looked up by.
 *
 * An access key stands for a fact about an event in 64 bits. A condition is
 * filed under keys of which one at least is there whenever the condition is
 * true (access.h); the keys of an event are computed from its leaves.
 *
 *     KEY_EQ        path, value      user.id is 4711
 *     KEY_ANY       value            some leaf is joe@doe.com
 *     KEY_NAME      name, value      **.email is joe@doe.com
 *     KEY_HAS       path, value      tags has the element, or the member, red
 *     KEY_EXISTS    path             there is a temp
 *     KEY_THERE     name             there is an email somewhere
 *     KEY_CELL      path, level, n   price is in the n-th interval of 2^level
 *     KEY_GRAM      bytes            some text has these 8, 4 or 3 bytes
 *     KEY_SOURCE, KEY_JOB  value     what describes the part
 *
 * Numbers are put in order as 64 bits, and an interval of them is cut into
 * cells: whatever its width, there is a level on which it lies in two. Only
 * even levels are used, so that an event has fewer keys: cells are up to four
 * times wider than they need be, and what is too much falls to the second
 * predicate of an entry.
 *
 * All hashes here are keyed (base/hash.h): a client cannot make many keys of
 * one hash.
 */
#ifndef WEIR_COND_INDEX_KEYS_H
#define WEIR_COND_INDEX_KEYS_H

#include "base/hash.h"
#include "json/leaves.h"

#include <stdint.h>
#include <string.h>

enum key_kind {
	KEY_EQ = 1,
	KEY_ANY,
	KEY_NAME,
	KEY_HAS,
	KEY_EXISTS,
	KEY_THERE,
	KEY_CELL,
	KEY_GRAM8,
	KEY_GRAM4,
	KEY_GRAM3,
	KEY_SOURCE,
	KEY_JOB,
	KEY_KINDS,
};

/* Of a kind and two hashes, or a hash and 0. */
static inline uint64_t key_make(enum key_kind kind, uint64_t a, uint64_t b)
{
	return hash_mix(a ^ hash_key[2],
			b ^ hash_key[3] ^ (uint64_t)kind << 56);
}

static inline uint64_t key_cell(uint64_t path, uint32_t level, uint64_t cell)
{
	return key_make(KEY_CELL, path ^ level, hash_u64(cell));
}

/* Of 8 bytes as two words; shorter ones have a word of secret in place of the
 * second. Words of 32 bits, since of those eight are hashed at once where the
 * processor can, see match_grams.c. Nothing is lost: different bytes have
 * different keys. */
static inline uint64_t key_gram(uint32_t a, uint32_t b)
{
	uint32_t y =
		(a ^ (uint32_t)(hash_key[0] >> 32)) * (uint32_t)hash_key[0];
	uint32_t low;
	uint32_t high;

	y ^= y >> 15;
	y = (y + b) * (uint32_t)hash_key[1];
	y ^= y >> 15;
	low = y * (uint32_t)hash_key[2];
	low ^= low >> 16;
	high = (b ^ low ^ (uint32_t)(hash_key[1] >> 32)) *
	       (uint32_t)hash_key[3];
	return (uint64_t)high << 32 | low;
}

static inline uint64_t key_gram8(const char *p)
{
	uint32_t words[2];

	memcpy(words, p, sizeof words);
	return key_gram(words[0], words[1]);
}

static inline uint64_t key_gram4(const char *p)
{
	uint32_t word;

	memcpy(&word, p, sizeof word);
	return key_gram(word, (uint32_t)(hash_key[2] >> 32));
}

static inline uint64_t key_gram3(const char *p)
{
	uint32_t word = (uint32_t)(unsigned char)p[0] |
			(uint32_t)(unsigned char)p[1] << 8 |
			(uint32_t)(unsigned char)p[2] << 16;

	return key_gram(word, (uint32_t)(hash_key[3] >> 32));
}

/* 64 bits in the order of doubles. -0 is 0. */
static inline uint64_t order_double(double d)
{
	uint64_t bits;

	d += 0.0;
	memcpy(&bits, &d, sizeof bits);
	return bits >> 63 ? ~bits : bits | (uint64_t)1 << 63;
}

/* In the order of numbers; those that no double tells apart may be one. */
static inline uint64_t order_number(enum value_type type, int64_t bits)
{
	double d;

	if (type == VALUE_INT)
		return order_double((double)bits);
	if (type == VALUE_UINT)
		return order_double((double)(uint64_t)bits);
	memcpy(&d, &bits, sizeof d);
	return order_double(d);
}

/* In the order of strings; those with the same first 8 bytes are one. */
static inline uint64_t order_string(const char *p, size_t len)
{
	uint64_t bits = 0;

	memcpy(&bits, p, len < 8 ? len : 8);
	return __builtin_bswap64(bits);
}

#endif
