/* hash.h - 64-bit keyed hash of some bytes.
 *
 * The key is random per process, so that no peer can choose collisions.
 * Threads: any; hash_init has run before there is a second one.
 */
#ifndef WEIR_BASE_HASH_H
#define WEIR_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

extern uint64_t hash_key[4]; /* set by hash_init, constant afterwards */

/* Draws the key from the system's randomness. Runs before main by itself, since
 * a program that embeds weir may make a value on any thread, before anything
 * else; calling it again does nothing. */
void hash_init(void);

uint64_t hash_bytes(const void *p, size_t len);

/* The 128-bit product folded: the mixing step of everything here. */
static inline uint64_t hash_mix(uint64_t a, uint64_t b)
{
	__uint128_t m = (__uint128_t)a * b;

	return (uint64_t)m ^ (uint64_t)(m >> 64);
}

/* hash_bytes in its parts, for those who have the bytes in registers: begin,
 * a step for each full 16 bytes, and the last 0 to 15 as two words, the first
 * byte lowest, padded with zeros. */
static inline uint64_t hash_begin(void)
{
	return hash_key[0];
}

static inline uint64_t hash_step(uint64_t h, uint64_t a, uint64_t b)
{
	return hash_mix(a ^ hash_key[1], b ^ h);
}

static inline uint64_t hash_end(uint64_t h, uint64_t a, uint64_t b, size_t len)
{
	return hash_mix(hash_mix(a ^ hash_key[2], b ^ h) ^ len, hash_key[3]);
}

static inline uint64_t hash_u64(uint64_t n)
{
	return hash_mix(n ^ hash_key[0], hash_key[1]);
}

/* Fills p with bytes from the system's randomness. */
void random_bytes(void *p, size_t len);

/* Writes len random characters of [0-9a-z] (no vowels) and a NUL. */
void random_id(char *out, size_t len);

#endif
