/* embed_value_test.c - values as an embedding program sees them. */
#include "weir/value.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct weir_value read_json(const char *text)
{
	struct weir_value v;
	struct weir_error err;

	if (weir_json(text, strlen(text), &v, &err) < 0)
		fail_msg("%s: %s", text, err.message);
	return v;
}

/* Takes v. */
static void expect_json(struct weir_value v, const char *text)
{
	char got[256];

	weir_value_json(v, got, sizeof got);
	assert_string_equal(got, text);
	weir_unref(v);
}

static void zero_is_null(void **state)
{
	struct weir_value v = {{0, 0}};

	assert_true(weir_value_is_null(v));
	assert_true(weir_value_equal(v, weir_null()));
	assert_int_equal(weir_value_type(v), WEIR_NULL);
	weir_unref(v);
}

static void values_are_made_of_values(void **state)
{
	struct weir_value tags[2] = {weir_text("a"), weir_bool(true)};
	struct weir_value pairs[] = {weir_text("id"),	weir_int(-7),
				     weir_text("big"),	weir_uint(UINT64_MAX),
				     weir_text("tags"), weir_array(tags, 2),
				     weir_text("f"),	weir_double(0.5),
				     weir_text("id"),	weir_int(8)};

	expect_json(weir_object(pairs, 5),
		    "{\"id\":8,\"big\":18446744073709551615,"
		    "\"tags\":[\"a\",true],\"f\":0.5}");
	expect_json(weir_array(NULL, 0), "[]");
	expect_json(weir_object(NULL, 0), "{}");
	expect_json(weir_double(NAN), "null");
}

static void with_sets_a_member_of_a_copy(void **state)
{
	struct weir_value o = read_json("{\"a\":1}");

	expect_json(weir_with(weir_ref(o), "b", weir_text("x")),
		    "{\"a\":1,\"b\":\"x\"}");
	expect_json(weir_with(weir_ref(o), "a", weir_null()), "{\"a\":null}");
	expect_json(o, "{\"a\":1}");
	expect_json(weir_with(weir_text("no object"), "a", weir_int(1)),
		    "{\"a\":1}");
}

static void bytes_that_are_no_text_are_replaced(void **state)
{
	size_t len;
	struct weir_value v = weir_string("a\xff\xc3", 3);

	expect_json(v, "\"a\xef\xbf\xbd\xef\xbf\xbd\"");
	v = weir_string("a\0b", 3);
	assert_memory_equal(weir_value_string(v, &len), "a\0b", 3);
	assert_int_equal(len, 3);
	expect_json(v, "\"a\\u0000b\"");
}

static void numbers_are_given_where_they_fit(void **state)
{
	int64_t i = 5;
	uint64_t u = 5;
	double d = 5;

	assert_true(weir_value_int(weir_double(3.0), &i));
	assert_int_equal(i, 3);
	assert_false(weir_value_int(weir_double(3.5), &i));
	assert_false(weir_value_int(weir_uint(UINT64_MAX), &i));
	assert_false(weir_value_int(weir_bool(true), &i));
	assert_int_equal(i, 3);
	assert_true(weir_value_uint(weir_uint(UINT64_MAX), &u));
	assert_true(u == UINT64_MAX);
	assert_false(weir_value_uint(weir_int(-1), &u));
	assert_true(weir_value_uint(weir_double(0x1p63), &u));
	assert_true(u == UINT64_C(1) << 63);
	assert_false(weir_value_uint(weir_double(0x1p64), &u));
	assert_true(weir_value_number(weir_int(2), &d));
	assert_true(d == 2);
	assert_false(weir_value_number(weir_null(), &d));
}

