/* interest_test.c - who gets a part, by which interests, from when to when. */
#include "lab.h"

#include "json/parse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Pushes a part with this data. */
static void push(struct lab *lab, const char *json)
{
	struct value data;
	struct value part;

	assert_int_equal(json_parse(str_of(json), &data, NULL), 0);
	part = hub_part(lab->hub, STR(""), STR("x"), data);
	hub_push(lab->hub, part);
	value_unref(part);
}

/* What hub_interest_read makes of a text; error gets the pointer. */
static int read(struct lab *lab, const char *json,
		struct hub_interest_spec *out, struct conf_error *e)
{
	struct value v;
	int rc;

	assert_int_equal(json_parse(str_of(json), &v, NULL), 0);
	rc = hub_interest_read(lab->edge, v, (struct str){0}, "/interests/0",
			       out, e);
	value_unref(v);
	return rc;
}

static enum hub_interest_change set(struct hub_stream *s, const char *json)
{
	struct lab lab = {.edge = s->edge};
	struct hub_interest_spec spec;
	enum hub_interest_change change;
	struct conf_error e;

	if (read(&lab, json, &spec, &e) < 0)
		fail_msg("%s: %s", e.pointer, e.err.message);
	assert_int_equal(hub_interest_set(s, &spec, &change, NULL, NULL), 0);
	return change;
}

static void a_part_goes_once_to_a_stream_and_names_all_it_meets(void **state)
{
	struct lab *lab = *state;
	struct lab_sink k;
	struct hub_stream *s;

	lab_sink_init(&k);
	s = lab_stream(lab, &k, false);
	lab_interest(s, "one", "n eq 1");
	lab_interest(s, "small", "n lt 3");
	lab_expect(&k, "1 open, 2 interest: one active, "
		       "3 interest: small active");
	push(lab, "{\"n\":1}");
	push(lab, "{\"n\":2}");
	push(lab, "{\"n\":3}");
	lab_expect(&k, "4 part {\"n\":1} \"matched\":[\"small\",\"one\"],, "
		       "5 part {\"n\":2} \"matched\":[\"small\"],");
	assert_int_equal(hub_figures(lab->hub).interests.interests, 2);
	hub_stream_bye(s, "test");
	assert_int_equal(hub_figures(lab->hub).interests.interests, 0);
	lab_sink_fini(&k);
}

static void the_owner_of_a_job_gets_its_parts_once(void **state)
{
	struct lab *lab = *state;
	struct lab_sink k;
	struct hub_stream *s;

	lab_sink_init(&k);
	s = lab_stream(lab, &k, false);
	lab_interest(s, "a", "* eq 1");
	lab_job(lab, s, "{\"source\":\"x\",\"n\":3}");
	hub_stream_seal(s);
	lab_run(lab, 5);
	lab_expect(&k, "1 open, 2 interest: a active, 3 part 0, "
		       "4 part 1 \"matched\":[\"a\"],, 5 part 2, "
		       "6 done: done 3, end");
	lab_sink_fini(&k);
}

static void equal_conditions_are_shared(void **state)
{
	struct lab *lab = *state;
	struct hub_stream *streams[10];
	struct lab_sink k[10];

	for (int i = 0; i < 10; i++) {
		lab_sink_init(&k[i]);
		streams[i] = lab_stream(lab, &k[i], false);
		lab_interest(streams[i], "a", "n eq 1");
		lab_interest(streams[i], "b", i % 2 ? "n eq 2" : "n eq 3");
	}
	assert_int_equal(hub_figures(lab->hub).interests.interests, 20);
	assert_int_equal(hub_figures(lab->hub).interests.conditions, 3);
	push(lab, "{\"n\":2}");
	for (int i = 0; i < 10; i++) {
		assert_int_equal(k[i].parts, i % 2);
		hub_stream_bye(streams[i], "test");
		lab_sink_fini(&k[i]);
	}
	assert_int_equal(hub_figures(lab->hub).interests.conditions, 0);
}

/* Between two parts: those before see the old condition, those after the new
 * one, and the event between them marks the place. */
