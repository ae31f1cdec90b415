/* event_test.c - the bodies of events, and the problems in them. */
#include "hub/event.h"

#include "base/util.h"
#include "hub/problem.h"
#include "json/parse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

/* Takes e. Its body is want; with a brace before it, it is JSON. */
static void assert_body(struct hub_event *e, const char *want)
{
	struct buf text = {0};
	struct value v;

	if (!str_eq(str_from(e->body, e->len), str_of(want)))
		fail_msg("%.*s is not\n%s", (int)e->len, e->body, want);
	buf_append_char(&text, '{');
	buf_append(&text, e->body, e->len);
	assert_int_equal(json_parse(buf_str(&text), &v, NULL), 0);
	assert_true(str_eq(value_str(value_get(v, STR("type"))),
			   str_of(hub_event_type_name(e->type))));
	value_unref(v);
	buf_fini(&text);
	hub_event_unref(e);
}

static void each_type_has_its_members(void **state)
{
	struct weir_error err;

	assert_body(hub_event_open(STR("s1")),
		    "\"type\":\"open\",\"stream\":\"s1\"}");
	assert_body(hub_event_done(STR("j"), "failed", 7, 42),
		    "\"type\":\"done\",\"job\":\"j\",\"state\":\"failed\","
		    "\"parts\":7,\"ms\":42}");
	assert_body(hub_event_dropped(3), "\"type\":\"dropped\",\"count\":3}");
	assert_body(hub_event_ping(), "\"type\":\"ping\"}");
	assert_body(hub_event_bye("shutdown", 0),
		    "\"type\":\"bye\",\"reason\":\"shutdown\"}");
	assert_body(hub_event_bye("shutdown", 700),
		    "\"type\":\"bye\",\"reason\":\"shutdown\","
		    "\"retry\":700}");
	assert_body(hub_event_reopen(STR("s1"), true, 4),
		    "\"type\":\"open\",\"stream\":\"s1\",\"resumed\":true,"
		    "\"missed\":4}");
	assert_body(hub_event_interest(STR("a\""), "active", NULL),
		    "\"type\":\"interest\",\"name\":\"a\\\"\","
		    "\"state\":\"active\"}");
	assert_body(hub_event_gap("expired", STR("k3f9"), 4, 7),
		    "\"type\":\"gap\",\"reason\":\"expired\","
		    "\"from\":\"k3f9.4\",\"to\":\"k3f9.7\",\"count\":4}");
	assert_body(hub_event_gap("restart", STR("k3f9"), 4, 0),
		    "\"type\":\"gap\",\"reason\":\"restart\","
		    "\"from\":\"k3f9.4\"}");
	error_set(&err, WEIR_ETIMEDOUT, "GET \"x\"\n: timed out");
	assert_body(hub_event_error(STR("j"), &err),
		    "\"type\":\"error\",\"job\":\"j\",\"problem\":{"
		    "\"type\":\"/problems/timeout\",\"title\":\"Gateway "
		    "Timeout\",\"status\":504,\"detail\":\"GET "
		    "\\\"x\\\"\\n: timed out\"}}");
}

static void the_data_of_a_part_can_be_cut_out(void **state)
{
	struct value data;
	struct hub_event *e;

	assert_int_equal(json_parse(STR("{\"a\":[1,\"}\"]}"), &data, NULL), 0);
	e = hub_event_part(STR("j\""), STR("s"), STR("t"), data, NULL);
	assert_true(str_eq(str_from(e->body + e->data_off, e->data_len),
			   STR("{\"a\":[1,\"}\"]}")));
	assert_body(e, "\"type\":\"part\",\"job\":\"j\\\"\",\"source\":\"s\","
		       "\"time\":\"t\",\"data\":{\"a\":[1,\"}\"]}}");
	e = hub_event_part((struct str){0}, (struct str){0}, (struct str){0},
			   value_null(), NULL);
	assert_int_equal(e->data_len, 4);
	assert_true(str_eq(hub_event_values(e), STR("null")));
	assert_body(e, "\"type\":\"part\",\"data\":null}");
	value_unref(data);
}

/* They go with the event, but not to its receivers. */
static void what_can_be_of_interest_stands_behind_the_body(void **state)
{
	struct value data = value_int(1);
	struct value values = value_bool(true);
	struct hub_event *e = hub_event_part(STR("j"), STR("s"),
					     (struct str){0}, data, &values);

	assert_true(str_eq(hub_event_values(e), STR("true")));
	assert_int_equal(e->data_len, 1);
	assert_int_equal(hub_event_bytes(e), sizeof *e + e->len + 4);
	assert_body(e, "\"type\":\"part\",\"job\":\"j\",\"source\":\"s\","
		       "\"data\":1}");
}

static void an_event_lives_as_long_as_it_is_shared(void **state)
{
	struct hub_event *e = hub_event_ping();

	hub_event_ref(e);
	hub_event_unref(e);
	assert_body(e, "\"type\":\"ping\"}");
	hub_event_unref(NULL);
}

static void each_error_has_a_status_with_a_title(void **state)
{
	for (int code = -1; code >= WEIR_EITEM; code--) {
		struct weir_error err = {.code = code, .message = "m"};
		struct problem p = problem_of(&err);

		/* None of the codes falls through to the default but those
		 * that are no failures of a request. */
		if (code != WEIR_EAGAIN)
			assert_string_not_equal(p.slug, "internal");
		assert_in_range(p.status, 400, 599);
		assert_string_not_equal(problem_title(p.status), "Error");
	}
}

static void a_problem_has_only_the_members_it_knows(void **state)
{
	struct problem p = {.status = 422, .slug = "bad-job", .detail = "d"};
	struct buf out = {0};

	problem_write(&p, &out);
	assert_true(str_eq(
		buf_str(&out),
		STR("{\"type\":\"/problems/bad-job\",\"title\":"
		    "\"Unprocessable Content\",\"status\":422,\"detail\":"
		    "\"d\"}")));
	buf_clear(&out);
	p.pointer = "/0/a\"b";
	p.line = 2;
	p.column = 9;
	p.request = "r1";
	problem_write(&p, &out);
	assert_true(str_ends(buf_str(&out),
			     STR(",\"pointer\":\"/0/a\\\"b\",\"line\":2,"
				 "\"column\":9,\"request\":\"r1\"}")));
	buf_fini(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_type_has_its_members),
		cmocka_unit_test(the_data_of_a_part_can_be_cut_out),
		cmocka_unit_test(
			what_can_be_of_interest_stands_behind_the_body),
		cmocka_unit_test(an_event_lives_as_long_as_it_is_shared),
		cmocka_unit_test(each_error_has_a_status_with_a_title),
		cmocka_unit_test(a_problem_has_only_the_members_it_knows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
