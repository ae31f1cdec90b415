/* build_test.c - graphs made of texts do what the texts say.
 *
 * What each operator means is tested beside it, and by the conformance vectors
 * against all; here it is what flow adds: arguments, blocks, scopes, streams by
 * name, `run`.
 */
#include "flow/flow.h"

#include "base/hash.h"
#include "support/lab.h"

#include <string.h>

/* --- surroundings -------------------------------------------------------- */

static struct rx_source *named; /* @b; borrowed */
static int asked;		/* how often @b was looked up */

static struct rx_source *find_stream(void *arg, struct str name)
{
	asked++;
	return str_eq(name, STR("b")) ? rx_source_ref(named) : NULL;
}

/* A job gives itself 10 ms later, twice. */
static struct rx_source *run_jobs(void *arg, struct rx_ctx *ctx,
				  struct value jobs)
{
	struct value parts[2] = {value_ref(jobs), value_ref(jobs)};

	return rx_delay(rx_of(ctx, parts, 2), 10, 0);
}

/* &ten, &pair and &around; there are no others. */
static int pair(struct value v, const struct rx_vars *vars, struct value *out,
		struct weir_error *err)
{
	struct value both[2] = {value_ref(v), value_int(5)};

	*out = value_array(both, 2);
	return 0;
}

/* [$acc, $index, $key] */
static int around(struct value v, const struct rx_vars *vars, struct value *out,
		  struct weir_error *err)
{
	struct value all[3] = {value_ref(vars->acc), value_int(vars->index),
			       value_ref(vars->key)};

	*out = value_array(all, 3);
	return 0;
}

static struct rx_fn *find_function(void *arg, struct str name)
{
	if (str_eq(name, STR("ten")))
		return lab_times_ten();
	if (str_eq(name, STR("pair")))
		return lab_fn(pair);
	return str_eq(name, STR("around")) ? lab_fn(around) : NULL;
}

static struct flow_env env;

/* Takes main and b. */
static struct rx_source *build(struct lab *lab, const char *text,
			       struct rx_source *main, struct rx_source *b)
{
	struct weir_error err = {0};
	struct rx_source *src = NULL;
	struct flow *f = NULL;

	env = (struct flow_env){.ctx = lab_ctx(lab),
				.stream = find_stream,
				.function = find_function,
				.run = run_jobs};
	named = b;
	asked = 0;
	if (flow_parse(str_of(text), &f, &err) < 0 ||
	    flow_build(f, &env, main, &src, &err) < 0)
		fail_msg("%s: %u:%u: %s", text, err.line, err.column,
			 err.message);
	/* The graph holds all that it needs. */
	flow_unref(f);
	rx_source_unref(b);
	return src;
}

/* Each expectation has a lab of its own: time begins anew. main and b: cold
 * inputs, or NULL. */
static void expect_with(const char *text, const char *main, const char *b,
			const char *result, const char *events)
{
	void *state;
	struct rx_source *src;

	lab_setup(&state);
	src = build(state, text, main ? lab_cold(state, main) : NULL,
		    b ? lab_cold(state, b) : NULL);
	if (result)
		lab_expect(state, src, result);
	else
		lab_expect_events(state, src, events, 1000);
	lab_teardown(&state);
}

static void expect(const char *text, const char *main, const char *result)
{
	expect_with(text, main, NULL, result, NULL);
}

static void expect_events(const char *text, const char *main,
			  const char *events)
{
	expect_with(text, main, NULL, NULL, events);
}

/* --- tests --------------------------------------------------------------- */

static void stages_follow_each_other(void **state)
{
	expect("filter('. != \"b\"') | take(2)", "-abc-d|", "-a-(c|)");
	expect("as_observable", "-a-|", "-a-|");
}

