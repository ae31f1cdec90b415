/* store_test.c - what the index is stored in, against plain arrays: the table
 * of keys, that of conditions, postings, the arena, paths, the wheel. */
#include "cond/index/arena.h"
#include "cond/index/interests.h"
#include "cond/index/keys.h"
#include "cond/index/paths.h"
#include "cond/index/posting.h"
#include "cond/index/shared.h"
#include "cond/index/sketch.h"
#include "cond/index/table.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static uint64_t seed = 1;

static uint32_t chance(uint32_t below)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(seed >> 33) % below;
}

/* --- table ------------------------------------------------------------- */

enum { KEYS = 5000 };

/* Keys come and go; mask makes them collide. */
static void come_and_go(uint64_t mask)
{
	uint64_t *keys = mem_zalloc(KEYS * sizeof *keys);
	bool *in = mem_zalloc(KEYS * sizeof *in);
	uint64_t n = 0;
	struct table t;

	table_init(&t);
	for (uint32_t i = 0; i < KEYS; i++)
		keys[i] = (hash_u64(i) & mask) ^ (uint64_t)i << 20;
	for (int step = 0; step < 40000; step++) {
		uint32_t i = chance(step < 20000 ? KEYS : KEYS / 2);
		struct table_slot *s = table_find(&t, keys[i]);

		assert_int_equal(s != NULL, in[i]);
		if (s) {
			assert_int_equal(s->ref, i);
			assert_true(table_maybe(&t, keys[i]));
			table_remove(&t, s);
		} else {
			s = table_add(&t, keys[i]);
			assert_int_equal(s->n, 0);
			s->ref = i;
			s->n = 1;
		}
		in[i] = !in[i];
		n += in[i] ? 1 : -1ull;
		assert_int_equal(t.keys, n);
	}
	for (uint32_t i = 0; i < KEYS; i++)
		if (in[i])
			table_remove(&t, table_find(&t, keys[i]));
	assert_int_equal(t.keys, 0);
	assert_int_equal(t.overflow_used, 0);
	for (uint64_t i = 0; i < spread_places(&t.spread); i++)
		assert_int_equal(((uint32_t *)t.filter.base)[i], 0);
	table_fini(&t);
	mem_free(keys);
	mem_free(in);
}

static void table_finds_what_is_in_it(void **state)
{
	come_and_go(UINT64_MAX);
}

static void table_bears_lines_that_overflow(void **state)
{
	come_and_go(~(uint64_t)0xfff);
}

static void filter_lets_few_keys_through(void **state)
{
	struct table t;
	uint32_t through = 0;

	table_init(&t);
	for (uint32_t i = 0; i < 100000; i++)
		table_add(&t, hash_u64(i))->n = 1;
	for (uint32_t i = 0; i < 100000; i++)
		through += table_maybe(&t, hash_u64(200000 + i));
	assert_in_range(through, 0, 5000);
	table_fini(&t);
}

/* --- conditions -------------------------------------------------------- */

/* The bytes of i stand for a pack. */
static struct str pack_of(const uint32_t *i)
{
	return str_from((const char *)i, sizeof *i);
}

static void conditions_are_found_until_they_are_removed(void **state)
{
	uint32_t *ids = mem_zalloc(KEYS * sizeof *ids);
	struct str list = STR("ab");
	struct arena a;
	struct shared s;
	uint64_t n = 0;

	arena_init(&a);
	shared_init(&s, &a);
	for (int step = 0; step < 60000; step++) {
		uint32_t i = chance(step < 30000 ? KEYS : KEYS / 2);
		struct str pack = pack_of(&i);
		uint64_t hash = shared_hash(pack);

		assert_int_equal(shared_find(&s, hash, pack, NULL), ids[i]);
		if (ids[i])
			shared_remove(&s, hash, ids[i]);
		n += ids[i] ? -1ull : 1;
		ids[i] = ids[i] ? 0 : shared_add(&s, hash, pack, list, NULL);
		assert_int_equal(s.n, n);
	}
	assert_true(s.overflow_used > 0);
	for (uint32_t i = 0; i < KEYS; i++)
		if (ids[i])
			shared_remove(&s, shared_hash(pack_of(&i)), ids[i]);
	assert_int_equal(s.n, 0);
	assert_int_equal(s.overflow_used, 0);
	assert_int_equal(a.used, 0);
	shared_fini(&s);
	arena_fini(&a);
	mem_free(ids);
}

