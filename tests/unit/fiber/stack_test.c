/* stack_test.c - the pool of stacks, in each way of guarding them. */
#include "fiber/stack.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* In a process of its own; the signal that ended it. */
static int signal_of(void (*fn)(struct stack *s), struct stack *s)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		signal(SIGSEGV, SIG_DFL); /* no report by the sanitizer */
		signal(SIGABRT, SIG_DFL);
		close(2);
		fn(s);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void write_below(struct stack *s)
{
	*(volatile char *)(s->bottom - 1) = 1;
}

static void write_lowest(struct stack *s)
{
	memset(s->bottom, 1, 16);
	stack_check(s, "7");
}

static void guarded_by(enum stack_guard guard)
{
	struct stack_pool p;

	stack_pool_init(&p);
	p.guard = guard;

	struct stack *a = stack_take(&p);
	struct stack *b = stack_take(&p);

	memset(b->bottom + 8, 0, (size_t)(stack_top(b) - b->bottom - 8));
	if (guard == GUARD_CANARY) {
		assert_int_equal(p.unguarded, 2);
		assert_int_equal(signal_of(write_lowest, b), SIGABRT);
	} else {
		assert_int_equal(p.unguarded, 0);
		assert_int_equal(signal_of(write_lowest, b), 0);
		assert_int_equal(signal_of(write_below, b), SIGSEGV);
	}
	stack_check(b, "8");
	stack_give(&p, a);
	stack_give(&p, b);
	stack_pool_fini(&p);
}

static void an_overflow_ends_the_process_whatever_guards(void **state)
{
	/* The first falls back to the second on an old kernel. */
	guarded_by(GUARD_MADVISE);
	guarded_by(GUARD_MPROTECT);
	guarded_by(GUARD_CANARY);
}

static void the_last_one_back_is_the_next_one_out(void **state)
{
	struct stack_pool p;

	stack_pool_init(&p);

	struct stack *a = stack_take(&p);
	struct stack *b = stack_take(&p);

	stack_give(&p, a);
	stack_give(&p, b);
	assert_ptr_equal(stack_take(&p), b);
	assert_ptr_equal(stack_take(&p), a);
	stack_give(&p, a);
	stack_give(&p, b);
	stack_pool_fini(&p);
}

static void surplus_stacks_give_their_memory_back(void **state)
{
	enum { N = STACKS_WARM + 3 * STACKS_PER_SLAB };
	struct stack_pool p;
	struct stack *s[N];

	stack_pool_init(&p);
	p.guard = GUARD_CANARY; /* the hardest: its mark must come back */
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < N; i++) {
			s[i] = stack_take(&p);
			assert_non_null(s[i]);
			stack_check(s[i], "9");
			memset(stack_top(s[i]) - 64, 0xaa, 64);
		}
		assert_true(p.slab_len * STACKS_PER_SLAB >= N);
		assert_int_equal(p.warm_len, 0);
		assert_int_equal(p.cold_len, 0);
		for (int i = 0; i < N; i++)
			stack_give(&p, s[i]);
		assert_int_equal(p.warm_len, STACKS_WARM);
		/* The warm ones may keep one slab more from going. */
		assert_true(p.slab_len <= 3);
		assert_true(p.idle_slabs <= 1);

		/* A cold one is zero again. */
		for (int i = 0; i < STACKS_WARM + 1; i++)
			s[i] = stack_take(&p);
		assert_int_equal(stack_top(s[STACKS_WARM])[-1], 0);
		for (int i = 0; i < STACKS_WARM + 1; i++)
			stack_give(&p, s[i]);
	}
	stack_pool_fini(&p);
	assert_int_equal(p.unguarded, 0);
	assert_int_equal(p.cold_len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_overflow_ends_the_process_whatever_guards),
		cmocka_unit_test(the_last_one_back_is_the_next_one_out),
		cmocka_unit_test(surplus_stacks_give_their_memory_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
