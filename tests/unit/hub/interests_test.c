/* interests_test.c - the registry: who is met by which part, what is refused,
 * and what a part costs. */
#include "hub/interests.h"

#include "base/mem.h"
#include "cond/tree.h"
#include "json/leaves.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct lab {
	struct interests *r;
	struct interests_entry e[8];
	uint32_t met; /* bits of e */
	uint32_t n;   /* entries met, also others */
};

static int open_lab(void **state)
{
	struct lab *lab = mem_zalloc(sizeof *lab);

	lab->r = interests_create();
	*state = lab;
	return 0;
}

static int close_lab(void **state)
{
	struct lab *lab = *state;

	for (size_t i = 0; i < ARRAY_LEN(lab->e); i++)
		interests_remove(lab->r, &lab->e[i]);
	assert_true(interests_empty(lab->r));
	interests_destroy(lab->r);
	mem_free(lab);
	return 0;
}

static struct cond *parse(const char *text)
{
	struct cond *c = NULL;

	if (*text)
		assert_int_equal(cond_parse(str_of(text), NULL, &c, NULL), 0);
	return c;
}

static int set_entry(struct interests *r, struct interests_entry *e,
		     const char *text, struct weir_error *err)
{
	struct cond *c = parse(text);
	bool residual;
	int rc = interests_set(r, e, text, c, &residual, err);

	cond_unref(c);
	return rc;
}

static int set(struct lab *lab, int i, const char *text)
{
	return set_entry(lab->r, &lab->e[i], text, NULL);
}

static void on_met(void *arg, struct interests_entry *e)
{
	struct lab *lab = arg;

	lab->n++;
	if (e >= lab->e && e < lab->e + ARRAY_LEN(lab->e))
		lab->met |= 1u << (e - lab->e);
}

/* The entries that a part meets, a bit each. */
static uint32_t match(struct lab *lab, const char *json)
{
	const struct cond_meta meta = {.source = STR("x")};

	lab->met = lab->n = 0;
	interests_match(lab->r, str_of(json), &meta, on_met, lab);
	return lab->met;
}

static struct interests_figures figures(struct lab *lab)
{
	struct interests_figures f;

	interests_figures(lab->r, &f);
	return f;
}

/* --- who is met ---------------------------------------------------------- */

static void a_condition_is_there_once_however_it_is_written(void **state)
{
	struct lab *lab = *state;

	set(lab, 0, "a eq 1 and b gt 2");
	set(lab, 1, "b > 2 and a == 1.0");
	set(lab, 2, "a eq 2");
	assert_int_equal(figures(lab).interests, 3);
	assert_int_equal(figures(lab).conditions, 2);
	assert_int_equal(match(lab, "{\"a\":1,\"b\":3}"), 3);
	interests_remove(lab->r, &lab->e[0]);
	assert_int_equal(figures(lab).conditions, 2);
	assert_int_equal(match(lab, "{\"a\":1,\"b\":3}"), 2);
	interests_remove(lab->r, &lab->e[1]);
	assert_int_equal(figures(lab).conditions, 1);
	assert_int_equal(match(lab, "{\"a\":1,\"b\":3}"), 0);
}

static void a_condition_can_be_replaced(void **state)
{
	struct lab *lab = *state;

	set(lab, 0, "a eq 1");
	set(lab, 0, "a eq 2");
	assert_int_equal(match(lab, "{\"a\":1}"), 0);
	assert_int_equal(match(lab, "{\"a\":2}"), 1);
	assert_int_equal(figures(lab).conditions, 1);
	set(lab, 0, "");
	assert_int_equal(match(lab, "{\"a\":1}"), 1);
	assert_string_equal(lab->e[0].text, "");
}

static void without_a_condition_every_part_is_met(void **state)
{
	struct lab *lab = *state;

	interests_limit(lab->r, 10, 1);
	set(lab, 0, "");
	set(lab, 1, "");
	set(lab, 2, "[true]");
	assert_int_equal(match(lab, "null"), 7);
	assert_int_equal(match(lab, "{\"a\":[]}"), 7);
	assert_int_equal(figures(lab).residual, 0);
	assert_int_equal(figures(lab).conditions, 1);
}

static void conditions_may_ask_for_the_source(void **state)
{
	struct lab *lab = *state;

	set(lab, 0, "@source eq x");
	set(lab, 1, "@source eq y");
	assert_int_equal(match(lab, "7"), 1);
}

static void what_is_nested_too_deep_counts_as_null(void **state)
{
	struct lab *lab = *state;
	char deep[2 * 600 + 1];

	memset(deep, '[', 600);
	memset(deep + 600, ']', 600);
	deep[1200] = '\0';
	set(lab, 0, "");
	set(lab, 1, "@source eq x");
	set(lab, 2, "a exists");
	set(lab, 3, "a missing");
	assert_int_equal(match(lab, deep), 1 | 2 | 8);
	assert_int_equal(match(lab, "{\"a\":1}"), 1 | 2 | 4);
}

