/* index_test.c - the index by example; property_test.c has the rest. */
#include "cond/index/index.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

struct lab {
	struct interest_index *ix;
	struct json_leaves leaves;
	char ended[64]; /* the users who heard of the end, as letters */
	int linear;
};

static int setup(void **state)
{
	struct lab *lab = mem_zalloc(sizeof *lab);
	const struct interest_limits limits = {.interests_max = 5000,
					       .linear_max = 2};

	lab->ix = interest_index_create(&limits, 1000);
	*state = lab;
	return 0;
}

static int teardown(void **state)
{
	struct lab *lab = *state;

	interest_index_destroy(lab->ix);
	json_leaves_fini(&lab->leaves);
	mem_free(lab);
	return 0;
}

static struct cond *parse(const char *text)
{
	struct weir_error err;
	struct cond *c;

	if (cond_parse(str_of(text), NULL, &c, &err) < 0)
		fail_msg("%s: %s", text, err.message);
	return c;
}

static int try_insert(struct lab *lab, const char *text, int64_t deadline_ms,
		      char user, uint64_t *id, struct interest_report *report)
{
	struct cond *c = parse(text);
	int rc = interest_index_insert(lab->ix, c, deadline_ms, (uint64_t)user,
				       id, report, NULL);

	cond_unref(c);
	return rc;
}

static uint64_t insert(struct lab *lab, const char *text, int64_t deadline_ms,
		       char user)
{
	uint64_t id;

	assert_int_equal(try_insert(lab, text, deadline_ms, user, &id, NULL),
			 0);
	return id;
}

/* The users whose interests the event meets, as a text of letters. */
static const char *match(struct lab *lab, const char *text)
{
	static char users[64];
	struct interest_event e = {.leaves = &lab->leaves};

	assert_int_equal(json_leaves_read(&lab->leaves, str_of(text), NULL), 0);
	interest_index_match(lab->ix, &e, 1);
	for (size_t i = 0; i < e.n; i++)
		users[i] = (char)e.matches[i].user;
	users[e.n] = '\0';
	return users;
}

static void on_ended(uint64_t id, uint64_t user, void *ctx)
{
	struct lab *lab = ctx;

	lab->ended[strlen(lab->ended)] = (char)user;
}

/* --- reports ----------------------------------------------------------- */

static void assert_report(struct lab *lab, const char *text,
			  const char *expected)
{
	struct interest_report r;
	struct buf out = {0};
	uint64_t id;

	assert_int_equal(try_insert(lab, text, INTEREST_NO_END, 'r', &id, &r),
			 0);
	interest_report_print(&r, &out);
	if (!str_starts(buf_str(&out), str_of(expected)))
		fail_msg("%s: %.*s", text, STR_FMT(buf_str(&out)));
	assert_int_equal(interest_index_remove(lab->ix, id), 0);
	buf_fini(&out);
}

static void report_tells_how_it_is_indexed(void **state)
{
	struct lab *lab = *state;

	assert_report(lab, "a eq 1", "indexed by a value at a path, ");
	assert_report(lab, "* eq joe", "indexed by a value of any leaf, ");
	assert_report(lab, "**.mail eq joe",
		      "indexed by a value under a name, ");
	assert_report(lab, "a contains \"joe@doe.com\"",
		      "indexed by an element at a path, 8 bytes of text, ");
	assert_report(lab, "* startswith four", "indexed by 4 bytes of text, ");
	assert_report(lab, "* contains 555", "indexed by 3 bytes of text, ");
	assert_report(lab, "a matches \".*disk [0-9]+ full\"",
		      "indexed by 4 bytes of text, ");
	assert_report(lab, "* matches \".*(failed|denied).*\"",
		      "indexed by 4 bytes of text, ");
	assert_report(lab, "a matches \"[a-z]+!\"",
		      "indexed by a path that is there, ");
	assert_report(lab, "* matches \"[a-z]+!\"", "not indexed, ");
	assert_report(lab, "@source matches \"node-.*\"", "not indexed, ");
	assert_report(lab, "a.* icontains FULL",
		      "indexed by 4 bytes of text, ");
	assert_report(lab, "a ieq ab", "indexed by a path that is there, ");
	assert_report(lab, "not a icontains full", "not indexed, ");
	assert_report(lab, "a ge 1.5 and a lt 1.6",
		      "indexed by an interval at a path, ");
	assert_report(lab, "a between [10 12]",
		      "indexed by an interval at a path, ");
	assert_report(lab, "a gt 5", "indexed by a path that is there, ");
	assert_report(lab, "@source eq x", "indexed by the source, ");
	assert_report(lab, "a eq 1 or [b eq 2 and c gt 5]",
		      "indexed by a value at a path, ");
	assert_report(lab, "a ne 1 or b eq 2",
		      "not indexed, 1 visits an event, not selective");
	assert_report(lab, "[not a eq 1] and b eq 2",
		      "indexed by a value at a path, ");
	assert_report(lab, "items.*.qty eq 4",
		      "indexed by a value under a name, ");
	assert_report(lab, "a ne 1", "not indexed, ");
	assert_report(lab, "a eq None", "not indexed, ");
	assert_report(lab, "a and [not a]", "never true");
}

