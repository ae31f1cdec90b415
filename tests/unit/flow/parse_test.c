/* parse_test.c - what is wrong in a text is told with its place. */
#include "flow/flow.h"

#include "base/hash.h"
#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

struct wrong {
	const char *text;
	uint32_t line;
	uint32_t column;
	const char *message; /* its beginning */
};

/* Refused at the place, and with words that begin so. */
static void expect_wrong(const struct wrong *w)
{
	struct weir_error err = {0};
	struct flow *f = NULL;
	int rc = flow_parse(str_of(w->text), &f, &err);

	if (rc == 0 || f || err.line != w->line || err.column != w->column ||
	    strncmp(err.message, w->message, strlen(w->message)) != 0) {
		print_error("%s\n  expected %u:%u: %s\n  got %d %u:%u: %s\n",
			    w->text, w->line, w->column, w->message, rc,
			    err.line, err.column, err.message);
		fail();
	}
}

#define EXPECT_WRONG(list)                           \
	for (size_t i = 0; i < ARRAY_LEN(list); i++) \
	expect_wrong(&(list)[i])

static void broken_grammar_is_told_with_its_place(void **state)
{
	static const struct wrong list[] = {
		{"", 1, 1, "an empty pipeline"},
		{" # only a comment", 1, 1, "an empty pipeline"},
		{"|", 1, 1, "expected the name of an operator, not '|'"},
		{"count |", 1, 8,
		 "expected the name of an operator, but the text ends here"},
		{"\xc3\xa9", 1, 1,
		 "expected the name of an operator, not '\xc3\xa9'"},
		{"count count", 1, 7, "expected | or the end, not 'count'"},
		{"count)", 1, 6, "expected | or the end, not ')'"},
		{"take(1", 1, 5, "the ( that stands here is never closed"},
		{"take(1 2)", 1, 8, "expected a comma or ), not '2'"},
		{"take(1,)", 1, 8, "expected a value, not ')'"},
		{"take(n 1)", 1, 6, "'n' is no value: strings need quotes"},
		{"take(-)", 1, 7, "expected a digit after the minus"},
		{"take(1.)", 1, 8, "expected a digit after the point"},
		{"map(.a.)", 1, 8, "expected a key after the dot"},
		{"map('.a", 1, 5, "a string that begins here has no closing '"},
		{"merge(@)", 1, 8, "expected the name of a stream"},
		{"map(&)", 1, 6, "expected the name of a function"},
		{"flat_map { count", 1, 10,
		 "the { that stands here is never closed"},
		{"flat_map { }", 1, 12, "an empty block"},
		{"flat_map { count)", 1, 17, "expected | or }, not ')'"},
		{"count |\n  tale(1)", 2, 3, "no operator 'tale'"},
		{"map('.\xff')", 1, 7, "this is not valid UTF-8"},
	};

	EXPECT_WRONG(list);
}

static void unknown_operators_are_told_with_the_nearest(void **state)
{
	static const struct wrong list[] = {
		{"debonce(10ms)", 1, 1,
		 "no operator 'debonce'; did you mean 'debounce'?"},
		{"switchMap { count }", 1, 1,
		 "no operator 'switchMap'; did you mean 'switch_map'?"},
		{"take(1) | zzzzzzzzzz", 1, 11, "no operator 'zzzzzzzzzz'"},
	};

	EXPECT_WRONG(list);
}

