/* ctx_ucontext.c - switching contexts where we know no instructions for it.
 *
 * Two system calls a switch, for the signal masks: right, but slow.
 */
#include "fiber/ctx.h"

#ifdef WEIR_FIBER_UCONTEXT

#include <assert.h>

void fiber_ctx_make(struct fiber_ctx *c, void *bottom, size_t bytes,
		    fiber_ctx_fn fn)
{
	int rc = getcontext(&c->uc);

	assert(rc == 0);
	c->uc.uc_stack.ss_sp = bottom;
	c->uc.uc_stack.ss_size = bytes;
	c->uc.uc_link = NULL;
	makecontext(&c->uc, fn, 0);
}

void fiber_ctx_switch(struct fiber_ctx *from, struct fiber_ctx *to)
{
	int rc = swapcontext(&from->uc, &to->uc);

	assert(rc == 0);
}

#else
typedef int fiber_ctx_ucontext_unused; /* ISO C wants a declaration */
#endif