static void assert_asked(struct lab *lab, const char *text, const char *by,
			 bool linear)
{
	struct interest_report r;
	struct cond *c = parse(text);
	struct buf out = {0};

	assert_int_equal(interest_index_ask(lab->ix, c, &r, &out, NULL), 0);
	if (by ? !str_eq(buf_str(&out), str_of(by))
	       : !str_ends(buf_str(&out), STR(", ...")))
		fail_msg("%s: %.*s", text, STR_FMT(buf_str(&out)));
	assert_int_equal(r.linear, linear);
	cond_unref(c);
	buf_fini(&out);
}

static void who_asks_is_told_which_comparisons_lead_to_it(void **state)
{
	struct lab *lab = *state;
	struct interest_figures f;

	/* The same before it is there and after. */
	for (int i = 0; i < 2; i++) {
		assert_asked(lab, "a eq 1", "a eq", false);
		assert_asked(lab, "note matches \"x.*\" and user.id eq 4711",
			     "user.id eq", false);
		assert_asked(lab, "msg matches \".*(failed|denied).*\"",
			     "msg matches", false);
		assert_asked(lab,
			     "msg matches \".*(failed|denied)\" or "
			     "**.to iendswith \"@DOE.com\"",
			     "msg matches, **.to iendswith", false);
		assert_asked(lab, "a eq 1 or [b in [1 2] and c gt 5]",
			     "a eq, b in", false);
		assert_asked(lab, "price ge 10 and price lt 11",
			     "price ge and lt", false);
		assert_asked(lab, "items.*.qty eq 4", "items.*.qty eq", false);
		assert_asked(lab, "name ieq joe", "name ieq", false);
		assert_asked(lab, "name ieq jo", "name ieq", true);
		assert_asked(lab, "a ne 1", "", true);
		assert_asked(lab, "a and [not a]", "", false);
		assert_asked(lab,
			     "a eq 1 or b eq 1 or c eq 1 or d eq 1 or e eq 1 "
			     "or f eq 1",
			     NULL, false);
		interest_index_figures(lab->ix, &f);
		assert_int_equal(f.conditions, i ? 4 : 0);
		assert_int_equal(f.linear, i ? 1 : 0);
		if (i)
			break;
		insert(lab, "a eq 1", INTEREST_NO_END, 'a');
		insert(lab, "price ge 10 and price lt 11", INTEREST_NO_END,
		       'b');
		insert(lab, "a ne 1", INTEREST_NO_END, 'c');
		insert(lab, "items.*.qty eq 4", INTEREST_NO_END, 'd');
	}
}

static void a_walk_meets_each_condition_once(void **state)
{
	struct lab *lab = *state;
	struct interest_report r;
	char seen[8] = "";
	uint32_t budget = 2;
	uint32_t at = 0;
	uint64_t user;
	int calls = 0;

	insert(lab, "a eq 1", INTEREST_NO_END, 'a');
	insert(lab, "a eq 1.0", INTEREST_NO_END, 'b');
	insert(lab, "a ne 1", INTEREST_NO_END, 'c');
	interest_index_remove(lab->ix,
			      insert(lab, "a eq 2", INTEREST_NO_END, 'd'));
	insert(lab, "a eq 3", 1050, 'e');
	interest_index_expire(lab->ix, 1060, 0, NULL, NULL);
	do {
		budget = 2;
		calls++;
		while (interest_index_next(lab->ix, &at, &budget, &user, &r)) {
			seen[strlen(seen)] = (char)user;
			assert_int_equal(r.linear, user == 'c');
			assert_true(r.visits > 0);
		}
	} while (!budget);
	assert_string_equal(seen, "ac");
	assert_int_equal(calls, 3); /* two of five at a time */
}

