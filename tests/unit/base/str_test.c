/* str_test.c - small things read from text: numbers, units, names, UTF-8. */
#include "base/str.h"

#include "base/error.h"
#include "base/util.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

static void assert_str(struct str s, const char *want)
{
	if (!str_eq(s, str_of(want)))
		fail_msg("'%.*s', not '%s'", STR_FMT(s), want);
}

static void an_empty_view_equals_any_other(void **state)
{
	assert_true(str_eq((struct str){0}, STR("")));
	assert_true(str_ieq((struct str){0}, STR("")));
	assert_true(str_starts(STR("a"), (struct str){0}));
	assert_true(str_ends(STR("a"), (struct str){0}));
	assert_false(str_eq(STR("a"), STR("")));
}

static void case_is_folded_for_ascii_only(void **state)
{
	assert_true(str_ieq(STR("Content-TYPE"), STR("content-type")));
	assert_false(str_ieq(STR("a["), STR("a{")));
	assert_false(str_ieq(STR("\xC3\x84"), STR("\xC3\xA4")));
}

static void a_prefix_longer_than_the_text_is_none(void **state)
{
	assert_true(str_starts(STR("/v1/jobs"), STR("/v1")));
	assert_false(str_starts(STR("/v"), STR("/v1")));
	assert_true(str_ends(STR("a.log"), STR(".log")));
	assert_false(str_ends(STR("log"), STR(".log")));
}

static void trimming_takes_blanks_at_both_ends_only(void **state)
{
	assert_str(str_trim(STR(" \t a b \r\n")), "a b");
	assert_str(str_trim(STR(" \r\n ")), "");
	assert_int_equal(str_trim(STR("\v")).len, 1);
}

static void cutting_tells_an_empty_rest_from_none(void **state)
{
	struct str rest = STR("a,,b,");

	assert_str(str_cut(&rest, ','), "a");
	assert_str(str_cut(&rest, ','), "");
	assert_str(str_cut(&rest, ','), "b");
	assert_non_null(rest.p); /* there is one more, an empty one */
	assert_str(str_cut(&rest, ','), "");
	assert_null(rest.p);
}

static void whole_numbers_are_read_up_to_their_limits(void **state)
{
	static const struct {
		const char *text;
		int rc;
		int64_t n;
	} rows[] = {
		{"0", 0, 0},
		{"-0", 0, 0},
		{"007", 0, 7},
		{"9223372036854775807", 0, INT64_MAX},
		{"-9223372036854775808", 0, INT64_MIN},
		{"9223372036854775808", WEIR_ETOOBIG, 0},
		{"-9223372036854775809", WEIR_ETOOBIG, 0},
		{"99999999999999999999999", WEIR_ETOOBIG, 0},
		{"", WEIR_EINVAL, 0},
		{"-", WEIR_EINVAL, 0},
		{"+1", WEIR_EINVAL, 0},
		{" 1", WEIR_EINVAL, 0},
		{"1 ", WEIR_EINVAL, 0},
		{"1.0", WEIR_EINVAL, 0},
		{"--1", WEIR_EINVAL, 0},
		{"0x10", WEIR_EINVAL, 0},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int64_t n = 0;

		print_message("%s\n", rows[i].text);
		assert_int_equal(str_to_i64(str_of(rows[i].text), &n),
				 rows[i].rc);
		assert_true(n == rows[i].n);
	}

	uint64_t u = 0;

	assert_int_equal(str_to_u64(STR("18446744073709551615"), &u), 0);
	assert_true(u == UINT64_MAX);
	assert_int_equal(str_to_u64(STR("18446744073709551616"), &u),
			 WEIR_ETOOBIG);
	assert_int_equal(str_to_u64(STR("-1"), &u), WEIR_EINVAL);
}

static void fractions_are_decimal_and_finite(void **state)
{
	double d = 0;

	assert_int_equal(str_to_double(STR("-1.5e3"), &d), 0);
	assert_true(d == -1500);
	assert_int_equal(str_to_double(STR(".5"), &d), 0);
	assert_true(d == 0.5);
	assert_int_equal(str_to_double(STR("1e999"), &d), WEIR_ETOOBIG);
	assert_int_equal(str_to_double(STR("inf"), &d), WEIR_EINVAL);
	assert_int_equal(str_to_double(STR("nan"), &d), WEIR_EINVAL);
	assert_int_equal(str_to_double(STR("0x1p3"), &d), WEIR_EINVAL);
	assert_int_equal(str_to_double(STR("1.2.3"), &d), WEIR_EINVAL);
	assert_int_equal(str_to_double(STR(" 1"), &d), WEIR_EINVAL);
	assert_int_equal(str_to_double(STR("1 "), &d), WEIR_EINVAL);
	assert_int_equal(str_to_double(STR("."), &d), WEIR_EINVAL);
	assert_int_equal(str_to_double(STR(""), &d), WEIR_EINVAL);
}

static void a_duration_needs_its_unit(void **state)
{
	static const struct {
		const char *text;
		int rc;
		int64_t ms;
	} rows[] = {
		{"10ms", 0, 10},
		{"0s", 0, 0},
		{"1.5s", 0, 1500},
		{"1.0005s", 0, 1001},
		{"0.4ms", 0, 0},
		{"2m", 0, 120000},
		{"1H", 0, 3600000},
		{"3d", 0, 3 * 86400000},
		{"10", WEIR_EINVAL, 0},
		{"s", WEIR_EINVAL, 0},
		{"", WEIR_EINVAL, 0},
		{"-1s", WEIR_EINVAL, 0},
		{"1 s", WEIR_EINVAL, 0},
		{"1s ", WEIR_EINVAL, 0},
		{"1e3s", WEIR_EINVAL, 0},
		{"1w", WEIR_EINVAL, 0},
		{"1.2.3s", WEIR_EINVAL, 0},
		{"99999999d", WEIR_ETOOBIG, 0},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int64_t ms = 0;

		print_message("%s\n", rows[i].text);
		assert_int_equal(str_to_duration_ms(str_of(rows[i].text), &ms),
				 rows[i].rc);
		assert_true(ms == rows[i].ms);
	}
}