static void arguments_are_checked_against_the_operator(void **state)
{
	static const struct wrong list[] = {
		{"map", 1, 1, "map needs a program"},
		{"map(1)", 1, 5,
		 "map wants a program ('...' or a path) (mapper), not a whole "
		 "number; its form is map(jq)"},
		{"debounce()", 1, 1,
		 "debounce needs a duration or a @stream or a program"},
		{"debounce(10)", 1, 10, "a duration needs a unit: 10ms"},
		{"debounce(duetime = 1.5)", 1, 20,
		 "a duration needs a unit: 1.5ms"},
		{"debounce(10sec)", 1, 10, "'10sec' is no duration"},
		{"delay(-3ms)", 1, 7, "a duration cannot be negative"},
		{"delay(999999999999d)", 1, 7, "that duration is too long"},
		{"interval(0ms)", 1, 10, "period of interval cannot be 0"},
		{"take(1.5)", 1, 6, "take wants a whole number"},
		{"take(-1)", 1, 6, "count of take is between 0 and"},
		{"take('3')", 1, 6, "take wants a whole number"},
		{"take(1, 2)", 1, 9,
		 "too many arguments for take; its form is"},
		{"take(2, count=3)", 1, 9, "count is given twice"},
		{"pairwise(1)", 1, 10, "pairwise takes no arguments"},
		{"buffer_with_count(2, foo=1)", 1, 22,
		 "buffer_with_count has no argument 'foo'; its form is "
		 "buffer_with_count(n, skip=n)"},
		{"throttle(1s, false)", 1, 1,
		 "throttle with neither leading nor trailing lets nothing"},
		{"limit_rate(2, 1s, 'delya')", 1, 19,
		 "overflow of limit_rate is 'drop', 'delay' or 'error', not "
		 "'delya'; did you mean 'delay'?"},
		{"limit_rate(2, overflow='wait')", 1, 24,
		 "overflow of limit_rate is 'drop', 'delay' or 'error', not "
		 "'wait'"},
		{"limit_rate(2, overflow=1)", 1, 24,
		 "limit_rate wants 'drop', 'delay' or 'error' (overflow), not "
		 "a whole number; its form is limit_rate(n, per=1s, "
		 "overflow='drop', max_buffer=65536)"},
		{"limit_rate(2, 30d)", 1, 1,
		 "per of limit_rate is at most 24 days"},
		{"timeout", 1, 1,
		 "timeout takes one duration, or first= and each="},
		{"timeout(1s, each=1s)", 1, 1,
		 "timeout takes one duration, or first= and each=, not both"},
		{"timeout(1s, @b) { count }", 1, 1,
		 "timeout takes a block or a stream, not both"},
		{"group_by_until(.k) { count }", 1, 1,
		 "group_by_until needs a duration or a @stream, or idle="},
		{"take_while('.', inclusive=1)", 1, 27,
		 "take_while wants true or false"},
		{"timeout(10ms, .a)", 1, 15, "timeout wants a @stream"},
		{"take(&n)", 1, 6,
		 "take wants a whole number (count), not a &function"},
		{"pluck(&k)", 1, 7, "pluck wants a key"},
		{"start_with()", 1, 1, "start_with needs a value"},
		{"retry(backoff=2)", 1, 1,
		 "backoff, max_delay and jitter of retry need a delay"},
		{"retry(3, delay=@b, jitter=0.1)", 1, 1,
		 "backoff, max_delay and jitter of retry need a delay"},
		{"retry(3, delay=1s, jitter=1.5)", 1, 1,
		 "jitter of retry is a share between 0 and 1"},
		{"retry(3, delay=1s, backoff=-1.5)", 1, 28,
		 "backoff of retry cannot be below 0"},
		{"retry(3, delay=1s, backoff=0)", 1, 28,
		 "backoff of retry cannot be 0"},
		{"retry(3, delay=1s, backoff='a')", 1, 28,
		 "retry wants a number (backoff), not a string"},
		{"combine_latest(@b, max_keys=3)", 1, 1,
		 "max_keys of combine_latest needs a key"},
		{"on_item_error('skp')", 1, 15,
		 "policy of on_item_error is 'skip', 'fail' or "
		 "'dead_letter', not 'skp'; did you mean 'skip'?"},
		{"slice(1, 2, 0)", 1, 13, "step of slice cannot be 0"},
		{"slice(1, 2, -1)", 1, 1, ""},
		{"from_marbles('(1', 10ms)", 1, 1,
		 "the parenthesis is not closed"},
	};

	EXPECT_WRONG(list);
}

static void blocks_stand_where_they_belong(void **state)
{
	static const struct wrong list[] = {
		{"group_by(.a)", 1, 1, "group_by needs a block; its form is"},
		{"flat_map", 1, 1, "flat_map needs a block; its form is"},
		{"take(2) { count }", 1, 9, "take takes no block"},
		{"flat_map(.a) { count }", 1, 14,
		 "flat_map has an argument in place of a block already"},
		{"catch", 1, 1, "catch needs a stream or a block"},
		{"catch(@b) { count }", 1, 1, "catch takes a block or streams"},
		{"count | of(2)", 1, 9, "of begins a stream"},
		{"flat_map { count | interval(1s) }", 1, 20,
		 "interval begins a stream"},
		{"publish", 1, 1,
		 "publish needs a ref_count or auto_connect behind it"},
		{"count | ref_count", 1, 9, "ref_count stands behind publish"},
		{"share | auto_connect(2)", 1, 9,
		 "auto_connect stands behind publish"},
		{"merge_scan(0)", 1, 1, "merge_scan needs a block"},
	};

	EXPECT_WRONG(list);
}

