/* cond_test.c - several fibers wait for one event. */
#include "tests/support/fiber_run.h"

#include "base/clock.h"
#include "base/error.h"

#define WAITERS 5

static int wait_forever(void *arg)
{
	return fiber_cond_wait(arg, CLOCK_NEVER);
}

static void wake_body(void *arg)
{
	struct fiber_cond c = {0};
	struct fiber *f[WAITERS];

	fiber_cond_wake_all(&c); /* nobody is there, nothing is remembered */
	for (int i = 0; i < WAITERS; i++)
		f[i] = fiber_spawn(fiber_pool_here(), "waiter", wait_forever,
				   &c);
	fiber_yield();
	fiber_cancel(f[2]);
	fiber_cond_wake_all(&c);
	for (int i = 0; i < WAITERS; i++) {
		int result;

		assert_int_equal(fiber_join(f[i], &result, CLOCK_NEVER), 0);
		assert_int_equal(result, i == 2 ? WEIR_ECANCELED : 0);
	}
}

static void all_who_wait_are_woken(void **state)
{
	fiber_run(wake_body, NULL);
}

static void deadline_body(void *arg)
{
	struct fiber_cond c;
	int64_t at = loop_now_ms(fiber_loop()) + 5;

	fiber_cond_init(&c);
	assert_int_equal(fiber_cond_wait(&c, at), WEIR_ETIMEDOUT);
	assert_true(loop_now_ms(fiber_loop()) >= at);
	assert_int_equal(fiber_cond_wait(&c, at), WEIR_ETIMEDOUT);
	assert_true(list_empty(&c.waiters));
}

static void a_wait_ends_at_its_deadline(void **state)
{
	fiber_run(deadline_body, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_who_wait_are_woken),
		cmocka_unit_test(a_wait_ends_at_its_deadline),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