static void expressions_are_asked_only_where_a_literal_is(void **state)
{
	struct lab *lab = *state;
	struct interest_figures before;
	struct interest_figures after;

	insert(lab, "msg matches \".*disk [0-9]+ (full|gone).*\"",
	       INTEREST_NO_END, 'a');
	insert(lab, "* matches \"(error|warning): .*\"", INTEREST_NO_END, 'b');
	insert(lab, "msg.* matches \".*disk.*\"", INTEREST_NO_END, 'c');
	interest_index_figures(lab->ix, &before);
	assert_string_equal(match(lab, "{\"msg\":\"all is well\"}"), "");
	interest_index_figures(lab->ix, &after);
	assert_int_equal(after.candidates, before.candidates);
	assert_string_equal(match(lab, "{\"msg\":\"disk 7 full\"}"), "a");
	assert_string_equal(match(lab, "{\"msg\":\"disk x full\"}"), "");
	assert_string_equal(match(lab, "{\"x\":{\"y\":\"error: disk\"}}"), "b");
	assert_string_equal(match(lab, "{\"msg\":[1,\"no disk\"]}"), "c");
}

static void needles_are_found_whatever_the_case(void **state)
{
	struct lab *lab = *state;
	struct interest_figures before;
	struct interest_figures after;

	insert(lab, "* icontains \"Disk\"", INTEREST_NO_END, 'a');
	insert(lab, "to iendswith \"@DOE.com\"", INTEREST_NO_END, 'b');
	insert(lab, "to ieq \"\xC3\x84rger\"", INTEREST_NO_END, 'c');
	insert(lab, "* contains \"disk\"", INTEREST_NO_END, 'd');
	interest_index_figures(lab->ix, &before);
	assert_string_equal(match(lab, "{\"to\":\"All is WELL\"}"), "");
	interest_index_figures(lab->ix, &after);
	assert_int_equal(after.candidates, before.candidates);
	assert_string_equal(match(lab, "{\"x\":\"a DISK\"}"), "a");
	assert_string_equal(match(lab, "{\"x\":\"a disk\"}"), "ad");
	assert_string_equal(match(lab, "{\"x\":\"a dis\xE2\x84\xAA\"}"), "a");
	assert_string_equal(match(lab, "{\"to\":\"Joe@Doe.COM\"}"), "b");
	assert_string_equal(match(lab, "{\"to\":\"\xC3\xA4RGER\"}"), "c");
	/* Folded, the text is longer, and its parts are elsewhere. */
	assert_string_equal(match(lab, "{\"x\":\"\xC8\xBA\xC8\xBA disk\"}"),
			    "ad");
}

static void conjunction_is_filed_under_its_rarest_part(void **state)
{
	struct lab *lab = *state;
	struct interest_figures before;
	struct interest_figures after;

	for (int i = 0; i < 2000; i++)
		match(lab, i % 2 ? "{\"type\":\"order\",\"id\":1}"
				 : "{\"type\":\"order\",\"id\":2}");
	insert(lab, "type eq order and id eq 77", INTEREST_NO_END, 'a');
	interest_index_figures(lab->ix, &before);
	assert_string_equal(match(lab, "{\"type\":\"order\",\"id\":3}"), "");
	interest_index_figures(lab->ix, &after);
	assert_int_equal(after.candidates, before.candidates);
	assert_string_equal(match(lab, "{\"type\":\"order\",\"id\":77}"), "a");
}

