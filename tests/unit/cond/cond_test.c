/* cond_test.c - conditions: what matches, and what is refused where. */
#include "cond/cond.h"

#include "base/hash.h"
#include "json/parse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

struct row {
	const char *cond;
	const char *data;
	bool matches;
};

static void expect(const struct row *row)
{
	struct weir_error err = {0};
	struct value v;
	struct cond *c;

	assert_int_equal(json_parse(str_of(row->data), &v, &err), 0);
	if (cond_parse(str_of(row->cond), NULL, &c, &err) < 0)
		fail_msg("%s: %u:%u: %s", row->cond, err.line, err.column,
			 err.message);
	if (cond_eval(c, v, NULL) != row->matches)
		fail_msg("%s on %s is not %s", row->cond, row->data,
			 row->matches ? "true" : "false");
	cond_unref(c);
	value_unref(v);
}

#define EXPECT(rows)                                 \
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) \
	expect(&(rows)[i])

static void comparisons_look_at_type_and_value(void **state)
{
	static const struct row rows[] = {
		{"v eq 42", "{\"v\":42}", true},
		{"v eq 42", "{\"v\":\"42\"}", false},
		{"v eq \"42\"", "{\"v\":\"42\"}", true},
		{"v eq str:42", "{\"v\":\"42\"}", true},
		{"v eq 1", "{\"v\":true}", false},
		{"v eq 1.0", "{\"v\":1}", true},
		{"v eq 007", "{\"v\":7}", true},
		{"v eq +5", "{\"v\":5}", true},
		{"v eq 9007199254740993", "{\"v\":9007199254740992}", false},
		{"v ne x", "{\"v\":\"y\"}", true},
		{"v gt 5", "{\"v\":6}", true},
		{"v gt 5", "{\"v\":\"6\"}", false},
		{"v le abc", "{\"v\":\"abb\"}", true},
		{"v >= 5", "{\"v\":5}", true},
		{"v < 5", "{\"v\":5}", false},
		{"v eq Hello\\ World", "{\"v\":\"Hello World\"}", true},
		{"v eq None", "{\"v\":null}", true},
		{"v eq a,b", "{\"v\":\"a,b\"}", true},
	};

	EXPECT(rows);
}

static void contains_looks_into_strings_lists_and_objects(void **state)
{
	static const struct row rows[] = {
		{"email contains .de", "{\"email\":\"a@b.de\"}", true},
		{"email contains .org", "{\"email\":\"a@b.de\"}", false},
		{"v contains \"\"", "{\"v\":\"x\"}", true},
		{"v contains 2", "{\"v\":[1,2]}", true},
		{"v contains 2", "{\"v\":[1,\"2\"]}", false},
		{"v contains k", "{\"v\":{\"k\":null}}", true},
		{"v contains 12", "{\"v\":\"0123\"}", true},
		{"v contains 1", "{\"v\":1}", false},
	};

	EXPECT(rows);
}

static void what_is_missing_makes_a_comparison_false(void **state)
{
	static const struct row rows[] = {
		{"a.b gt 1", "{}", false},
		{"a.b not gt 1", "{}", true},
		{"a contains x", "{}", false},
		{"a eq None", "{}", true},
		{"a ne 1", "{}", true},
		{"a.b.c eq 1", "{\"a\":{\"b\":{\"c\":1}}}", true},
		{"a.1 eq 2", "{\"a\":[1,2]}", true},
		{"a.b eq 0", "{\"a\":0}", false},
	};

	EXPECT(rows);
}

static void combinators_take_all_that_follows(void **state)
{
	static const struct row rows[] = {
		{"a eq 1 or b eq 1 and c eq 1", "{\"a\":1}", true},
		{"[a eq 1 or b eq 1] and c eq 1", "{\"a\":1}", false},
		{"a and not b or c", "{\"a\":1,\"c\":1}", false},
		{"a and not [b] and c", "{\"a\":1,\"c\":1}", true},
		{"not a and b", "{\"b\":1}", true},
		{"not [a or b]", "{\"b\":1}", false},
		{"a xor b", "{\"b\":1}", true},
		{"a xor b", "{\"a\":2,\"b\":1}", false},
		{"[[a eq 1]and[b gt 0]]", "{\"a\":1,\"b\":1}", true},
		{"a not not eq 1", "{\"a\":1}", true},
		{"not not a", "{\"a\":1}", true},
	};

	EXPECT(rows);
}

