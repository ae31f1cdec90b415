/* arith_test.c - arithmetic that is only asked whether it is zero. */
#include "cond/arith.h"

#include "base/util.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct value number(double d)
{
	return d == (double)(int64_t)d ? value_int((int64_t)d)
				       : value_double(d);
}

static void the_result_is_zero_or_not(void **state)
{
	static const struct {
		double a;
		enum cond_op op;
		double b;
		bool holds;
	} rows[] = {
		{3, COND_MOD, 2, true},		 {4, COND_MOD, 2, false},
		{-3, COND_MOD, 2, true},	 {2.5, COND_MOD, 2, true},
		{3, COND_MOD, 0, false},	 {1, COND_TRUEDIV, 0, false},
		{0, COND_TRUEDIV, 5, false},	 {9, COND_FLOORDIV, 10, false},
		{-1, COND_FLOORDIV, 10, true},	 {1, COND_FLOORDIV, -10, true},
		{-9, COND_FLOORDIV, -10, false}, {-5, COND_ADD, 5, false},
		{5.5, COND_SUB, 5, true},	 {0, COND_MUL, 7, false},
		{0, COND_POW, 0, true},		 {0, COND_POW, -1, false},
		{2, COND_POW, -1, true},	 {1.5, COND_POW, 1e6, false},
		{6, COND_BIT_AND, 4, true},	 {3, COND_BIT_AND, 4, false},
		{1.5, COND_BIT_AND, 1, false},	 {0, COND_BIT_OR, 0, false},
		{5, COND_BIT_XOR, 5, false},	 {3, COND_RSHIFT, 2, false},
		{-1, COND_RSHIFT, 60, true},	 {1, COND_RSHIFT, -1, false},
		{1, COND_LSHIFT, -1, false},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (cond_arith(rows[i].op, number(rows[i].a),
			       number(rows[i].b)) != rows[i].holds)
			fail_msg("row %zu is not %d", i, rows[i].holds);
}

/* pycond works for hours on these. */
static void no_result_is_ever_made(void **state)
{
	struct value large = value_int(INT64_MAX);
	struct value larger = value_uint(UINT64_MAX);

	assert_true(cond_arith(COND_POW, value_int(3), large));
	assert_true(cond_arith(COND_LSHIFT, value_int(1), large));
	assert_false(cond_arith(COND_RSHIFT, value_int(1), large));
	assert_true(cond_arith(COND_RSHIFT, larger, value_int(63)));
	assert_false(cond_arith(COND_RSHIFT, larger, value_int(64)));
	assert_true(cond_arith(COND_MUL, larger, larger));
	assert_true(cond_arith(COND_ADD, large, large));
	assert_true(cond_arith(COND_SUB, larger, large));
	assert_true(cond_arith(COND_POW, larger, larger));
	assert_true(cond_arith(COND_MOD, value_int(INT64_MIN), value_int(3)));
	assert_false(cond_arith(COND_MOD, value_int(INT64_MIN), value_int(-1)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_result_is_zero_or_not),
		cmocka_unit_test(no_result_is_ever_made),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
