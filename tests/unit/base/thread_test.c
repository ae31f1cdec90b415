/* thread_test.c - what threads keep for themselves, and whose it is. */
#include "base/thread.h"

#include "base/mem.h"
#include "base/util.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

static char notes[8]; /* written by one thread at a time, each joined */

static void note_a(void)
{
	strcat(notes, "a");
}

static void note_b(void)
{
	strcat(notes, "b");
}

static void run(void *(*fn)(void *), void *arg)
{
	pthread_t t;

	assert_int_equal(pthread_create(&t, NULL, fn, arg), 0);
	assert_int_equal(pthread_join(t, NULL), 0);
}

static void *keep_some(void *arg)
{
	thread_keeps(note_a);
	thread_keeps(note_b);
	thread_keeps(note_a);
	return NULL;
}

static void *keep_nothing(void *arg)
{
	return NULL;
}

static void what_a_thread_keeps_goes_with_it_the_last_first(void **state)
{
	notes[0] = '\0';
	run(keep_some, NULL);
	assert_string_equal(notes, "ba");
	run(keep_some, NULL);
	assert_string_equal(notes, "baba");
	run(keep_nothing, NULL);
	assert_string_equal(notes, "baba");
}

static void *churn(void *arg)
{
	void *all[100];

	for (int round = 0; round < 100; round++) {
		for (size_t i = 0; i < ARRAY_LEN(all); i++)
			all[i] = slab_zalloc(16 + 5 * i);
		for (size_t i = 0; i < ARRAY_LEN(all); i++)
			slab_free(all[i], 16 + 5 * i);
	}
	return NULL;
}

static void threads_have_lists_of_their_own(void **state)
{
	enum { THREADS = 4 };
	pthread_t threads[THREADS];

	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, churn, NULL),
				 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
}

#if WEIR_TSAN /* nobody else looks */
static void *free_it(void *p)
{
	slab_free(p, 64);
	return NULL;
}

static void freeing_what_another_thread_made_ends_the_program(void **state)
{
	int status = 0;
	pid_t child;

	child = fork();
	if (child == 0) {
		close(STDERR_FILENO); /* the message is expected */
		run(free_it, slab_alloc(64));
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
#if WEIR_TSAN
		/* First, since a child of many threads may have none. */
		cmocka_unit_test(
			freeing_what_another_thread_made_ends_the_program),
#endif
		cmocka_unit_test(
			what_a_thread_keeps_goes_with_it_the_last_first),
		cmocka_unit_test(threads_have_lists_of_their_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
