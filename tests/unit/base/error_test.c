/* error_test.c - places in texts, and how they are shown to a person. */
#include "base/error.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

/* Renders an error at offset and compares all of it. */
static void assert_shown(const char *name, const char *text, size_t offset,
			 const char *want)
{
	struct weir_error err;
	struct buf out = {0};

	error_at(&err, WEIR_EINVAL, text, strlen(text), offset, "expected %s",
		 "it");
	error_render(&err, name, text, strlen(text), &out);
	if (!str_eq(buf_str(&out), str_of(want)))
		fail_msg("shown:\n%.*swanted:\n%s", STR_FMT(buf_str(&out)),
			 want);
	buf_fini(&out);
}

static void assert_place(const char *text, size_t offset, uint32_t line,
			 uint32_t column)
{
	struct weir_error err;

	assert_int_equal(error_at(&err, WEIR_EPROTO, text, strlen(text), offset,
				  "x"),
			 WEIR_EPROTO);
	assert_int_equal(err.code, WEIR_EPROTO);
	assert_int_equal(err.line, line);
	assert_int_equal(err.column, column);
}

static void lines_and_columns_begin_at_one(void **state)
{
	assert_place("", 0, 1, 1);
	assert_place("abc", 0, 1, 1);
	assert_place("abc", 2, 1, 3);
	assert_place("abc\n", 3, 1, 4);
	assert_place("abc\n", 4, 2, 1);
	assert_place("a\n\nbc", 4, 3, 2);
}

static void a_column_is_a_character_not_a_byte(void **state)
{
	assert_place("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80x", 9, 1, 4);
}

static void a_place_behind_the_end_is_the_end(void **state)
{
	struct weir_error err;

	error_at(&err, WEIR_EINVAL, "ab", 2, 100, "x");
	assert_int_equal(err.column, 3);
	assert_int_equal(err.offset, 2);
}

static void an_error_without_a_taker_is_only_its_code(void **state)
{
	assert_int_equal(error_set(NULL, WEIR_EBUSY, "%d", 1), WEIR_EBUSY);
	assert_int_equal(error_at(NULL, WEIR_EBUSY, "a", 1, 0, "x"),
			 WEIR_EBUSY);
	assert_int_equal(error_sys(NULL, ENOENT, "x"), WEIR_ENOTFOUND);
}

static void a_long_message_is_cut(void **state)
{
	struct weir_error err;

	error_set(&err, WEIR_EINVAL, "%1000d", 1);
	assert_int_equal(strlen(err.message), WEIR_ERROR_MESSAGE_MAX - 1);
}

static void setting_forgets_an_older_place(void **state)
{
	struct weir_error err;

	error_at(&err, WEIR_EINVAL, "abc", 3, 2, "x");
	error_set(&err, WEIR_EBUSY, "y");
	assert_int_equal(err.line, 0);
	assert_int_equal(err.column, 0);
	assert_int_equal(err.offset, 0);
}

static void what_the_system_says_reads_on_in_the_line(void **state)
{
	struct weir_error err;

	assert_int_equal(error_sys(&err, EACCES, "cannot read %s", "x"),
			 WEIR_EDENIED);
	assert_string_equal(err.message, "cannot read x: permission denied");
	/* No word to be written small. */
	assert_int_equal(error_sys(&err, EDOTDOT, "call"), WEIR_EIO);
	assert_string_equal(err.message, "call: RFS specific error");
}

static void each_code_has_a_name_of_its_own(void **state)
{
	for (int code = 0; code >= WEIR_EITEM; code--)
		for (int other = 0; other > code; other--)
			assert_string_not_equal(weir_strerror(code),
						weir_strerror(other));
	assert_string_equal(weir_strerror(-1000), "unknown error");
	assert_string_equal(weir_strerror(1), "unknown error");
}

