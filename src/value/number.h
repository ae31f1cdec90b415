/* number.h - numbers by value, exactly: an int64, a uint64 and a double that
 * mean one number are one. For value/ and for readers that have no tree. */
#ifndef WEIR_VALUE_NUMBER_H
#define WEIR_VALUE_NUMBER_H

#include "base/hash.h"
#include "value/value.h"

/* Below 0, 0, above 0. Both are numbers. */
int value_number_compare(struct value a, struct value b);

/* Hashes of scalars: what value_hash gives. Kinds are kept apart by the word
 * that is added, numbers beyond INT64_MAX included. */
static inline uint64_t value_hash_literal(enum value_type type)
{
	return hash_mix(hash_key[3] + type, hash_key[2]);
}

static inline uint64_t value_hash_i64(int64_t i)
{
	return hash_mix((uint64_t)i ^ hash_key[1], hash_key[3]);
}

static inline uint64_t value_hash_u64(uint64_t u)
{
	if (u <= INT64_MAX)
		return value_hash_i64((int64_t)u);
	return hash_mix(u ^ hash_key[0], hash_key[2]);
}

static inline uint64_t value_hash_double(double d)
{
	if (d >= -0x1p63 && d < 0x1p63) {
		int64_t i = (int64_t)d;

		if ((double)i == d)
			return value_hash_i64(i);
	} else if (d >= 0x1p63 && d < 0x1p64) {
		return value_hash_u64((uint64_t)d); /* has no fraction */
	}

	uint64_t bits;

	memcpy(&bits, &d, sizeof bits);
	return hash_mix(bits ^ hash_key[2], hash_key[0]);
}

#endif
