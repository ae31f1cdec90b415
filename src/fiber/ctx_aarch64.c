/* ctx_aarch64.c - switching contexts on 64-bit ARM.
 *
 * What a context that is left has on its stack, from sp upwards:
 *
 *     sp -> | x19 ... x28 | x29 x30 | d8 ... d15 | fpcr, 0 |   176 bytes
 *
 * Source: Procedure Call Standard for the Arm 64-bit Architecture, sections
 * 6.1.1 and 6.1.2 (x19 to x29 and the low halves of v8 to v15 are preserved).
 */
#include "fiber/ctx.h"

#if defined(__aarch64__) && !defined(WEIR_FIBER_UCONTEXT)

#include <stdint.h>
#include <string.h>

#define FRAME_WORDS 22

/* Writing fpcr may empty the pipeline, so it is written only when it differs.
 *
 * The boot code is where a new context "returns" to; frame pointer and link
 * register are zero in it, which is where debuggers see that the stack ends. */
__asm__(".text\n"
	".p2align 4\n"
	".globl fiber_ctx_switch\n"
	".type fiber_ctx_switch, %function\n"
	"fiber_ctx_switch:\n"
	".cfi_startproc\n"
	"	sub sp, sp, #176\n"
	"	stp x19, x20, [sp]\n"
	"	stp x21, x22, [sp, #16]\n"
	"	stp x23, x24, [sp, #32]\n"
	"	stp x25, x26, [sp, #48]\n"
	"	stp x27, x28, [sp, #64]\n"
	"	stp x29, x30, [sp, #80]\n"
	"	stp d8, d9, [sp, #96]\n"
	"	stp d10, d11, [sp, #112]\n"
	"	stp d12, d13, [sp, #128]\n"
	"	stp d14, d15, [sp, #144]\n"
	"	mrs x9, fpcr\n"
	"	str x9, [sp, #160]\n"
	"	mov x10, sp\n"
	"	str x10, [x0]\n"
	"	ldr x10, [x1]\n"
	"	mov sp, x10\n"
	"	ldr x10, [sp, #160]\n"
	"	cmp x9, x10\n"
	"	b.eq 1f\n"
	"	msr fpcr, x10\n"
	"1:	ldp x19, x20, [sp]\n"
	"	ldp x21, x22, [sp, #16]\n"
	"	ldp x23, x24, [sp, #32]\n"
	"	ldp x25, x26, [sp, #48]\n"
	"	ldp x27, x28, [sp, #64]\n"
	"	ldp x29, x30, [sp, #80]\n"
	"	ldp d8, d9, [sp, #96]\n"
	"	ldp d10, d11, [sp, #112]\n"
	"	ldp d12, d13, [sp, #128]\n"
	"	ldp d14, d15, [sp, #144]\n"
	"	add sp, sp, #176\n"
	"	ret\n"
	".cfi_endproc\n"
	".size fiber_ctx_switch, .-fiber_ctx_switch\n"
	"\n"
	".p2align 4\n"
	".globl fiber_ctx_boot\n"
	".hidden fiber_ctx_boot\n"
	".type fiber_ctx_boot, %function\n"
	"fiber_ctx_boot:\n"
	".cfi_startproc\n"
	".cfi_undefined x30\n"
	"	mov x30, xzr\n"
	"	blr x19\n"
	"	brk #0\n"
	".cfi_endproc\n"
	".size fiber_ctx_boot, .-fiber_ctx_boot\n");

extern char fiber_ctx_boot[];

void fiber_ctx_make(struct fiber_ctx *c, void *bottom, size_t bytes,
		    fiber_ctx_fn fn)
{
	uintptr_t top = ((uintptr_t)bottom + bytes) & ~(uintptr_t)15;
	uint64_t *frame = (uint64_t *)top - FRAME_WORDS;
	uint64_t fpcr;

	/* A new context begins with the modes of whoever makes it. */
	__asm__ volatile("mrs %0, fpcr" : "=r"(fpcr));
	memset(frame, 0, FRAME_WORDS * sizeof *frame);
	frame[0] = (uint64_t)fn;	      /* x19 */
	frame[11] = (uint64_t)fiber_ctx_boot; /* x30 */
	frame[20] = fpcr;
	c->sp = frame;
}

#else
typedef int fiber_ctx_aarch64_unused; /* ISO C wants a declaration */
#endif
