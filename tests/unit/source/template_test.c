/* template_test.c - places that are filled in, and what may not be. */
#include "source/template.h"

#include "base/mem.h"
#include "base/util.h"
#include "json/parse.h"
#include "json/write.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static const char job_text[] =
	"{\"id\":\"j1\",\"n\":7,\"f\":1.5,\"yes\":true,\"none\":null,"
	"\"empty\":\"\",\"o\":{\"a\":[10,20]},\"sp\":\"a b/c?d&e\","
	"\"up\":\"..\",\"dot\":\".\",\"nul\":\"a\\u0000b\","
	"\"hex\":\"%2e%2e\",\"uml\":\"\xC3\xBC\"}";

static struct value from_json(const char *text)
{
	struct value v;

	assert_int_equal(json_parse(str_of(text), &v, NULL), 0);
	return v;
}

static struct template *compile(const char *json, enum template_kind kind,
				struct conf_error *e)
{
	struct value v = from_json(json);
	struct template *t = template_create(v, kind, "/data", e);

	value_unref(v);
	return t;
}

/* The template filled in as a value is want, both JSON. */
static void assert_value(const char *json, const char *want)
{
	struct conf_error e;
	struct template *t = compile(json, TEMPLATE_VALUE, &e);
	struct template_scope scope = {.nr = 3, .ms = 1042};
	struct buf out = {0};

	assert_non_null(t);
	scope.job = from_json(job_text);

	struct value v = template_value(t, &scope);

	json_write(v, &out);
	if (!str_eq(buf_str(&out), str_of(want)))
		fail_msg("%s gives %.*s, not %s", json, STR_FMT(buf_str(&out)),
			 want);
	buf_fini(&out);
	value_unref(v);
	value_unref(scope.job);
	template_destroy(t);
}

/* The template as text is want; NULL: it is refused, saying says. */
static void assert_text(enum template_kind kind, const char *json,
			const char *want, const char *says)
{
	struct conf_error e;
	struct weir_error err = {0};
	struct template *t = compile(json, kind, &e);
	struct template_scope scope = {.nr = 3, .ms = 1042};
	struct buf out = {0};
	int rc;

	assert_non_null(t);
	scope.job = from_json(job_text);
	rc = template_text(t, &scope, &out, &err);
	if (want) {
		assert_int_equal(rc, 0);
		if (!str_eq(buf_str(&out), str_of(want)))
			fail_msg("%s gives '%.*s', not '%s'", json,
				 STR_FMT(buf_str(&out)), want);
	} else {
		assert_int_equal(rc, WEIR_EINVAL);
		if (!strstr(err.message, says))
			fail_msg("%s: '%s' does not say '%s'", json,
				 err.message, says);
	}
	buf_fini(&out);
	value_unref(scope.job);
	template_destroy(t);
}

static void a_place_alone_becomes_the_value_itself(void **state)
{
	assert_value("\"{nr}\"", "3");
	assert_value("\"{ms}\"", "1042");
	assert_value("\"{id}\"", "\"j1\"");
	assert_value("\"{f}\"", "1.5");
	assert_value("\"{o}\"", "{\"a\":[10,20]}");
	assert_value("\"{o.a.1}\"", "20");
	assert_value("\"{yes}\"", "true");
	assert_value("\"{none}\"", "null");
	assert_value("\"{missing}\"", "null");
	assert_value("\"{o.missing.deeper}\"", "null");
}

static void in_a_text_values_stand_as_text(void **state)
{
	assert_value("\"{id} result {nr}\"", "\"j1 result 3\"");
	assert_value("\"{nr}{nr}\"", "\"33\"");
	assert_value("\"<{f}|{yes}|{o}>\"",
		     "\"<1.5|true|{\\\"a\\\":[10,20]}>\"");
	assert_value("\"<{none}{missing}{empty}>\"", "\"<>\"");
	assert_value("\" {id}\"", "\" j1\"");
}

static void the_time_is_that_of_filling_in(void **state)
{
	struct conf_error e;
	struct template *t = compile("\"{now}\"", TEMPLATE_VALUE, &e);
	struct template_scope scope = {.job = value_null()};
	struct value v = template_value(t, &scope);

	assert_int_equal(value_type(v), VALUE_STRING);
	assert_int_equal(v.len, 24);
	assert_memory_equal(value_str(v).p, "20", 2);
	value_unref(v);
	template_destroy(t);
}