static void a_key_alone_asks_for_truth(void **state)
{
	static const struct row rows[] = {
		{"a", "{\"a\":0}", false},     {"a", "{\"a\":\"\"}", false},
		{"a", "{\"a\":[]}", false},    {"a", "{\"a\":{}}", false},
		{"a", "{\"a\":false}", false}, {"a", "{}", false},
		{"a", "{\"a\":\"0\"}", true},  {"a", "{\"a\":[0]}", true},
	};

	EXPECT(rows);
}

static void a_star_means_some_leaf(void **state)
{
	static const struct row rows[] = {
		{"* eq joe", "{\"a\":[{\"b\":\"joe\"}]}", true},
		{"* eq joe", "{\"joe\":1}", false},
		{"* gt 5", "{\"a\":true,\"b\":\"9\"}", false},
		{"* contains 555", "{\"t\":\"+43 1 555\"}", true},
		{"* contains 5", "{\"t\":5}", false},
		{"* not eq x", "{}", true},
		{"* not eq x", "{\"a\":\"y\",\"b\":\"x\"}", false},
		{"* ne x", "{\"a\":\"x\"}", false},
		{"not *", "{\"a\":0,\"b\":[\"\"]}", true},
		{"a eq 1 and not [* contains joe]", "{\"a\":1}", true},
	};

	EXPECT(rows);
}

static void what_is_no_condition_is_told_with_its_place(void **state)
{
	static const struct {
		const char *cond;
		uint32_t column;
		const char *message;
	} rows[] = {
		{"", 1, "expected a key or [, but the condition ends here"},
		{"a eqq 1", 3, "no operator 'eqq'; did you mean 'eq'?"},
		{"a AND b", 3, "no operator 'AND'; did you mean 'and'?"},
		{"**.a eq 1", 1, "expected a path or *, not '**.a'"},
		{"a 7up 1", 3,
		 "expected an operator, and, or, or the end, not '7up'"},
		{"a eq", 5, "expected a value, but the condition ends here"},
		{"a eq and", 6, "expected a value, not 'and'"},
		{"a and", 6,
		 "expected a key or [, but the condition ends "
		 "here"},
		{"and a", 1, "expected a key or [, not 'and'"},
		{"[a eq 1", 1, "this bracket is never closed"},
		{"a eq 1]", 7, "expected and, or, or the end, not ']'"},
		{"[]", 2, "expected a key or [, not ']'"},
		{"a eq 1 b eq 2", 8, "expected and, or, or the end, not 'b'"},
		{"a eq \"x", 6, "this quote is never closed"},
		{"a eq x\\", 7, "a backslash at the very end"},
		{"a not", 6,
		 "expected an operator, but the condition ends "
		 "here"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct weir_error err = {0};
		struct cond *c = NULL;

		assert_int_equal(cond_parse(str_of(rows[i].cond), NULL, &c,
					    &err),
				 WEIR_EINVAL);
		assert_null(c);
		assert_string_equal(err.message, rows[i].message);
		assert_int_equal(err.line, 1);
		assert_int_equal(err.column, rows[i].column);
	}
}

static void nesting_has_a_limit(void **state)
{
	struct buf b = {0};
	struct weir_error err = {0};
	struct cond *c = NULL;

	for (int i = 0; i < 20000; i++)
		buf_append_char(&b, '[');
	assert_int_equal(cond_parse(buf_str(&b), NULL, &c, &err), WEIR_EINVAL);
	buf_clear(&b);
	for (int i = 0; i < 20000; i++)
		buf_append_cstr(&b, "not ");
	assert_int_equal(cond_parse(str_from(buf_bytes(&b), 60000), NULL, &c,
				    &err),
			 WEIR_EINVAL);
	buf_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(comparisons_look_at_type_and_value),
		cmocka_unit_test(contains_looks_into_strings_lists_and_objects),
		cmocka_unit_test(what_is_missing_makes_a_comparison_false),
		cmocka_unit_test(combinators_take_all_that_follows),
		cmocka_unit_test(a_key_alone_asks_for_truth),
		cmocka_unit_test(a_star_means_some_leaf),
		cmocka_unit_test(what_is_no_condition_is_told_with_its_place),
		cmocka_unit_test(nesting_has_a_limit),
	};

	hash_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
