/* compare_test.c - equality, order and hash. */
#include "value/value.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static int sign(int c)
{
	return (c > 0) - (c < 0);
}

/* One of each, in jq's order; equal neighbours are told by `same`. */
static uint32_t ladder(struct value *v)
{
	uint32_t n = 0;
	struct value one = value_int(1);
	struct value two = value_int(2);

	v[n++] = value_null();
	v[n++] = value_bool(false);
	v[n++] = value_bool(true);
	v[n++] = value_double(-1e300);
	v[n++] = value_int(INT64_MIN);
	v[n++] = value_int(INT64_MIN + 1);
	v[n++] = value_double(-1.5);
	v[n++] = value_int(-1);
	v[n++] = value_double(-0.5);
	v[n++] = value_int(0);
	v[n++] = value_double(5e-324);
	v[n++] = value_int(1);
	v[n++] = value_double(1.25);
	v[n++] = value_double(0x1p53);
	v[n++] = value_int((INT64_C(1) << 53) + 1);
	v[n++] = value_int(INT64_MAX);
	v[n++] = value_double(0x1p63);
	v[n++] = value_uint((UINT64_C(1) << 63) + 1);
	v[n++] = value_uint(UINT64_MAX);
	v[n++] = value_double(0x1p64);
	v[n++] = value_cstr("");
	v[n++] = value_cstr("A");
	v[n++] = value_cstr("a");
	v[n++] = value_cstr("aa");
	v[n++] = value_cstr("\xC3\xA4");
	v[n++] = value_array(NULL, 0);
	v[n++] = value_array(&one, 1);
	v[n++] = value_array((struct value[]){one, two}, 2);
	v[n++] = value_array(&two, 1);
	v[n++] = value_object(NULL, 0);
	/* Names first: {"a"} < {"a","b"} < {"b"}; then values. */
	v[n++] = value_object((struct value[]){value_cstr("a"), one}, 1);
	v[n++] = value_object((struct value[]){value_cstr("a"), two}, 1);
	v[n++] = value_object((struct value[]){value_cstr("b"), one,
					       value_cstr("a"), one},
			      2);
	v[n++] = value_object((struct value[]){value_cstr("b"), one,
					       value_cstr("a"), two},
			      2);
	v[n++] = value_object((struct value[]){value_cstr("b"), one}, 1);
	return n;
}

static void the_order_is_that_of_jq(void **state)
{
	struct value v[64];
	uint32_t n = ladder(v);

	for (uint32_t i = 0; i < n; i++) {
		for (uint32_t j = 0; j < n; j++) {
			int want = (i > j) - (i < j);

			assert_int_equal(sign(value_compare(v[i], v[j])), want);
			assert_int_equal(value_equal(v[i], v[j]), i == j);
		}
	}
	for (uint32_t i = 0; i < n; i++)
		value_unref(v[i]);
}

static void equal_numbers_have_equal_hashes(void **state)
{
	const struct value pairs[][2] = {
		{value_int(1), value_double(1)},
		{value_int(0), value_double(-0.0)},
		{value_int(-4711), value_double(-4711)},
		{value_int(INT64_MIN), value_double(-0x1p63)},
		{value_uint(UINT64_C(1) << 63), value_double(0x1p63)},
	};

	for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
		assert_true(value_equal(pairs[i][0], pairs[i][1]));
		assert_true(value_equal(pairs[i][1], pairs[i][0]));
		assert_int_equal(value_compare(pairs[i][0], pairs[i][1]), 0);
		assert_true(value_hash(pairs[i][0]) == value_hash(pairs[i][1]));
	}
}

static void what_differs_has_another_hash(void **state)
{
	struct value v[64];
	uint32_t n = ladder(v);

	for (uint32_t i = 0; i < n; i++)
		for (uint32_t j = 0; j < i; j++)
			assert_true(value_hash(v[i]) != value_hash(v[j]));
	for (uint32_t i = 0; i < n; i++)
		value_unref(v[i]);
}

static void the_order_of_members_means_nothing(void **state)
{
	struct value in = value_array((struct value[]){value_int(1)}, 1);
	struct value ab =
		value_object((struct value[]){value_cstr("a"), value_int(1),
					      value_cstr("b"), value_ref(in)},
			     2);
	struct value ba =
		value_object((struct value[]){value_cstr("b"), value_ref(in),
					      value_cstr("a"), value_double(1)},
			     2);

	assert_true(value_equal(ab, ba));
	assert_int_equal(value_compare(ab, ba), 0);
	assert_true(value_hash(ab) == value_hash(ba));
	value_unref(ab);
	value_unref(ba);
	value_unref(in);
}

static struct value tower(int levels, struct value top)
{
	for (int i = 0; i < levels; i++)
		top = i & 1 ? value_array(&top, 1)
			    : value_object((struct value[]){value_cstr("x"),
							    top},
					   1);
	return top;
}

static void towers_of_any_height_are_compared(void **state)
{
	struct value a = tower(200000, value_int(1));
	struct value b = tower(200000, value_double(1));
	struct value c = tower(200000, value_int(2));

	assert_true(value_equal(a, b));
	assert_false(value_equal(a, c));
	assert_int_equal(value_compare(a, b), 0);
	assert_int_equal(sign(value_compare(a, c)), -1);
	assert_true(value_hash(a) == value_hash(b));
	assert_true(value_hash(a) != value_hash(c));
	value_unref(a);
	value_unref(b);
	value_unref(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_order_is_that_of_jq),
		cmocka_unit_test(equal_numbers_have_equal_hashes),
		cmocka_unit_test(what_differs_has_another_hash),
		cmocka_unit_test(the_order_of_members_means_nothing),
		cmocka_unit_test(towers_of_any_height_are_compared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