static void a_brace_is_written_twice(void **state)
{
	assert_value("\"{{\"", "\"{\"");
	assert_value("\"{{nr}\"", "\"{nr}\"");
	assert_value("\"{{{nr}}\"", "\"{3}\"");
	assert_value("\"a}b\"", "\"a}b\"");
}

static void objects_and_arrays_are_filled_in_member_by_member(void **state)
{
	assert_value("{\"a\":\"{nr}\",\"b\":[1,\"{id}\",{\"c\":\"x{n}\"}],"
		     "\"{nr}\":null}",
		     "{\"a\":3,\"b\":[1,\"j1\",{\"c\":\"x7\"}],"
		     "\"{nr}\":null}");
	assert_value("[]", "[]");
	assert_value("{}", "{}");
	assert_value("7", "7");
	/* More members than fit on the stack. */
	assert_value("[\"{n}\",1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,"
		     "19,20,21,22,23,24,25,26,27,28,29,30,31,32,\"{n}\"]",
		     "[7,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,"
		     "19,20,21,22,23,24,25,26,27,28,29,30,31,32,7]");
}

static void in_a_url_nothing_filled_in_has_a_meaning(void **state)
{
	assert_text(TEMPLATE_URL, "\"http://h/{sp}?q={sp}\"",
		    "http://h/a%20b%2Fc%3Fd%26e?q=a%20b%2Fc%3Fd%26e", NULL);
	assert_text(TEMPLATE_URL, "\"http://h/{nul}{uml}\"",
		    "http://h/a%00b%C3%BC", NULL);
	assert_text(TEMPLATE_URL, "\"http://h/{hex}/{n}/{nr}\"",
		    "http://h/%252e%252e/7/3", NULL);
	assert_text(TEMPLATE_URL, "\"http://h/{missing}\"", NULL,
		    "has no 'missing'");
	assert_text(TEMPLATE_URL, "\"http://h/{empty}\"", NULL,
		    "has no 'empty'");
	assert_text(TEMPLATE_URL, "\"http://h/\"", "http://h/", NULL);
}

static void a_step_up_cannot_be_filled_in(void **state)
{
	assert_text(TEMPLATE_URL, "\"http://h/v1/{up}/x\"", NULL,
		    "must be a name, not '..'");
	assert_text(TEMPLATE_URL, "\"http://h/v1/{dot}\"", NULL,
		    "must be a name");
	assert_text(TEMPLATE_URL, "\"http://h/v1/{dot}{dot}/x\"", NULL,
		    "must be a name");
	assert_text(TEMPLATE_URL, "\"http://h/?q={up}\"", "http://h/?q=..",
		    NULL);
	assert_text(TEMPLATE_PATH, "\"/var/{up}/x\"", NULL,
		    "a plain file name");
	assert_text(TEMPLATE_PATH, "\"/var/{dot}{dot}/x\"", NULL,
		    "a plain file name");
	assert_text(TEMPLATE_PATH, "\"/var/{sp}\"", NULL, "a plain file name");
	assert_text(TEMPLATE_PATH, "\"/var/{nul}\"", NULL, "a plain file name");
	assert_text(TEMPLATE_PATH, "\"/var/{missing}\"", NULL,
		    "has no 'missing'");
	assert_text(TEMPLATE_PATH, "\"/var/{id}.{n}.log\"", "/var/j1.7.log",
		    NULL);
}

static void a_template_that_cannot_be_read_is_told(void **state)
{
	static const struct {
		const char *json;
		const char *says;
	} rows[] = {
		{"\"{nr\"", "'{' is not closed in \"{nr\""},
		{"\"a{\"", "is not closed"},
		{"\"{}\"", "{} names nothing"},
		{"\"{a..b}\"", "{a..b}: "},
		{"[1,{\"a\":[\"{x\"]}]", "is not closed"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct conf_error e;

		print_message("%s\n", rows[i].json);
		assert_null(compile(rows[i].json, TEMPLATE_VALUE, &e));
		assert_string_equal(e.pointer, "/data");
		assert_non_null(strstr(e.err.message, rows[i].says));
	}
	template_destroy(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_place_alone_becomes_the_value_itself),
		cmocka_unit_test(in_a_text_values_stand_as_text),
		cmocka_unit_test(the_time_is_that_of_filling_in),
		cmocka_unit_test(a_brace_is_written_twice),
		cmocka_unit_test(
			objects_and_arrays_are_filled_in_member_by_member),
		cmocka_unit_test(in_a_url_nothing_filled_in_has_a_meaning),
		cmocka_unit_test(a_step_up_cannot_be_filled_in),
		cmocka_unit_test(a_template_that_cannot_be_read_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