static void thresholds_on_one_key_are_searched(void **state)
{
	struct lab *lab = *state;
	struct interest_figures before;
	struct interest_figures after;
	char text[64];

	for (int i = 0; i < 2000; i++)
		match(lab, "{\"site\":\"s\",\"temp\":7}");
	for (int i = 0; i < 2000; i++) {
		snprintf(text, sizeof text, "site eq s and temp gt %d", i);
		insert(lab, text, INTEREST_NO_END, 'a');
	}
	interest_index_figures(lab->ix, &before);
	assert_string_equal(match(lab, "{\"site\":\"s\",\"temp\":2.5}"), "aaa");
	assert_string_equal(match(lab, "{\"site\":\"s\",\"temp\":\"x\"}"), "");
	interest_index_figures(lab->ix, &after);
	assert_in_range(after.candidates - before.candidates, 3, 4);
}

/* --- limits ------------------------------------------------------------ */

static void unselective_conditions_are_limited(void **state)
{
	struct lab *lab = *state;
	struct interest_figures f;
	uint64_t id;
	uint64_t first = insert(lab, "a ne 1", INTEREST_NO_END, 'a');

	insert(lab, "a", INTEREST_NO_END, 'b');
	assert_int_equal(try_insert(lab, "a ne 2", INTEREST_NO_END, 'c', &id,
				    NULL),
			 WEIR_EDENIED);
	assert_int_equal(id, 0);
	/* One that is there already costs nothing more. */
	insert(lab, "a ne 1", INTEREST_NO_END, 'd');
	interest_index_figures(lab->ix, &f);
	assert_int_equal(f.linear, 2);
	assert_string_equal(match(lab, "{\"a\":3}"), "bad");
	assert_int_equal(interest_index_remove(lab->ix, first), 0);
	assert_int_equal(try_insert(lab, "a ne 2", INTEREST_NO_END, 'c', &id,
				    NULL),
			 WEIR_EDENIED);
}

static void what_is_always_true_is_no_burden(void **state)
{
	struct lab *lab = *state;
	struct interest_figures f;

	for (int i = 0; i < 5; i++)
		insert(lab, "[true]", INTEREST_NO_END, (char)('a' + i));
	interest_index_figures(lab->ix, &f);
	assert_int_equal(f.linear, 0);
	assert_int_equal(strlen(match(lab, "null")), 5);
}

static void different_conditions_are_limited(void **state)
{
	struct interest_limits limits = {.conditions_max = 2};
	struct lab *lab = *state;
	uint64_t id;

	interest_index_limit(lab->ix, &limits);
	insert(lab, "a eq 1", INTEREST_NO_END, 'a');
	insert(lab, "a eq 2", INTEREST_NO_END, 'b');
	insert(lab, "a eq 2", INTEREST_NO_END, 'c');
	assert_int_equal(try_insert(lab, "a eq 3", INTEREST_NO_END, 'd', &id,
				    NULL),
			 WEIR_EBUSY);
}

static void interests_are_limited(void **state)
{
	struct lab *lab = *state;
	uint64_t id;

	for (int i = 0; i < 5000; i++)
		insert(lab, "a eq 1", INTEREST_NO_END, 'a');
	assert_int_equal(try_insert(lab, "a eq 1", INTEREST_NO_END, 'a', &id,
				    NULL),
			 WEIR_EBUSY);
}

/* --- sharing ----------------------------------------------------------- */

static void equal_conditions_are_kept_once(void **state)
{
	struct lab *lab = *state;
	struct interest_figures before;
	struct interest_figures after;
	struct interest_report r;
	uint64_t id;

	insert(lab, "a eq 1 and b gt 2", INTEREST_NO_END, 'a');
	interest_index_figures(lab->ix, &before);
	assert_int_equal(try_insert(lab, "b gt 2.0 and a eq 1.0",
				    INTEREST_NO_END, 'b', &id, &r),
			 0);
	assert_true(r.shared);
	for (int i = 0; i < 1000; i++)
		insert(lab, "b gt 2 and a eq 1", INTEREST_NO_END, 'c');
	interest_index_figures(lab->ix, &after);
	assert_int_equal(after.conditions, 1);
	assert_int_equal(after.bytes - before.bytes, 1001 * 32);
}

/* --- lifetimes --------------------------------------------------------- */