static void arguments_go_by_name_or_by_place(void **state)
{
	expect("scan('$acc + .', 1)", "-1-2-|", "-2-4-|");
	expect("scan(seed=1, accumulator='$acc + .')", "-1-2-|", "-2-4-|");
	expect("scan('$acc + .')", "-1-2-|", "-1-3-|");
	expect("buffer_with_count(2, skip=1) | map('length')", "-1-2-|",
	       "---2-(1|)");
}

static void an_empty_seed_is_a_seed(void **state)
{
	expect("scan('[$acc, .]', null) | map('length')", "-1-|", "-2-|");
}

static void an_error_of_a_program_is_an_error_of_the_stream(void **state)
{
	expect_events("map('. + 1')", "-1-a-2|",
		      "10:2 30:#string (\"a\") and number (1) cannot be added");
}

static void where_filters_with_a_condition(void **state)
{
	expect("map('{v: .}') | where('v gt 2 and v lt 9') | map(.v)",
	       "-1-3-9-a-|", "---3-----|");
}

static void a_creation_stage_begins_a_pipeline(void **state)
{
	expect("of(1, 2)", NULL, "(12|)");
	expect("range(3) | take(2)", NULL, "(01|)");
	expect("timer(20ms)", NULL, "--(0|)");
}

static void a_block_is_built_for_each_item(void **state)
{
	expect("flat_map { delay(20ms) }", "-ab-|", "---a(b|)");
	expect_events("flat_map { of(7, 8) | delay(20ms) }", "-a--|",
		      "30:7 30:8 40:|");
	expect("concat_map(max_buffer=4) { delay(20ms) }", "ab---|", "--a-b|");
}

static void an_array_program_stands_for_a_block(void **state)
{
	expect_events("map('[., .]') | flat_map(.)", "-1-|", "10:1 10:1 30:|");
	expect_events("concat_map('[., 5]')", "-1-|", "10:1 10:5 30:|");
}

static void a_stream_stands_for_a_block(void **state)
{
	expect_with("flat_map(@b)", "-1-2-|", "x-|", "-x-x-|", NULL);
}

static void the_key_is_known_all_through_a_group(void **state)
{
	expect("group_by('. > 4') { map('if $key then 7 else 8 end') }",
	       "-1-5-6|", "-8-7-7|");
	/* also in a block within, and in a program in place of one */
	expect("group_by(.) { flat_map { map('$key') } }", "-1-2-|", "-1-2-|");
	expect("group_by(.) { flat_map('[$key]') }", "-1-2-|", "-1-2-|");
}

static void the_index_of_a_block_gives_way_to_that_of_a_stage(void **state)
{
	expect("flat_map_indexed { map('$index') }", "-a-b-|", "-0-1-|");
	expect_events("flat_map_indexed { of(7, 8) | map_indexed('$index') }",
		      "-a-b-|", "10:0 10:1 30:0 30:1 50:|");
	expect("flat_map_indexed { flat_map { map('$index') } }", "-a-b-|",
	       "-0-1-|");
}

static void the_state_of_a_scan_is_known_in_its_block(void **state)
{
	expect_events("merge_scan(0) { map('$acc + .') | delay(15ms) }",
		      "-1-23-|", "25:1 45:3 55:4 60:|");
	expect("switch_scan(0) { map('$acc + .') | delay(20ms) }", "-1---23--|",
	       "---1----4|");
	expect_events("merge_scan(null) { map('[$acc, .]') }", "-1-2|",
		      "10:[null,1] 30:[[null,1],2] 40:|");
	expect_events("merge_scan(1) { from_('[$acc, limit(1; $acc)]') }",
		      "-a|", "10:1 10:1 20:|");
	expect_events("merge_scan(1) { flat_map { map('$acc + .') } }", "-2|",
		      "10:3 20:|");
}

static void a_scan_inside_has_a_state_of_its_own(void **state)
{
	expect_events("merge_scan(9) { flat_map('[$acc, .]') | "
		      "scan('$acc + .', 0) }",
		      "-1|", "10:9 10:10 20:|");
	expect_events("merge_scan(9) { flat_map('[., .]') | "
		      "reduce('$acc + .', null) }",
		      "-1|", "10:2 20:|");
}

