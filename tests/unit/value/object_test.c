/* object_test.c - members: lookup, repeated names, the index of big ones. */
#include "value/object.h"

#include "base/clock.h"
#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

/* n members named "k0", "k1", ... with the values 0, 1, ...; names repeat
 * after `names` of them. */
static struct value build(uint32_t n, uint32_t names)
{
	struct value *pairs = mem_alloc((2 * (size_t)n + 1) * sizeof *pairs);

	for (uint32_t i = 0; i < n; i++) {
		char name[16];

		snprintf(name, sizeof name, "k%u", i % names);
		pairs[2 * i] = value_cstr(name);
		pairs[2 * i + 1] = value_int(i);
	}

	struct value o = value_object(pairs, n);

	mem_free(pairs);
	return o;
}

static void every_member_is_found_at_any_size(void **state)
{
	for (uint32_t n = 0; n < 80; n++) {
		struct value o = build(n, 1000);
		struct value out;
		char name[16];

		assert_int_equal(value_len(o), n);
		for (uint32_t i = 0; i < n; i++) {
			snprintf(name, sizeof name, "k%u", i);
			assert_true(value_find(o, str_of(name), &out));
			assert_int_equal(out.i, i);
		}
		assert_false(value_find(o, STR("k"), &out));
		assert_false(value_find(o, STR(""), &out));
		assert_int_equal(value_type(out), VALUE_NULL);
		value_unref(o);
	}
}

static void of_one_name_the_last_wins_at_the_first_place(void **state)
{
	static const uint32_t sizes[] = {2, 5, 16, 17, 40, 200};

	for (size_t s = 0; s < ARRAY_LEN(sizes); s++) {
		for (uint32_t names = 1; names <= sizes[s]; names++) {
			struct value o = build(sizes[s], names);
			char name[16];

			assert_int_equal(value_len(o), names);
			for (uint32_t i = 0; i < names; i++) {
				const struct value *m = value_nodes(o) + 2 * i;
				uint32_t last = i;

				while (last + names < sizes[s])
					last += names;
				snprintf(name, sizeof name, "k%u", i);
				assert_true(
					str_eq(value_str(*m), str_of(name)));
				assert_int_equal(m[1].i, last);
				assert_int_equal(value_get(o, str_of(name)).i,
						 last);
			}
			value_unref(o);
		}
	}
}

static void a_dropped_value_is_given_back(void **state)
{
	struct value s = value_cstr("kept?");
	struct value pairs[] = {value_cstr("a"), value_ref(s), value_cstr("a"),
				value_int(1)};
	struct value o = value_object(pairs, 2);

	assert_int_equal(value_block(s)->refs, 1);
	assert_int_equal(value_get(o, STR("a")).i, 1);
	value_unref(o);
	value_unref(s);
}

static void hostile_sizes_do_not_cost_the_square(void **state)
{
	int64_t began = clock_cpu_ns();
	struct value big = build(100000, 100000);
	struct value same = build(100000, 100000);
	struct value one = build(100000, 1);

	assert_int_equal(value_len(big), 100000);
	assert_int_equal(value_len(one), 1);
	assert_int_equal(value_get(one, STR("k0")).i, 99999);
	assert_true(value_equal(big, same));
	assert_int_equal(value_compare(big, same), 0);
	assert_true(value_hash(big) == value_hash(same));
	value_unref(big);
	value_unref(same);
	value_unref(one);
	/* The square would be minutes under a sanitizer. */
	assert_true(clock_cpu_ns() - began < INT64_C(10000000000));
}

static void with_adds_and_replaces_and_leaves_the_old_alone(void **state)
{
	struct value s = value_cstr("text");
	struct value o = value_object(NULL, 0);

	for (int i = 0; i < 40; i++) {
		char name[16];

		snprintf(name, sizeof name, "k%d", i);

		struct value next = value_with(o, str_of(name), value_ref(s));

		assert_int_equal(value_len(next), i + 1);
		assert_int_equal(value_len(o), i);
		value_unref(o);
		o = next;
	}

	struct value other = value_with(o, STR("k3"), value_int(3));

	assert_int_equal(value_len(other), 40);
	assert_int_equal(value_get(other, STR("k3")).i, 3);
	assert_true(value_equal(value_get(o, STR("k3")), s));
	value_unref(o);
	assert_true(value_equal(value_get(other, STR("k39")), s));
	value_unref(other);
	assert_int_equal(value_block(s)->refs, 1);
	value_unref(s);
}

static void looking_into_no_object_finds_nothing(void **state)
{
	struct value s = value_cstr("a");
	struct value out = value_int(1);

	assert_false(value_find(s, STR("a"), &out));
	assert_int_equal(value_type(out), VALUE_NULL);
	assert_int_equal(value_type(value_get(value_int(1), STR("a"))),
			 VALUE_NULL);
	value_unref(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_member_is_found_at_any_size),
		cmocka_unit_test(of_one_name_the_last_wins_at_the_first_place),
		cmocka_unit_test(a_dropped_value_is_given_back),
		cmocka_unit_test(hostile_sizes_do_not_cost_the_square),
		cmocka_unit_test(
			with_adds_and_replaces_and_leaves_the_old_alone),
		cmocka_unit_test(looking_into_no_object_finds_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