static void what_is_not_there_is_an_empty_answer(void **state)
{
	struct weir_value v = read_json("{\"a\":[1,{\"b\":null}],\"s\":\"x\"}");
	struct weir_value key;
	struct weir_value member;
	size_t len = 9;
	bool b = true;

	assert_true(weir_value_is_null(weir_value_get(v, "no")));
	assert_false(weir_value_has(v, "no"));
	assert_false(weir_value_has(weir_int(1), "a"));
	assert_true(weir_value_has(v, "a"));
	assert_true(weir_value_is_null(weir_value_path(v, ".a.1.b.c")));
	assert_true(weir_value_is_null(weir_value_path(v, "..")));
	assert_null(weir_value_string(v, &len));
	assert_int_equal(len, 0);
	assert_false(weir_value_bool(v, &b));
	assert_int_equal(weir_value_len(weir_value_get(v, "s")), 0);
	assert_false(weir_value_member(v, 2, &key, &member));
	assert_false(weir_value_member(weir_null(), 0, &key, &member));
	weir_unref(v);
}

static void pieces_of_a_document_are_lent(void **state)
{
	struct weir_value v =
		read_json("{\"a\":[1,{\"b\":false}],\"s\":\"x\"}");
	struct weir_value piece = weir_ref(weir_value_path(v, ".a.1"));
	struct weir_value key;
	struct weir_value member;
	bool b = true;

	assert_true(weir_value_is_text(weir_value_get(v, "s"), "x"));
	assert_true(weir_value_equal(weir_value_at(weir_value_get(v, "a"), -2),
				     weir_int(1)));
	assert_true(weir_value_member(v, 1, &key, &member));
	assert_true(weir_value_is_text(key, "s"));
	assert_true(weir_value_is_text(member, "x"));
	weir_unref(v);
	/* A count of its own outlives the rest. */
	assert_true(weir_value_bool(weir_value_get(piece, "b"), &b));
	assert_false(b);
	assert_false(weir_value_truthy(weir_value_get(piece, "b")));
	assert_string_equal(weir_value_type_name(piece), "object");
	weir_unref(piece);
}

static void values_are_compared_as_json(void **state)
{
	struct weir_value a = read_json("{\"x\":1,\"y\":[2]}");
	struct weir_value b = read_json("{\"y\":[2.0],\"x\":1.0}");

	assert_true(weir_value_equal(a, b));
	assert_true(weir_value_compare(weir_int(1), weir_double(1.5)) < 0);
	assert_true(weir_value_compare(a, weir_int(1)) > 0);
	weir_unref(a);
	weir_unref(b);
}

static void broken_json_is_told_with_its_place(void **state)
{
	struct weir_value v = weir_int(1);
	struct weir_error err;

	assert_int_equal(weir_json("[1,\n x]", 7, &v, &err), WEIR_EINVAL);
	assert_int_equal(err.line, 2);
	assert_int_equal(err.column, 2);
	assert_true(weir_value_is_null(v));
	assert_int_equal(weir_json("", 0, &v, NULL), WEIR_EINVAL);
}

static void json_is_written_like_snprintf(void **state)
{
	struct weir_value v = read_json("[1,\"abc\"]");
	char text[5] = "....";
	size_t len;
	char *all = weir_value_to_json(v, &len);

	assert_int_equal(weir_value_json(v, text, sizeof text), 9);
	assert_string_equal(text, "[1,\"");
	assert_int_equal(weir_value_json(v, NULL, 0), 9);
	assert_string_equal(all, "[1,\"abc\"]");
	assert_int_equal(len, 9);
	free(all);
	weir_unref(v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(zero_is_null),
		cmocka_unit_test(values_are_made_of_values),
		cmocka_unit_test(with_sets_a_member_of_a_copy),
		cmocka_unit_test(bytes_that_are_no_text_are_replaced),
		cmocka_unit_test(numbers_are_given_where_they_fit),
		cmocka_unit_test(what_is_not_there_is_an_empty_answer),
		cmocka_unit_test(pieces_of_a_document_are_lent),
		cmocka_unit_test(values_are_compared_as_json),
		cmocka_unit_test(broken_json_is_told_with_its_place),
		cmocka_unit_test(json_is_written_like_snprintf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
