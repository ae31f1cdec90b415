/* buf_test.c - bytes in at the end, out at the front. */
#include "base/buf.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

static void assert_holds(const struct buf *b, const char *want)
{
	if (!str_eq(buf_str(b), str_of(want)))
		fail_msg("'%.*s', not '%s'", STR_FMT(buf_str(b)), want);
}

static void all_zero_is_an_empty_one(void **state)
{
	struct buf b = {0};

	assert_int_equal(buf_len(&b), 0);
	assert_holds(&b, "");
	buf_append(&b, NULL, 0);
	buf_clear(&b);
	assert_holds(&b, "");
	buf_fini(&b);
	buf_fini(&b);
}

static void everything_is_appended_in_order(void **state)
{
	struct buf b = {0};

	buf_append_cstr(&b, "a");
	buf_append_str(&b, STR("bc"));
	buf_append_char(&b, ' ');
	buf_append_i64(&b, INT64_MIN);
	buf_append_char(&b, ' ');
	buf_append_i64(&b, 0);
	buf_append_char(&b, ' ');
	buf_append_u64(&b, UINT64_MAX);
	buf_printf(&b, " %s=%d", "n", -7);
	assert_holds(&b, "abc -9223372036854775808 0 18446744073709551615 "
			 "n=-7");
	buf_fini(&b);
}

static void a_long_printed_text_is_whole(void **state)
{
	/* Around the room that is there without growing. */
	for (int width = 100; width < 600; width++) {
		struct buf b = {0};

		buf_append_cstr(&b, "<");
		buf_printf(&b, "%*d", width, 7);
		buf_append_cstr(&b, ">");
		assert_int_equal(buf_len(&b), width + 2);
		assert_int_equal(buf_bytes(&b)[0], '<');
		assert_int_equal(buf_bytes(&b)[width], '7');
		assert_int_equal(buf_bytes(&b)[width + 1], '>');
		buf_fini(&b);
	}
}

static void the_front_is_used_again_before_it_grows(void **state)
{
	struct buf b = {0};
	uint64_t before;

	buf_reserve(&b, 1000);
	before = mem_alloc_count();
	for (int i = 0; i < 1000; i++) {
		buf_append_cstr(&b, "0123456789");
		buf_append_cstr(&b, "0123456789");
		buf_consume(&b, 19);
		if (buf_len(&b) > 100)
			buf_consume(&b, buf_len(&b) - 1);
	}
	assert_int_equal(mem_alloc_count() - before, 0);
	buf_fini(&b);
}

/* Random appending and consuming against a plain counter of bytes. */
static void what_comes_out_is_what_went_in(void **state)
{
	struct buf b = {0};
	unsigned char in = 0;
	unsigned char out = 0;
	size_t len = 0;

	srand(7);
	for (int round = 0; round < 20000; round++) {
		size_t n = (size_t)rand() % 300;

		if (rand() % 2) {
			char *at = buf_reserve(&b, n);

			for (size_t i = 0; i < n; i++)
				at[i] = (char)in++;
			buf_commit(&b, n);
			len += n;
		} else {
			n = MIN(n, len);
			for (size_t i = 0; i < n; i++)
				assert_int_equal((unsigned char)buf_bytes(
							 &b)[i],
						 (unsigned char)(out + i));
			out = (unsigned char)(out + n);
			buf_consume(&b, n);
			len -= n;
		}
		assert_int_equal(buf_len(&b), len);
	}
	buf_fini(&b);
}

static void taking_the_text_leaves_an_empty_one(void **state)
{
	struct buf b = {0};
	char *s;

	buf_append_cstr(&b, "xxtext");
	buf_consume(&b, 2);
	s = buf_take_cstr(&b);
	assert_string_equal(s, "text");
	mem_free(s);
	s = buf_take_cstr(&b);
	assert_string_equal(s, "");
	mem_free(s);
	assert_int_equal(buf_len(&b), 0);
	buf_append_cstr(&b, "again");
	assert_holds(&b, "again");
	buf_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_zero_is_an_empty_one),
		cmocka_unit_test(everything_is_appended_in_order),
		cmocka_unit_test(a_long_printed_text_is_whole),
		cmocka_unit_test(the_front_is_used_again_before_it_grows),
		cmocka_unit_test(what_comes_out_is_what_went_in),
		cmocka_unit_test(taking_the_text_leaves_an_empty_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
