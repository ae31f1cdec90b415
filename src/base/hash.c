/* hash.c - keyed hash: 16 bytes a step, each folded through a 128-bit product
 * with secret words. The secret decides which inputs collide. */
#include "base/hash.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

uint64_t hash_key[4] = {0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F,
			0x165667B19E3779F9, 0xD6E8FEB86659FD93};

void random_bytes(void *p, size_t len)
{
	char *at = p;

	while (len) {
		ssize_t n = getrandom(at, len, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			perror("weir: getrandom");
			abort();
		}
		at += n;
		len -= (size_t)n;
	}
}

__attribute__((constructor)) void hash_init(void)
{
	static int drawn;

	if (drawn)
		return;
	drawn = 1;
	random_bytes(hash_key, sizeof hash_key);
	for (int i = 0; i < 4; i++)
		hash_key[i] |= 1; /* odd: never zero in a product */
}

static uint64_t load64(const unsigned char *p)
{
	uint64_t n;

	memcpy(&n, p, sizeof n);
	return n;
}

static uint64_t load32(const unsigned char *p)
{
	uint32_t n;

	memcpy(&n, p, sizeof n);
	return n;
}

/* The last 0 to 15 bytes as two words, the first byte lowest, padded with
 * zeros, without a read beyond them. */
static void load_tail(const unsigned char *p, size_t len, uint64_t *a,
		      uint64_t *b)
{
	*b = 0;
	if (len >= 8) {
		*a = load64(p);
		if (len > 8)
			*b = load64(p + len - 8) >> 8 * (16 - len);
	} else if (len >= 4) {
		*a = load32(p) | load32(p + len - 4) << 8 * (len - 4);
	} else if (len) {
		*a = (uint64_t)p[0] | (uint64_t)p[len / 2] << 8 * (len / 2) |
		     (uint64_t)p[len - 1] << 8 * (len - 1);
	} else {
		*a = 0;
	}
}

uint64_t hash_bytes(const void *bytes, size_t len)
{
	const unsigned char *p = bytes;
	uint64_t h = hash_begin();
	size_t left = len;
	uint64_t a;
	uint64_t b;

	for (; left >= 16; left -= 16, p += 16)
		h = hash_step(h, load64(p), load64(p + 8));
	load_tail(p, left, &a, &b);
	return hash_end(h, a, b, len);
}

void random_id(char *out, size_t len)
{
	/* 32 characters, so that a byte masked to 5 bits chooses evenly. */
	static const char set[] = "0123456789bcdfghjklmnpqrstvwxyz_";

	random_bytes(out, len);
	for (size_t i = 0; i < len; i++)
		out[i] = set[(unsigned char)out[i] & 31];
	for (size_t i = 0; i < len; i++)
		if (out[i] == '_')
			out[i] = 'x';
	out[len] = '\0';
}