static void runs_can_wait_for_each_other(void **state)
{
	expect_events("retry(3, delay=20ms, backoff=2)", "(a#)",
		      "0:a 20:a 60:a 60:#error");
	expect_events("retry(2, delay='if . == \"error\" then 30 else 1 end')",
		      "(a#)", "0:a 30:a 30:#error");
	expect_with("retry(2, delay=@b)", "(a#)", "--x", NULL,
		    "0:a 20:a 20:#error");
	expect_events("retry(3, delay=10ms, backoff=1.5, max_delay=12ms)",
		      "(a#)", "0:a 10:a 22:a 22:#error");
	expect_events("repeat(3, delay='. * 10')", "(a|)",
		      "0:a 10:a 30:a 30:|");
}

static void several_streams_can_be_told_to_wait(void **state)
{
	expect_with("merge(@b, max_concurrent=1)", "-1-|", "-2|", NULL,
		    "10:1 40:2 50:|");
	expect_with("merge(@b, delay_error=true)", "-#", "--2|", NULL,
		    "20:2 30:#error");
	expect_with("concat(@b, delay_error=true)", "-#", "-2|", NULL,
		    "20:2 30:#error");
	expect_with("combine_latest(@b, on=.0, max_keys=9)", "-[a1]---|",
		    "--[a2]--|", NULL, "20:[[a,1],[a,2]] 80:|");
}

static void a_shared_run_is_reset_as_told(void **state)
{
	expect("share(reset_on_ref_count_zero=30ms) | take(1) | repeat(3)",
	       "-1-2-3-4-|", "-1-2-(3|)");
	expect("share(reset_on_ref_count_zero=false) | take(1) | repeat(2)",
	       "-1-2-3-4-|", "-1-(2|)");
	expect("share(reset_on_complete=false) | repeat(2)", "-1-|", "-1-|");
	expect("share_replay | repeat(2)", "-1-2|", "-1-2(2|)");
	expect("share_replay(ref_count=false) | take(1) | repeat(2)", "-1-2|",
	       "-(11|)");
	expect("publish | auto_connect | take(2) | repeat(2)", "-1-2-3-4-|",
	       "-1-2-3-(4|)");
}

static void item_errors_go_where_a_stage_says(void **state)
{
	expect("map('1 / .') | on_item_error('skip')", "-1-0-1|", "-1---1|");
	expect("map('1 / .') | on_item_error('dead_letter') | map(.item)",
	       "-0-|", "-0-|");
	expect("flat_map { map('1 / .') } | on_item_error('skip')", "-0-1|",
	       "---1|");
	expect("group_by(.) { map('1 / .') } | on_item_error('skip')", "-0-1|",
	       "---1|");
}

static void a_named_stream_is_looked_up_once(void **state)
{
	expect_with("flat_map { merge(@b) } | merge(@b)", "-1|", "---x|", NULL,
		    "10:1 30:x 40:x 50:|");
	assert_int_equal(asked, 1);
}

static void a_function_stands_where_a_program_may(void **state)
{
	expect_events("map(&ten)", "-1-a|", "10:10 30:#bad");
	expect_events("delay_with_mapper(&ten)", "-2---|", "30:2 50:|");
	expect_events("flat_map(&pair)", "-1-|", "10:1 10:5 30:|");
	expect_events("zip_with_list(&pair)", "-1-2-3|",
		      "10:[1,null] 30:[2,5] 30:|");
}

