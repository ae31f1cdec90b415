/* structured_test.c - conditions as JSON arrays. */
#include "cond/cond.h"

#include "base/hash.h"
#include "cond/tree.h"
#include "json/parse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static int parse(const char *json, struct cond **c, struct weir_error *err)
{
	struct value v;
	int rc;

	assert_int_equal(json_parse(str_of(json), &v, err), 0);
	rc = cond_parse_value(v, NULL, c, err);
	value_unref(v);
	return rc;
}

static void arrays_say_what_text_says(void **state)
{
	static const char *const rows[][2] = {
		{"[\"a\", \"eq\", 1]", "a eq 1"},
		{"\"a eq 1\"", "a eq 1"},
		{"[\"not\", \"a\"]", "not a"},
		{"[[\"not\", \"a\"], \"and\", \"b\"]", "[not a] and b"},
		{"[\"a\", \"not\", \"in\", [\"x\", \"y\"]]", "a not in [x y]"},
		{"[\"a\", \"or\", \"b\", \"and\", \"c\"]", "a or b and c"},
		{"[\"a\", \"and_not\", \"b\", \"or\", \"c\"]",
		 "a and not b or c"},
		{"[[\"a\", \"b\"], \"and\", \"c\"]", "a.b and c"},
		{"[[\"a\", \"b\", \"*\", 0], \"eq\", 1]",
		 "[[\"a\",\"b\",\"*\",0],\"eq\",1]"},
		{"[[\"a\", \"b\", \"*\", \"c\"], \"eq\", 1]", "a.b.*.c eq 1"},
		{"[\"a.*.b\", \"eq\", 1]", "a.*.b eq 1"},
		/* Where an operator stands there is no path. */
		{"[[\"a\", \"*\", \"b\"], \"and\", \"c\"]", "a mul b and c"},
		{"[[\"**\", \"a\"], \"eq\", 1]", "**.a eq 1"},
		{"[\"*\", \"eq\", \"x\"]", "* eq x"},
		{"[\"a\", \"eq\", \"42\"]", "a eq 42"},
		{"[\"a\", \"eq\", \"str:42\"]", "a eq \"42\""},
		{"[\"a\", \"between\", [1, 2]]", "a between [1 2]"},
		{"[\"a\", \"cidr\", [\"10.0.0.0/8\"]]", "a cidr 10.0.0.0/8"},
		{"[\"a\", \"exists\"]", "a exists"},
		{"[[\"a\", \"exists\"], \"and\", [\"b\", \"truthy\"]]",
		 "a exists and b"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct weir_error err;
		struct cond *a, *b;

		if (parse(rows[i][0], &a, &err) < 0)
			fail_msg("%s: %s", rows[i][0], err.message);
		assert_int_equal(cond_parse(str_of(rows[i][1]), NULL, &b, &err),
				 0);
		if (!cond_same(a, b))
			fail_msg("%s is not %s", rows[i][0], rows[i][1]);
		cond_unref(a);
		cond_unref(b);
	}
}

static void errors_tell_the_place(void **state)
{
	static const char *const rows[][2] = {
		{"5", "a condition is a string or an array, not this number"},
		{"[]", "at [0]: expected a key or [, but the condition ends "
		       "here"},
		{"[[]]", "at [0]: expected a key or [, not ']'"},
		{"[1, \"eq\", 1]",
		 "at [0]: expected a key or [, not this number"},
		{"[\"a\", \"eqq\", 1]",
		 "at [1]: no operator 'eqq'; did you mean 'eq'?"},
		{"[\"a\", \"eq\"]",
		 "at [1]: expected a value, but the condition ends here"},
		{"[\"a\", \"eq\", \"and\"]",
		 "at [2]: expected a value, not 'and'"},
		{"[\"a\", \"eq\", 1, \"x\"]",
		 "at [3]: expected and, or, or the end, not 'x'"},
		{"[[\"a\", \"eq\", 1], \"and\", [\"b\", \"not\", \"frob\", 1]]",
		 "at [2][2]: expected an operator, and, or, or the end, not "
		 "'frob'"},
		{"[[\"a\", \"eq\", 1], \"eq\", 1]",
		 "at [1]: expected and, or, or the end, not 'eq'"},
		{"[{\"a\": 1}]",
		 "at [0]: expected a key or [, not this object"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct weir_error err = {0};
		struct cond *c;

		assert_true(parse(rows[i][0], &c, &err) < 0);
		assert_null(c);
		assert_string_equal(err.message, rows[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arrays_say_what_text_says),
		cmocka_unit_test(errors_tell_the_place),
	};

	hash_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