static void sizes_know_both_kinds_of_kilo(void **state)
{
	static const struct {
		const char *text;
		int rc;
		uint64_t bytes;
	} rows[] = {
		{"0", 0, 0},
		{"512", 0, 512},
		{"512B", 0, 512},
		{"16KiB", 0, 16384},
		{"16k", 0, 16384},
		{"16kB", 0, 16000},
		{"1.5k", 0, 1536},
		{"1m", 0, 1 << 20},
		{"1MB", 0, 1000000},
		{"2GiB", 0, (uint64_t)2 << 30},
		{"2gb", 0, 2000000000},
		{"-1", WEIR_EINVAL, 0},
		{"KiB", WEIR_EINVAL, 0},
		{"1 KiB", WEIR_EINVAL, 0},
		{"1TiB", WEIR_EINVAL, 0},
		{"99999999GiB", WEIR_ETOOBIG, 0},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint64_t bytes = 0;

		print_message("%s\n", rows[i].text);
		assert_int_equal(str_to_bytes(str_of(rows[i].text), &bytes),
				 rows[i].rc);
		assert_true(bytes == rows[i].bytes);
	}
}

static void the_nearest_name_is_found_if_it_can_be_meant(void **state)
{
	static const char *const names[] = {"debounce", "delay", "distinct",
					    "map",	"url",	 NULL};

	assert_string_equal(str_nearest(STR("debunce"), names), "debounce");
	assert_string_equal(str_nearest(STR("DELAY"), names), "delay");
	assert_string_equal(str_nearest(STR("distinc"), names), "distinct");
	assert_string_equal(str_nearest(STR("ulr"), names), "url");
	assert_null(str_nearest(STR("retry_when"), names));
	assert_null(str_nearest(STR("x"), names));
	assert_null(str_nearest(STR(""), names));
	assert_null(str_nearest(STR("debouncedebouncedebouncedebouncedebounce"),
				names));
}

static void utf8_is_valid_up_to_the_first_bad_byte(void **state)
{
	static const struct {
		const char *text;
		size_t valid;
	} rows[] = {
		{"", 0},
		{"plain ascii, longer than eight", 30},
		{"\xC3\xA9", 2},
		{"\xE2\x82\xAC", 3},
		{"\xF0\x9F\x98\x80", 4},
		{"\xF4\x8F\xBF\xBF", 4},
		{"\xED\x9F\xBF", 3},
		{"\xEE\x80\x80", 3},
		{"12345678\xFF", 8},
		{"a\x80", 1},		  /* a lone continuation */
		{"a\xC0\x80", 1},	  /* overlong NUL */
		{"a\xC1\xBF", 1},	  /* overlong */
		{"a\xE0\x9F\xBF", 1},	  /* overlong */
		{"a\xF0\x8F\xBF\xBF", 1}, /* overlong */
		{"a\xED\xA0\x80", 1},	  /* a surrogate */
		{"a\xF4\x90\x80\x80", 1}, /* beyond U+10FFFF */
		{"a\xF5\x80\x80\x80", 1},
		{"a\xC3", 1}, /* cut */
		{"a\xE2\x82", 1},
		{"a\xF0\x9F\x98", 1},
		{"a\xE2\x28\xA1", 1},
		{"a\xF0\x9F\x28\x80", 1},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct str s = str_of(rows[i].text);

		print_message("row %zu\n", i);
		assert_int_equal(str_utf8_valid(s), rows[i].valid);
	}
}

/* All texts of three bytes whose first is a lead byte: counted by hand from
 * the table of RFC 3629, section 4. */
static void as_many_sequences_of_three_are_valid_as_the_rfc_has(void **state)
{
	uint32_t valid = 0;

	for (uint32_t n = 0xE00000; n <= 0xEFFFFF; n++) {
		const char b[] = {(char)(n >> 16), (char)(n >> 8), (char)n};

		valid += str_utf8_valid(str_from(b, 3)) == 3;
	}
	/* U+0800 to U+FFFF without the 2048 surrogates. */
	assert_int_equal(valid, 0x10000 - 0x800 - 2048);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_view_equals_any_other),
		cmocka_unit_test(case_is_folded_for_ascii_only),
		cmocka_unit_test(a_prefix_longer_than_the_text_is_none),
		cmocka_unit_test(trimming_takes_blanks_at_both_ends_only),
		cmocka_unit_test(cutting_tells_an_empty_rest_from_none),
		cmocka_unit_test(whole_numbers_are_read_up_to_their_limits),
		cmocka_unit_test(fractions_are_decimal_and_finite),
		cmocka_unit_test(a_duration_needs_its_unit),
		cmocka_unit_test(sizes_know_both_kinds_of_kilo),
		cmocka_unit_test(the_nearest_name_is_found_if_it_can_be_meant),
		cmocka_unit_test(utf8_is_valid_up_to_the_first_bad_byte),
		cmocka_unit_test(
			as_many_sequences_of_three_are_valid_as_the_rfc_has),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