static void the_caret_stands_under_the_place(void **state)
{
	assert_shown("w.yaml", "one\ntwo three\nfour", 8,
		     "w.yaml:2:5: expected it\n"
		     "two three\n"
		     "    ^\n");
	assert_shown(NULL, "abc", 0, "1:1: expected it\nabc\n^\n");
	assert_shown("f", "abc", 3, "f:1:4: expected it\nabc\n   ^\n");
	assert_shown("f", "", 0, "f:1:1: expected it\n\n^\n");
	/* At the end of a line, not at the beginning of the next. */
	assert_shown("f", "ab\ncd", 2, "f:1:3: expected it\nab\n  ^\n");
}

static void characters_of_many_bytes_take_one_column(void **state)
{
	assert_shown("f", "\xC3\xA9\xE2\x82\xACx", 5,
		     "f:1:3: expected it\n\xC3\xA9\xE2\x82\xACx\n  ^\n");
}

static void tabs_and_controls_are_shown_as_blanks(void **state)
{
	assert_shown("f", "\ta\x1B[31m!", 2,
		     "f:1:3: expected it\n a [31m!\n  ^\n");
}

/* Whatever the place in a long line: the shown line is short, and what stands
 * above the caret is the character at the place. */
static void a_long_line_is_cut_around_the_place(void **state)
{
	char text[400];

	for (size_t i = 0; i < sizeof text; i++)
		text[i] = (char)('a' + i % 26);
	for (size_t at = 0; at < sizeof text; at++) {
		struct weir_error err;
		struct buf out = {0};
		struct str rest;
		struct str line;
		struct str caret;

		error_at(&err, WEIR_EINVAL, text, sizeof text, at, "x");
		error_render(&err, "f", text, sizeof text, &out);
		rest = buf_str(&out);
		str_cut(&rest, '\n');
		line = str_cut(&rest, '\n');
		caret = str_cut(&rest, '\n');
		assert_in_range(line.len, 1, 80);
		assert_in_range(caret.len, 1, line.len);
		assert_int_equal(caret.p[caret.len - 1], '^');
		assert_int_equal(line.p[caret.len - 1], text[at]);
		assert_int_equal(rest.len, 0);
		buf_fini(&out);
	}
}

static void a_cut_line_never_cuts_a_character(void **state)
{
	char text[300];

	for (size_t i = 0; i < sizeof text; i += 3)
		memcpy(text + i, "\xE2\x82\xAC", 3);
	for (size_t at = 0; at < sizeof text; at += 3) {
		struct weir_error err;
		struct buf out = {0};

		error_at(&err, WEIR_EINVAL, text, sizeof text, at, "x");
		error_render(&err, "f", text, sizeof text, &out);
		assert_int_equal(str_utf8_valid(buf_str(&out)), buf_len(&out));
		buf_fini(&out);
	}
}

static void an_error_without_a_place_shows_no_text(void **state)
{
	struct weir_error err;
	struct buf out = {0};

	error_set(&err, WEIR_EIO, "no disk");
	error_render(&err, "f", "abc", 3, &out);
	error_render(&err, NULL, "abc", 3, &out);
	assert_true(str_eq(buf_str(&out), STR("f: no disk\nno disk\n")));
	buf_fini(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_and_columns_begin_at_one),
		cmocka_unit_test(a_column_is_a_character_not_a_byte),
		cmocka_unit_test(a_place_behind_the_end_is_the_end),
		cmocka_unit_test(an_error_without_a_taker_is_only_its_code),
		cmocka_unit_test(a_long_message_is_cut),
		cmocka_unit_test(setting_forgets_an_older_place),
		cmocka_unit_test(what_the_system_says_reads_on_in_the_line),
		cmocka_unit_test(each_code_has_a_name_of_its_own),
		cmocka_unit_test(the_caret_stands_under_the_place),
		cmocka_unit_test(characters_of_many_bytes_take_one_column),
		cmocka_unit_test(tabs_and_controls_are_shown_as_blanks),
		cmocka_unit_test(a_long_line_is_cut_around_the_place),
		cmocka_unit_test(a_cut_line_never_cuts_a_character),
		cmocka_unit_test(an_error_without_a_place_shows_no_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