static void a_change_takes_effect_at_a_marked_id(void **state)
{
	struct lab *lab = *state;
	struct lab_sink k;
	struct hub_stream *s;

	lab_sink_init(&k);
	s = lab_stream(lab, &k, false);
	assert_int_equal(set(s, "{\"name\":\"a\",\"value\":1}"), HUB_CREATED);
	push(lab, "1");
	push(lab, "2");
	assert_int_equal(set(s, "{\"name\":\"a\",\"value\":2}"), HUB_CHANGED);
	assert_int_equal(hub_interest_find(s, STR("a"))->since, 4);
	push(lab, "1");
	push(lab, "2");
	assert_int_equal(set(s, "{\"name\":\"a\",\"value\":2}"), HUB_KEPT);
	hub_interest_drop(hub_interest_find(s, STR("a")));
	push(lab, "2");
	lab_expect(&k, "1 open, 2 interest: a active, "
		       "3 part 1 \"matched\":[\"a\"],, 4 interest: a changed, "
		       "5 part 2 \"matched\":[\"a\"],, 6 interest: a dropped");
	hub_stream_bye(s, "test");
	lab_sink_fini(&k);
}

static void an_interest_expires_unless_it_is_kept(void **state)
{
	static const char *const a =
		"{\"name\":\"a\",\"where\":\"n eq 1\",\"for\":\"60ms\"}";
	struct lab *lab = *state;
	struct lab_sink k;
	struct hub_stream *s;

	lab_sink_init(&k);
	s = lab_stream(lab, &k, false);
	set(s, a);
	for (int i = 0; i < 4; i++) {
		lab_run(lab, 30);
		assert_int_equal(set(s, a), HUB_KEPT);
	}
	lab_expect(&k, "1 open, 2 interest: a active");
	lab_run(lab, 100);
	push(lab, "{\"n\":1}");
	lab_expect(&k, "3 interest: a expired");
	assert_null(hub_interest_find(s, STR("a")));
	hub_stream_bye(s, "test");
	lab_sink_fini(&k);
}

static void all_can_be_replaced_at_once(void **state)
{
	struct lab *lab = *state;
	struct lab_sink k;
	struct hub_stream *s;
	struct hub_interest_spec specs[2];
	struct conf_error e;

	lab_sink_init(&k);
	s = lab_stream(lab, &k, false);
	lab_interest(s, "a", "n eq 1");
	lab_interest(s, "b", "n eq 2");
	lab_interest(s, "c", "n eq 3");
	read(lab, "{\"name\":\"b\",\"where\":\"n eq 2\"}", &specs[0], &e);
	read(lab, "{\"name\":\"d\",\"where\":\"n eq 4\"}", &specs[1], &e);
	assert_int_equal(hub_interest_set_all(s, specs, 2, NULL), 0);
	lab_expect(&k, "1 open, 2 interest: a active, 3 interest: b active, "
		       "4 interest: c active, 5 interest: a dropped, "
		       "6 interest: c dropped, 7 interest: d active");
	hub_stream_bye(s, "test");
	lab_sink_fini(&k);
}

static void there_are_only_so_many(void **state)
{
	struct lab *lab = *state;
	struct hub_conf conf = hub_conf_default;
	struct hub_interest_spec spec;
	struct weir_error err;
	struct lab_sink k;
	struct hub_stream *s;

	conf.interests_max = 2;
	hub_configure(lab->hub, &conf);
	lab_sink_init(&k);
	s = lab_stream(lab, &k, false);
	lab_interest(s, "a", "n eq 1");
	lab_interest(s, "b", "n eq 1");
	hub_interest_where(STR("n eq 1"), &spec, NULL);
	spec.name = mem_strdup("c");
	assert_int_equal(hub_interest_set(s, &spec, NULL, NULL, &err),
			 WEIR_ETOOBIG);
	lab_interest(s, "b", "n eq 2"); /* that is none more */
	hub_stream_bye(s, "test");
	lab_sink_fini(&k);
}