/* --- postings ---------------------------------------------------------- */

static int by_order(const void *a, const void *b)
{
	return posting_order(a, b);
}

static size_t read_posting(struct arena *a, const struct table_slot *s,
			   struct posting_entry *out)
{
	size_t n = 0;

	if (s->n <= POSTING_BLOCK) {
		memcpy(out, posting_entries(a, s->ref), s->n * sizeof *out);
		return s->n;
	}

	const struct posting_dir *d = arena_at(a, s->ref);

	for (uint32_t i = 0; i < d->n; i++) {
		const struct posting_entry *at =
			posting_entries(a, d->parts[i].block);

		assert_int_equal(posting_order(at, &d->parts[i].first), 0);
		memcpy(out + n, at, d->parts[i].n * sizeof *out);
		n += d->parts[i].n;
	}
	return n;
}

static void posting_stays_in_order(void **state)
{
	enum { MOST = 3000 };
	static struct posting_entry plain[MOST];
	static struct posting_entry read[MOST];
	struct table_slot s = {0};
	struct arena a;
	uint32_t n = 0;

	arena_init(&a);
	for (int step = 0; step < 20000; step++) {
		bool grows = step % 8000 < 4500;
		struct posting_entry e = {.operand = chance(50),
					  .test = chance(4) << TEST_OP_BITS,
					  .cond = 1 + chance(1000)};

		if (n < MOST && (n == 0 || chance(10) < (grows ? 8 : 2))) {
			posting_add(&a, &s, e, plain[0]);
			plain[n++] = e;
		} else {
			uint32_t i = chance(n);

			posting_remove(&a, &s, plain[i]);
			plain[i] = plain[--n];
		}
		assert_int_equal(s.n, n);
		if (n == 1)
			assert_int_equal(s.ref, plain[0].cond);
		if (n < 2 || step % 50)
			continue;
		memcpy(read, plain, n * sizeof *read);
		qsort(read, n, sizeof *read, by_order);
		memcpy(plain, read, n * sizeof *read);
		assert_int_equal(read_posting(&a, &s, read), n);
		for (uint32_t i = 0; i < n; i++)
			assert_int_equal(posting_order(&read[i], &plain[i]), 0);
	}
	while (n)
		posting_remove(&a, &s, plain[--n]);
	assert_int_equal(a.used, 0);
	arena_fini(&a);
}

/* --- arena ------------------------------------------------------------- */

static void blocks_do_not_overlap(void **state)
{
	enum { BLOCKS = 500 };
	uint32_t block[BLOCKS] = {0};
	size_t size[BLOCKS];
	struct arena a;

	arena_init(&a);
	for (int step = 0; step < 20000; step++) {
		uint32_t i = chance(BLOCKS);

		if (block[i]) {
			const uint8_t *p = arena_at(&a, block[i]);

			for (size_t k = 0; k < size[i]; k++)
				assert_int_equal(p[k], (uint8_t)i);
			arena_free(&a, block[i], size[i]);
			block[i] = 0;
		} else {
			size[i] = 1 + chance(chance(20) ? 300 : 5000);
			block[i] = arena_alloc(&a, size[i]);
			memset(arena_at(&a, block[i]), (int)(uint8_t)i,
			       size[i]);
		}
	}
	for (int i = 0; i < BLOCKS; i++)
		arena_free(&a, block[i], size[i]);
	assert_int_equal(a.used, 0);
	arena_fini(&a);
}

