/* limits_test.c - a condition has a length, a depth and a size. */
#include "cond/program.h"

#include "base/hash.h"
#include "json/parse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static int parse(struct buf *text, const struct cond_rules *rules,
		 const char *says)
{
	struct weir_error err = {0};
	struct cond *c;
	int rc = cond_parse(buf_str(text), rules, &c, &err);

	buf_fini(text);
	if (says)
		assert_string_equal(err.message, says);
	cond_unref(c);
	return rc;
}

static void repeat(struct buf *out, const char *text, int n)
{
	for (int i = 0; i < n; i++)
		buf_append_cstr(out, text);
}

static void length_is_limited(void **state)
{
	struct buf b = {0};

	repeat(&b, "a", 64 * 1024);
	assert_int_equal(parse(&b, NULL, NULL), 0);
	repeat(&b, "a", 64 * 1024 + 1);
	assert_int_equal(parse(&b, NULL, "a condition has at most 65536 bytes"),
			 WEIR_ETOOBIG);
	repeat(&b, "a", 8 * 1024 + 1);
	assert_int_equal(parse(&b, &cond_rules_client,
			       "a condition has at most 8192 bytes"),
			 WEIR_ETOOBIG);
}

static void depth_is_limited(void **state)
{
	struct buf b = {0};

	repeat(&b, "[", 16);
	buf_append_char(&b, 'a');
	repeat(&b, "]", 16);
	assert_int_equal(parse(&b, &cond_rules_client, NULL), 0);
	repeat(&b, "[", 17);
	assert_int_equal(parse(&b, &cond_rules_client,
			       "nested deeper than 16 levels"),
			 WEIR_ETOOBIG);
	repeat(&b, "[", 20000);
	assert_int_equal(parse(&b, NULL, "nested deeper than 256 levels"),
			 WEIR_ETOOBIG);
	/* Each change of the combinator is a level, too ... */
	repeat(&b, "a and b or ", 20);
	buf_append_char(&b, 'c');
	assert_int_equal(parse(&b, &cond_rules_client,
			       "nested deeper than 16 levels"),
			 WEIR_ETOOBIG);
	repeat(&b, "a and not ", 20);
	buf_append_char(&b, 'c');
	assert_int_equal(parse(&b, &cond_rules_client,
			       "nested deeper than 16 levels"),
			 WEIR_ETOOBIG);
	/* ... but a row of one is not. */
	repeat(&b, "a or ", 8000);
	buf_append_char(&b, 'c');
	assert_int_equal(parse(&b, NULL, NULL), 0);
	repeat(&b, "not ", 16000);
	buf_append_char(&b, 'a');
	assert_int_equal(parse(&b, NULL, NULL), 0);
	repeat(&b, "[", 400);
	repeat(&b, "]", 400);
	assert_int_equal(parse(&b, NULL, NULL), WEIR_ETOOBIG);
}

static void comparisons_are_counted(void **state)
{
	struct buf b = {0};

	repeat(&b, "a eq 1 or ", 63);
	buf_append_cstr(&b, "b");
	assert_int_equal(parse(&b, &cond_rules_client, NULL), 0);
	repeat(&b, "a eq 1 or ", 64);
	buf_append_cstr(&b, "b");
	assert_int_equal(
		parse(&b, &cond_rules_client,
		      "more than 64 comparisons (eight elements of a list "
		      "count as one)"),
		WEIR_ETOOBIG);
	buf_append_cstr(&b, "a in [");
	repeat(&b, "x ", 64 * 8);
	buf_append_cstr(&b, "]");
	assert_int_equal(parse(&b, &cond_rules_client, NULL), WEIR_ETOOBIG);
}

static void paths_and_values_are_limited(void **state)
{
	struct buf b = {0};

	repeat(&b, "a.", 256);
	assert_int_equal(parse(&b, NULL, "a path has at most 256 steps"),
			 WEIR_ETOOBIG);
	buf_append_cstr(&b, "[\"a\", \"eq\", ");
	repeat(&b, "[", 17);
	repeat(&b, "]", 17);
	buf_append_cstr(&b, "]");
	assert_int_equal(parse(&b, NULL,
			       "at [2]: a value nested deeper than 16 levels"),
			 WEIR_ETOOBIG);
	buf_append_cstr(&b, "a ieq ");
	repeat(&b, "x", 257);
	assert_int_equal(parse(&b, NULL, "ieq takes at most 256 bytes"),
			 WEIR_ETOOBIG);
}

static void regular_expressions_are_limited(void **state)
{
	struct buf b = {0};

	buf_append_cstr(&b, "a matches ");
	repeat(&b, "x", 257);
	assert_int_equal(parse(&b, &cond_rules_client,
			       "a regular expression has at most 256 bytes"),
			 WEIR_ETOOBIG);
	buf_append_cstr(&b, "a matches x{300}");
	assert_int_equal(
		parse(&b, &cond_rules_client,
		      "regular expression, character 7: too large, written "
		      "out it has more than 256 states"),
		WEIR_ETOOBIG);
	buf_append_cstr(&b, "a matches x{300}");
	assert_int_equal(parse(&b, NULL, NULL), 0);
}

static void a_program_takes_few_bytes(void **state)
{
	struct weir_error err;
	struct cond_program *p;
	struct cond *c;

	cond_parse(STR("user.id eq 4711 and type eq order"), NULL, &c, &err);
	p = cond_program_compile(cond_root(c));
	assert_true(cond_program_bytes(p) <= 64);
	cond_program_destroy(p);
	cond_unref(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(length_is_limited),
		cmocka_unit_test(depth_is_limited),
		cmocka_unit_test(comparisons_are_counted),
		cmocka_unit_test(paths_and_values_are_limited),
		cmocka_unit_test(regular_expressions_are_limited),
		cmocka_unit_test(a_program_takes_few_bytes),
	};

	hash_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
