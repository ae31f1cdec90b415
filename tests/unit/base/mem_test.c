/* mem_test.c - the allocator's counter, and the free lists of small objects. */
#include "base/mem.h"

#include "base/util.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static void nothing_is_something_that_can_be_freed(void **state)
{
	void *p = mem_alloc(0);

	assert_non_null(p);
	p = mem_realloc(p, 0);
	assert_non_null(p);
	mem_free(p);
	mem_free(NULL);
	slab_free(NULL, 16);
}

static void a_copy_has_its_own_bytes_and_its_nul(void **state)
{
	char text[] = "weir";
	char *a = mem_strdup(text);
	char *b = mem_strndup(text, 2);
	char *c = mem_dup(text, 4);
	char *d = mem_strndup(NULL, 0);

	text[0] = 'W';
	assert_string_equal(a, "weir");
	assert_string_equal(b, "we");
	assert_memory_equal(c, "weir", 4);
	assert_string_equal(d, "");
	mem_free(a);
	mem_free(b);
	mem_free(c);
	mem_free(d);
}

static void what_cannot_be_had_is_null_and_leaves_the_old(void **state)
{
	char *p = mem_strdup("kept");

	/* A sanitizer ends the program at such sizes instead. */
	if (!WEIR_ASAN && !WEIR_TSAN) {
		assert_null(mem_try_alloc(SIZE_MAX / 2));
		assert_null(mem_try_realloc(p, SIZE_MAX / 2));
	}
	assert_string_equal(p, "kept");
	mem_free(p);
}

static void each_call_into_the_system_is_counted(void **state)
{
	uint64_t before = mem_alloc_count();
	void *p = mem_alloc(10);
	void *q = mem_zalloc(10);

	p = mem_realloc(p, 20);
	assert_int_equal(mem_alloc_count() - before, 3);
	mem_free(p);
	mem_free(q);
	assert_int_equal(mem_alloc_count() - before, 3);
}

static void objects_of_all_sizes_are_aligned_and_apart(void **state)
{
	enum { N = SLAB_MAX + 100 };
	static unsigned char *all[N];

	for (size_t size = 0; size < N; size++) {
		all[size] = slab_alloc(size);
		assert_int_equal((uintptr_t)all[size] % 16, 0);
		memset(all[size], (int)(size % 251), size);
	}
	for (size_t size = 0; size < N; size++)
		for (size_t i = 0; i < size; i++)
			assert_int_equal(all[size][i], size % 251);
	for (size_t size = 0; size < N; size++)
		slab_free(all[size], size);
}

static void what_was_given_back_is_used_again(void **state)
{
	void *first = slab_alloc(40);
	uint64_t before;

	slab_free(first, 40);
	before = mem_alloc_count();
	for (int i = 0; i < 10000; i++) {
		void *p = slab_alloc(40);

		if (!WEIR_ASAN && !WEIR_TSAN)
			assert_ptr_equal(p, first);
		slab_free(p, 40);
	}
	assert_int_equal(mem_alloc_count() - before, 0);
}

static void a_zeroed_object_is_zero_after_use(void **state)
{
	for (int round = 0; round < 3; round++) {
		unsigned char *p = slab_zalloc(100);

		for (int i = 0; i < 100; i++)
			assert_int_equal(p[i], 0);
		memset(p, 0xEE, 100);
		slab_free(p, 100);
	}
}

static void the_lists_of_a_thread_can_begin_anew(void **state)
{
	slab_free(slab_alloc(64), 64);
	slab_thread_fini();

	void *p = slab_zalloc(64);

	assert_non_null(p);
	slab_free(p, 64);
	slab_thread_fini();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_something_that_can_be_freed),
		cmocka_unit_test(a_copy_has_its_own_bytes_and_its_nul),
		cmocka_unit_test(what_cannot_be_had_is_null_and_leaves_the_old),
		cmocka_unit_test(each_call_into_the_system_is_counted),
		cmocka_unit_test(objects_of_all_sizes_are_aligned_and_apart),
		cmocka_unit_test(what_was_given_back_is_used_again),
		cmocka_unit_test(a_zeroed_object_is_zero_after_use),
		cmocka_unit_test(the_lists_of_a_thread_can_begin_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