/* --- limits -------------------------------------------------------------- */

static void only_so_many_conditions_are_held_against_each_part(void **state)
{
	struct lab *lab = *state;
	struct weir_error err;

	interests_limit(lab->r, 100, 2);
	assert_int_equal(set(lab, 0, "a ne 1"), 0);
	assert_int_equal(set(lab, 1, "* icontains jo"), 0);
	assert_int_equal(set(lab, 2, "b eq 1"), 0);
	assert_int_equal(figures(lab).residual, 2);
	assert_int_equal(set(lab, 3, "a ne 2"), WEIR_EDENIED);
	assert_int_equal(set(lab, 2, "a ne 2"), WEIR_EDENIED);
	assert_int_equal(match(lab, "{\"a\":2,\"b\":1}"), 1 | 4);
	/* Nobody pays twice for what is there. */
	assert_int_equal(set(lab, 3, "a ne 1"), 0);
	interests_remove(lab->r, &lab->e[1]);
	assert_int_equal(set(lab, 4, "a ne 2 and @source eq y"), 0);
	assert_int_equal(set(lab, 1, "a ne 2"), 0);
	assert_int_equal(set_entry(lab->r, &lab->e[5], "a ne 3", &err),
			 WEIR_EDENIED);
	assert_non_null(strstr(err.message, "'a not eq 3' would be held"));
}

static void assert_culprit(struct lab *lab, const char *text,
			   const char *culprit)
{
	struct interest_report report;
	struct cond *c = parse(text);
	struct weir_error err;

	assert_int_equal(interests_ask(lab->r, c, &report, NULL, &err),
			 WEIR_EDENIED);
	assert_true(report.linear);
	if (!strstr(err.message, culprit))
		fail_msg("%s: %s", text, err.message);
	assert_in_range(strlen(err.message), 1, WEIR_ERROR_MESSAGE_MAX - 2);
	cond_unref(c);
}

static void who_is_refused_is_told_which_part_it_is(void **state)
{
	struct lab *lab = *state;
	char text[200];

	interests_limit(lab->r, 100, 1);
	set(lab, 0, "z ne 1");
	assert_culprit(lab, "a eq 1 or b ne 2", "'b not eq 2' ");
	assert_culprit(lab, "a ne 1 and b ne 2", " and ");
	assert_culprit(lab, "a eq 1 or [b eq 2 and c eq 3] or [d eq 1 xor e]",
		       "'e' ");
	snprintf(text, sizeof text, "a ne x%0100d", 7);
	assert_culprit(lab, text, "000...' would");
	snprintf(text, sizeof text,
		 "not_very_long_name_of_a_member_that_is_ge ne "
		 "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4");
	assert_culprit(lab, text, "...' would");
}

static void only_so_many_conditions_are_different(void **state)
{
	struct lab *lab = *state;

	interests_limit(lab->r, 2, 10);
	set(lab, 0, "a eq 1");
	set(lab, 1, "a eq 2");
	assert_int_equal(set(lab, 2, "a eq 3"), WEIR_EBUSY);
	assert_int_equal(set(lab, 1, "a eq 3"), WEIR_EBUSY);
	assert_int_equal(set(lab, 2, "a eq 1"), 0);
	assert_int_equal(match(lab, "{\"a\":2}"), 2);
}

static void assert_explained(struct lab *lab, const char *text,
			     const char *json)
{
	struct cond *c = parse(text);
	struct buf out = {0};

	interests_explain(lab->r, c, &out);
	if (!str_starts(buf_str(&out), str_of(json)))
		fail_msg("%s: %.*s", text, STR_FMT(buf_str(&out)));
	buf_fini(&out);
	cond_unref(c);
}

static void it_is_explained_how_a_condition_is_found(void **state)
{
	struct lab *lab = *state;

	assert_explained(lab, "user.id eq 4711 and status ne open",
			 ",\"indexed\":\"user.id eq\",\"cost\":0.0");
	assert_explained(lab, "a ne 1",
			 ",\"indexed\":null,\"cost\":1,\"residual\":true");
	assert_explained(lab, "a ieq joe",
			 ",\"indexed\":\"a ieq\",\"cost\":0.");
}

/* --- many ---------------------------------------------------------------- */

enum { HOSTILE = 10000 };

static uint32_t random_below(uint32_t n)
{
	static uint32_t x = 1;

	x = x * 1664525 + 1013904223;
	return (x >> 8) % n;
}

