/* yaml_test.c - YAML as values, and where each of them stands. */
#include "app/yaml.h"

#include "json/write.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static void assert_reads(const char *text, const char *want)
{
	struct weir_error err = {0};
	struct yaml *y = yaml_parse(str_of(text), &err);
	struct buf out = {0};

	if (!y)
		fail_msg("%s: %s", text, err.message);
	json_write(yaml_value(y), &out);
	if (!str_eq(buf_str(&out), str_of(want)))
		fail_msg("%s is %.*s, not %s", text, STR_FMT(buf_str(&out)),
			 want);
	buf_fini(&out);
	yaml_destroy(y);
}

static void assert_refused(const char *text, uint32_t line, uint32_t column,
			   const char *says)
{
	struct weir_error err = {0};

	assert_null(yaml_parse(str_of(text), &err));
	if (err.line != line || err.column != column ||
	    !strstr(err.message, says))
		fail_msg("%s: %u:%u: %s", text, err.line, err.column,
			 err.message);
}

static void plain_scalars_are_what_json_has(void **state)
{
	assert_reads("[null, ~, true, false]", "[null,null,true,false]");
	assert_reads("a:\nb: ''\n", "{\"a\":null,\"b\":\"\"}");
	assert_reads("[0, -7, 007, 9223372036854775807, 18446744073709551615]",
		     "[0,-7,7,9223372036854775807,18446744073709551615]");
	assert_reads("[1.5, -2e3, 1.0]", "[1.5,-2000.0,1.0]");
	/* The rest are strings: no yes, no, dates, hex or infinities. */
	assert_reads("[yes, off, 0x10, .inf, .5, 10s, 2026-11-23, 1e999, +1]",
		     "[\"yes\",\"off\",\"0x10\",\".inf\",\".5\",\"10s\","
		     "\"2026-11-23\",\"1e999\",\"+1\"]");
}

static void quoted_and_block_scalars_are_strings(void **state)
{
	assert_reads("['1', \"true\", \"a\\nb\", 'it''s']",
		     "[\"1\",\"true\",\"a\\nb\",\"it's\"]");
	assert_reads("a: |\n  one\n  two\nb: >\n  three\n  four\n",
		     "{\"a\":\"one\\ntwo\\n\",\"b\":\"three four\\n\"}");
}

static void nothing_is_null(void **state)
{
	assert_reads("", "null");
	assert_reads("# a comment\n\n", "null");
	assert_reads("---\n", "null");
}

static void mappings_keep_their_order_and_aliases_are_resolved(void **state)
{
	assert_reads("b: &x {c: 1}\na: [*x, *x]\n",
		     "{\"b\":{\"c\":1},\"a\":[{\"c\":1},{\"c\":1}]}");
	assert_reads("1: a\nGET /x: b\n", "{\"1\":\"a\",\"GET /x\":\"b\"}");
	assert_reads("{}", "{}");
	assert_reads("[]", "[]");
}

static void what_is_wrong_has_a_place(void **state)
{
	assert_refused("a: [\n", 2, 1, "bracket");
	assert_refused("a: 1\na: 2\n", 2, 1, "duplicate key");
	assert_refused("a:\n\tb: 1\n", 2, 1, "tab");
	assert_refused("a: *b\n", 1, 5, "has no anchor");
	assert_refused("a: &x b\n*x : 1\n", 1, 1, "a key must be a string");
	assert_refused("a: 1\n? [x]\n: 2\n", 1, 1, "a key must be a string");
	assert_refused("a\xFF: 1\n", 1, 1, "UTF8");
	assert_refused("\"\xC3\xBC\xC3\xBC\": [\n", 2, 1, "bracket");
}