static void broken_programs_and_conditions_keep_their_message(void **state)
{
	static const struct wrong list[] = {
		{"map('')", 1, 5, "an empty program"},
		{"map('1 +')", 1, 5, "jq: syntax error, unexpected $end"},
		{"map('.a\n + | 2')", 2, 1, "jq: syntax error, unexpected '|'"},
		{"map('foo(1)')", 1, 5, "jq: foo/1 is not defined"},
		{"map('$acc')", 1, 5, "jq: $acc is not defined"},
		{"map('$key')", 1, 5, "jq: $key is not defined"},
		{"merge_scan(0) { count } | map('$acc')", 1, 31,
		 "jq: $acc is not defined"},
		{"group_by(.k) { count } | map('$key')", 1, 30,
		 "jq: $key is not defined"},
		{"scan('$acc + $index')", 1, 6, "jq: $index is not defined"},
		{"from_('1')", 1, 7, "this program has to give an array"},
		{"from_('error(\"no\")')", 1, 7, "no"},
		{"where('a eqq 1')", 1, 10,
		 "no operator 'eqq'; did you mean 'eq'?"},
		{"where('a eq')", 1, 12, "expected a value"},
	};

	EXPECT_WRONG(list);
}

static void expect_fine(const char *text)
{
	struct weir_error err = {0};
	struct flow *f = NULL;

	if (flow_parse(str_of(text), &f, &err) < 0) {
		print_error("%s\n  %u:%u: %s\n", text, err.line, err.column,
			    err.message);
		fail();
	}
	flow_unref(f);
}

static void what_the_language_page_shows_is_read(void **state)
{
	static const char *const texts[] = {
		"group_by(.source) { buffer_with_time(1s) | flat_map { run } }",
		"group_by(.job) { distinct_until_changed(.data) }",
		"map('{id, f: (.c * 1.8 + 32)}')",
		"scan('$acc + .n', 0)",
		"where(\"temp gt 30 and site eq x\")",
		"window_with_time(10s) { count }",
		"switch_map { delay(30ms) }",
		"merge(@b)|take_until(@stop)|with_latest_from(@rates)",
		"map(.a.0.b) # a comment with ' and {\n| share ( )",
		"start_with('x | y', \"it's\", '{}', \"a \\\" b\")",
		"merge_map { debounce_time(10ms) | throttle_time(1.5s) }",
		"map(jq='.a') | take(n=3) | delay(d=2m)",
		"group_by(.k, idle=1h, max_groups=100) { map('$key') }",
		"group_by(.k) { flat_map { map('[$key, .]') } }",
		"flat_map_indexed { map_indexed('$index') }",
	};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		expect_fine(texts[i]);
}

static void limits_hold(void **state)
{
	struct buf b = {0};
	struct weir_error err = {0};
	struct flow *f;

	for (int i = 0; i < 17; i++)
		buf_append_cstr(&b, "flat_map { ");
	buf_append_cstr(&b, "count");
	for (int i = 0; i < 17; i++)
		buf_append_cstr(&b, " }");
	assert_int_equal(flow_parse(buf_str(&b), &f, &err), WEIR_EINVAL);
	assert_string_equal(err.message, "blocks are nested deeper than 16");

	buf_clear(&b);
	buf_append_cstr(&b, "count");
	for (int i = 0; i < 256; i++)
		buf_append_cstr(&b, "|count");
	assert_int_equal(flow_parse(buf_str(&b), &f, &err), WEIR_EINVAL);
	assert_string_equal(err.message, "more than 256 stages");

	buf_clear(&b);
	memset(buf_reserve(&b, FLOW_TEXT_MAX + 1), ' ', FLOW_TEXT_MAX + 1);
	buf_commit(&b, FLOW_TEXT_MAX + 1);
	assert_int_equal(flow_parse(buf_str(&b), &f, &err), WEIR_ETOOBIG);
	assert_null(f);
	buf_fini(&b);
}

static void every_prefix_of_a_text_is_answered(void **state)
{
	static const char text[] =
		"map('.a') | flat_map(max_concurrent=2) { delay(1.5s) | "
		"start_with(-1, \"x\\\"\", null) } | take_until(@b) # end";

	for (size_t n = 0; n < sizeof text; n++) {
		/* Exactly n bytes, so that a read behind them is seen. */
		char *copy = mem_dup(text, n ? n : 1);
		struct weir_error err = {0};
		struct flow *f;

		if (flow_parse(str_from(copy, n), &f, &err) == 0)
			flow_unref(f);
		else
			assert_true(err.code < 0 && err.message[0]);
		mem_free(copy);
	}
}

