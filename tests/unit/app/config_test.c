/* config_test.c - a configuration file: defaults, limits, reports. */
#include "app/config.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static char path[] = "/tmp/weir-config-XXXXXX";

static int make_file(void **state)
{
	int fd = mkstemp(path);

	return fd < 0 ? -1 : close(fd);
}

static int drop_file(void **state)
{
	return unlink(path);
}

static struct config *load(const char *text, struct buf *report)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	return config_load(path, report);
}

static struct config *good(const char *text)
{
	struct buf report = {0};
	struct config *c = load(text, &report);

	if (!c)
		fail_msg("%.*s", STR_FMT(buf_str(&report)));
	assert_int_equal(buf_len(&report), 0);
	buf_fini(&report);
	return c;
}

/* What the report says behind the file's name. */
static void assert_report(struct buf *report, const char *want)
{
	struct str s = buf_str(report);

	assert_true(str_starts(s, str_of(path)));
	s = str_from(s.p + strlen(path), s.len - strlen(path));
	if (!str_eq(s, str_of(want)))
		fail_msg("%.*s is not\n%s", STR_FMT(s), want);
	buf_fini(report);
}

static void assert_refused(const char *text, const char *want)
{
	struct buf report = {0};

	assert_null(load(text, &report));
	assert_report(&report, want);
}

static void what_is_not_said_has_its_default(void **state)
{
	struct config *c = good("sources: {}\n");
	struct http_conf http;
	struct hub_conf hub;

	config_http(c, &http);
	config_hub(c, &hub);
	assert_true(str_eq(config_listen(c, 0), STR("127.0.0.1:8080")));
	assert_null(config_listen(c, 1).p);
	assert_null(c->admin);
	assert_int_equal(http.head_max, 16384);
	assert_int_equal(http.uri_max, 8192);
	assert_int_equal(http.body_max, 1 << 20);
	assert_int_equal(http.head_timeout_ms, 10000);
	assert_int_equal(http.body_timeout_ms, 30000);
	assert_null(http.cors_origins);
	/* Field by field: there are holes between them. */
	assert_int_equal(hub.queue_max, hub_conf_default.queue_max);
	assert_int_equal(hub.kept_max, hub_conf_default.kept_max);
	assert_int_equal(hub.kept_ms, hub_conf_default.kept_ms);
	assert_int_equal(hub.linger_ms, hub_conf_default.linger_ms);
	assert_int_equal(hub.heartbeat_ms, hub_conf_default.heartbeat_ms);
	assert_int_equal(hub.interests_max, hub_conf_default.interests_max);
	assert_int_equal(hub.conditions_max, hub_conf_default.conditions_max);
	assert_int_equal(hub.residual_max, hub_conf_default.residual_max);
	assert_int_equal(hub.interest_ms, hub_conf_default.interest_ms);
	assert_int_equal(hub.drain_rate, hub_conf_default.drain_rate);
	assert_int_equal(hub.waiting_max, hub_conf_default.waiting_max);
	assert_int_equal(hub.jobs_max, hub_conf_default.jobs_max);
	assert_int_equal(hub.records_max, hub_conf_default.records_max);
	assert_int_equal(hub.record_ms, hub_conf_default.record_ms);
	assert_int_equal(hub.orphan_ms, hub_conf_default.orphan_ms);
	assert_int_equal(config_pipeline(c, "jobs").len, 0);
	assert_false(c->websocket.deflate);
	config_destroy(c);
}

static void what_is_said_is_taken(void **state)
{
	struct config *c = good("listen: ['[::1]:0', 'unix:/tmp/s']\n"
				"admin: off\n"
				"limits: {head: 1KiB, jobs: 7, queue: 8k}\n"
				"timeouts: {orphan: 1m, idle: 5s}\n"
				"pipelines:\n"
				"  jobs: |\n"
				"    run\n"
				"websocket: {deflate: true}\n"
				"cors: ['https://a', 'https://b']\n");
	struct http_conf http;
	struct hub_conf hub;

	config_http(c, &http);
	config_hub(c, &hub);
	assert_true(str_eq(config_listen(c, 0), STR("[::1]:0")));
	assert_true(str_eq(config_listen(c, 1), STR("unix:/tmp/s")));
	assert_null(config_listen(c, 2).p);
	assert_string_equal(c->admin, "off");
	assert_int_equal(http.head_max, 1024);
	assert_int_equal(http.idle_timeout_ms, 5000);
	assert_string_equal(http.cors_origins[1], "https://b");
	assert_null(http.cors_origins[2]);
	assert_int_equal(hub.jobs_max, 7);
	assert_int_equal(hub.queue_max, 8192);
	assert_int_equal(hub.orphan_ms, 60000);
	assert_int_equal(hub.record_ms, hub_conf_default.record_ms);
	assert_true(str_eq(config_pipeline(c, "jobs"), STR("run\n")));
	assert_true(c->websocket.deflate);
	config_destroy(c);
}

