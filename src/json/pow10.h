/* pow10.h - the powers of ten as 128-bit mantissas.
 *
 *     10^q = t * 2^(e - 127),   2^127 <= t < 2^128,   t rounded down
 *     e = floor(log2(10^q))
 *
 * t is exact from q = 0 to q = 55 (5^55 < 2^128). Both directions need the
 * same numbers, so there is one table.
 */
#ifndef WEIR_JSON_POW10_H
#define WEIR_JSON_POW10_H

#include <stdbool.h>
#include <stdint.h>

enum {
	JSON_POW10_MIN = -342, /* 2^64 * 10^-343 rounds to 0 */
	JSON_POW10_MAX = 324,  /* the least double is 5 * 10^-324 */
};

struct json_pow10 {
	uint64_t hi;
	uint64_t lo;
};

extern const struct json_pow10 json_pow10[JSON_POW10_MAX - JSON_POW10_MIN + 1];

static inline bool json_pow10_exact(int q)
{
	return q >= 0 && q <= 55;
}

/* floor(log2(10^q)): 217706 / 2^16 is log2(10), near enough for this range. */
static inline int json_pow10_log2(int q)
{
	return (q * 217706) >> 16;
}

#endif