static void a_function_is_lent_what_is_around_it(void **state)
{
	expect_events("map(&around)", "-1|", "10:[null,-1,null] 20:|");
	expect_events("scan(&around, 7) | take(1)", "-1|",
		      "10:[7,-1,null] 10:|");
	expect_events("map_indexed(&around)", "-1|", "10:[null,0,null] 20:|");
	expect_events("group_by(.) { map(&around) }", "-a|",
		      "10:[null,-1,a] 20:|");
	expect_events("group_by(.) { flat_map { flat_map(&around) } }", "-a|",
		      "10:null 10:-1 10:a 20:|");
	expect_events("merge_scan(7) { map(&around) }", "-a|",
		      "10:[7,-1,null] 20:|");
	expect_events("flat_map_indexed { map(&around) }", "a(b|)",
		      "0:[null,0,null] 10:[null,1,null] 10:|");
}

static void run_keeps_the_order_of_jobs(void **state)
{
	expect_events("run", "(12)|", "10:1 10:1 20:2 20:2 40:|");
}

static void run_in_a_block_runs_jobs_side_by_side(void **state)
{
	expect_events("flat_map { run }", "(12)|", "10:1 10:1 10:2 10:2 40:|");
	expect_events("flat_map { delay(10ms) | run }", "(12)|",
		      "20:1 20:1 20:2 20:2 40:|");
	expect_events("flat_map { run | take(1) }", "(12)|", "10:1 10:2 40:|");
}

static void an_array_of_jobs_runs_as_one(void **state)
{
	expect_events("buffer_with_count(2) | flat_map { run }", "(12)|",
		      "10:[1,2] 10:[1,2] 40:|");
}

static void combining_stages_may_begin(void **state)
{
	expect_with("merge(@b)", NULL, "-x|", "-x|", NULL);
	expect_with("merge(@b, @b)", NULL, "-x|", NULL, "10:x 10:x 20:|");
}

static void a_word_chooses(void **state)
{
	expect("limit_rate(1, 100ms)", "-ab--------c|", "-a---------c|");
	expect("limit_rate(1, 100ms, 'delay')", "-ab----|", "-a---------(b|)");
	expect_events("limit_rate(1, overflow='error')", "-ab-|",
		      "10:a 20:#rate");
}

static void a_duration_or_a_program_says_how_long(void **state)
{
	expect("debounce(20ms)", "-ab--c---|", "----b--c-|");
	expect("debounce('. * 10', max_wait=50ms)", "-3-3-3-3-----|",
	       "------3---3--|");
	expect("debounce(30ms, max_wait=50ms)", "-a-b-c-d-e---|",
	       "------c-----e|");
	expect("throttle('. * 10', trailing=true)", "-34---2--|", "-3--4---2|");
	expect("throttle_time(30ms)", "-ab--c-|", "-a---c-|");
}

static void timeout_has_limits_and_a_fallback(void **state)
{
	expect("timeout(first=20ms, each=50ms) { map('length') }",
	       "-a-------b|", "-a----(7|)");
	expect_with("timeout(each=30ms, other=@b)", "-a-------b|", "-x|",
		    "-a---x|", NULL);
	expect("timeout(first=20ms)", "-a-------b|", "-a-------b|");
}

static void a_group_may_live_until_it_is_idle(void **state)
{
	expect("group_by_until('. % 2', idle=30ms) { count }", "-11----3----|",
	       "-----2----1-|");
	expect("group_by_until('. % 2', 40ms, idle=30ms) { count }",
	       "-11-1--3----|", "-----3----1-|");
}

static void a_memory_of_keys_may_be_short(void **state)
{
	expect("distinct(within=35ms)", "-1-1-1-1-|", "-1---1---|");
	expect("distinct('. % 3', max_keys=1)", "-1-4-2-7-|", "-1---2-7-|");
}

static void refuse(struct lab *lab, const char *text, struct rx_source *main,
		   bool runs, const char *message)
{
	struct weir_error err = {0};
	struct rx_source *src = NULL;
	struct flow *f;
	struct flow_env bare = {.ctx = lab_ctx(lab)};

	if (runs)
		bare.run = run_jobs;
	assert_int_equal(flow_parse(str_of(text), &f, &err), 0);
	assert_int_equal(flow_build(f, &bare, main, &src, &err), WEIR_EINVAL);
	assert_null(src);
	if (strncmp(err.message, message, strlen(message)) != 0)
		fail_msg("%s: %s", text, err.message);
	flow_unref(f);
}

