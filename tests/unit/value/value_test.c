/* value_test.c - making and freeing values. */
#include "value/value.h"

#include "base/mem.h"
#include "value/object.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void a_uint_that_fits_becomes_an_int(void **state)
{
	assert_int_equal(value_type(value_uint(INT64_MAX)), VALUE_INT);
	assert_int_equal(value_type(value_uint((uint64_t)INT64_MAX + 1)),
			 VALUE_UINT);
}

static void a_double_that_is_not_finite_becomes_null(void **state)
{
	assert_int_equal(value_type(value_double(INFINITY)), VALUE_NULL);
	assert_int_equal(value_type(value_double(NAN)), VALUE_NULL);
	assert_int_equal(value_type(value_double(1)), VALUE_DOUBLE);
}

static void a_string_may_hold_nul_and_may_be_empty(void **state)
{
	struct value v = value_string(STR("a\0b"));

	assert_true(str_eq(value_str(v), STR("a\0b")));
	value_unref(v);
	v = value_cstr("");
	assert_int_equal(value_str(v).len, 0);
	assert_non_null(value_str(v).p);
	assert_int_equal(value_type(v), VALUE_STRING);
	value_unref(v);
}

static void an_array_takes_its_elements(void **state)
{
	struct value s = value_cstr("shared");
	struct value e[] = {value_int(1), value_ref(s), value_ref(s)};
	struct value a = value_array(e, 3);

	assert_int_equal(value_block(s)->refs, 3);
	assert_int_equal(value_len(a), 3);
	assert_int_equal(value_at(a, 0).i, 1);
	assert_true(value_equal(value_at(a, -1), s));
	assert_int_equal(value_type(value_at(a, 3)), VALUE_NULL);
	assert_int_equal(value_type(value_at(a, -4)), VALUE_NULL);
	value_unref(a);
	assert_int_equal(value_block(s)->refs, 1);
	value_unref(s);
}

static void empty_containers_need_no_memory(void **state)
{
	uint64_t before = mem_alloc_count();
	struct value a = value_array(NULL, 0);
	struct value o = value_object(NULL, 0);
	struct value out;

	assert_int_equal(value_len(a), 0);
	assert_int_equal(value_len(o), 0);
	assert_false(value_find(o, STR("x"), &out));
	assert_false(value_equal(a, o));
	assert_true(value_equal(a, a));
	assert_int_equal(mem_alloc_count(), before);
	value_unref(a);
	value_unref(o);
}

static void a_piece_keeps_the_whole_alive(void **state)
{
	struct value inner =
		value_array((struct value[]){value_cstr("deep"), value_int(7)},
			    2);
	struct value outer = value_array(&inner, 1);
	struct value piece = value_ref(value_at(value_at(outer, 0), 0));

	value_unref(outer);
	assert_true(str_eq(value_str(piece), STR("deep")));
	value_unref(piece);
}

static void freeing_a_million_levels_does_not_recurse(void **state)
{
	struct value v = value_null();

	for (int i = 0; i < 1000000; i++)
		v = value_array(&v, 1);
	value_unref(v);
}

static void a_block_keeps_its_bytes_when_resized(void **state)
{
	/* Over the border between free lists and the system's allocator. */
	static const uint32_t sizes[] = {64, 4000, 9000, 100, 16, 600, 512};
	struct value_block *b = value_block_try_new(16 + 8);

	memcpy(b + 1, "12345678", 8);
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		b = value_block_try_resize(b, sizes[i]);
		assert_int_equal(b->bytes, sizes[i]);
		assert_int_equal(b->refs, 1);
		if (sizes[i] >= 24 && i < 4)
			assert_memory_equal(b + 1, "12345678", 8);
	}
	value_unref((struct value){.tag = (uintptr_t)b | VALUE_STRING});
}

static void only_whole_doubles_are_integers(void **state)
{
	int64_t i;

	assert_true(value_to_i64(value_double(-3), &i));
	assert_int_equal(i, -3);
	assert_false(value_to_i64(value_double(0.5), &i));
	assert_false(value_to_i64(value_double(0x1p63), &i));
	assert_true(value_to_i64(value_double(-0x1p63), &i));
	assert_true(i == INT64_MIN);
	assert_false(value_to_i64(value_uint(UINT64_MAX), &i));
	assert_false(value_to_i64(value_bool(true), &i));
}

static void all_but_null_and_false_is_true(void **state)
{
	struct value s = value_cstr("");

	assert_false(value_truthy(value_null()));
	assert_false(value_truthy(value_bool(false)));
	assert_true(value_truthy(value_bool(true)));
	assert_true(value_truthy(value_int(0)));
	assert_true(value_truthy(s));
	value_unref(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_uint_that_fits_becomes_an_int),
		cmocka_unit_test(a_double_that_is_not_finite_becomes_null),
		cmocka_unit_test(a_string_may_hold_nul_and_may_be_empty),
		cmocka_unit_test(an_array_takes_its_elements),
		cmocka_unit_test(empty_containers_need_no_memory),
		cmocka_unit_test(a_piece_keeps_the_whole_alive),
		cmocka_unit_test(freeing_a_million_levels_does_not_recurse),
		cmocka_unit_test(a_block_keeps_its_bytes_when_resized),
		cmocka_unit_test(only_whole_doubles_are_integers),
		cmocka_unit_test(all_but_null_and_false_is_true),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
