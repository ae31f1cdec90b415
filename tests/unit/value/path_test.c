/* path_test.c - compiled paths. */
#include "value/value.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

/* {"a": {"b": [10, {"0": "zero"}]}, "7": true} */
static struct value sample(void)
{
	struct value zero = value_object(
		(struct value[]){value_cstr("0"), value_cstr("zero")}, 1);
	struct value list =
		value_array((struct value[]){value_int(10), zero}, 2);
	struct value a =
		value_object((struct value[]){value_cstr("b"), list}, 1);

	return value_object((struct value[]){value_cstr("a"), a,
					     value_cstr("7"), value_bool(true)},
			    2);
}

static bool find(struct value v, const char *text, struct value *out)
{
	struct value_path p;

	assert_int_equal(value_path_parse(&p, str_of(text), NULL), 0);

	bool found = value_path_find(&p, v, out);

	value_path_fini(&p);
	return found;
}

static void a_path_finds_what_it_names(void **state)
{
	struct value v = sample();
	struct value out;

	assert_true(find(v, ".a.b.0", &out));
	assert_int_equal(out.i, 10);
	assert_true(find(v, "a.b.0", &out));
	assert_true(find(v, ".a.b.1.0", &out));
	assert_true(str_eq(value_str(out), STR("zero")));
	assert_true(find(v, ".7", &out));
	assert_int_equal(value_type(out), VALUE_TRUE);
	assert_true(find(v, ".", &out));
	assert_true(value_equal(out, v));
	assert_true(find(v, "", &out));
	value_unref(v);
}

static void a_missing_step_gives_null(void **state)
{
	static const char *const missing[] = {
		"x",	  "a.b.2",	    "a.b.-1",
		"a.b.00", "a.b.x",	    "a.b.0.x",
		"7.x",	  "a.b.4294967296", "a.b.99999999999999999999",
	};
	struct value v = sample();

	for (size_t i = 0; i < ARRAY_LEN(missing); i++) {
		struct value out = value_int(1);

		assert_false(find(v, missing[i], &out));
		assert_int_equal(value_type(out), VALUE_NULL);
	}
	value_unref(v);
}

static void an_empty_step_is_told_with_its_place(void **state)
{
	static const struct {
		const char *text;
		uint32_t column;
	} wrong[] = {{"a..b", 3}, {".a.", 4}, {"..", 2}, {".a..b", 4}};

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		struct value_path p;
		struct weir_error err;

		assert_int_equal(value_path_parse(&p, str_of(wrong[i].text),
						  &err),
				 WEIR_EINVAL);
		assert_int_equal(err.column, wrong[i].column);
		assert_string_equal(err.message,
				    "expected a name behind the dot");
		assert_null(p.steps);
	}
}

static void a_path_of_too_many_steps_is_refused(void **state)
{
	char text[2000];
	struct value_path p;

	memset(text, '.', sizeof text);
	for (size_t i = 1; i < sizeof text; i += 2)
		text[i] = 'a';
	assert_int_equal(value_path_parse(&p, str_from(text, sizeof text),
					  NULL),
			 WEIR_ETOOBIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_path_finds_what_it_names),
		cmocka_unit_test(a_missing_step_gives_null),
		cmocka_unit_test(an_empty_step_is_told_with_its_place),
		cmocka_unit_test(a_path_of_too_many_steps_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
