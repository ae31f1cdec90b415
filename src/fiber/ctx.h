/* ctx.h - a place in the code of a thread that one can leave and come back to.
 *
 *     fiber_ctx_switch(&a, &b)   in a      fiber_ctx_switch(&b, &a)   in b
 *     a: ---------------.                         .--------------------->
 *     b:                 `-----------------------'
 *
 * Only what a function call has to preserve is kept: the callee-saved
 * registers and the modes of the floating point unit, all on the stack that is
 * left. So a context is one pointer. Signal masks are not touched; that is what
 * makes swapcontext() slow.
 *
 * x86-64 and aarch64 have their own few instructions; WEIR_FIBER_UCONTEXT
 * (-Dc_args=-DWEIR_FIBER_UCONTEXT) and any other machine take ucontext.
 */
#ifndef WEIR_FIBER_CTX_H
#define WEIR_FIBER_CTX_H

#include <stddef.h>

#if !defined(WEIR_FIBER_UCONTEXT) && !defined(__x86_64__) && \
	!defined(__aarch64__)
#define WEIR_FIBER_UCONTEXT 1
#endif

#ifdef WEIR_FIBER_UCONTEXT
#include <ucontext.h>

struct fiber_ctx {
	ucontext_t uc;
};
#else
struct fiber_ctx {
	void *sp; /* where its registers lie; set while it is left */
};
#endif

typedef void (*fiber_ctx_fn)(void);

/* Makes c the beginning of fn on the stack bottom[0 .. bytes). fn never
 * returns. */
void fiber_ctx_make(struct fiber_ctx *c, void *bottom, size_t bytes,
		    fiber_ctx_fn fn);

/* Leaves the running code as from and goes on at to. Returns when somebody
 * switches to from. */
void fiber_ctx_switch(struct fiber_ctx *from, struct fiber_ctx *to);

#endif
