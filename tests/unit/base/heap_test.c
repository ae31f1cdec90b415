/* heap_test.c - the order of timers, against sorting. */
#include "base/heap.h"

#include "base/util.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

enum { N = 3000 };

struct item {
	struct heap_link link;
	int64_t key;
	int nr; /* in order of being pushed */
};

static struct item items[N];

static int compare(const void *a, const void *b)
{
	const struct item *x = *(struct item *const *)a;
	const struct item *y = *(struct item *const *)b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return x->nr - y->nr;
}

static struct item *pop(struct heap *h)
{
	struct heap_link *first = heap_first(h)->link;

	heap_remove(h, first);
	return CONTAINER_OF(first, struct item, link);
}

/* Pushes n items with keys below range; equal ones are wanted. */
static void push_random(struct heap *h, int n, int range)
{
	for (int i = 0; i < n; i++) {
		items[i] = (struct item){.key = rand() % range, .nr = i};
		heap_push(h, &items[i].link, items[i].key);
	}
}

static void an_empty_heap_has_no_first(void **state)
{
	struct heap h = {0};
	struct heap_link link = {0};

	assert_null(heap_first(&h));
	assert_false(heap_link_in(&link));
	heap_remove(&h, &link);
	assert_null(heap_first(&h));
	heap_fini(&h);
}

static void items_leave_by_key_and_then_by_age(void **state)
{
	struct item *sorted[N];
	struct heap h = {0};

	srand(1);
	push_random(&h, N, 200);
	for (int i = 0; i < N; i++)
		sorted[i] = &items[i];
	qsort(sorted, N, sizeof *sorted, compare);
	for (int i = 0; i < N; i++)
		assert_ptr_equal(pop(&h), sorted[i]);
	assert_null(heap_first(&h));
	heap_fini(&h);
}

static void any_item_can_be_taken_out(void **state)
{
	struct item *sorted[N];
	struct heap h = {0};
	int n = 0;

	srand(2);
	push_random(&h, N, 500);
	for (int i = 0; i < N; i++) {
		if (rand() % 2) {
			heap_remove(&h, &items[i].link);
			heap_remove(&h, &items[i].link);
			assert_false(heap_link_in(&items[i].link));
		} else {
			assert_true(heap_link_in(&items[i].link));
			sorted[n++] = &items[i];
		}
	}
	qsort(sorted, (size_t)n, sizeof *sorted, compare);
	for (int i = 0; i < n; i++)
		assert_ptr_equal(pop(&h), sorted[i]);
	assert_null(heap_first(&h));
	heap_fini(&h);
}

static void pushing_between_removals_keeps_the_order(void **state)
{
	struct heap h = {0};

	srand(3);
	push_random(&h, N, 1000);
	for (int round = 0; round < 20000; round++) {
		struct item *it = pop(&h);

		for (int i = 0; i < 20; i++) {
			struct item *other = &items[rand() % N];

			if (!heap_link_in(&other->link))
				continue;
			assert_true(other->key >= it->key);
			assert_true(heap_key(&h, &other->link) == other->key);
		}
		it->key += rand() % 1000;
		heap_push(&h, &it->link, it->key);
	}
	assert_int_equal(h.len, N);
	heap_fini(&h);
}

static void the_ends_of_the_key_range_are_keys(void **state)
{
	struct item a = {0};
	struct item b = {0};
	struct heap h = {0};

	heap_push(&h, &a.link, INT64_MAX);
	heap_push(&h, &b.link, INT64_MIN);
	assert_ptr_equal(pop(&h), &b);
	assert_ptr_equal(pop(&h), &a);
	heap_fini(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_heap_has_no_first),
		cmocka_unit_test(items_leave_by_key_and_then_by_age),
		cmocka_unit_test(any_item_can_be_taken_out),
		cmocka_unit_test(pushing_between_removals_keeps_the_order),
		cmocka_unit_test(the_ends_of_the_key_range_are_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
