/* fiber_run.h - runs one test function in a fiber, on a loop of its own.
 *
 * Checks for every test that no fiber is left behind and, with
 * AddressSanitizer, that no memory is.
 */
#ifndef WEIR_TESTS_FIBER_RUN_H
#define WEIR_TESTS_FIBER_RUN_H

#include "fiber/fiber.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct fiber_run {
	struct loop *loop;
	void (*fn)(void *arg);
	void *arg;
};

static inline int fiber_run_main(void *arg)
{
	struct fiber_run *r = arg;

	r->fn(r->arg);
	loop_stop(r->loop);
	return 0;
}

/* A failed check inside of fn jumps out of the fiber, to cmocka on the stack of
 * the process; so the test ends there and the rest of its state is lost. */
static inline void fiber_run(void (*fn)(void *arg), void *arg)
{
	struct fiber_run r = {.loop = loop_create(), .fn = fn, .arg = arg};
	struct fiber_pool *p = fiber_pool_create(r.loop);
	struct fiber *f = fiber_spawn(p, "test", fiber_run_main, &r);

	loop_run(r.loop);
	assert_int_equal(fiber_join(f, NULL, 0), 0);
	assert_int_equal(fiber_stats(p).live, 0);
	fiber_pool_destroy(p);
	loop_destroy(r.loop);
}

#endif
