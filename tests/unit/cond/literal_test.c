/* literal_test.c - what an unquoted word stands for. */
#include "cond/literal.h"

#include "base/str.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* As the value that a word is, whole ones as doubles, too. */
static double number(const char *word)
{
	struct value v = cond_literal(str_of(word));

	switch (value_type(v)) {
	case VALUE_INT:
		return (double)v.i;
	case VALUE_UINT:
		return (double)v.u;
	case VALUE_DOUBLE:
		return v.d;
	default:
		fail_msg("%s is no number", word);
		return 0;
	}
}

static void decimal_is_the_nearest_double(void **state)
{
	static const char *const words[] = {
		"0.1",
		"-0.1",
		"+39.5",
		".5",
		"5.",
		"-.5e1",
		"917.25",
		"1e22",
		"1e23",
		"1.7976931348623157e308",
		"5e-324",
		"2.5e-324",
		"1e400",
		"-1e400",
		"1e-400",
		"9007199254740993.0",
		"0.1000000000000000055511151231257827",
		"1e99999999999999999999",
		"1e-99999999999999999999",
		"0e99999999999999999999",
		"123456789012345678901234567890",
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (number(words[i]) != strtod(words[i], NULL))
			fail_msg("%s is read as %.17g", words[i],
				 number(words[i]));
}

/* 1 is at a place that the exponent leads to from as far away as a text is
 * long. */
static void exponent_makes_up_for_many_zeros(void **state)
{
	enum { ZEROS = 60000 };
	static char word[ZEROS + 16];
	int n = snprintf(word, sizeof word, "0.%0*d1e%d", ZEROS, 0, ZEROS + 1);

	assert_in_range(n, ZEROS, sizeof word - 1);
	assert_true(number(word) == 1);
}

static void many_decimals_are_those_of_strtod(void **state)
{
	char word[64];

	srand(7);
	for (int i = 0; i < 100000; i++) {
		snprintf(word, sizeof word, "%s%d.%0*de%d",
			 rand() % 2 ? "-" : "", rand(), 1 + rand() % 12, rand(),
			 rand() % 40 - 20);
		if (number(word) != strtod(word, NULL))
			fail_msg("%s is read as %.17g", word, number(word));
	}
}

static void whole_decimal_is_an_integer(void **state)
{
	struct value v = cond_literal(STR("1.5e3"));

	assert_int_equal(value_type(v), VALUE_INT);
	assert_int_equal(v.i, 1500);
	v = cond_literal(STR("-0.0"));
	assert_int_equal(value_type(v), VALUE_INT);
	assert_int_equal(v.i, 0);
}

static void what_is_almost_a_number_is_a_string(void **state)
{
	static const char *const words[] = {
		"",	".",	"-",   "+.",  "1e",    "1e+", ".e1",   "1.2.3",
		"1e2x", "0x10", "inf", "nan", "1_000", "--1", "1e2.5", "e5",
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		struct value v = cond_literal(str_of(words[i]));

		if (value_type(v) != VALUE_STRING)
			fail_msg("'%s' is a number", words[i]);
		assert_true(str_eq(value_str(v), str_of(words[i])));
		value_unref(v);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decimal_is_the_nearest_double),
		cmocka_unit_test(exponent_makes_up_for_many_zeros),
		cmocka_unit_test(many_decimals_are_those_of_strtod),
		cmocka_unit_test(whole_decimal_is_an_integer),
		cmocka_unit_test(what_is_almost_a_number_is_a_string),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
