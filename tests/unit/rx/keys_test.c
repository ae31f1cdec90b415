/* keys_test.c - the table of values, and the ring of held items. */
#include "support/lab.h"

#include "rx/keys.h"
#include "rx/queue.h"

#include <stdlib.h>

static void finds_what_was_added(void **state)
{
	struct rx_keys k = {0};

	assert_null(rx_keys_find(&k, value_int(1)));
	rx_keys_add(&k, value_int(1), 10);
	assert_int_equal(*rx_keys_find(&k, value_int(1)), 10);
	assert_int_equal(*rx_keys_find(&k, value_double(1.0)), 10);
	assert_null(rx_keys_find(&k, value_bool(true)));
	*rx_keys_find(&k, value_int(1)) = 11;
	assert_int_equal(*rx_keys_find(&k, value_int(1)), 11);
	rx_keys_remove(&k, value_int(2));
	rx_keys_remove(&k, value_int(1));
	assert_null(rx_keys_find(&k, value_int(1)));
	assert_int_equal(k.n, 0);
	rx_keys_clear(&k);
}

static void holds_its_keys(void **state)
{
	struct rx_keys k = {0};
	struct value key = value_cstr("key");

	rx_keys_add(&k, key, 1);
	value_unref(key);
	key = value_cstr("key");
	assert_non_null(rx_keys_find(&k, key));
	rx_keys_remove(&k, key);
	value_unref(key);
	rx_keys_clear(&k);
}

/* Removal moves others up: a model tells whether each is still found. */
static void agrees_with_a_model(void **state)
{
	struct rx_keys k = {0};
	bool there[300] = {0};
	uint32_t n = 0;

	srand(7);
	for (int step = 0; step < 30000; step++) {
		int i = rand() % 300;
		struct value key = value_int(i);

		assert_int_equal(rx_keys_find(&k, key) != NULL, there[i]);
		if (there[i]) {
			assert_int_equal(*rx_keys_find(&k, key), i + 1000);
			rx_keys_remove(&k, key);
			n--;
		} else if (rand() % 3) {
			rx_keys_add(&k, key, (uintptr_t)i + 1000);
			n++;
		} else {
			continue;
		}
		there[i] = !there[i];
		assert_int_equal(k.n, n);
	}
	for (int i = 0; i < 300; i++)
		assert_int_equal(rx_keys_find(&k, value_int(i)) != NULL,
				 there[i]);
	rx_keys_clear(&k);
}

static struct rx_item item(int64_t n)
{
	return (struct rx_item){.v = value_int(n)};
}

static void the_ring_keeps_the_order_while_it_wraps_and_grows(void **state)
{
	struct rx_queue q = {0};
	int64_t in = 0, out = 0;

	srand(7);
	for (int step = 0; step < 10000; step++) {
		if (rand() % 100 < 52) {
			rx_queue_push(&q, item(in), in + 5);
			in++;
		} else if (q.len) {
			assert_int_equal(rx_queue_at(&q, 0)->at, out + 5);
			assert_int_equal(rx_queue_pop(&q).v.i, out++);
		}
		assert_int_equal(q.len, in - out);
		if (q.len)
			assert_int_equal(rx_queue_at(&q, q.len - 1)->item.v.i,
					 in - 1);
	}
	rx_queue_clear(&q);
	assert_int_equal(q.len, 0);
}

static void the_ring_gives_its_tail_as_an_array(void **state)
{
	struct rx_queue q = {0};
	struct rx_item array;

	for (int i = 0; i < 5; i++)
		rx_queue_push(&q, item(i), 0);
	rx_queue_drop(&q, 1);
	array = rx_queue_array(&q, 2);
	assert_int_equal(value_len(array.v), 2);
	assert_int_equal(value_at(array.v, 0).i, 3);
	assert_int_equal(value_at(array.v, 1).i, 4);
	assert_int_equal(q.len, 4);
	rx_item_drop(array);
	rx_queue_clear(&q);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_what_was_added),
		cmocka_unit_test(holds_its_keys),
		cmocka_unit_test(agrees_with_a_model),
		cmocka_unit_test(
			the_ring_keeps_the_order_while_it_wraps_and_grows),
		cmocka_unit_test(the_ring_gives_its_tail_as_an_array),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