static void the_server_has_only_so_many_conditions(void **state)
{
	struct lab *lab = *state;
	struct hub_conf conf = hub_conf_default;
	struct hub_interest_spec specs[3];
	struct weir_error err;
	struct lab_sink k;
	struct hub_stream *s;
	struct conf_error e;

	conf.conditions_max = 2;
	hub_configure(lab->hub, &conf);
	lab_sink_init(&k);
	s = lab_stream(lab, &k, false);
	read(lab, "{\"name\":\"a\",\"value\":1}", &specs[0], &e);
	read(lab, "{\"name\":\"b\",\"value\":2}", &specs[1], &e);
	read(lab, "{\"name\":\"c\",\"value\":3}", &specs[2], &e);
	assert_int_equal(hub_interest_set_all(s, specs, 3, NULL), 0);
	lab_expect(&k, "1 open, 2 interest: a active, 3 interest: b active, "
		       "4 interest: c denied");
	assert_null(hub_interest_find(s, STR("c")));
	/* What cannot be changed stays; a known condition is none more. */
	read(lab, "{\"name\":\"a\",\"value\":3}", &specs[0], &e);
	assert_int_equal(hub_interest_set(s, &specs[0], NULL, NULL, &err),
			 WEIR_EBUSY);
	read(lab, "{\"name\":\"d\",\"value\":2}", &specs[0], &e);
	assert_int_equal(hub_interest_set(s, &specs[0], NULL, NULL, &err), 0);
	push(lab, "1");
	push(lab, "3");
	lab_expect(&k, "5 interest: d active, 6 part 1 \"matched\":[\"a\"],");
	hub_stream_bye(s, "test");
	lab_sink_fini(&k);
}

/* A tenth of the server's, here one: what comes after is told why not. */
static void a_stream_has_a_share_of_what_is_held_against_each_part(void **state)
{
	struct lab *lab = *state;
	struct hub_conf conf = hub_conf_default;
	struct hub_interest_spec spec;
	struct weir_error err;
	struct conf_error e;
	struct lab_sink k;
	struct hub_stream *s;

	conf.residual_max = 10;
	hub_configure(lab->hub, &conf);
	lab_sink_init(&k);
	s = lab_stream(lab, &k, false);
	lab_interest(s, "a", "n ne 1");
	read(lab, "{\"name\":\"b\",\"where\":\"n ne 2\"}", &spec, &e);
	assert_int_equal(hub_interest_set(s, &spec, NULL, NULL, &err),
			 WEIR_EDENIED);
	assert_non_null(strstr(err.message, "'n not eq 2' would be held"));
	/* Another one in its place, or beside it one that is found. */
	lab_interest(s, "a", "n ne 3");
	lab_interest(s, "b", "n eq 4");
	assert_int_equal(s->n_residual, 1);
	read(lab, "{\"name\":\"b\",\"where\":\"n ne 2\"}", &spec, &e);
	assert_int_equal(hub_interest_set(s, &spec, NULL, NULL, &err),
			 WEIR_EDENIED);
	push(lab, "{\"n\":4}");
	lab_expect(&k, "1 open, 2 interest: a active, 3 interest: a changed, "
		       "4 interest: b active, "
		       "5 part {\"n\":4} \"matched\":[\"a\",\"b\"],");
	hub_interest_drop(hub_interest_find(s, STR("a")));
	assert_int_equal(s->n_residual, 0);
	lab_interest(s, "b", "n ne 2");
	hub_stream_bye(s, "test");
	lab_sink_fini(&k);
}

/* There may be a million of them. */
static void an_interest_is_small(void **state)
{
	assert_in_range(sizeof(struct hub_interest), 1, 96);
}

/* --- as a client writes it -------------------------------------------------
 */

static void refused(struct lab *lab, const char *json, const char *pointer,
		    uint32_t column)
{
	struct hub_interest_spec spec;
	struct conf_error e;

	assert_int_equal(read(lab, json, &spec, &e), WEIR_EINVAL);
	assert_string_equal(e.pointer, pointer);
	assert_int_equal(e.err.column, column);
}

static void what_is_wrong_is_told_with_its_place(void **state)
{
	struct lab *lab = *state;

	refused(lab, "1", "/interests/0", 0);
	refused(lab, "{\"where\":\"a\"}", "/interests/0/name", 0);
	refused(lab, "{\"name\":\"a b\",\"where\":\"a\"}", "/interests/0/name",
		0);
	refused(lab, "{\"name\":\"a\"}", "/interests/0", 0);
	refused(lab, "{\"name\":\"a\",\"where\":\"a\",\"value\":1}",
		"/interests/0/value", 0);
	refused(lab, "{\"name\":\"a\",\"where\":\"b equals 3\"}",
		"/interests/0/where", 3);
	refused(lab, "{\"name\":\"a\",\"where\":\" \"}", "/interests/0/where",
		0);
	refused(lab, "{\"name\":\"a\",\"value\":[1]}", "/interests/0/value", 0);
	refused(lab, "{\"name\":\"a\",\"where\":\"a\",\"for\":\"25h\"}",
		"/interests/0/for", 0);
	refused(lab, "{\"name\":\"a\",\"where\":\"a\",\"key\":\".a\"}",
		"/interests/0/key", 0);
	refused(lab,
		"{\"name\":\"a\",\"where\":\"a\",\"every\":\"1s\","
		"\"key\":\".a..b\"}",
		"/interests/0/key", 0);
	refused(lab, "{\"name\":\"a\",\"wher\":\"a\"}", "/interests/0/wher", 0);
}

