/* key_test.c - keys exist once, and go with the last who uses them. */
#include "cond/key.h"

#include "base/hash.h"
#include "json/leaves.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct cond_key *intern(enum cond_scope scope, const char *a,
			       const char *b)
{
	struct cond_step steps[] = {cond_step_named(str_of(a)),
				    cond_step_named(str_of(b))};

	return cond_key_intern(scope, steps, b ? 2 : 1);
}

static void the_same_key_exists_once(void **state)
{
	struct cond_key *a = intern(COND_PATH, "user", "id");
	struct cond_key *b = intern(COND_PATH, "user", "id");
	struct cond_key *c = intern(COND_PATH, "use", "rid");
	struct cond_key *d = intern(COND_ANYWHERE, "user", "id");
	struct value_path path;

	assert_ptr_equal(a, b);
	assert_ptr_not_equal(a, c);
	assert_ptr_not_equal(a, d);
	assert_ptr_equal(cond_key_at(c->number), c);
	assert_true(a->has_path && !a->many && d->many && !d->has_path);
	value_path_parse(&path, STR("user.id"), NULL);
	assert_int_equal(a->path, json_path_hash(&path));
	value_path_fini(&path);
	cond_key_unref(a);
	cond_key_unref(b);
	cond_key_unref(c);
	cond_key_unref(d);
}

static void plain_keys_are_found_by_their_text(void **state)
{
	struct cond_key *path = intern(COND_PATH, "user", "id");
	struct cond_key *any = intern(COND_ANYWHERE, "user", "id");
	struct cond_key *leaf = cond_key_intern(COND_LEAF, NULL, 0);
	struct cond_key *dot = intern(COND_PATH, "a.b", "c");
	struct cond_key *claim = intern(COND_CLAIMS, "user", "id");
	struct {
		struct str text;
		struct cond_key *key;
	} rows[] = {
		{STR("user.id"), path}, {STR("**.user.id"), any},
		{STR("*"), leaf},	{STR("a.b.c"), NULL},
		{STR("user"), NULL},	{dot->id, NULL},
		{claim->id, NULL},	{STR(""), NULL},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_ptr_equal(cond_key_find(rows[i].text), rows[i].key);
		cond_key_unref(rows[i].key);
	}
	cond_key_unref(path);
	cond_key_unref(any);
	cond_key_unref(leaf);
	cond_key_unref(dot);
	cond_key_unref(claim);
	assert_null(cond_key_find(STR("user.id")));
}

static void numbers_are_used_again(void **state)
{
	struct cond_key *keys[100];

	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 100; i++) {
			char name[] = {(char)('a' + i % 26),
				       (char)('a' + i / 26), '\0'};

			keys[i] = intern(COND_PATH, name, NULL);
			assert_true(keys[i]->number < 100);
		}
		for (int i = 0; i < 100; i++)
			cond_key_unref(keys[(i * 37) % 100]);
	}
}

static void a_number_is_an_index_too(void **state)
{
	static const struct {
		const char *name;
		int64_t index;
	} rows[] = {
		{"0", 0},
		{"12", 12},
		{"01", 1},
		{"-1", -1},
		{"", COND_NO_INDEX},
		{"-", COND_NO_INDEX},
		{"1a", COND_NO_INDEX},
		{"--1", COND_NO_INDEX},
		{"99999999999", COND_NO_INDEX},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(cond_step_named(str_of(rows[i].name)).index,
				 rows[i].index);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_key_exists_once),
		cmocka_unit_test(plain_keys_are_found_by_their_text),
		cmocka_unit_test(numbers_are_used_again),
		cmocka_unit_test(a_number_is_an_index_too),
	};

	hash_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
