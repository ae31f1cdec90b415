/* canon_test.c - conditions that say the same become the same. */
#include "cond/tree.h"

#include "base/buf.h"
#include "base/hash.h"
#include "cond/cond.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct cond *parse(const char *text)
{
	struct weir_error err;
	struct cond *c;

	if (cond_parse(str_of(text), NULL, &c, &err) < 0)
		fail_msg("%s: %u: %s", text, err.column, err.message);
	return c;
}

static bool same(const char *a, const char *b)
{
	struct cond *x = parse(a);
	struct cond *y = parse(b);
	bool are = cond_same(x, y);

	if (are && cond_hash(x) != cond_hash(y))
		fail_msg("%s: the hash is another one than that of %s", a, b);
	cond_unref(x);
	cond_unref(y);
	return are;
}

static void the_same_in_other_words_is_the_same(void **state)
{
	static const char *const rows[][2] = {
		{"a and b", "b and a"},
		{"a and [b and c]", "[c and a] and b"},
		{"a and a", "a"},
		{"not [a and b]", "[not b] or [not a]"},
		{"not [a or not b]", "b and [not a]"},
		{"a and not b", "a and [not b]"},
		{"a eq 1", "a == 1.0"},
		{"[\"a\", \"eq\", 1.0]", "a eq 1"},
		{"a and_ 4", "a & 4.0"},
		{"a eq 1", "a in [1]"},
		{"a is_ 1", "a is 1"},
		{"a in [1 2 2]", "a in [2,1]"},
		{"a ne 1", "a not eq 1"},
		{"a not ne 1", "a eq 1"},
		{"a falsy", "not a"},
		{"a truthy 0", "a"},
		{"a missing", "a not exists"},
		{"a rev gt 5", "a lt 5"},
		{"a rev eq 5", "a eq 5"},
		{"a rev contains xyz", "a in xyz"},
		{"a rev in x", "a contains x"},
		{"a rev add 5", "a add 5.0"},
		{"a xor b", "b xor a"},
		{"a xor not b", "not [a xor b]"},
		{"a xor a xor b", "b"},
		{"a xor a", "[false]"},
		{"[\"a\", \"or\", true]", "[true]"},
		{"[\"a\", \"and\", true]", "a"},
		{"a and [not a]", "[false]"},
		{"a or [not a] or b", "[true]"},
		{"[a and b] or [b and a]", "a and b"},
		{"v cidr 10.0.0.0/8", "v cidr [10.0.0.0/8]"},
		{"[\"a.b\", \"eq\", 1]", "a.b eq 1"},
		{"[[\"a\", \"b\"], \"eq\", 1]", "a.b eq 1"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (!same(rows[i][0], rows[i][1]))
			fail_msg("%s is not %s", rows[i][0], rows[i][1]);
}

static void what_differs_stays_different(void **state)
{
	static const char *const rows[][2] = {
		{"a eq 1", "a eq \"1\""},
		{"a eq 1", "a eq true"},
		{"a eq 1", "b eq 1"},
		{"a gt 1", "a ge 1"},
		{"* ne x", "* not eq x"},
		{"* falsy", "not *"},
		{"a contains 5", "a contains \"5\""},
		{"a contains 5", "a contains 5.0"},
		{"a eq 18446744073709551617", "a eq 18446744073709551616"},
		{"a and b or c", "[a and b] or c"},
		{"a rev mod 5", "a mod 5"},
		{"a rev startswith x", "a startswith x"},
		{"a.0", "[[\"a\", 0]]"},
		{"*.a", "**.a"},
		{"@source", "\\@source"},
		{"a ieq x", "a eq x"},
		{"[\"a\", \"and_\", 4.0]", "a and_ 4"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (same(rows[i][0], rows[i][1]))
			fail_msg("%s is the same as %s", rows[i][0],
				 rows[i][1]);
}

static void is_canonical(const struct cond_node *n)
{
	for (uint32_t i = 0; i < n->n; i++) {
		const struct cond_node *c = n->children[i];

		assert_true(c->kind > COND_TRUE);
		assert_true(i == 0 || n->children[i - 1]->hash <= c->hash);
		if (n->kind == COND_NOT)
			assert_true(c->kind == COND_ATOM ||
				    c->kind == COND_XOR);
		else
			assert_true(c->kind != n->kind);
		if (n->kind == COND_XOR)
			assert_true(c->kind != COND_NOT);
		is_canonical(c);
	}
	if (n->kind == COND_NOT)
		assert_int_equal(n->n, 1);
	else if (n->kind > COND_NOT)
		assert_true(n->n >= 2);
}

static void negations_stand_on_comparisons_only(void **state)
{
	static const char *const rows[] = {
		"not [a and [b or not [c xor d]] and e]",
		"a and not b or not c xor d and not [e or f]",
		"[not a] xor [not b] xor [c and not [d xor e]]",
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct cond *c = parse(rows[i]);

		is_canonical(cond_root(c));
		cond_unref(c);
	}
}

static void a_tree_is_printed_as_it_is_written(void **state)
{
	static const char *const rows[] = {
		"type eq order and [total gt 100 or * contains joe]",
		"not a",
		"a and b not truthy and c",
		"[a xor b] and [not [c xor d]]",
		"a in [x \"two words\" 5 \"5\"]",
		"a rev mod 7",
		"my\\ key.x eq None",
		"\"\" eq \"\"",
		"a eq \"and\"",
		"a eq 'say \"x\"'",
		"**.a.b not startswith \"007\"",
		"items.*.qty between [1 5]",
		"v eq 18446744073709551617",
	};
	struct buf out = {0};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct cond_rules rules = cond_rules_operator;
		struct weir_error err;
		struct cond *c;

		rules.as_written = true;
		assert_int_equal(cond_parse(str_of(rows[i]), &rules, &c, &err),
				 0);
		buf_clear(&out);
		cond_node_print(cond_root(c), &out);
		buf_append_char(&out, '\0');
		assert_string_equal(buf_bytes(&out), rows[i]);
		cond_unref(c);
	}
	buf_fini(&out);
}

static bool count(const struct cond_atom *a, bool negated, void *ctx)
{
	int *n = ctx;

	n[negated]++;
	return true;
}

static void atoms_can_be_walked(void **state)
{
	struct cond *c = parse("a and not [b or not c] or d");
	int n[2] = {0};

	assert_true(cond_each_atom(cond_root(c), count, n));
	assert_int_equal(n[0] + n[1], 4);
	cond_unref(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_in_other_words_is_the_same),
		cmocka_unit_test(what_differs_stays_different),
		cmocka_unit_test(negations_stand_on_comparisons_only),
		cmocka_unit_test(a_tree_is_printed_as_it_is_written),
		cmocka_unit_test(atoms_can_be_walked),
	};

	hash_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