/* --- paths ------------------------------------------------------------- */

static void paths_are_numbered_once(void **state)
{
	enum { PATHS = 3000 };
	static uint32_t ids[PATHS];
	struct paths p;

	paths_init(&p);
	for (uint32_t i = 0; i < PATHS; i++)
		ids[i] = paths_ref(&p, hash_u64(i));
	for (uint32_t i = 0; i < PATHS; i++) {
		assert_int_equal(paths_find(&p, hash_u64(i)), ids[i]);
		assert_int_equal(paths_ref(&p, hash_u64(i)), ids[i]);
		paths_unref(&p, ids[i]);
	}
	for (uint32_t i = 0; i < PATHS; i += 2)
		paths_unref(&p, ids[i]);
	for (uint32_t i = 0; i < PATHS; i++)
		assert_int_equal(paths_find(&p, hash_u64(i)),
				 i % 2 ? ids[i] : 0);
	assert_int_equal(p.in_use, PATHS / 2);
	paths_fini(&p);
}

/* --- the wheel --------------------------------------------------------- */

/* Each ends in the first call that comes at its tick or behind it. */
static void interests_end_in_time(void **state)
{
	enum { LIVE = 2000 };
	static uint32_t number[LIVE];
	static uint32_t end[LIVE];
	struct index_interests s;
	int64_t now_ms = 1234;
	uint32_t ended;

	index_interests_init(&s, now_ms);
	for (int turn = 0; turn < 3000; turn++) {
		uint32_t budget = UINT32_MAX;

		for (int k = 0; k < 20; k++) {
			uint32_t i = chance(LIVE);
			uint32_t later = s.now + 1 + chance(1u << chance(19));

			if (!number[i]) {
				number[i] = index_interests_add(&s, i, later);
				end[i] = later;
			} else if (chance(2)) {
				index_interests_keep(&s, number[i], later);
				end[i] = later;
			}
		}
		now_ms += chance(chance(10) ? 30 : 3000);
		index_interests_set_now(&s, now_ms);
		while ((ended = index_interests_ended(&s, &budget))) {
			uint64_t i = index_interests_at(&s, ended)->user;

			assert_int_equal(number[i], ended);
			assert_true(end[i] <= s.now);
			index_interests_remove(&s, ended);
			number[i] = 0;
		}
		for (uint32_t i = 0; i < LIVE; i++)
			assert_true(!number[i] || end[i] > s.now);
	}
	index_interests_fini(&s);
}

static void ending_takes_no_more_than_its_budget(void **state)
{
	struct index_interests s;
	uint32_t calls = 0;
	uint32_t n = 0;
	uint32_t number;

	index_interests_init(&s, 0);
	for (uint32_t i = 0; i < 10000; i++)
		index_interests_add(&s, i, 50);
	index_interests_set_now(&s, 500);
	for (; s.n; calls++) {
		uint32_t budget = 100;

		for (n = 0; (number = index_interests_ended(&s, &budget));
		     n++) {
			assert_false(index_interests_alive(
				&s, index_interests_at(&s, number)));
			index_interests_remove(&s, number);
		}
		assert_in_range(n, 0, 100);
	}
	assert_in_range(calls, 100, 102);
	index_interests_fini(&s);
}

static void ids_of_those_that_left_are_not_found(void **state)
{
	struct index_interests s;
	uint32_t first;
	uint64_t id;

	index_interests_init(&s, 0);
	first = index_interests_add(&s, 0, INTERESTS_NEVER);
	id = index_interests_id(&s, first);
	assert_int_equal(index_interests_find(&s, id), first);
	index_interests_remove(&s, first);
	assert_int_equal(index_interests_find(&s, id), 0);
	assert_int_equal(index_interests_add(&s, 0, INTERESTS_NEVER), first);
	assert_int_equal(index_interests_find(&s, id), 0);
	assert_int_equal(index_interests_find(&s, 0), 0);
	assert_int_equal(index_interests_find(&s, UINT64_MAX), 0);
	index_interests_fini(&s);
}

