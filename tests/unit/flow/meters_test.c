/* meters_test.c - what the meters of a graph say. */
#include "flow/meters.h"

#include "base/hash.h"
#include "json/write.h"
#include "support/lab.h"

#include <string.h>

static struct flow_env env;

/* Runs text on a hot input and compares its description. */
static void expect(struct lab *lab, const char *text, const char *input,
		   const char *events, const char *described)
{
	struct weir_error err = {0};
	struct flow_meters *m;
	struct rx_source *src;
	struct buf b = {0};
	struct flow *f;

	assert_int_equal(flow_parse(str_of(text), &f, &err), 0);
	m = flow_meters_create(f);
	env = (struct flow_env){.ctx = lab_ctx(lab),
				.hooks = flow_meters_hooks(m)};
	assert_int_equal(flow_build(f, &env,
				    flow_meters_enter(m, lab_hot(lab, input)),
				    &src, &err),
			 0);
	lab_expect_events(lab, src, events, 1000);
	flow_describe(f, m, &b);
	buf_append_char(&b, '\0');
	assert_string_equal(buf_bytes(&b), described);
	buf_fini(&b);
	flow_meters_destroy(m);
	flow_unref(f);
}

static void each_stage_counts_what_comes_in_and_out(void **state)
{
	expect(*state, "filter('. > 1') | count", "-1-2-3|", "60:2 60:|",
	       "[{\"stage\":\"filter\",\"args\":{\"predicate\":\". > 1\"},"
	       "\"counts\":{\"in\":3,\"out\":2,\"dropped\":0,\"errors\":0,"
	       "\"held\":0,\"live\":0}},"
	       "{\"stage\":\"count\",\"args\":{\"predicate\":true},"
	       "\"counts\":{\"in\":2,\"out\":1,\"dropped\":0,\"errors\":0,"
	       "\"held\":0,\"live\":0}}]");
}

static void a_block_counts_all_of_its_streams(void **state)
{
	expect(*state, "group_by('. % 2') { take(1) }", "-1-2-3-4|",
	       "10:1 30:2 80:|",
	       "[{\"stage\":\"group_by\",\"args\":{\"key_mapper\":\". % 2\","
	       "\"element_mapper\":\".\",\"max_groups\":1000000},"
	       "\"counts\":{\"in\":4,\"out\":2,\"dropped\":0,\"errors\":0,"
	       "\"held\":0,\"live\":0},"
	       "\"block\":[{\"stage\":\"take\",\"args\":{\"count\":1},"
	       "\"counts\":{\"in\":2,\"out\":2,\"dropped\":0,\"errors\":0,"
	       "\"held\":0,\"live\":0}}]}]");
}

static void items_that_fail_are_the_stages(void **state)
{
	lab_skip_errors(*state);
	expect(*state, "map('. + 1') | take(2)", "-1-x-3|",
	       "10:2 30:!string (\"x\") and number (1) cannot be added 50:4 "
	       "50:|",
	       "[{\"stage\":\"map\",\"args\":{\"mapper\":\". + 1\"},"
	       "\"counts\":{\"in\":3,\"out\":2,\"dropped\":0,\"errors\":1,"
	       "\"held\":0,\"live\":0}},"
	       "{\"stage\":\"take\",\"args\":{\"count\":2},"
	       "\"counts\":{\"in\":2,\"out\":2,\"dropped\":0,\"errors\":0,"
	       "\"held\":0,\"live\":0}}]");
}

/* publish and ref_count are one stage. */
static void what_connects_counts_for_both(void **state)
{
	expect(*state, "publish | ref_count", "-1-2|", "10:1 30:2 40:|",
	       "[{\"stage\":\"publish\",\"args\":{}},"
	       "{\"stage\":\"ref_count\",\"args\":{},"
	       "\"counts\":{\"in\":2,\"out\":2,\"dropped\":0,\"errors\":0,"
	       "\"held\":0,\"live\":0}}]");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(each_stage_counts_what_comes_in_and_out),
		lab_test(a_block_counts_all_of_its_streams),
		lab_test(items_that_fail_are_the_stages),
		lab_test(what_connects_counts_for_both),
	};

	hash_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
