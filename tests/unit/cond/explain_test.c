/* explain_test.c - why does a value match, or why does it not? */
#include "cond/explain.h"

#include "base/hash.h"
#include "json/parse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void expect(const char *cond, const char *data, bool json,
		   const char *wanted)
{
	struct cond_rules rules = cond_rules_operator;
	struct weir_error err;
	struct buf out = {0};
	struct value v;
	struct cond *c;

	rules.as_written = true;
	assert_int_equal(cond_parse(str_of(cond), &rules, &c, &err), 0);
	assert_int_equal(json_parse(str_of(data), &v, &err), 0);
	if (json)
		cond_explain_json(c, v, NULL, &out);
	else
		cond_explain_text(c, v, NULL, &out);
	buf_append_char(&out, '\0');
	assert_string_equal(buf_bytes(&out), wanted);
	buf_fini(&out);
	value_unref(v);
	cond_unref(c);
}

static void text_tells_each_comparison_and_what_it_saw(void **state)
{
	expect("type eq order and [total gt 100 or * contains joe]",
	       "{\"type\":\"order\",\"total\":12,\"who\":\"joe@doe.com\"}",
	       false,
	       "yes  type eq order and [total gt 100 or * contains joe]\n"
	       "yes    type eq order                     \"order\"\n"
	       "yes    total gt 100 or * contains joe\n"
	       "no       total gt 100                      12\n"
	       "yes      * contains joe                    \"joe@doe.com\"\n");
	expect("a not eq 1", "{}", false, "yes  a not eq 1\n");
	expect("a eq [1 2]", "{\"a\":[1,2]}", false,
	       "yes  a eq [1 2]                        [1,2]\n");
}

static void json_tells_the_same(void **state)
{
	expect("a gt 1 xor b exists", "{\"a\":2}", true,
	       "{\"holds\":true,\"is\":\"xor\",\"of\":["
	       "{\"holds\":true,\"is\":\"a gt 1\",\"value\":2},"
	       "{\"holds\":false,\"is\":\"b exists\"}]}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_tells_each_comparison_and_what_it_saw),
		cmocka_unit_test(json_tells_the_same),
	};

	hash_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