static void a_value_stands_for_itself_whatever_is_in_it(void **state)
{
	static const char *const values[] = {
		"\"plain\"",
		"\"two words\"",
		"\"it's\"",
		"\"a \\\"b\\\"\"",
		"\"'\\\" [x] \\\\\"",
		"\"\"",
		"\"5\"",
		"5",
		"1.5",
		"true",
		"null",
		"\"and\"",
		"\"str:x\"",
	};
	struct lab *lab = *state;

	for (size_t i = 0; i < ARRAY_LEN(values); i++) {
		struct lab_sink k;
		struct hub_stream *s;
		char text[128];

		lab_sink_init(&k);
		s = lab_stream(lab, &k, false);
		snprintf(text, sizeof text, "{\"name\":\"a\",\"value\":%s}",
			 values[i]);
		if (str_eq(str_of(values[i]), STR("null"))) {
			struct hub_interest_spec spec;
			struct conf_error e;

			assert_int_equal(read(lab, text, &spec, &e),
					 WEIR_EINVAL);
			hub_stream_bye(s, "test");
			lab_sink_fini(&k);
			continue;
		}
		set(s, text);
		for (size_t j = 0; j < ARRAY_LEN(values); j++) {
			uint64_t before = k.parts;

			snprintf(text, sizeof text, "{\"a\":[{\"b\":%s}]}",
				 values[j]);
			push(lab, text);
			if (k.parts - before != (i == j))
				fail_msg("%s and %s", values[i], values[j]);
		}
		hub_stream_bye(s, "test");
		lab_sink_fini(&k);
	}
}

/* --- at most one part in a time --------------------------------------------
 */

static void the_latest_of_each_key_goes_when_its_time_comes(void **state)
{
	struct lab *lab = *state;
	struct lab_sink k;
	struct hub_stream *s;

	lab_sink_init(&k);
	s = lab_stream(lab, &k, false);
	set(s, "{\"name\":\"a\",\"where\":\"n ge 0\",\"every\":\"50ms\","
	       "\"key\":\".k\"}");
	push(lab, "{\"k\":1,\"n\":0}");
	push(lab, "{\"k\":1,\"n\":1}");
	push(lab, "{\"k\":2,\"n\":2}");
	push(lab, "{\"k\":1,\"n\":3}");
	lab_expect(&k, "1 open, 2 interest: a active, "
		       "3 part {\"k\":1,\"n\":0} \"matched\":[\"a\"],, "
		       "4 part {\"k\":2,\"n\":2} \"matched\":[\"a\"],");
	lab_run(lab, 80);
	lab_expect(&k, "5 part {\"k\":1,\"n\":3} \"matched\":[\"a\"],");
	lab_run(lab, 80);
	push(lab, "{\"k\":1,\"n\":4}");
	lab_expect(&k, "6 part {\"k\":1,\"n\":4} \"matched\":[\"a\"],");
	push(lab, "{\"k\":1,\"n\":5}"); /* is held while the stream goes */
	hub_stream_bye(s, "test");
	lab_sink_fini(&k);
}

static void first_lets_go_what_comes_too_early(void **state)
{
	struct lab *lab = *state;
	struct lab_sink k;
	struct hub_stream *s;

	lab_sink_init(&k);
	s = lab_stream(lab, &k, false);
	set(s, "{\"name\":\"a\",\"where\":\"n ge 0\",\"every\":\"30ms\","
	       "\"keep\":\"first\"}");
	push(lab, "{\"n\":0}");
	push(lab, "{\"n\":1}");
	lab_run(lab, 60);
	push(lab, "{\"n\":2}");
	lab_expect(&k, "1 open, 2 interest: a active, "
		       "3 part {\"n\":0} \"matched\":[\"a\"],, "
		       "4 part {\"n\":2} \"matched\":[\"a\"],");
	hub_stream_bye(s, "test");
	lab_sink_fini(&k);
}

