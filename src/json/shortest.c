/* shortest.c - a double in the fewest digits that read back as it.
 *
 * The algorithm is Schubfach (Raffaello Giulietti, "The Schubfach way to
 * render doubles"): scale the double and the two borders of its rounding
 * interval by a power of ten so that the spacing of candidates is just above
 * 1, then at most four candidates are left. Products keep the lost bits as a
 * sticky last one, which is enough for all comparisons.
 */
#include "json/number.h"

#include "json/pow10.h"

#include <stdbool.h>
#include <string.h>

typedef unsigned __int128 u128;

struct decimal {
	uint64_t digits;
	int exp10; /* the number is digits * 10^exp10 */
};

/* floor(q * log10(2)), and the same of 3/4 * 2^q. */
static int floor_log10(int q, bool three_quarters)
{
	return (q * 1262611 - (three_quarters ? 524031 : 0)) >> 22;
}

/* t * c / 2^128, its last bit set when anything was cut off. */
static uint64_t round_to_odd(struct json_pow10 t, uint64_t c)
{
	u128 low = (u128)t.lo * c;
	u128 high = (u128)t.hi * c + (uint64_t)(low >> 64);

	return (uint64_t)(high >> 64) | ((uint64_t)high > 1);
}

static struct decimal shortest(uint64_t mantissa, int exponent)
{
	uint64_t c = exponent ? mantissa | (uint64_t)1 << 52 : mantissa;
	int q = exponent ? exponent - 1075 : -1074;
	bool even = !(c & 1);
	/* Below a power of two the doubles are twice as dense. */
	bool closer = mantissa == 0 && exponent > 1;
	int k = floor_log10(q, closer);
	int h = q + json_pow10_log2(-k) + 1;
	struct json_pow10 t = json_pow10[-k - JSON_POW10_MIN];

	if (!json_pow10_exact(-k)) { /* rounded up is what the proof asks */
		t.lo++;
		t.hi += t.lo == 0;
	}

	uint64_t lower = round_to_odd(t, (4 * c - 2 + closer) << h) + !even;
	uint64_t middle = round_to_odd(t, (4 * c) << h);
	uint64_t upper = round_to_odd(t, (4 * c + 2) << h) - !even;
	uint64_t s = middle / 4;

	if (s >= 10) {
		/* One digit less, if just one such number is inside. */
		uint64_t tens = s / 10;
		bool below = lower <= 40 * tens;
		bool above = 40 * tens + 40 <= upper;

		if (below != above)
			return (struct decimal){tens + above, k + 1};
	}

	bool below = lower <= 4 * s;
	bool above = 4 * s + 4 <= upper;

	if (below != above)
		return (struct decimal){s + above, k};

	uint64_t half = 4 * s + 2;
	bool up = middle > half || (middle == half && (s & 1));

	return (struct decimal){s + up, k};
}

/* Writes n digits, the last one at end[-1]; two a division. */
static void put_digits(char *end, uint64_t digits, int n)
{
	static const char pairs[] = "00010203040506070809"
				    "10111213141516171819"
				    "20212223242526272829"
				    "30313233343536373839"
				    "40414243444546474849"
				    "50515253545556575859"
				    "60616263646566676869"
				    "70717273747576777879"
				    "80818283848586878889"
				    "90919293949596979899";

	for (; n >= 2; n -= 2) {
		memcpy(end -= 2, pairs + 2 * (digits % 100), 2);
		digits /= 100;
	}
	if (n)
		end[-1] = (char)('0' + digits % 10);
}

static int count_digits(uint64_t n)
{
	static const uint64_t power[] = {
		0,
		10,
		100,
		1000,
		10000,
		100000,
		1000000,
		10000000,
		100000000,
		1000000000,
		10000000000,
		100000000000,
		1000000000000,
		10000000000000,
		100000000000000,
		1000000000000000,
		10000000000000000,
		100000000000000000,
		1000000000000000000,
		10000000000000000000U,
	};
	/* 1233 / 4096 is log10(2), near enough: digits less one, or two. */
	int guess = (64 - __builtin_clzll(n | 1)) * 1233 >> 12;

	return guess + (n >= power[guess]);
}

size_t json_format_u64(uint64_t n, char *out)
{
	int digits = count_digits(n);

	put_digits(out + digits, n, digits);
	return (size_t)digits;
}

/* The algorithm gives 16 or 17 digits; 21.57 is 2157 and many zeros. */
static void strip_zeros(struct decimal *d)
{
	if (!d->digits)
		return;
	if (d->digits % 100000000 == 0) {
		d->digits /= 100000000;
		d->exp10 += 8;
	}
	if (d->digits % 10000 == 0) {
		d->digits /= 10000;
		d->exp10 += 4;
	}
	while (d->digits % 10 == 0) {
		d->digits /= 10;
		d->exp10++;
	}
}

/* Plain as long as that is easy to read, as Python does: 0.0001 and
 * 1234500000000000.0, but 1e-05 and 1e+16, here 1e-5 and 1e16. */
static size_t layout(struct decimal d, char *out)
{
	char *p = out;

	strip_zeros(&d);

	int n = count_digits(d.digits);
	int point = n + d.exp10; /* digits before the point */

	if (point > 16 || point < -3) {
		put_digits(p + n, d.digits, n);
		if (n > 1) {
			memmove(p + 2, p + 1, (size_t)n - 1);
			p[1] = '.';
			p++;
		}
		p += n;
		*p++ = 'e';
		point--;
		if (point < 0) {
			*p++ = '-';
			point = -point;
		}

		int exp_digits = count_digits((uint64_t)point);

		put_digits(p + exp_digits, (uint64_t)point, exp_digits);
		return (size_t)(p + exp_digits - out);
	}
	if (d.exp10 >= 0) {
		put_digits(p + n, d.digits, n);
		memset(p + n, '0', (size_t)d.exp10);
		memcpy(p + point, ".0", 2);
		return (size_t)point + 2;
	}
	if (point > 0) {
		put_digits(p + n, d.digits, n);
		memmove(p + point + 1, p + point, (size_t)(n - point));
		p[point] = '.';
		return (size_t)n + 1;
	}
	memcpy(p, "0.", 2);
	memset(p + 2, '0', (size_t)-point);
	put_digits(p + 2 - point + n, d.digits, n);
	return (size_t)(2 - point + n);
}

size_t json_format_double(double d, char *out)
{
	uint64_t bits;
	char *p = out;

	memcpy(&bits, &d, sizeof bits);
	if (bits >> 63) {
		*p++ = '-';
		d = -d;
	}

	uint64_t mantissa = bits & (((uint64_t)1 << 52) - 1);
	int exponent = (int)(bits >> 52 & 0x7FF);
	struct decimal decimal;

	/* Whole numbers are their own digits while all of them count. */
	if (d < 0x1p53 && d == (double)(uint64_t)d)
		decimal = (struct decimal){(uint64_t)d, 0};
	else
		decimal = shortest(mantissa, exponent);
	return (size_t)(p - out) + layout(decimal, p);
}
