/* number_test.c - doubles in both directions, against strtod and printf. */
#include "json/number.h"

#include "json/pow10.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static uint64_t seed = 88172645463325252U;

static uint64_t random_bits(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

/* A finite double of one of many kinds. */
static double random_double(int kind)
{
	uint64_t bits = random_bits();
	double d;

	switch (kind % 6) {
	case 0:
		bits &= 0x000FFFFFFFFFFFFF; /* subnormal */
		break;
	case 1:
		bits &= 0xFFF0000000000000; /* a power of two */
		break;
	case 2:
		return (double)(random_bits() % 1000000) / 1000;
	case 3:
		return (double)(random_bits() >> random_bits() % 64);
	case 4:
		return (double)(random_bits() % 100000000000000) *
		       pow(10, (double)(random_bits() % 40) - 20);
	default:
		break;
	}
	memcpy(&d, &bits, sizeof d);
	return isfinite(d) ? d : 1.5;
}

static size_t format(double d, char *out)
{
	size_t len = json_format_double(d, out);

	assert_true(len < JSON_DOUBLE_MAX);
	out[len] = '\0';
	return len;
}

static void assert_written(double d, const char *text)
{
	char out[JSON_DOUBLE_MAX];

	format(d, out);
	assert_string_equal(out, text);
}

static void doubles_are_written_as_people_do(void **state)
{
	assert_written(0, "0.0");
	assert_written(-0.0, "-0.0");
	assert_written(1, "1.0");
	assert_written(-1.5, "-1.5");
	assert_written(21.57, "21.57");
	assert_written(100, "100.0");
	assert_written(0.1, "0.1");
	assert_written(0.0001, "0.0001");
	assert_written(0.00001, "1e-5");
	assert_written(1.25e-7, "1.25e-7");
	assert_written(1234500000000000, "1234500000000000.0");
	assert_written(1e15, "1000000000000000.0");
	assert_written(1e16, "1e16");
	assert_written(123456789012345680, "1.2345678901234568e17");
	assert_written(9007199254740991, "9007199254740991.0");
	assert_written(9007199254740992, "9007199254740992.0");
	assert_written(1e23, "1e23");
	assert_written(9.5367431640625e-7, "9.5367431640625e-7");
	assert_written(5e-324, "5e-324");
	assert_written(2.2250738585072014e-308, "2.2250738585072014e-308");
	assert_written(-1.7976931348623157e308, "-1.7976931348623157e308");
}

/* Significant digits of what was written. */
static int digits_of(const char *text)
{
	int digits = 0;
	int zeros = 0; /* at the end so far */

	for (; *text && *text != 'e'; text++) {
		if (*text < '0' || *text > '9' || (!digits && *text == '0'))
			continue;
		digits++;
		zeros = *text == '0' ? zeros + 1 : 0;
	}
	return digits - zeros;
}

static void what_is_written_reads_back_and_is_shortest(void **state)
{
	for (int i = 0; i < 60000; i++) {
		double d = random_double(i);
		char out[JSON_DOUBLE_MAX];
		char best[40];
		int precision = 0;

		format(d, out);
		if (strtod(out, NULL) != d)
			fail_msg("%a was written as %s", d, out);
		if (!strpbrk(out, ".e"))
			fail_msg("%s is no double", out);
		do
			snprintf(best, sizeof best, "%.*e", precision++, d);
		while (strtod(best, NULL) != d);
		if (d != 0 && digits_of(out) > precision)
			fail_msg("%s is longer than %s", out, best);
		if (d != 0 && digits_of(out) == precision &&
		    fabsl(strtold(out, NULL) - (long double)d) >
			    fabsl(strtold(best, NULL) - (long double)d) *
				    1.0001L)
			fail_msg("%s is farther away than %s", out, best);
	}
}

static bool same(double a, double b)
{
	return memcmp(&a, &b, sizeof a) == 0;
}

static void decimals_are_read_as_strtod_does(void **state)
{
	for (int i = 0; i < 200000; i++) {
		uint64_t w = random_bits() >> random_bits() % 64;
		int q = i % 2 ? (int)(random_bits() % 700) - 360
			      : (int)(random_bits() % 60) - 30;
		char text[48];

		snprintf(text, sizeof text, "%llue%d", (unsigned long long)w,
			 q);
		if (!same(json_decimal_to_double(w, q), strtod(text, NULL)))
			fail_msg("%s", text);
	}
	assert_true(isinf(json_decimal_to_double(1, INT64_C(1) << 40)));
	assert_true(same(json_decimal_to_double(1, -(INT64_C(1) << 40)), 0));
	assert_true(same(json_decimal_to_double(0, INT64_C(1) << 40), 0));
}

/* Exact ties between neighbours and their next digits: the hard cases. */
static void long_digits_are_read_as_strtod_does(void **state)
{
	for (int i = 0; i < 30000; i++) {
		char digits[1200];
		char all[1300];
		int q = (int)(random_bits() % 700) - 360;

		if (i % 3 == 0) {
			double d = fabs(random_double(i / 3));
			double next = nextafter(d, INFINITY);
			long double middle = ((long double)d + next) / 2;

			snprintf(digits, sizeof digits, "%.*Le",
				 (int)(random_bits() % 780), middle);
			q = atoi(strchr(digits, 'e') + 1);
			*strchr(digits, 'e') = '\0';
		} else {
			size_t len = 1 + random_bits() % (i % 50 ? 40 : 1000);
			size_t dot = random_bits() % len;

			for (size_t k = 0; k < len; k++)
				digits[k] = (char)('0' + random_bits() % 10);
			digits[dot] = '.';
			if (len == 1)
				digits[0] = '0';
			digits[len] = '\0';
		}
		snprintf(all, sizeof all, "%se%d", digits, q);
		if (!same(json_digits_to_double(digits, digits + strlen(digits),
						q),
			  strtod(all, NULL)))
			fail_msg("%s", all);
	}
}

/* A tie, and far behind it, beyond all digits that are kept, a 1. */
static void a_digit_far_behind_decides_a_tie(void **state)
{
	char digits[1200] = "9007199254740993.";
	size_t len = strlen(digits);

	memset(digits + len, '0', sizeof digits - len);
	assert_true(
		same(json_digits_to_double(digits, digits + sizeof digits, 0),
		     9007199254740992));
	digits[sizeof digits - 1] = '1';
	assert_true(
		same(json_digits_to_double(digits, digits + sizeof digits, 0),
		     9007199254740994));
}

/* --- the table --------------------------------------------------------- */

enum { LIMBS = 40 }; /* 1280 bits, least significant first */

struct big {
	uint32_t limb[LIMBS];
};

static void big_times(struct big *b, uint32_t factor)
{
	uint64_t carry = 0;

	for (int i = 0; i < LIMBS; i++) {
		carry += (uint64_t)b->limb[i] * factor;
		b->limb[i] = (uint32_t)carry;
		carry >>= 32;
	}
	assert_int_equal(carry, 0);
}

static bool big_bit(const struct big *b, int bit)
{
	return bit >= 0 && (b->limb[bit / 32] >> bit % 32 & 1);
}

static int big_log2(const struct big *b)
{
	int bit = LIMBS * 32 - 1;

	while (!big_bit(b, bit))
		bit--;
	return bit;
}

static void big_double_plus(struct big *b, bool bit)
{
	big_times(b, 2);
	b->limb[0] |= bit;
}

static bool big_take(struct big *b, const struct big *less)
{
	struct big left;
	int64_t borrow = 0;

	for (int i = 0; i < LIMBS; i++) {
		borrow += (int64_t)b->limb[i] - less->limb[i];
		left.limb[i] = (uint32_t)borrow;
		borrow >>= 32;
	}
	if (borrow)
		return false;
	*b = left;
	return true;
}

static void assert_row(int q, unsigned __int128 t)
{
	const struct json_pow10 *row = &json_pow10[q - JSON_POW10_MIN];

	if (row->hi != (uint64_t)(t >> 64) || row->lo != (uint64_t)t)
		fail_msg("the row of 10^%d is wrong", q);
}

static void every_power_of_the_table_is_right(void **state)
{
	struct big power = {{1}}; /* 10^q */

	for (int q = 0; q <= -JSON_POW10_MIN; q++, big_times(&power, 10)) {
		int log2 = big_log2(&power);
		unsigned __int128 t = 0;

		if (q <= JSON_POW10_MAX) {
			for (int i = 0; i < 128; i++)
				t = t << 1 | big_bit(&power, log2 - i);
			assert_row(q, t);
			assert_int_equal(json_pow10_log2(q), log2);
		}
		if (q == 0)
			continue;
		/* 10^-q: long division of 2^(log2 + 128) by 10^q. */
		struct big rest = {{0}};

		t = 0;
		for (int i = log2 + 128; i >= 0; i--) {
			big_double_plus(&rest, i == log2 + 128);
			t = t << 1 | big_take(&rest, &power);
		}
		assert_row(-q, t);
		assert_int_equal(json_pow10_log2(-q), -log2 - 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(doubles_are_written_as_people_do),
		cmocka_unit_test(what_is_written_reads_back_and_is_shortest),
		cmocka_unit_test(decimals_are_read_as_strtod_does),
		cmocka_unit_test(long_digits_are_read_as_strtod_does),
		cmocka_unit_test(a_digit_far_behind_decides_a_tie),
		cmocka_unit_test(every_power_of_the_table_is_right),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