/* --- printing ------------------------------------------------------------ */

static void expect_print(const char *text, const char *printed,
			 const char *described)
{
	struct weir_error err = {0};
	struct buf b = {0};
	struct flow *f;

	assert_int_equal(flow_parse(str_of(text), &f, &err), 0);
	flow_print(f, &b);
	buf_append_char(&b, '\0');
	assert_string_equal(buf_bytes(&b), printed);
	buf_clear(&b);
	flow_describe(f, NULL, &b);
	buf_append_char(&b, '\0');
	assert_string_equal(buf_bytes(&b), described);
	buf_fini(&b);
	flow_unref(f);
	expect_fine(printed);
}

static void a_pipeline_prints_as_canonical_text_and_json(void **state)
{
	expect_print("merge_map ( max_concurrent=2 ) { delay(1.5s) }|take(n=3)",
		     "flat_map(max_concurrent=2) { delay(1.5s) } | take(3)",
		     "[{\"stage\":\"flat_map\",\"args\":{\"max_concurrent\":2,"
		     "\"max_buffer\":65536},\"block\":[{\"stage\":\"delay\","
		     "\"args\":{\"duetime\":\"1.5s\",\"max_buffer\":65536}}]},"
		     "{\"stage\":\"take\",\"args\":{\"count\":3}}"
		     "]");
	expect_print("scan('$acc + .', 0) | start_with(null, \"x\")|zip(@b,@c)",
		     "scan('$acc + .', seed=0) | start_with(null, \"x\") | "
		     "zip(@b, @c)",
		     "[{\"stage\":\"scan\",\"args\":{\"accumulator\":\"$acc + "
		     ".\",\"seed\":0}},{\"stage\":\"start_with\",\"args\":{"
		     "\"value\":[null,\"x\"]}},{\"stage\":\"zip\",\"args\":{"
		     "\"sources\":[\"@b\",\"@c\"],\"max_buffer\":65536}}]");
}

/* What was left out is shown as it holds. */
static void a_pipeline_is_explained_as_a_tree(void **state)
{
	struct weir_error err = {0};
	struct buf b = {0};
	struct flow *f;

	assert_int_equal(flow_parse(STR("group_by(.k) { buffer_with_count(3) | "
					"map('.[0]|tojson') } | "
					"start_with(1, 'x')"),
				    &f, &err),
			 0);
	flow_explain(f, &b);
	buf_append_char(&b, '\0');
	assert_string_equal(buf_bytes(&b),
			    "├─ group_by  key_mapper=.k  element_mapper=.  "
			    "max_groups=1000000\n"
			    "│  ├─ buffer_with_count  count=3  skip=3\n"
			    "│  └─ map  mapper='.[0]|tojson' (libjq)\n"
			    "└─ start_with  value=[1,\"x\"]\n");
	buf_fini(&b);
	flow_unref(f);
}

static void an_error_is_rendered_with_a_caret(void **state)
{
	static const char text[] = "take(1) |\n  debonce(10ms)";
	struct weir_error err = {0};
	struct buf b = {0};
	struct flow *f;

	assert_true(flow_parse(str_of(text), &f, &err) < 0);
	error_render(&err, "jobs", text, sizeof text - 1, &b);
	buf_append_char(&b, '\0');
	assert_string_equal(
		buf_bytes(&b),
		"jobs:2:3: no operator 'debonce'; did you mean 'debounce'?\n"
		"  debonce(10ms)\n"
		"  ^\n");
	buf_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(broken_grammar_is_told_with_its_place),
		cmocka_unit_test(unknown_operators_are_told_with_the_nearest),
		cmocka_unit_test(arguments_are_checked_against_the_operator),
		cmocka_unit_test(blocks_stand_where_they_belong),
		cmocka_unit_test(
			broken_programs_and_conditions_keep_their_message),
		cmocka_unit_test(what_the_language_page_shows_is_read),
		cmocka_unit_test(limits_hold),
		cmocka_unit_test(every_prefix_of_a_text_is_answered),
		cmocka_unit_test(a_pipeline_prints_as_canonical_text_and_json),
		cmocka_unit_test(a_pipeline_is_explained_as_a_tree),
		cmocka_unit_test(an_error_is_rendered_with_a_caret),
	};

	hash_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