static void make_condition(char *out, size_t size)
{
	static const char *const forms[] = {
		"k%u eq %u",
		"* eq %u or k1 eq %u",
		"k%u ne %u",
		"k%u gt %u or k1 eq 3",
		"* contains a%u or k2 eq %u",
		"k%u icontains A%u",
		"**.k%u in [1 %u]",
		"k%u eq None and k3 lt %u",
		"k%u matches \"a%u.*\"",
		"not [k%u between [2 %u]]",
	};

	snprintf(out, size, forms[random_below(ARRAY_LEN(forms))],
		 random_below(20), random_below(200));
}

static void make_part(char *out, size_t size)
{
	snprintf(out, size, "{\"k%u\":%u,\"k%u\":\"a%u\",\"b\":{\"k%u\":[%u]}}",
		 random_below(20), random_below(200), random_below(20),
		 random_below(200), random_below(20), random_below(200));
}

/* Whatever clients ask for, each gets exactly what it should. */
static void ten_thousand_are_as_exact_as_one(void **state)
{
	struct lab *lab = *state;
	struct interests_entry *e = mem_zalloc(HOSTILE * sizeof *e);
	struct cond **conds = mem_zalloc(HOSTILE * sizeof(struct cond *));
	struct json_leaves leaves = {0};
	char(*texts)[64] = mem_zalloc(HOSTILE * sizeof *texts);
	char part[128];
	bool residual;

	for (int i = 0; i < HOSTILE; i++) {
		make_condition(texts[i], sizeof texts[i]);
		conds[i] = parse(texts[i]);
		interests_set(lab->r, &e[i], texts[i], conds[i], &residual,
			      NULL);
	}
	assert_int_equal(figures(lab).residual, 1000);
	for (int round = 0; round < 20; round++) {
		uint32_t n = 0;

		make_part(part, sizeof part);
		match(lab, part);
		interests_read(&leaves, str_of(part));
		for (int i = 0; i < HOSTILE; i++)
			n += e[i].id &&
			     cond_eval_leaves(conds[i], &leaves, NULL);
		assert_int_equal(lab->n, n);
		for (int i = 0; i < 500; i++)
			interests_remove(lab->r, &e[random_below(HOSTILE)]);
	}
	for (int i = 0; i < HOSTILE; i++) {
		interests_remove(lab->r, &e[i]);
		cond_unref(conds[i]);
	}
	json_leaves_fini(&leaves);
	mem_free(texts);
	mem_free(conds);
	mem_free(e);
}

enum { FEW = 1000, MANY = 100000, PARTS = 3000 };

/* CPU time of some parts, of which each meets one entry, in seconds. */
static double time_parts(struct lab *lab, uint32_t n)
{
	double best = 1e9;

	for (int round = 0; round < 3; round++) {
		clock_t begin = clock();

		for (uint32_t i = 0; i < PARTS; i++) {
			char part[96];

			snprintf(part, sizeof part,
				 "{\"user\":{\"id\":%u},\"type\":\"order\","
				 "\"total\":%u,\"note\":\"nothing\"}",
				 i * 31 % n, i);
			match(lab, part);
			assert_int_equal(lab->n, 1);
		}
		best = MIN(best, (double)(clock() - begin) / CLOCKS_PER_SEC);
	}
	return best;
}

static void a_part_costs_the_same_with_a_hundred_times_as_many(void **state)
{
	struct lab *lab = *state;
	struct interests_entry *e = mem_zalloc(MANY * sizeof *e);
	char(*texts)[40] = mem_zalloc(MANY * sizeof *texts);
	double few = 0;
	double many;

	for (uint32_t i = 0; i < MANY; i++) {
		snprintf(texts[i], sizeof texts[i],
			 "user.id eq %u and total ge 0", i);
		assert_int_equal(set_entry(lab->r, &e[i], texts[i], NULL), 0);
		if (i == FEW - 1)
			few = time_parts(lab, FEW);
	}
	many = time_parts(lab, MANY);
	print_message("%.2f us with %d, %.2f us with %d\n", few / PARTS * 1e6,
		      FEW, many / PARTS * 1e6, MANY);
	assert_true(many < 4 * few);
	for (uint32_t i = 0; i < MANY; i++)
		interests_remove(lab->r, &e[i]);
	assert_int_equal(figures(lab).conditions, 0);
	mem_free(texts);
	mem_free(e);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_lab, close_lab)
	const struct CMUnitTest tests[] = {
		TEST(a_condition_is_there_once_however_it_is_written),
		TEST(a_condition_can_be_replaced),
		TEST(without_a_condition_every_part_is_met),
		TEST(conditions_may_ask_for_the_source),
		TEST(what_is_nested_too_deep_counts_as_null),
		TEST(only_so_many_conditions_are_held_against_each_part),
		TEST(who_is_refused_is_told_which_part_it_is),
		TEST(only_so_many_conditions_are_different),
		TEST(it_is_explained_how_a_condition_is_found),
		TEST(ten_thousand_are_as_exact_as_one),
		TEST(a_part_costs_the_same_with_a_hundred_times_as_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
