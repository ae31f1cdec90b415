/* ctx_test.c - what a function call preserves, a switch does as well. */
#include "fiber/ctx.h"

#include <fenv.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define CONTEXTS    3
#define TURNS	    30000
#define STACK_BYTES 65536

static struct fiber_ctx outside;
static struct fiber_ctx ring[CONTEXTS];
static volatile int wrong_integers, wrong_doubles, wrong_modes;
static int turns;

static void next_of(int me)
{
	struct fiber_ctx *to = &ring[(me + 1) % CONTEXTS];

	fiber_ctx_switch(&ring[me], ++turns > TURNS ? &outside : to);
}

/* More values than there are registers, each derived from one that the
 * compiler cannot know. */
static void keep_values(int me)
{
	static const int modes[CONTEXTS] = {FE_TONEAREST, FE_UPWARD,
					    FE_DOWNWARD};
	volatile long seed = me * 1000 + 7;
	long a = seed, b = seed * 3, c = seed * 5, d = seed * 7, e = seed * 11;
	long f = seed * 13, g = seed * 17, h = seed * 19, i = seed * 23;
	double p = seed * .5, q = seed * .25, r = seed * .125, s = seed * 1.5;
	double t = seed * 2.5, u = seed * 3.5, v = seed * 4.5, w = seed * 5.5;

	fesetround(modes[me]);

	volatile double one = 1, three = 3; /* rounded by another unit, maybe */
	double third = one / three;

	for (;;) {
		next_of(me);
		wrong_modes += fegetround() != modes[me];
		wrong_modes += one / three != third;
		wrong_integers += a != seed || b != a * 3 || c != a * 5 ||
				  d != a * 7 || e != a * 11 || f != a * 13 ||
				  g != a * 17 || h != a * 19 || i != a * 23;
		wrong_doubles += p != a * .5 || q != a * .25 || r != a * .125 ||
				 s != a * 1.5 || t != a * 2.5 || u != a * 3.5 ||
				 v != a * 4.5 || w != a * 5.5;
	}
}

static void begin_0(void)
{
	keep_values(0);
}

static void begin_1(void)
{
	keep_values(1);
}

static void begin_2(void)
{
	keep_values(2);
}

static void each_context_finds_its_registers_and_modes(void **state)
{
	static const fiber_ctx_fn begin[CONTEXTS] = {begin_0, begin_1, begin_2};
	static char stack[CONTEXTS][STACK_BYTES];

	/* A stack need not end at an even place. */
	for (int i = 0; i < CONTEXTS; i++)
		fiber_ctx_make(&ring[i], stack[i], STACK_BYTES - (size_t)i * 8,
			       begin[i]);
	fiber_ctx_switch(&outside, &ring[0]);
	assert_int_equal(turns, TURNS + 1);
	assert_int_equal(wrong_integers, 0);
	assert_int_equal(wrong_doubles, 0);
	assert_int_equal(wrong_modes, 0);
	assert_int_equal(fegetround(), FE_TONEAREST);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_context_finds_its_registers_and_modes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
