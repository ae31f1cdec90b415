/* map_test.c - the hash map, against a plain table of what should be in it. */
#include "base/map.h"

#include "base/hash.h"
#include "base/util.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

enum { KEYS = 2000 };

static char keys[KEYS][12];
static int values[KEYS];

static int name_keys(void **state)
{
	hash_init();
	for (int i = 0; i < KEYS; i++)
		snprintf(keys[i], sizeof keys[i], "k%d", i);
	return 0;
}

static void an_empty_map_has_nothing(void **state)
{
	struct map m = {0};
	int seen = 0;

	assert_null(map_get(&m, STR("a")));
	assert_null(map_remove(&m, STR("a")));
	MAP_FOREACH (slot, &m)
		seen++;
	assert_int_equal(seen, 0);
	map_fini(&m);
}

static void putting_again_replaces_value_and_key(void **state)
{
	struct map m = {0};
	char first[] = "key";
	char second[] = "key";

	assert_null(map_put(&m, str_of(first), &values[0]));
	assert_ptr_equal(map_put(&m, str_of(second), &values[1]), &values[0]);
	first[0] = 'x'; /* its memory may be gone now */
	assert_ptr_equal(map_get(&m, STR("key")), &values[1]);
	assert_int_equal(m.len, 1);
	MAP_FOREACH (slot, &m)
		assert_ptr_equal(slot->key, second);
	map_fini(&m);
}

static void keys_are_bytes_and_may_be_empty(void **state)
{
	struct map m = {0};

	map_put(&m, STR(""), &values[0]);
	map_put(&m, STR("a\0b"), &values[1]);
	map_put(&m, STR("a\0c"), &values[2]);
	assert_ptr_equal(map_get(&m, STR("")), &values[0]);
	assert_ptr_equal(map_get(&m, STR("a\0b")), &values[1]);
	assert_ptr_equal(map_get(&m, STR("a\0c")), &values[2]);
	assert_null(map_get(&m, STR("a")));
	assert_ptr_equal(map_remove(&m, STR("")), &values[0]);
	assert_null(map_get(&m, STR("")));
	map_fini(&m);
}

static void check_all(const struct map *m, void *const *model)
{
	size_t n = 0;
	size_t seen = 0;

	for (int i = 0; i < KEYS; i++) {
		assert_ptr_equal(map_get(m, str_of(keys[i])), model[i]);
		n += model[i] != NULL;
	}
	MAP_FOREACH (slot, m) {
		int i = atoi(slot->key + 1);

		assert_ptr_equal(slot->value, model[i]);
		seen++;
	}
	assert_int_equal(m->len, n);
	assert_int_equal(seen, n);
}

static void random_use_agrees_with_a_model(void **state)
{
	static void *model[KEYS];
	struct map m = {0};

	srand(4);
	for (int round = 0; round < 100000; round++) {
		/* Now it grows for long, now it shrinks for long. */
		bool grows = round / 5000 % 2 == 0;
		int i = rand() % KEYS;
		void *want = model[i];

		if (rand() % 10 < (grows ? 8 : 2)) {
			model[i] = &values[rand() % KEYS];
			assert_ptr_equal(map_put(&m, str_of(keys[i]), model[i]),
					 want);
		} else {
			model[i] = NULL;
			assert_ptr_equal(map_remove(&m, str_of(keys[i])), want);
		}
		if (round % 5000 == 0)
			check_all(&m, model);
	}
	check_all(&m, model);
	map_fini(&m);
}

static void a_map_that_was_emptied_is_cheap_to_ask(void **state)
{
	struct map m = {0};

	for (int i = 0; i < KEYS; i++)
		map_put(&m, str_of(keys[i]), &values[i]);
	for (int i = 0; i < KEYS; i++)
		map_remove(&m, str_of(keys[i]));
	assert_int_equal(m.len, 0);
	/* No tombstone is left that a search would have to pass. */
	for (size_t i = 0; i < m.cap; i++)
		assert_null(m.slots[i].key);
	map_fini(&m);
}

static void hashes_tell_all_short_texts_apart(void **state)
{
	static uint64_t seen[40 * 256];
	char text[40] = {0};
	int n = 0;

	/* One byte that differs, at each place of each length. */
	for (size_t len = 1; len < 40; len++)
		for (size_t at = 0; at < len; at++) {
			text[at] = 'x';
			seen[n++] = hash_bytes(text, len);
			text[at] = 0;
		}
	for (int i = 0; i < n; i++)
		for (int k = 0; k < i; k++)
			assert_true(seen[i] != seen[k]);
}

static void a_random_id_has_no_vowels_and_its_length(void **state)
{
	char a[13];
	char b[13];

	random_id(a, 12);
	random_id(b, 12);
	assert_int_equal(strlen(a), 12);
	assert_int_equal(strspn(a, "0123456789bcdfghjklmnpqrstvwxyz"), 12);
	assert_string_not_equal(a, b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_map_has_nothing),
		cmocka_unit_test(putting_again_replaces_value_and_key),
		cmocka_unit_test(keys_are_bytes_and_may_be_empty),
		cmocka_unit_test(random_use_agrees_with_a_model),
		cmocka_unit_test(a_map_that_was_emptied_is_cheap_to_ask),
		cmocka_unit_test(hashes_tell_all_short_texts_apart),
		cmocka_unit_test(a_random_id_has_no_vowels_and_its_length),
	};

	return cmocka_run_group_tests(tests, name_keys, NULL);
}