/* A part that goes for one interest does not come again for another. */
static void what_another_interest_lets_through_is_not_sent_twice(void **state)
{
	struct lab *lab = *state;
	struct lab_sink k;
	struct hub_stream *s;

	lab_sink_init(&k);
	s = lab_stream(lab, &k, false);
	set(s, "{\"name\":\"a\",\"where\":\"n ge 0\",\"every\":\"30ms\"}");
	set(s, "{\"name\":\"b\",\"where\":\"n ge 0\",\"every\":\"30ms\"}");
	set(s, "{\"name\":\"c\",\"where\":\"n eq 2\"}");
	push(lab, "{\"n\":0}");
	push(lab, "{\"n\":1}");
	push(lab, "{\"n\":2}");
	push(lab, "{\"n\":3}");
	lab_run(lab, 80);
	assert_int_equal(k.parts, 3); /* 0, 2, and 3 for both */
	hub_stream_bye(s, "test");
	lab_sink_fini(&k);
}

/* Many keys: what is kept in mind is bounded, and nothing is lost of those it
 * has no room for. */
static void keys_are_bounded(void **state)
{
	struct lab *lab = *state;
	struct lab_sink k;
	struct hub_stream *s;
	char text[64];

	lab_sink_init(&k);
	s = lab_stream(lab, &k, false);
	set(s, "{\"name\":\"a\",\"where\":\"k ge 0\",\"every\":\"1h\","
	       "\"key\":\".k\"}");
	for (int i = 0; i < 3000; i++) {
		snprintf(text, sizeof text, "{\"k\":%d}", i % 1500);
		push(lab, text);
	}
	assert_int_equal(k.parts, 1500 + 1500 - 1024);
	hub_stream_bye(s, "test");
	lab_sink_fini(&k);
}

/* Interests come and go while parts do: of every part that met one at its time
 * nothing is missing, and nothing else is there. */
static void a_race_of_changes_and_parts_loses_nothing(void **state)
{
	struct lab *lab = *state;
	struct lab_sink k;
	struct hub_stream *s;
	uint64_t wanted = 0;
	bool has[5] = {0};
	char text[64];

	lab_sink_init(&k);
	s = lab_stream(lab, &k, false);
	srand(3);
	for (int i = 0; i < 20000; i++) {
		int n = rand() % 5;

		snprintf(text, sizeof text, "i%d", n);
		if (rand() % 4) {
			snprintf(text, sizeof text, "{\"v\":%d}", n);
			push(lab, text);
			wanted += has[n];
		} else if (has[n]) {
			hub_interest_drop(hub_interest_find(s, str_of(text)));
			has[n] = false;
		} else {
			char where[16];

			snprintf(where, sizeof where, "v eq %d", n);
			lab_interest(s, text, where);
			has[n] = true;
		}
		buf_clear(&k.notes);
	}
	assert_int_equal(k.parts, wanted);
	hub_stream_bye(s, "test");
	lab_sink_fini(&k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LAB_TEST(a_part_goes_once_to_a_stream_and_names_all_it_meets),
		LAB_TEST(the_owner_of_a_job_gets_its_parts_once),
		LAB_TEST(equal_conditions_are_shared),
		LAB_TEST(a_change_takes_effect_at_a_marked_id),
		LAB_TEST(an_interest_expires_unless_it_is_kept),
		LAB_TEST(all_can_be_replaced_at_once),
		LAB_TEST(there_are_only_so_many),
		LAB_TEST(the_server_has_only_so_many_conditions),
		LAB_TEST(
			a_stream_has_a_share_of_what_is_held_against_each_part),
		cmocka_unit_test(an_interest_is_small),
		LAB_TEST(what_is_wrong_is_told_with_its_place),
		LAB_TEST(a_value_stands_for_itself_whatever_is_in_it),
		LAB_TEST(the_latest_of_each_key_goes_when_its_time_comes),
		LAB_TEST(first_lets_go_what_comes_too_early),
		LAB_TEST(what_another_interest_lets_through_is_not_sent_twice),
		LAB_TEST(keys_are_bounded),
		LAB_TEST(a_race_of_changes_and_parts_loses_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
