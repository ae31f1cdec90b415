/* write_test.c - value to text. */
#include "json/write.h"

#include "base/mem.h"
#include "json/parse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

/* Also: the size is told without writing. */
static void assert_size(struct value v, const struct buf *out)
{
	assert_int_equal(json_size(v), buf_len(out));
}

static void assert_text(struct buf *out, const char *text)
{
	buf_append_char(out, '\0');
	assert_string_equal(buf_bytes(out), text);
	buf_fini(out);
}

static void values_are_written_without_white_space(void **state)
{
	struct buf out = {0};
	struct value list = value_array(
		(struct value[]){value_null(), value_bool(true),
				 value_bool(false), value_int(INT64_MIN),
				 value_uint(UINT64_MAX), value_double(1),
				 value_cstr(""), value_array(NULL, 0)},
		8);
	struct value v = value_object((struct value[]){value_cstr("list"), list,
						       value_cstr("o"),
						       value_object(NULL, 0)},
				      2);

	json_write(v, &out);
	assert_size(v, &out);
	value_unref(v);
	assert_text(&out, "{\"list\":[null,true,false,-9223372036854775808,"
			  "18446744073709551615,1.0,\"\",[]],\"o\":{}}");
}

static void strings_are_escaped_where_they_must_be(void **state)
{
	struct buf out = {0};

	json_write_string(STR("\"\\/\b\f\n\r\t\v\x01\x1F\x7F\xC3\xA4"), &out);
	assert_text(&out, "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u000b\\u0001\\u001f\x7F"
			  "\xC3\xA4\"");
	json_write_string(STR("a\0b"), &out);
	assert_text(&out, "\"a\\u0000b\"");
	json_write_string(STR(""), &out);
	assert_text(&out, "\"\"");
}

static void an_escape_is_found_at_every_place(void **state)
{
	for (size_t len = 0; len < 70; len++) {
		for (size_t at = 0; at < len; at++) {
			char text[70];
			char *exact = mem_alloc(len);
			struct buf out = {0};
			struct value v;

			/* Bytes from 0x80 up around it need no escape. */
			memset(text, at % 2 ? 'x' : ' ', len);
			text[at] = "\"\\\n\x1F"[at % 4];
			memcpy(exact, text, len);
			json_write_string(str_from(exact, len), &out);
			mem_free(exact);
			assert_true(buf_len(&out) > len + 2);
			assert_int_equal(json_parse(buf_str(&out), &v, NULL),
					 0);
			assert_true(str_eq(value_str(v), str_from(text, len)));
			value_unref(v);
			buf_fini(&out);
		}
	}
}

static void pretty_text_has_a_line_for_each_value(void **state)
{
	struct buf out = {0};
	struct value v;

	json_parse(STR("{\"a\":[1,{\"b\":2},[]],\"c\":{}}"), &v, NULL);
	json_write_pretty(v, &out);
	value_unref(v);
	assert_text(&out, "{\n"
			  "  \"a\": [\n"
			  "    1,\n"
			  "    {\n"
			  "      \"b\": 2\n"
			  "    },\n"
			  "    []\n"
			  "  ],\n"
			  "  \"c\": {}\n"
			  "}");
	json_write_pretty(value_int(1), &out);
	assert_text(&out, "1");
}

static void towers_of_any_height_are_written(void **state)
{
	enum { LEVELS = 200000 };
	struct buf out = {0};
	struct value v = value_int(7);

	for (int i = 0; i < LEVELS; i++)
		v = value_array(&v, 1);
	json_write(v, &out);
	value_unref(v);
	assert_int_equal(buf_len(&out), 2 * LEVELS + 1);
	assert_int_equal(buf_bytes(&out)[LEVELS], '7');
	buf_fini(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_written_without_white_space),
		cmocka_unit_test(strings_are_escaped_where_they_must_be),
		cmocka_unit_test(an_escape_is_found_at_every_place),
		cmocka_unit_test(pretty_text_has_a_line_for_each_value),
		cmocka_unit_test(towers_of_any_height_are_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
