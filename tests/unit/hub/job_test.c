/* job_test.c - jobs from their arrival to what is remembered of them. */
#include "lab.h"

#include "hub/submit.h"
#include "json/parse.h"

#include <stdio.h>

static void a_wrong_job_is_told_with_the_member_that_is_wrong(void **state)
{
	static const struct {
		const char *json;
		const char *pointer;
		const char *says; /* NULL: nothing is wrong */
	} rows[] = {
		{"{\"source\":\"x\"}", "", NULL},
		{"{\"source\":\"x\",\"id\":\"aZ9-_.:~@\"}", "", NULL},
		{"[]", "", "this is array"},
		{"\"x\"", "", "this is string"},
		{"{}", "/source", "needs a source"},
		{"{\"source\":7}", "/source", "needs a source"},
		{"{\"source\":\"\"}", "/source", "needs a source"},
		{"{\"source\":\"x\",\"id\":7}", "/id", "1 to 64"},
		{"{\"source\":\"x\",\"id\":null}", "/id", "1 to 64"},
		{"{\"source\":\"x\",\"id\":\"\"}", "/id", "1 to 64"},
		{"{\"source\":\"x\",\"id\":\"a b\"}", "/id", "letters"},
		{"{\"source\":\"x\",\"id\":\"a/b\"}", "/id", "letters"},
		{"{\"source\":\"x\",\"id\":\"\\u0000\"}", "/id", "letters"},
		{"{\"source\":\"x\",\"id\":\"\xC3\xA9\"}", "/id", "letters"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct weir_error err = {0};
		const char *pointer;
		struct value v;

		print_message("%s\n", rows[i].json);
		assert_int_equal(json_parse(str_of(rows[i].json), &v, NULL), 0);
		assert_int_equal(hub_job_check(v, &pointer, &err),
				 rows[i].says ? WEIR_EINVAL : 0);
		if (rows[i].says) {
			assert_string_equal(pointer, rows[i].pointer);
			assert_non_null(strstr(err.message, rows[i].says));
		}
		value_unref(v);
	}
}

static void an_id_has_at_most_64_characters(void **state)
{
	for (int len = 63; len < 67; len++) {
		char json[128];
		const char *pointer;
		struct value v;

		snprintf(json, sizeof json,
			 "{\"source\":\"x\",\"id\":\"%0*d\"}", len, 7);
		assert_int_equal(json_parse(str_of(json), &v, NULL), 0);
		assert_int_equal(hub_job_check(v, &pointer, NULL),
				 len <= 64 ? 0 : WEIR_EINVAL);
		value_unref(v);
	}
}

static void a_living_id_cannot_be_used_again(void **state)
{
	struct lab *lab = *state;
	struct weir_error err;

	lab_job(lab, NULL, "{\"id\":\"a\",\"source\":\"x\",\"hold\":true}");
	assert_int_equal(lab_submit(lab, NULL,
				    "{\"id\":\"a\",\"source\":\"x\"}", &err),
			 WEIR_EEXISTS);
	assert_non_null(strstr(err.message, "id a is running"));
	assert_int_equal(hub_figures(lab->hub).live_jobs, 1);
	/* The one that lives is untouched. */
	lab_expect_job(lab, "a",
		       "{\"id\":\"a\",\"source\":\"x\",\"state\":\"running\","
		       "\"parts\":0,\"errors\":0");
}

static void the_id_of_a_finished_job_is_free_again(void **state)
{
	struct lab *lab = *state;

	lab_job(lab, NULL, "{\"id\":\"a\",\"source\":\"x\",\"n\":3}");
	lab_run(lab, 5);
	lab_expect_job(lab, "a",
		       "{\"id\":\"a\",\"source\":\"x\",\"state\":\"done\","
		       "\"parts\":3,\"errors\":0");
	lab_job(lab, NULL, "{\"id\":\"a\",\"source\":\"x\",\"n\":1}");
	lab_run(lab, 5);
	lab_expect_job(lab, "a",
		       "{\"id\":\"a\",\"source\":\"x\",\"state\":\"done\","
		       "\"parts\":1,\"errors\":0");
}

static void a_job_without_an_id_gets_one(void **state)
{
	struct lab *lab = *state;
	struct value spec;
	char a[HUB_JOB_ID_MAX + 1];
	char b[HUB_JOB_ID_MAX + 1];
	struct lab_sink k;
	struct hub_stream *s;

	assert_int_equal(json_parse(STR("{\"source\":\"x\"}"), &spec, NULL), 0);
	lab_sink_init(&k);
	s = lab_stream(lab, &k, false);
	hub_stream_submit(s, spec, 0, false, a);
	hub_stream_submit(s, spec, 0, false, b);
	assert_string_not_equal(a, b);
	assert_int_equal(a[0], 'j');
	assert_non_null(hub_find_job(lab->hub, str_of(a)));
	value_unref(spec);
	hub_stream_delete(s, "test", 0);
	lab_sink_fini(&k);
}

static void a_job_too_many_is_refused(void **state)
{
	struct lab *lab = *state;
	struct hub_conf conf = hub_conf_default;
	struct weir_error err;

	conf.jobs_max = 2;
	hub_configure(lab->hub, &conf);
	lab_job(lab, NULL, "{\"id\":\"a\",\"source\":\"x\",\"hold\":true}");
	lab_job(lab, NULL, "{\"source\":\"x\",\"hold\":true}");
	assert_int_equal(lab_submit(lab, NULL, "{\"source\":\"x\"}", &err),
			 WEIR_EBUSY);
	assert_non_null(strstr(err.message, "2 jobs are running"));
	hub_job_cancel(hub_find_job(lab->hub, STR("a")));
	lab_run(lab, 5);
	lab_job(lab, NULL, "{\"source\":\"x\"}");
}

static void records_are_forgotten_in_time_and_when_there_are_many(void **state)
{
	struct lab *lab = *state;
	struct hub_conf conf = hub_conf_default;

	conf.records_max = 2;
	conf.record_ms = 30;
	hub_configure(lab->hub, &conf);
	lab_job(lab, NULL, "{\"id\":\"a\",\"source\":\"x\"}");
	lab_job(lab, NULL, "{\"id\":\"b\",\"source\":\"x\"}");
	lab_job(lab, NULL, "{\"id\":\"c\",\"source\":\"x\"}");
	lab_run(lab, 5);
	assert_null(hub_find_job(lab->hub, STR("a")));
	assert_non_null(hub_find_job(lab->hub, STR("b")));
	assert_non_null(hub_find_job(lab->hub, STR("c")));
	lab_run(lab, 60);
	assert_null(hub_find_job(lab->hub, STR("b")));
	assert_null(hub_find_job(lab->hub, STR("c")));
}

static void no_record_is_kept_when_none_is_wanted(void **state)
{
	struct lab *lab = *state;
	struct hub_conf conf = hub_conf_default;

	conf.records_max = 0;
	hub_configure(lab->hub, &conf);
	lab_job(lab, NULL, "{\"id\":\"a\",\"source\":\"x\"}");
	lab_run(lab, 5);
	assert_null(hub_find_job(lab->hub, STR("a")));
}

static void a_cancelled_job_is_done_at_once(void **state)
{
	struct lab *lab = *state;
	struct lab_sink k;
	struct hub_stream *s;
	struct hub_job *j;

	lab_sink_init(&k);
	s = lab_stream(lab, &k, false);
	lab_job(lab, s,
		"{\"id\":\"a\",\"source\":\"x\",\"n\":1,"
		"\"hold\":true}");
	hub_stream_seal(s);
	j = hub_job_ref(hub_find_job(lab->hub, STR("a")));
	hub_job_cancel(j);
	hub_job_cancel(j); /* again does nothing */
	lab_run(lab, 5);
	lab_expect(&k, "1 open, 2 part 0, 3 done: cancelled 1, end");
	hub_job_cancel(j); /* nor now */
	hub_job_unref(j);
	lab_expect_job(lab, "a",
		       "{\"id\":\"a\",\"source\":\"x\",\"state\":"
		       "\"cancelled\",\"parts\":1,\"errors\":0");
	lab_sink_fini(&k);
}

static void a_failed_job_is_an_error_and_its_done(void **state)
{
	struct lab *lab = *state;
	struct lab_sink k;
	struct hub_stream *s;

	lab_sink_init(&k);
	s = lab_stream(lab, &k, false);
	lab_job(lab, s, "{\"id\":\"a\",\"source\":\"x\",\"fail\":true}");
	lab_job(lab, s, "{\"id\":\"b\",\"source\":\"x\",\"n\":1}");
	hub_stream_seal(s);
	lab_run(lab, 5);
	lab_expect(&k, "1 open, 2 error 502, 3 done: failed 0, 4 part 0, "
		       "5 done: done 1, end");
	lab_sink_fini(&k);
}

static void a_job_that_a_pipeline_lets_fall_is_done(void **state)
{
	struct lab *lab = *state;
	struct weir_error err;
	struct lab_sink k;
	struct hub_stream *s;

	assert_int_equal(
		hub_pipeline_set(lab->hub, HUB_JOBS,
				 STR("filter(.keep) | flat_map { run }"), false,
				 &err),
		0);
	lab_sink_init(&k);
	s = lab_stream(lab, &k, false);
	lab_job(lab, s, "{\"source\":\"x\",\"n\":1}");
	hub_stream_seal(s);
	lab_run(lab, 5);
	lab_expect(&k, "1 open, 2 done: done 0, end");
	lab_sink_fini(&k);
}

static void an_item_that_fails_in_a_pipeline_is_the_jobs_error(void **state)
{
	struct lab *lab = *state;
	struct weir_error err;
	struct lab_sink k;
	struct hub_stream *s;

	assert_int_equal(hub_pipeline_set(lab->hub, HUB_PARTS,
					  STR("map(.data.x)"), false, &err),
			 0);
	lab_sink_init(&k);
	s = lab_stream(lab, &k, false);
	lab_job(lab, s, "{\"source\":\"x\",\"n\":2}");
	hub_stream_seal(s);
	lab_run(lab, 5);
	lab_expect(&k, "1 open, 2 error 422, 3 error 422, 4 done: failed 0, "
		       "end");
	assert_int_equal(hub_figures(lab->hub).item_errors, 2);
	lab_sink_fini(&k);
}

/* The letter is a part like any other: not the job's error. */
static void a_dead_letter_is_delivered_in_place_of_the_error(void **state)
{
	struct lab *lab = *state;
	struct weir_error err;
	struct lab_sink k;
	struct hub_stream *s;

	assert_int_equal(hub_pipeline_set(lab->hub, HUB_PARTS,
					  STR("map(.data.x) | "
					      "on_item_error('dead_letter') | "
					      "map(.item)"),
					  false, &err),
			 0);
	lab_sink_init(&k);
	s = lab_stream(lab, &k, false);
	lab_job(lab, s, "{\"source\":\"x\",\"n\":1}");
	hub_stream_seal(s);
	lab_run(lab, 5);
	lab_expect(&k, "1 open, 2 part 0, 3 done: done 1, end");
	assert_int_equal(hub_figures(lab->hub).item_errors, 0);
	lab_sink_fini(&k);
}

static void nobody_comes_back_for_an_orphan(void **state)
{
	struct lab *lab = *state;
	struct hub_conf conf = hub_conf_default;
	struct lab_sink k;
	struct hub_stream *s;

	conf.orphan_ms = 30;
	hub_configure(lab->hub, &conf);
	lab_sink_init(&k);
	s = lab_stream(lab, &k, false);
	lab_job(lab, s, "{\"id\":\"a\",\"source\":\"x\",\"hold\":true}");
	hub_stream_gone(s);
	lab_run(lab, 5);
	assert_int_equal(hub_figures(lab->hub).live_jobs, 1);
	lab_run(lab, 60);
	assert_int_equal(hub_figures(lab->hub).live_jobs, 0);
	lab_expect_job(lab, "a",
		       "{\"id\":\"a\",\"source\":\"x\",\"state\":"
		       "\"cancelled\",\"parts\":0,\"errors\":0");
	lab_sink_fini(&k);
}

static void the_servers_own_job_is_no_orphan(void **state)
{
	struct lab *lab = *state;
	struct hub_conf conf = hub_conf_default;

	conf.orphan_ms = 10;
	hub_configure(lab->hub, &conf);
	lab_job(lab, NULL, "{\"source\":\"x\",\"hold\":true}");
	lab_run(lab, 40);
	assert_int_equal(hub_figures(lab->hub).live_jobs, 1);
}

static void a_swapped_pipeline_lets_running_jobs_end(void **state)
{
	struct lab *lab = *state;
	struct weir_error err;
	struct lab_sink k;
	struct hub_stream *s;

	lab_sink_init(&k);
	s = lab_stream(lab, &k, false);
	lab_job(lab, s, "{\"id\":\"a\",\"source\":\"x\",\"hold\":true}");
	assert_int_equal(hub_pipeline_set(lab->hub, HUB_JOBS,
					  STR("flat_map { run } | skip(0)"),
					  false, &err),
			 0);
	lab_run(lab, 5);
	assert_int_equal(hub_figures(lab->hub).draining, 1);
	lab_job(lab, s, "{\"id\":\"b\",\"source\":\"x\",\"n\":1}");
	hub_job_cancel(hub_find_job(lab->hub, STR("a")));
	hub_stream_seal(s);
	lab_run(lab, 5);
	lab_expect(&k, "1 open, 2 part 0, 3 done: done 1, "
		       "4 done: cancelled 0, end");
	assert_int_equal(hub_figures(lab->hub).draining, 0);
	lab_sink_fini(&k);
}

static void a_wrong_pipeline_changes_nothing(void **state)
{
	struct lab *lab = *state;
	struct weir_error err;

	assert_true(hub_pipeline_set(lab->hub, HUB_JOBS,
				     STR("flat_map { runn }"), false,
				     &err) < 0);
	assert_int_equal(err.line, 1);
	assert_int_equal(err.column, 12);
	assert_true(str_eq(hub_pipeline_text(lab->hub, HUB_JOBS),
			   STR("flat_map { run }")));
	/* Nor does a right one that is only looked at. */
	assert_int_equal(hub_pipeline_set(lab->hub, HUB_JOBS, STR("run"), true,
					  &err),
			 0);
	assert_true(str_eq(hub_pipeline_text(lab->hub, HUB_JOBS),
			   STR("flat_map { run }")));
}

static void a_closing_hub_takes_no_jobs_and_tells_all(void **state)
{
	struct lab *lab = *state;
	struct lab_sink k;
	struct lab_sink other;
	struct hub_stream *s;

	lab_sink_init(&k);
	lab_sink_init(&other);
	s = lab_stream(lab, &k, false);
	lab_stream(lab, &other, true);
	lab_job(lab, s, "{\"source\":\"x\",\"hold\":true}");
	hub_stream_seal(s);
	lab_shutdown(lab);
	lab_expect(&k, "1 open, 2 done: cancelled 0, end");
	lab_expect(&other, "1 open, 2 bye: shutdown, end");
	s = lab_stream(lab, NULL, false);
	lab_job(lab, s, "{\"id\":\"a\",\"source\":\"x\"}");
	lab_expect_job(lab, "a",
		       "{\"id\":\"a\",\"source\":\"x\",\"state\":\"failed\","
		       "\"parts\":0,\"errors\":1");
	hub_stream_bye(s, "test");
	lab_sink_fini(&k);
	lab_sink_fini(&other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LAB_TEST(a_wrong_job_is_told_with_the_member_that_is_wrong),
		LAB_TEST(an_id_has_at_most_64_characters),
		LAB_TEST(a_living_id_cannot_be_used_again),
		LAB_TEST(the_id_of_a_finished_job_is_free_again),
		LAB_TEST(a_job_without_an_id_gets_one),
		LAB_TEST(a_job_too_many_is_refused),
		LAB_TEST(records_are_forgotten_in_time_and_when_there_are_many),
		LAB_TEST(no_record_is_kept_when_none_is_wanted),
		LAB_TEST(a_cancelled_job_is_done_at_once),
		LAB_TEST(a_failed_job_is_an_error_and_its_done),
		LAB_TEST(a_job_that_a_pipeline_lets_fall_is_done),
		LAB_TEST(an_item_that_fails_in_a_pipeline_is_the_jobs_error),
		LAB_TEST(a_dead_letter_is_delivered_in_place_of_the_error),
		LAB_TEST(nobody_comes_back_for_an_orphan),
		LAB_TEST(the_servers_own_job_is_no_orphan),
		LAB_TEST(a_swapped_pipeline_lets_running_jobs_end),
		LAB_TEST(a_wrong_pipeline_changes_nothing),
		LAB_TEST(a_closing_hub_takes_no_jobs_and_tells_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