static void what_the_surroundings_lack_is_told(void **state)
{
	struct lab *lab = *state;

	refuse(lab, "flat_map { merge(@nobody) }", lab_cold(lab, "-"), true,
	       "there is no stream @nobody");
	refuse(lab, "map(&nothing)", lab_cold(lab, "-"), false,
	       "there is no function &nothing: only a program that embeds");
	refuse(lab, "flat_map { run }", lab_cold(lab, "-"), false,
	       "run has no sources");
	refuse(lab, "of(1)", lab_cold(lab, "-"), true, "of begins a stream");
	refuse(lab, "map(.)", NULL, true, "map works on an input");
	refuse(lab, "catch { of(1) }", NULL, true, "catch works on an input");
}

static void a_flow_serves_many_graphs(void **state)
{
	struct lab *lab = *state;
	struct weir_error err = {0};
	struct rx_source *a;
	struct rx_source *b;
	struct flow *f;

	env = (struct flow_env){.ctx = lab_ctx(lab)};
	assert_int_equal(flow_parse(STR("scan('$acc + .', 0)"), &f, &err), 0);
	assert_int_equal(flow_build(f, &env, lab_cold(lab, "-1--1|"), &a, &err),
			 0);
	assert_int_equal(
		flow_build(f, &env, lab_cold(lab, "--2--2-|"), &b, &err), 0);
	flow_unref(f);
	lab_expect(lab, rx_merge(lab_ctx(lab), (struct rx_source *[]){a, b}, 2),
		   "-12-24-|");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stages_follow_each_other),
		cmocka_unit_test(arguments_go_by_name_or_by_place),
		cmocka_unit_test(an_empty_seed_is_a_seed),
		cmocka_unit_test(
			an_error_of_a_program_is_an_error_of_the_stream),
		cmocka_unit_test(where_filters_with_a_condition),
		cmocka_unit_test(a_creation_stage_begins_a_pipeline),
		cmocka_unit_test(a_block_is_built_for_each_item),
		cmocka_unit_test(an_array_program_stands_for_a_block),
		cmocka_unit_test(a_stream_stands_for_a_block),
		cmocka_unit_test(the_key_is_known_all_through_a_group),
		cmocka_unit_test(
			the_index_of_a_block_gives_way_to_that_of_a_stage),
		cmocka_unit_test(the_state_of_a_scan_is_known_in_its_block),
		cmocka_unit_test(a_scan_inside_has_a_state_of_its_own),
		cmocka_unit_test(runs_can_wait_for_each_other),
		cmocka_unit_test(several_streams_can_be_told_to_wait),
		cmocka_unit_test(a_shared_run_is_reset_as_told),
		cmocka_unit_test(item_errors_go_where_a_stage_says),
		cmocka_unit_test(a_named_stream_is_looked_up_once),
		cmocka_unit_test(a_function_stands_where_a_program_may),
		cmocka_unit_test(a_function_is_lent_what_is_around_it),
		cmocka_unit_test(run_keeps_the_order_of_jobs),
		cmocka_unit_test(run_in_a_block_runs_jobs_side_by_side),
		cmocka_unit_test(an_array_of_jobs_runs_as_one),
		cmocka_unit_test(combining_stages_may_begin),
		lab_test(what_the_surroundings_lack_is_told),
		lab_test(a_flow_serves_many_graphs),
		cmocka_unit_test(a_word_chooses),
		cmocka_unit_test(a_duration_or_a_program_says_how_long),
		cmocka_unit_test(timeout_has_limits_and_a_fallback),
		cmocka_unit_test(a_group_may_live_until_it_is_idle),
		cmocka_unit_test(a_memory_of_keys_may_be_short),
	};

	hash_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