static void interest_ends_within_ten_ms(void **state)
{
	struct lab *lab = *state;

	insert(lab, "a eq 1", 1100, 'a');
	insert(lab, "a eq 1", 1105, 'b');
	insert(lab, "a eq 1", INTEREST_NO_END, 'c');
	interest_index_expire(lab->ix, 1099, 100, on_ended, lab);
	assert_string_equal(match(lab, "{\"a\":1}"), "abc");
	interest_index_expire(lab->ix, 1100, 100, on_ended, lab);
	assert_string_equal(lab->ended, "a");
	assert_string_equal(match(lab, "{\"a\":1}"), "bc");
	interest_index_expire(lab->ix, 1110, 100, on_ended, lab);
	assert_string_equal(lab->ended, "ab");
	assert_string_equal(match(lab, "{\"a\":1}"), "c");
}

static void what_has_ended_matches_nothing_before_it_is_taken_out(void **state)
{
	struct lab *lab = *state;
	uint64_t id = insert(lab, "a eq 1", 1100, 'a');

	assert_true(interest_index_expire(lab->ix, 1200, 1, on_ended, lab));
	assert_string_equal(lab->ended, "");
	assert_string_equal(match(lab, "{\"a\":1}"), "");
	assert_int_equal(interest_index_keep_alive(lab->ix, id, 1300),
			 WEIR_ENOTFOUND);
	assert_int_equal(interest_index_remove(lab->ix, id), WEIR_ENOTFOUND);
	assert_false(interest_index_expire(lab->ix, 1200, 100, on_ended, lab));
	assert_string_equal(lab->ended, "a");
}

static void keep_alive_moves_the_end(void **state)
{
	struct lab *lab = *state;
	uint64_t a = insert(lab, "a eq 1", 1100, 'a');
	uint64_t b = insert(lab, "a eq 1", 9000, 'b');

	assert_int_equal(interest_index_keep_alive(lab->ix, a, 5000), 0);
	assert_int_equal(interest_index_keep_alive(lab->ix, b, 1050), 0);
	interest_index_expire(lab->ix, 1060, 100, on_ended, lab);
	assert_string_equal(lab->ended, "b");
	interest_index_expire(lab->ix, 4990, 10000, on_ended, lab);
	assert_string_equal(lab->ended, "b");
	interest_index_expire(lab->ix, 5000, 10000, on_ended, lab);
	assert_string_equal(lab->ended, "ba");
}

static void deadline_behind_us_is_refused(void **state)
{
	struct lab *lab = *state;
	uint64_t id;

	assert_int_equal(try_insert(lab, "a eq 1", 1000, 'a', &id, NULL),
			 WEIR_ETIMEDOUT);
}

static void insert_again(uint64_t id, uint64_t user, void *ctx)
{
	struct lab *lab = ctx;

	on_ended(id, user, ctx);
	assert_int_equal(interest_index_remove(lab->ix, id), WEIR_ENOTFOUND);
	insert(lab, "a eq 1", 1200 + 10 * (int)strlen(lab->ended), 'z');
	assert_string_equal(match(lab, "{\"b\":1}"), "");
}

static void end_may_be_answered_by_another_interest(void **state)
{
	struct lab *lab = *state;

	insert(lab, "a eq 1", 1100, 'a');
	insert(lab, "a eq 2", 1100, 'b');
	interest_index_expire(lab->ix, 1100, 1000, insert_again, lab);
	assert_string_equal(lab->ended, "ab");
	assert_string_equal(match(lab, "{\"a\":1}"), "zz");
}

/* --- change ------------------------------------------------------------ */

static void replace_keeps_id_and_end(void **state)
{
	struct lab *lab = *state;
	uint64_t id = insert(lab, "a eq 1", 1100, 'a');
	struct cond *c = parse("a eq 2");
	struct cond *dear = parse("a ne 5");

	assert_int_equal(interest_index_replace(lab->ix, id, c, NULL, NULL), 0);
	assert_string_equal(match(lab, "{\"a\":1}"), "");
	assert_string_equal(match(lab, "{\"a\":2}"), "a");
	insert(lab, "a ne 1", INTEREST_NO_END, 'x');
	insert(lab, "a ne 2", INTEREST_NO_END, 'x');
	assert_int_equal(interest_index_replace(lab->ix, id, dear, NULL, NULL),
			 WEIR_EDENIED);
	assert_string_equal(match(lab, "{\"a\":2}"), "ax");
	interest_index_expire(lab->ix, 1100, 100, on_ended, lab);
	assert_string_equal(lab->ended, "a");
	assert_int_equal(interest_index_replace(lab->ix, id, c, NULL, NULL),
			 WEIR_ENOTFOUND);
	cond_unref(c);
	cond_unref(dear);
}

