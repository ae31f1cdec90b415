/* sha1.c - see sha1.h. */
#include "base/sha1.h"

#include "base/util.h"

#include <string.h>

#define BLOCK_LEN 64

static uint32_t rotate(uint32_t v, unsigned bits)
{
	return v << bits | v >> (32 - bits);
}

static uint32_t read_be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	       (uint32_t)p[2] << 8 | p[3];
}

static void write_be32(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (24 - 8 * i));
}

/* Names as in RFC 3174, section 6.1. */
static void add_block(uint32_t h[5], const uint8_t block[BLOCK_LEN])
{
	uint32_t a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];
	uint32_t w[80];

	for (int t = 0; t < 16; t++)
		w[t] = read_be32(block + 4 * t);
	for (int t = 16; t < 80; t++)
		w[t] = rotate(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1);
	for (int t = 0; t < 80; t++) {
		uint32_t f, k, next;

		if (t < 20) {
			f = (b & c) | (~b & d);
			k = 0x5A827999;
		} else if (t < 40) {
			f = b ^ c ^ d;
			k = 0x6ED9EBA1;
		} else if (t < 60) {
			f = (b & c) | (b & d) | (c & d);
			k = 0x8F1BBCDC;
		} else {
			f = b ^ c ^ d;
			k = 0xCA62C1D6;
		}
		next = rotate(a, 5) + f + e + w[t] + k;
		e = d;
		d = c;
		c = rotate(b, 30);
		b = a;
		a = next;
	}
	h[0] += a;
	h[1] += b;
	h[2] += c;
	h[3] += d;
	h[4] += e;
}

void sha1(struct str text, uint8_t digest[SHA1_LEN])
{
	uint32_t h[5] = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476,
			 0xC3D2E1F0};
	uint8_t last[2 * BLOCK_LEN] = {0};
	const uint8_t *p = (const uint8_t *)text.p;
	uint64_t bits = (uint64_t)text.len * 8;
	size_t rest = text.len % BLOCK_LEN;
	size_t last_len;

	for (size_t at = 0; at + BLOCK_LEN <= text.len; at += BLOCK_LEN)
		add_block(h, p + at);

	/* A one bit, zeros, and the length fill one block, or two. */
	if (rest)
		memcpy(last, p + text.len - rest, rest);
	last[rest] = 0x80;
	last_len = rest + 1 + 8 <= BLOCK_LEN ? BLOCK_LEN : 2 * BLOCK_LEN;
	write_be32(last + last_len - 8, (uint32_t)(bits >> 32));
	write_be32(last + last_len - 4, (uint32_t)bits);
	for (size_t at = 0; at < last_len; at += BLOCK_LEN)
		add_block(h, last + at);
	for (size_t i = 0; i < ARRAY_LEN(h); i++)
		write_be32(digest + 4 * i, h[i]);
}
