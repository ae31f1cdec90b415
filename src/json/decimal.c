/* decimal.c - decimal digits to the nearest double.
 *
 * Three ways, cheapest first:
 *
 * 1. Both the digits and the power of ten are exact doubles: one operation,
 *    rounded once (Clinger, "How to read floating point numbers accurately").
 * 2. digits * 10^q as a 64 by 128 bit product. The table rounds 10^q down, so
 *    the product is too small by less than one unit of its upper 128 bits;
 *    unless a carry from there could reach the bit that decides, the product
 *    decides as the exact value would (Lemire, "Number parsing at a gigabyte
 *    per second").
 * 3. What is left, about one number of 2^60 and the ones next to zero: strtod,
 *    given the digits without a dot, since the dot depends on the locale.
 */
#include "json/number.h"

#include "json/pow10.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef unsigned __int128 u128;

/* Beyond this many digits only "something follows" can matter: a tie between
 * two doubles has at most 767. */
#define DIGITS_MAX  800
#define WORD_DIGITS 19 /* that always fit a uint64_t */

/* Returns false when only the exact value can tell. w != 0. */
static bool by_product(uint64_t w, int64_t q, double *out)
{
	if (q < JSON_POW10_MIN) {
		*out = 0;
		return true;
	}
	if (q > 308) {
		*out = HUGE_VAL;
		return true;
	}

	const struct json_pow10 *t = &json_pow10[q - JSON_POW10_MIN];
	int zeros = __builtin_clzll(w);

	w <<= zeros;

	u128 low = (u128)w * t->lo;
	u128 top = (u128)w * t->hi + (uint64_t)(low >> 64);
	int upper = (int)(top >> 127); /* the highest bit is 127 or 126 */
	int cut = 64 + 9 + upper;      /* leaves 53 bits and one to round */
	u128 mask = ((u128)1 << cut) - 1;
	u128 rest = top & mask;
	uint64_t m = (uint64_t)(top >> cut);
	bool exact = json_pow10_exact((int)q);
	int exp2 = 63 + upper - zeros + json_pow10_log2((int)q);

	if (!exact && rest + 2 > mask)
		return false;
	if (exp2 < -1022)
		return false; /* subnormal: fewer bits */

	bool sticky = !exact || rest || (uint64_t)low;

	m = (m & 1) && (sticky || (m & 2)) ? (m >> 1) + 1 : m >> 1;
	if (m >> 53) {
		m >>= 1;
		exp2++;
	}
	if (exp2 > 1023) {
		*out = HUGE_VAL;
		return true;
	}

	uint64_t bits =
		(uint64_t)(exp2 + 1023) << 52 | (m & (((uint64_t)1 << 52) - 1));

	memcpy(out, &bits, sizeof bits);
	return true;
}

double json_decimal_to_double(uint64_t w, int64_t q)
{
	static const double exact[] = {1e0,  1e1,  1e2,	 1e3,  1e4,  1e5,
				       1e6,  1e7,  1e8,	 1e9,  1e10, 1e11,
				       1e12, 1e13, 1e14, 1e15, 1e16, 1e17,
				       1e18, 1e19, 1e20, 1e21, 1e22};
	char text[64];
	double d;

	if (w <= (uint64_t)1 << 53) {
		if (q >= -22 && q <= 0)
			return (double)w / exact[-q];
		if (q > 0 && q <= 22)
			return (double)w * exact[q];
		if (w == 0)
			return 0;
	}
	if (by_product(w, q, &d))
		return d;
	snprintf(text, sizeof text, "%llue%lld", (unsigned long long)w,
		 (long long)q);
	return strtod(text, NULL);
}

double json_digits_to_double(const char *digits, const char *end, int64_t q)
{
	char text[DIGITS_MAX + 32];
	size_t n = 0;	   /* significant digits in text */
	uint64_t w = 0;	   /* the first ones of them */
	int64_t w_q;	   /* w * 10^w_q is not above the number */
	bool more = false; /* something but zeros follows the text */
	bool in_fraction = false;

	for (const char *p = digits; p < end; p++) {
		if (*p == '.') {
			in_fraction = true;
			continue;
		}
		q -= in_fraction;
		if (n == 0 && *p == '0')
			continue;
		if (n == DIGITS_MAX) {
			more |= *p != '0';
			q++;
			continue;
		}
		if (n < WORD_DIGITS)
			w = w * 10 + (uint64_t)(*p - '0');
		text[n++] = *p;
	}
	if (n == 0)
		return 0;
	w_q = q + (n > WORD_DIGITS ? (int64_t)(n - WORD_DIGITS) : 0);
	if (n <= WORD_DIGITS)
		return json_decimal_to_double(w, q);

	/* The number is between w and w + 1. */
	double low;
	double high;

	if (by_product(w, w_q, &low) && by_product(w + 1, w_q, &high) &&
	    low == high)
		return low;
	if (more) {
		text[n++] = '1';
		q--;
	}
	snprintf(text + n, sizeof text - n, "e%lld", (long long)q);
	return strtod(text, NULL);
}