static void removed_interest_leaves_nothing(void **state)
{
	static const char *const conds[] = {"a eq 1",
					    "* eq 1",
					    "**.a eq 1",
					    "a contains joe",
					    "a ge 1 and a lt 2",
					    "a gt 5 or b eq 1",
					    "a matches \"x.*\"",
					    "* contains \"joe@doe.com\"",
					    "tags contains red",
					    "a ne 1"};
	struct lab *lab = *state;
	struct interest_figures f;
	uint64_t ids[10];

	for (int i = 0; i < 10; i++)
		ids[i] = insert(lab, conds[i], INTEREST_NO_END, 'a');
	for (int i = 0; i < 10; i++)
		assert_int_equal(interest_index_remove(lab->ix, ids[i]), 0);
	interest_index_figures(lab->ix, &f);
	assert_int_equal(f.interests, 0);
	assert_int_equal(f.conditions, 0);
	assert_int_equal(f.keys, 0);
	assert_int_equal(f.linear, 0);
	assert_int_equal(interest_index_remove(lab->ix, ids[0]),
			 WEIR_ENOTFOUND);
}

/* --- parts of text ----------------------------------------------------- */

/* A text of letters that hardly repeats itself. */
static void fill(char *out, size_t len)
{
	for (size_t i = 0; i < len; i++)
		out[i] = (char)('a' + (i / 3 * 7 + i % 3 * (i / 26)) % 26);
	out[len] = '\0';
}

/* Needles of 3 to 9 characters, from every place of a text of len, or from
 * every seventh place of a long one. */
static void find_all_parts(struct lab *lab, size_t len)
{
	char text[1200];
	char event[1300];
	char cond[1300];
	struct interest_event e = {.leaves = &lab->leaves};
	uint64_t ids[1200];
	size_t n = 0;

	fill(text, len);
	for (size_t bytes = 3; bytes <= 9; bytes++) {
		size_t step = len < 100 ? 1 : 7;

		for (size_t at = 0; at + bytes <= len; at += step) {
			snprintf(cond, sizeof cond, "* contains %.*s",
				 (int)bytes, text + at);
			ids[n++] = insert(lab, cond, INTEREST_NO_END, 'p');
		}
	}
	snprintf(event, sizeof event, "{\"s\": \"%s\"}", text);
	assert_int_equal(json_leaves_read(&lab->leaves, str_of(event), NULL),
			 0);
	interest_index_match(lab->ix, &e, 1);
	assert_int_equal(e.n, n);
	while (n)
		interest_index_remove(lab->ix, ids[--n]);
}

static void part_is_found_at_every_place_of_a_text(void **state)
{
	struct lab *lab = *state;

	for (size_t len = 3; len < 50; len++)
		find_all_parts(lab, len);
	find_all_parts(lab, 1000);
	/* With weak keys places are looked at one by one. */
	interest_index_weaken(lab->ix, 0xFFF0000000000FFF);
	for (size_t len = 3; len < 50; len++)
		find_all_parts(lab, len);
	find_all_parts(lab, 1000);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(report_tells_how_it_is_indexed),
		TEST(expressions_are_asked_only_where_a_literal_is),
		TEST(needles_are_found_whatever_the_case),
		TEST(conjunction_is_filed_under_its_rarest_part),
		TEST(thresholds_on_one_key_are_searched),
		TEST(unselective_conditions_are_limited),
		TEST(who_asks_is_told_which_comparisons_lead_to_it),
		TEST(a_walk_meets_each_condition_once),
		TEST(what_is_always_true_is_no_burden),
		TEST(different_conditions_are_limited),
		TEST(interests_are_limited),
		TEST(equal_conditions_are_kept_once),
		TEST(interest_ends_within_ten_ms),
		TEST(what_has_ended_matches_nothing_before_it_is_taken_out),
		TEST(keep_alive_moves_the_end),
		TEST(deadline_behind_us_is_refused),
		TEST(end_may_be_answered_by_another_interest),
		TEST(replace_keeps_id_and_end),
		TEST(removed_interest_leaves_nothing),
		TEST(part_is_found_at_every_place_of_a_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
