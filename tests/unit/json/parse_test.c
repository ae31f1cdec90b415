/* parse_test.c - what the parser takes, what it refuses, and what it says. */
#include "json/parse.h"

#include "base/clock.h"
#include "base/mem.h"
#include "json/write.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

/* The text lies in memory of exactly its size, so that a sanitizer sees every
 * byte that is read beyond it. */
static int parse(struct str text, struct value *out, struct weir_error *err)
{
	char *exact = malloc(text.len ? text.len : 1);

	if (text.len)
		memcpy(exact, text.p, text.len);

	int rc = json_parse(str_from(exact, text.len), out, err);

	free(exact);
	return rc;
}

static struct value must_parse(struct str text)
{
	struct weir_error err = {0};
	struct value v;

	if (parse(text, &v, &err) < 0)
		fail_msg("%.*s: %s", STR_FMT(text), err.message);
	return v;
}

/* Is text, when parsed and written, this? */
static void assert_reads(const char *text, const char *written)
{
	struct value v = must_parse(str_of(text));
	struct buf out = {0};

	json_write(v, &out);
	buf_append_char(&out, '\0');
	assert_string_equal(buf_bytes(&out), written);
	buf_fini(&out);
	value_unref(v);
}

static void every_kind_of_value_is_read(void **state)
{
	assert_reads("null", "null");
	assert_reads(" true ", "true");
	assert_reads("\t\r\nfalse", "false");
	assert_reads("[]", "[]");
	assert_reads("{ }", "{}");
	assert_reads("\"\"", "\"\"");
	assert_reads("[1, \"x\" , [ ] ,{\"a\":{}}, null]",
		     "[1,\"x\",[],{\"a\":{}},null]");
	assert_reads("{\"a\" : 1 , \"b\":[true,false] }",
		     "{\"a\":1,\"b\":[true,false]}");
}

static void integers_stay_exact(void **state)
{
	assert_reads("0", "0");
	assert_reads("-1", "-1");
	assert_reads("9223372036854775807", "9223372036854775807");
	assert_reads("9223372036854775808", "9223372036854775808");
	assert_reads("18446744073709551615", "18446744073709551615");
	assert_reads("-9223372036854775808", "-9223372036854775808");
	assert_reads("999999999999999999", "999999999999999999");
	assert_reads("-999999999999999999", "-999999999999999999");
	assert_reads("1000000000000000000", "1000000000000000000");
	assert_int_equal(value_type(must_parse(STR("9223372036854775808"))),
			 VALUE_UINT);
}

static void other_numbers_become_the_nearest_double(void **state)
{
	assert_reads("-0", "-0.0");
	assert_reads("-0.0", "-0.0");
	assert_reads("0.0", "0.0");
	assert_reads("1.0", "1.0");
	assert_reads("1e2", "100.0");
	assert_reads("1E+2", "100.0");
	assert_reads("25e-1", "2.5");
	assert_reads("18446744073709551616", "1.8446744073709552e19");
	assert_reads("-9223372036854775809", "-9.223372036854776e18");
	assert_reads("20000000000000000000", "2e19");
	assert_reads("36893488147419103232", "3.6893488147419103e19");
	assert_reads("0.1", "0.1");
	assert_reads("1e-400", "0.0");
	assert_reads("-1e-400", "-0.0");
	assert_reads("0e999999999999999999999", "0.0");
	assert_reads("5e-324", "5e-324");
	assert_reads("2.4703282292062327e-324", "0.0");
	assert_reads("2.4703282292062328e-324", "5e-324");
	assert_reads("1.7976931348623157e308", "1.7976931348623157e308");
	assert_reads("1.7976931348623158e308", "1.7976931348623157e308");
	/* Half way between two doubles: to even; one digit more decides. */
	assert_reads("9007199254740993", "9007199254740993");
	assert_reads("9007199254740993.0", "9007199254740992.0");
	assert_reads("9007199254740993.00000000000000000000000000000000000001",
		     "9007199254740994.0");
	assert_reads("9007199254740995.0", "9007199254740996.0");
}

static void strings_are_decoded(void **state)
{
	assert_reads("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
		     "\"\\\"\\\\/\\b\\f\\n\\r\\t\"");
	assert_reads("\"\\u0041\\u00e4\\u20AC\\ud83d\\uDE00\"",
		     "\"A\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80\"");
	assert_reads("\"\\u001f\\u007f\"", "\"\\u001f\x7F\"");
	assert_reads("{\"\\u0061\":1,\"a\":2}", "{\"a\":2}");

	struct value v = must_parse(STR("\"a\\u0000b\""));

	assert_true(str_eq(value_str(v), STR("a\0b")));
	value_unref(v);
}