static void a_small_text_cannot_become_a_large_value(void **state)
{
	struct buf text = {0};
	struct weir_error err;

	buf_append_cstr(&text, "k0: &k0 [1,1,1,1,1,1,1,1,1,1]\n");
	for (int i = 1; i < 9; i++) {
		buf_printf(&text, "k%d: &k%d [", i, i);
		for (int n = 0; n < 10; n++)
			buf_printf(&text, "%s*k%d", n ? "," : "", i - 1);
		buf_append_cstr(&text, "]\n");
	}
	assert_null(yaml_parse(buf_str(&text), &err));
	assert_non_null(strstr(err.message, "too many nodes"));
	buf_clear(&text);
	for (int i = 0; i < 70; i++)
		buf_append_char(&text, '[');
	for (int i = 0; i < 70; i++)
		buf_append_char(&text, ']');
	assert_null(yaml_parse(buf_str(&text), &err));
	assert_non_null(strstr(err.message, "depth"));
	buf_fini(&text);
	assert_refused("a: &a [*a]\n", 1, 9, "too deeply");
}

static void each_node_has_its_place(void **state)
{
	static const struct {
		const char *pointer;
		bool at_key;
		uint32_t line;
		uint32_t column;
	} rows[] = {
		{"/listen", false, 1, 9},
		{"/listen", true, 1, 1},
		{"/sources", false, 2, 1}, /* a collection: its name */
		{"/sources/a", false, 3, 3},
		{"/sources/a/every", false, 3, 27},
		{"/sources/a/every", true, 3, 20},
		{"/sources/a~1b~0c/n", false, 5, 8},
		{"/list/0", false, 7, 5},
		{"/list/1/x", false, 8, 8},
		{"/list/1", false, 8, 5}, /* its first scalar */
		{"/text", false, 10, 1},  /* the first line of a block */
		{"/\xC3\xBC", false, 12, 4},
		{"/list/2", false, 0, 0},
		{"/list/x", false, 0, 0},
		{"/nowhere", false, 0, 0},
		{"/listen/deeper", false, 0, 0},
	};
	struct weir_error err;
	struct yaml *y = yaml_parse(STR("listen: here\n"
					"sources:\n"
					"  a: {kind: timer, every: 1s}\n"
					"  a/b~c:\n"
					"    n: 1\n"
					"list:\n"
					"  - 1\n"
					"  - x: 2\n"
					"text: |\n"
					"  one\n"
					"  two\n"
					"\xC3\xBC: 7\n"),
				    &err);

	assert_non_null(y);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint32_t line;
		uint32_t column;

		yaml_where(y, rows[i].pointer, rows[i].at_key, &line, &column);
		if (line != rows[i].line || column != rows[i].column)
			fail_msg("%s is at %u:%u, not %u:%u", rows[i].pointer,
				 line, column, rows[i].line, rows[i].column);
	}
	yaml_destroy(y);
	yaml_destroy(NULL);
}

static void what_an_alias_brings_is_placed_where_it_is_written(void **state)
{
	struct weir_error err;
	struct yaml *y = yaml_parse(STR("a: &x {n: 1}\nb: *x\n"), &err);
	uint32_t line;
	uint32_t column;

	assert_non_null(y);
	yaml_where(y, "/b", false, &line, &column);
	assert_int_equal(line, 2);
	assert_int_equal(column, 5);
	yaml_where(y, "/b/n", false, &line, &column);
	assert_int_equal(line, 1);
	assert_int_equal(column, 11);
	yaml_destroy(y);
}

static void a_text_of_blanks_has_no_places(void **state)
{
	struct weir_error err;
	struct yaml *y = yaml_parse(STR("\n"), &err);
	uint32_t line = 7;
	uint32_t column = 7;

	yaml_where(y, "/a", false, &line, &column);
	assert_int_equal(line, 0);
	assert_int_equal(column, 0);
	yaml_destroy(y);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_scalars_are_what_json_has),
		cmocka_unit_test(quoted_and_block_scalars_are_strings),
		cmocka_unit_test(nothing_is_null),
		cmocka_unit_test(
			mappings_keep_their_order_and_aliases_are_resolved),
		cmocka_unit_test(what_is_wrong_has_a_place),
		cmocka_unit_test(a_small_text_cannot_become_a_large_value),
		cmocka_unit_test(each_node_has_its_place),
		cmocka_unit_test(
			what_an_alias_brings_is_placed_where_it_is_written),
		cmocka_unit_test(a_text_of_blanks_has_no_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
