/* cond_test.c - conditions: what matches, and what is refused where. */
#include "cond/cond.h"

#include "base/hash.h"
#include "json/leaves.h"
#include "json/parse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

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

static void a_star_in_a_path_means_each(void **state)
{
	static const struct row rows[] = {
		{"items.*.qty gt 5", "{\"items\":[{\"qty\":1},{\"qty\":9}]}",
		 true},
		{"items.*.qty gt 5", "{\"items\":{\"x\":{\"qty\":9}}}", true},
		{"items.*.qty gt 5", "{\"items\":[{\"qty\":1},{\"n\":9}]}",
		 false},
		{"items.*.qty not gt 5", "{\"items\":[]}", true},
		{"items.*.qty ne 1", "{\"items\":[]}", false},
		{"tags.* eq x", "{\"tags\":[\"y\",\"x\"]}", true},
		{"*.a eq 1", "{\"b\":{\"a\":1}}", true},
		{"*.a eq 1", "{\"a\":1}", false},
		{"\\*.a eq 1", "{\"*\":{\"a\":1}}", true},
		{"\"*\" eq 1", "{\"*\":1}", true},
		{"\"*\" eq 1", "{\"a\":1}", false},
		{"a*b eq 1", "{\"a*b\":1}", true},
		{"**.a.*.b eq 1", "{\"x\":{\"a\":[{\"b\":1}]}}", true},
	};

	EXPECT(rows);
}

static void weir_s_own_operators(void **state)
{
	static const struct row rows[] = {
		{"v startswith ab", "{\"v\":\"abc\"}", true},
		{"v startswith 12", "{\"v\":\"123\"}", true},
		{"v startswith 12", "{\"v\":123}", false},
		{"v endswith bc", "{\"v\":\"abc\"}", true},
		{"v rev startswith abc", "{\"v\":\"ab\"}", true},
		{"v ieq STRASSE", "{\"v\":\"strasse\"}", true},
		{"v ieq ÄÖÜ", "{\"v\":\"äöü\"}", true},
		{"v icontains Σ", "{\"v\":\"τέλος\"}", true},
		{"v istartswith ПРИ", "{\"v\":\"привет\"}", true},
		{"v iendswith ВЕТ", "{\"v\":\"привет\"}", true},
		{"v exists", "{\"v\":null}", true},
		{"v exists", "{}", false},
		{"v missing", "{}", true},
		{"v not exists and a", "{\"a\":1}", true},
		{"v.x missing", "{\"v\":5}", true},
		{"* missing", "{}", true},
		{"v between [1 5]", "{\"v\":5}", true},
		{"v between [1 5]", "{\"v\":5.1}", false},
		{"v between [a c]", "{\"v\":\"bz\"}", true},
		{"v between [1 5]", "{\"v\":\"3\"}", false},
		{"v cidr 10.0.0.0/8", "{\"v\":\"10.1.2.3\"}", true},
		{"v cidr 10.0.0.0/8", "{\"v\":\"11.1.2.3\"}", false},
		{"v cidr [10.0.0.0/8 2001:db8::/32]", "{\"v\":\"2001:db8::1\"}",
		 true},
		{"v cidr 10.0.0.0/8", "{\"v\":\"::ffff:10.0.0.1\"}", true},
		{"v matches \"[A-Z]{2}-[0-9]+\"", "{\"v\":\"AB-17\"}", true},
		{"v matches \"[0-9]+\"", "{\"v\":7}", false},
	};

	EXPECT(rows);
}