static void an_interest_takes_32_bytes(void **state)
{
	assert_int_equal(sizeof(struct interest), 32);
	assert_int_equal(sizeof(struct posting_entry), 16);
	assert_int_equal(sizeof(struct table_line), 64);
}

/* --- keys and their frequency ------------------------------------------ */

static void orders_are_those_of_values(void **state)
{
	static const double doubles[] = {-1e300, -2, -1,  -0.0, 0.0,
					 1e-300, 1,  1.5, 2,	1e300};

	for (size_t i = 1; i < sizeof doubles / sizeof doubles[0]; i++)
		assert_true(order_double(doubles[i - 1]) <=
			    order_double(doubles[i]));
	assert_true(order_double(-0.0) == order_double(0.0));
	assert_true(order_number(VALUE_INT, 5) == order_double(5));
	assert_true(order_number(VALUE_UINT, -1) == order_double(0x1p64));
	assert_true(order_string("a", 1) < order_string("ab", 2));
	assert_true(order_string("ab", 2) < order_string("b", 1));
	assert_true(order_string("", 0) < order_string("a", 1));
}

static void sketch_forgets_by_halves(void **state)
{
	struct sketch s;

	sketch_init(&s);
	for (int i = 0; i < SKETCH_EVENTS_MAX; i++) {
		sketch_event(&s);
		if (i % 4 == 0)
			sketch_count(&s, 7u << 20);
	}
	assert_int_equal(s.events, SKETCH_EVENTS_MAX / 2);
	assert_int_equal(sketch_work(&s, 100), 100);
	assert_int_equal(*sketch_counter(&s, 7u << 20), SKETCH_EVENTS_MAX / 8);
	while (sketch_work(&s, 1 << 16))
		;
	assert_int_equal(*sketch_counter(&s, 7u << 20), SKETCH_EVENTS_MAX / 8);
	sketch_fini(&s);
}

static void sketch_keeps_what_it_knows_as_it_grows(void **state)
{
	struct sketch s;

	sketch_init(&s);
	for (uint64_t i = 0; i < 1000; i++)
		for (uint64_t k = 0; k <= i % 7; k++)
			sketch_count(&s, hash_u64(i));
	for (uint64_t n = 1; n < 200000; n++)
		sketch_fit(&s, n);
	assert_int_equal(sketch_bytes(&s),
			 199999 * SKETCH_PER_CONDITION * sizeof(uint16_t));
	for (uint64_t i = 0; i < 1000; i++)
		assert_true(*sketch_counter(&s, hash_u64(i)) >= i % 7 + 1);
	sketch_fit(&s, UINT32_MAX);
	assert_int_equal(sketch_bytes(&s),
			 SKETCH_COUNTERS_MAX * sizeof(uint16_t));
	sketch_fini(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table_finds_what_is_in_it),
		cmocka_unit_test(table_bears_lines_that_overflow),
		cmocka_unit_test(filter_lets_few_keys_through),
		cmocka_unit_test(conditions_are_found_until_they_are_removed),
		cmocka_unit_test(posting_stays_in_order),
		cmocka_unit_test(blocks_do_not_overlap),
		cmocka_unit_test(paths_are_numbered_once),
		cmocka_unit_test(interests_end_in_time),
		cmocka_unit_test(ending_takes_no_more_than_its_budget),
		cmocka_unit_test(ids_of_those_that_left_are_not_found),
		cmocka_unit_test(an_interest_takes_32_bytes),
		cmocka_unit_test(orders_are_those_of_values),
		cmocka_unit_test(sketch_forgets_by_halves),
		cmocka_unit_test(sketch_keeps_what_it_knows_as_it_grows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