static void an_unknown_key_is_shown_with_a_caret(void **state)
{
	assert_refused("sources: {}\nlimts: {}\n",
		       ":2:1: unknown key 'limts': did you mean 'limits'?\n"
		       "limts: {}\n"
		       "^\n");
	assert_refused("limits:\n  hed: 1KiB\n",
		       ":2:3: unknown key 'hed': did you mean 'head'?\n"
		       "  hed: 1KiB\n"
		       "  ^\n");
}

static void a_column_counts_characters(void **state)
{
	assert_refused("timeouts: {\"\xC3\xBC\": 1s}\n",
		       ":1:13: unknown key '\xC3\xBC'\n"
		       "timeouts: {\"\xC3\xBC\": 1s}\n"
		       "            ^\n");
	assert_refused("cors: [\xE2\x82\xAC\xE2\x82\xAC, 7]\n",
		       ":1:1: cors is a list of origins: "
		       "\"https://example.org\"\n"
		       "cors: [\xE2\x82\xAC\xE2\x82\xAC, 7]\n"
		       "^\n");
	assert_refused("listen: [\"unix:/\xE2\x82\xAC\", 7]\n",
		       ":1:21: expected an address: \"127.0.0.1:8080\"\n"
		       "listen: [\"unix:/\xE2\x82\xAC\", 7]\n"
		       "                    ^\n");
}

static void what_has_no_place_shows_no_line(void **state)
{
	assert_refused("", ": the file is empty: expected listen, sources, "
			   "routes ...\n");
}

static void a_missing_file_is_told(void **state)
{
	struct buf report = {0};

	assert_null(config_load("/nowhere/weir.yaml", &report));
	assert_true(str_eq(buf_str(&report), STR("/nowhere/weir.yaml: No such "
						 "file or directory\n")));
	buf_fini(&report);
}

static void a_later_fault_is_reported_at_its_pointer(void **state)
{
	struct config *c = good("sources:\n"
				"  one: {kind: timer, every: 1s}\n");
	struct conf_error e;
	struct buf report = {0};

	conf_fail(&e, "/sources/one", "every", "too %s", "fast");
	config_report(c, &e, &report);
	assert_report(&report, ":2:29: too fast\n"
			       "  one: {kind: timer, every: 1s}\n"
			       "                            ^\n");
	conf_fail(&e, "/sources/two", NULL, "not there");
	config_report(c, &e, &report);
	assert_report(&report, ": not there\n");
	config_destroy(c);
}

static void a_wrong_pipeline_is_shown_by_its_own_lines(void **state)
{
	struct config *c = good("pipelines:\n"
				"  parts: |\n"
				"    skip(1)\n"
				"    | tke(2)\n");
	struct str text = config_pipeline(c, "parts");
	struct weir_error err;
	struct buf report = {0};

	error_at(&err, WEIR_EINVAL, text.p, text.len, 10, "no 'tke'");
	config_report_pipeline(c, "parts", &err, &report);
	assert_report(&report, ":3: pipeline parts:2:3: no 'tke'\n"
			       "| tke(2)\n"
			       "  ^\n");
	config_destroy(c);
}

static void limits_have_bounds(void **state)
{
	assert_refused("limits: {head: 70000}\n",
		       ":1:16: head must be from 256 to 65535 bytes\n"
		       "limits: {head: 70000}\n"
		       "               ^\n");
	assert_refused("timeouts: {idle: 0ms}\n",
		       ":1:18: idle must be from 1 to 31536000000 ms\n"
		       "timeouts: {idle: 0ms}\n"
		       "                 ^\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_said_has_its_default),
		cmocka_unit_test(what_is_said_is_taken),
		cmocka_unit_test(an_unknown_key_is_shown_with_a_caret),
		cmocka_unit_test(a_column_counts_characters),
		cmocka_unit_test(what_has_no_place_shows_no_line),
		cmocka_unit_test(a_missing_file_is_told),
		cmocka_unit_test(a_later_fault_is_reported_at_its_pointer),
		cmocka_unit_test(a_wrong_pipeline_is_shown_by_its_own_lines),
		cmocka_unit_test(limits_have_bounds),
	};

	return cmocka_run_group_tests(tests, make_file, drop_file);
}