/* Specials at every place of strings of every small length, so that each way
 * of the block-wise scan is gone. */
static void specials_are_seen_at_every_place(void **state)
{
	static const struct {
		struct str text;
		struct str means; /* empty: refused */
	} specials[] = {
		{STR("\\n"), STR("\n")},
		{STR("\\u00e4"), STR("\xC3\xA4")},
		{STR("\xC3\xA4"), STR("\xC3\xA4")},
		{STR("\xF0\x9F\x98\x80"), STR("\xF0\x9F\x98\x80")},
		{STR("\x7F"), STR("\x7F")},
		{STR("\x1F"), STR("")},
		{STR("\n"), STR("")},
		{STR("\0"), STR("")},
		{STR("\x80"), STR("")},
		{STR("\xC3"), STR("")},
		{STR("\xE2\x82"), STR("")},
		{STR("\xFF"), STR("")},
	};

	for (size_t k = 0; k < ARRAY_LEN(specials); k++) {
		for (size_t len = 0; len < 70; len++) {
			for (size_t at = 0; at <= len; at++) {
				struct buf text = {0};
				struct buf want = {0};
				struct value v;

				buf_append_cstr(&text, "[\"");
				for (size_t i = 0; i <= len; i++) {
					if (i == at) {
						buf_append_str(
							&text,
							specials[k].text);
						buf_append_str(
							&want,
							specials[k].means);
					}
					if (i < len) {
						buf_append_char(&text, 'x');
						buf_append_char(&want, 'x');
					}
				}
				buf_append_cstr(&text, "\"]");

				int rc = parse(buf_str(&text), &v, NULL);

				assert_int_equal(rc, specials[k].means.len
							     ? 0
							     : WEIR_EINVAL);
				if (rc == 0)
					assert_true(str_eq(
						value_str(value_at(v, 0)),
						buf_str(&want)));
				value_unref(v);
				buf_fini(&text);
				buf_fini(&want);
			}
		}
	}
}

static void of_repeated_names_the_last_wins(void **state)
{
	assert_reads("{\"a\":1,\"b\":2,\"a\":[3]}", "{\"a\":[3],\"b\":2}");
	assert_reads("{\"a\":{\"x\":1},\"a\":{\"y\":2}}", "{\"a\":{\"y\":2}}");
	assert_reads("{\"\":1,\"\":2}", "{\"\":2}");
}

static void a_value_that_is_kept_has_one_small_block(void **state)
{
	struct value v = must_parse(STR("{\"a\": [1, 2, 3], \"b\": \"text\"}"));
	struct value a = value_ref(value_get(v, STR("a")));
	const struct value_block *b = value_block(v);

	/* Header, 6 bytes of strings on 16, 3 + 4 nodes. */
	assert_int_equal(b->bytes, 16 + 16 + 7 * 16);
	assert_ptr_equal(value_block(a), b);
	assert_ptr_equal(value_block(value_get(v, STR("b"))), b);
	assert_int_equal(b->refs, 2);
	value_unref(v);
	assert_int_equal(value_at(a, 2).i, 3);
	value_unref(a);
	assert_null(value_block(must_parse(STR("[]"))));
	assert_null(value_block(must_parse(STR("12.5"))));
}

static void assert_refused(const char *text, uint32_t line, uint32_t column,
			   const char *message)
{
	struct weir_error err = {0};
	struct value v = value_int(1);

	assert_int_equal(parse(str_of(text), &v, &err), WEIR_EINVAL);
	assert_int_equal(value_type(v), VALUE_NULL);
	if (strcmp(err.message, message) || err.line != line ||
	    err.column != column)
		fail_msg("%s: %u:%u: %s\nwanted %u:%u: %s", text, err.line,
			 err.column, err.message, line, column, message);
}