static void metadata_and_claims_stand_beside_the_data(void **state)
{
	static const struct {
		const char *cond;
		bool matches;
	} rows[] = {
		{"@source eq temps", true},
		{"@job eq j1", false},
		{"@job missing", true},
		{"\\@source eq inside", true},
		{"$claims.tenant eq acme", true},
		{"$claims.level gt 2", true},
		{"$claims.nobody exists", false},
		{"tenant eq $claims.tenant", true},
		{"tenant in $claims.tenants", true},
		{"$claims.tenants.* eq x", true},
		{"$claims.tenants.* eq y", false},
		{"$claims.nobody.* missing", true},
		{"tenant startswith $claims.tenant", true},
		{"missing1 eq $claims.nobody", false},
		{"missing1 ne $claims.nobody", false},
		{"missing1 eq $claims.null", false},
		{"tenant eq \"$claims.tenant\"", false},
	};
	struct cond_rules rules = cond_rules_operator;
	struct cond_meta meta = {.source = STR("temps")};
	struct weir_error err;
	struct value data;

	rules.claims = true;
	json_parse(STR("{\"tenant\":\"acme\",\"level\":3,\"null\":null,"
		       "\"tenants\":[\"x\",\"acme\"]}"),
		   &meta.claims, &err);
	json_parse(STR("{\"tenant\":\"acme\",\"@source\":\"inside\"}"), &data,
		   &err);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct cond *c;

		if (cond_parse(str_of(rows[i].cond), &rules, &c, &err) < 0)
			fail_msg("%s: %s", rows[i].cond, err.message);
		if (cond_eval(c, data, &meta) != rows[i].matches)
			fail_msg("%s is not %d", rows[i].cond, rows[i].matches);
		cond_unref(c);
	}
	assert_int_equal(cond_parse(STR("a eq $claims.tenants.*"), &rules,
				    &(struct cond *){NULL}, &err),
			 WEIR_EINVAL);
	assert_string_equal(err.message,
			    "a claim is one value here, without a star");
	value_unref(meta.claims);
	value_unref(data);
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
		{"a && b", 3, "no operator '&&'; did you mean 'and'?"},
		{"a like b", 3, "no operator 'like'; did you mean 'contains'?"},
		{"a startwith b", 3,
		 "no operator 'startwith'; did you mean 'startswith'?"},
		{"**", 1, "expected a path behind **, like **.email"},
		{"a 7up 1", 3,
		 "expected an operator, and, or, or the end, not '7up'"},
		{"a eq", 5, "expected a value, but the condition ends here"},
		{"a eq and", 6, "expected a value, not 'and'"},
		{"a and", 6,
		 "expected a key or [, but the condition ends here"},
		{"and a", 1, "expected a key or [, not 'and'"},
		{"[a eq 1", 1, "this bracket is never closed"},
		{"a in [1 2", 6, "this list is never closed"},
		{"a in [1 [2]]", 9, "expected an element or ], not '['"},
		{"a eq 1]", 7, "expected and, or, or the end, not ']'"},
		{"b and []", 8, "expected a key or [, not ']'"},
		{"a eq 1 b eq 2", 8, "expected and, or, or the end, not 'b'"},
		{"a eq \"x", 6, "this quote is never closed"},
		{"a eq \"x\"y", 9, "expected a space behind the quote"},
		{"a eq x\\", 7, "a backslash at the very end"},
		{"a not", 6,
		 "expected an operator, but the condition ends here"},
		{"a not not not eq 1", 11,
		 "expected an operator, and, or, or the end, not 'not'"},
		{"a exists 1", 10,
		 "exists takes no value; expected and, or, or the end"},
		{"a rev matches x", 7, "matches has no reverse"},
		{"a between 5", 11,
		 "between takes its bounds, [low high], two numbers or two "
		 "texts"},
		{"a between [1 x]", 11,
		 "between takes its bounds, [low high], two numbers or two "
		 "texts"},
		{"a cidr 10.0.0.0/33", 8,
		 "cidr takes a block of addresses, like 10.0.0.0/8 or "
		 "2001:db8::/32, or a list of them"},
		{"a startswith [x]", 14, "startswith takes a text"},
		{"a matches \"x(\"", 11,
		 "regular expression, character 2: this ( is never closed"},
		{"a eq $claims.x", 6,
		 "$claims can be asked for in conditions of security only"},
		{"$claims.x", 1,
		 "$claims can be asked for in conditions of security only"},
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

static void numbers_beyond_64_bits_are_compared_by_their_text(void **state)
{
	static const struct {
		const char *cond;
		const char *data;
		bool matches;
	} rows[] = {
		{"v eq 18446744073709551617", "[18446744073709551617]", true},
		{"v eq 18446744073709551617", "[18446744073709551616]", false},
		{"v gt 18446744073709551616", "[18446744073709551617]", true},
		{"v lt -99999999999999999998", "[-99999999999999999999]", true},
		{"v ge 18446744073709551616", "[1]", false},
		{"v lt 1e400", "[1e308]", true},
	};
	struct json_leaves leaves = {0};
	struct weir_error err;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char cond[64];
		struct cond *c;

		snprintf(cond, sizeof cond, "0%s", rows[i].cond + 1);
		assert_int_equal(cond_parse(str_of(cond), NULL, &c, &err), 0);
		assert_int_equal(json_leaves_read(&leaves, str_of(rows[i].data),
						  &err),
				 0);
		assert_int_equal(cond_eval_leaves(c, &leaves, NULL),
				 rows[i].matches);
		cond_unref(c);
	}
	json_leaves_fini(&leaves);
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
		cmocka_unit_test(a_star_in_a_path_means_each),
		cmocka_unit_test(weir_s_own_operators),
		cmocka_unit_test(metadata_and_claims_stand_beside_the_data),
		cmocka_unit_test(
			numbers_beyond_64_bits_are_compared_by_their_text),
	};

	hash_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