static void every_refusal_says_where_and_why(void **state)
{
	static const struct {
		const char *text;
		uint32_t line;
		uint32_t column;
		const char *message;
	} cases[] = {
		{"", 1, 1, "expected a value, but the text ends"},
		{" \n ", 1, 1, "expected a value, but the text ends"},
		{"[1,\n 2,\n x]", 3, 2, "expected a value"},
		{"[", 1, 2, "expected a value, but the text ends"},
		{"[1", 1, 3, "expected ',' or ']', but the text ends"},
		{"[1,", 1, 4, "expected a value, but the text ends"},
		{"[1,]", 1, 4, "expected a value"},
		{"[1 2]", 1, 4, "expected ',' or ']'"},
		{"[1}", 1, 3, "expected ',' or ']'"},
		{"{\"a\":1]", 1, 7, "expected ',' or '}'"},
		{"{", 1, 2,
		 "expected a member name in quotes or '}', but the text ends"},
		{"{a:1}", 1, 2, "expected a member name in quotes or '}'"},
		{"{\"a\":1,}", 1, 8,
		 "expected a member name in quotes behind the comma"},
		{"{\"a\" 1}", 1, 6, "expected ':' behind the member name"},
		{"{\"a\"", 1, 5,
		 "expected ':' behind the member name, but the text ends"},
		{"{\"a\":", 1, 6, "expected a value, but the text ends"},
		{"[[1,2],[3,4]", 1, 13,
		 "expected ',' or ']', but the text ends"},
		{"1 2", 1, 3, "expected nothing behind the value"},
		{"{}}", 1, 3, "expected nothing behind the value"},
		{"tru", 1, 1, "expected a value"},
		{"[nul]", 1, 2, "expected a value"},
		{"truex", 1, 5, "expected nothing behind the value"},
		{"NaN", 1, 1, "expected a value"},
		{"'a'", 1, 1, "expected a value"},
		{"01", 1, 1, "a number may not begin with a superfluous 0"},
		{"[-01]", 1, 3, "a number may not begin with a superfluous 0"},
		{"-", 1, 2, "expected a digit, but the text ends"},
		{"[-x]", 1, 3, "expected a digit"},
		{"+1", 1, 1, "expected a value"},
		{".5", 1, 1, "expected a value"},
		{"[1.]", 1, 4, "expected a digit"},
		{"[1.e3]", 1, 4, "expected a digit"},
		{"[1e]", 1, 4, "expected a digit"},
		{"[1e+]", 1, 5, "expected a digit"},
		{"[1, 1e400]", 1, 5, "the number is too large for a double"},
		{"-1e309", 1, 1, "the number is too large for a double"},
		{"1e99999999999999999999", 1, 1,
		 "the number is too large for a double"},
		{"1.7976931348623159e308", 1, 1,
		 "the number is too large for a double"},
		{"[\"abc", 1, 2, "this string is not closed"},
		{"{\"a\": \"b}", 1, 7, "this string is not closed"},
		{"{\"this string is of some length}", 1, 2,
		 "this string is not closed"},
		{"\"\\", 1, 1, "this string is not closed"},
		{"[\"a\nb\"]", 1, 4,
		 "a control character in a string has to be escaped"},
		{"[\"\\x\"]", 1, 3,
		 "expected one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX"},
		{"[\"\\u12g4\"]", 1, 7, "expected four hex digits behind \\u"},
		{"[\"\\ud800\"]", 1, 3,
		 "half of a surrogate pair is no character"},
		{"[\"\\udc00\\ud800\"]", 1, 3,
		 "half of a surrogate pair is no character"},
		{"[\"\\ud800\\u0041\"]", 1, 3,
		 "half of a surrogate pair is no character"},
		{"[\"\\ud800\\u00\"]", 1, 13,
		 "expected four hex digits behind \\u"},
		{"[\"\xC3\xA4\xC0\x80\"]", 1, 4, "expected valid UTF-8"},
		{"[\"\xE0\x9F\xBF\"]", 1, 3, "expected valid UTF-8"},
		{"[\"\xF0\x8F\xBF\xBF\"]", 1, 3, "expected valid UTF-8"},
		{"[\"\xC1\xBF\"]", 1, 3, "expected valid UTF-8"},
		{"[\"\xED\xA0\x80\"]", 1, 3, "expected valid UTF-8"},
		{"[\"\xF4\x90\x80\x80\"]", 1, 3, "expected valid UTF-8"},
		{"\xEF\xBB\xBF", 1, 1,
		 "a byte order mark may not stand before JSON"},
		{"\xEF\xBB\xBF{}", 1, 1,
		 "a byte order mark may not stand before JSON"},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_refused(cases[i].text, cases[i].line, cases[i].column,
			       cases[i].message);
}

static void an_error_needs_nobody_to_read_it(void **state)
{
	struct value v;

	assert_int_equal(json_parse(STR("["), &v, NULL), WEIR_EINVAL);
}

static void no_prefix_of_a_document_is_a_document(void **state)
{
	static const char text[] =
		"{\"name\": [1, -2.5e3, true, false, null, \"\\u00e4\\n\xC3\xA4"
		"\"], \"other\": {\"x\": {\"y\": [[], {}]}}}";

	for (size_t len = 0; len < sizeof text - 1; len++) {
		struct value v;

		assert_int_equal(parse(str_from(text, len), &v, NULL),
				 WEIR_EINVAL);
	}
	value_unref(must_parse(STR(text)));
}

static char *nested(size_t depth, const char *open, const char *close,
		    size_t *len)
{
	struct buf b = {0};

	for (size_t i = 0; i < depth; i++)
		buf_append_cstr(&b, open);
	for (size_t i = 0; i < depth; i++)
		buf_append_cstr(&b, close);
	*len = buf_len(&b);
	return buf_take_cstr(&b);
}

static void depth_is_bounded(void **state)
{
	struct weir_error err;
	struct value v;
	size_t len;
	char *text = nested(JSON_DEPTH_MAX, "[", "]", &len);

	assert_int_equal(parse(str_from(text, len), &v, &err), 0);
	value_unref(v);
	mem_free(text);
	text = nested(JSON_DEPTH_MAX + 1, "[", "]", &len);
	assert_int_equal(parse(str_from(text, len), &v, &err), WEIR_ETOOBIG);
	assert_string_equal(err.message, "nested deeper than 512 levels");
	assert_int_equal(err.column, 513);
	mem_free(text);

	assert_int_equal(json_parse_depth(STR("[[{}]]"), 3, &v, &err), 0);
	value_unref(v);
	assert_int_equal(json_parse_depth(STR("[[{}]]"), 2, &v, &err),
			 WEIR_ETOOBIG);
	assert_int_equal(json_parse_depth(STR("1"), 0, &v, &err), 0);
	assert_int_equal(json_parse_depth(STR("[]"), 0, &v, &err),
			 WEIR_ETOOBIG);
}

static void size_is_bounded(void **state)
{
	struct weir_error err;
	struct value v;

	/* Refused by its length alone; nothing is read. */
	assert_int_equal(json_parse(str_from("[]", (size_t)JSON_BYTES_MAX + 1),
				    &v, &err),
			 WEIR_ETOOBIG);
}

static void hostile_objects_do_not_cost_the_square(void **state)
{
	struct buf text = {0};
	int64_t began = clock_cpu_ns();

	buf_append_char(&text, '{');
	for (int i = 0; i < 100000; i++)
		buf_printf(&text, "%s\"k%d\":%d", i ? "," : "", i / 2 * 2, i);
	buf_append_char(&text, '}');

	struct value v = must_parse(buf_str(&text));

	assert_int_equal(value_len(v), 50000);
	assert_int_equal(value_get(v, STR("k99998")).i, 99999);
	value_unref(v);
	buf_clear(&text);
	buf_append_char(&text, '{');
	for (int i = 0; i < 100000; i++)
		buf_append_cstr(&text, i ? ",\"x\":0" : "\"x\":0");
	buf_append_char(&text, '}');
	v = must_parse(buf_str(&text));
	assert_int_equal(value_len(v), 1);
	value_unref(v);
	buf_fini(&text);
	assert_true(clock_cpu_ns() - began < INT64_C(10000000000));
}

static void large_texts_of_nothing_are_read(void **state)
{
	struct buf text = {0};

	for (int i = 0; i < 5000; i++)
		buf_append_char(&text, i == 2500 ? '[' : ' ');
	buf_append_char(&text, ']');
	for (int i = 0; i < 5000; i++)
		buf_append_char(&text, '\n');

	struct value v = must_parse(buf_str(&text));

	assert_int_equal(value_type(v), VALUE_ARRAY);
	assert_int_equal(value_len(v), 0);
	value_unref(v);
	buf_fini(&text);
}

static void a_long_string_alone_is_read(void **state)
{
	struct buf text = {0};

	buf_append_char(&text, '"');
	for (int i = 0; i < 9000; i++)
		buf_append_cstr(&text, i % 100 ? "x" : "\\n");
	buf_append_char(&text, '"');

	struct value v = must_parse(buf_str(&text));

	assert_int_equal(value_str(v).len, 9000);
	assert_int_equal(value_block(v)->bytes, 9024); /* 16 + 9000, to 16 */
	value_unref(v);
	buf_fini(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_of_value_is_read),
		cmocka_unit_test(integers_stay_exact),
		cmocka_unit_test(other_numbers_become_the_nearest_double),
		cmocka_unit_test(strings_are_decoded),
		cmocka_unit_test(specials_are_seen_at_every_place),
		cmocka_unit_test(of_repeated_names_the_last_wins),
		cmocka_unit_test(a_value_that_is_kept_has_one_small_block),
		cmocka_unit_test(every_refusal_says_where_and_why),
		cmocka_unit_test(an_error_needs_nobody_to_read_it),
		cmocka_unit_test(no_prefix_of_a_document_is_a_document),
		cmocka_unit_test(depth_is_bounded),
		cmocka_unit_test(size_is_bounded),
		cmocka_unit_test(hostile_objects_do_not_cost_the_square),
		cmocka_unit_test(large_texts_of_nothing_are_read),
		cmocka_unit_test(a_long_string_alone_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
