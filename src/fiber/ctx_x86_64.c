/* ctx_x86_64.c - switching contexts on x86-64.
 *
 * What a context that is left has on its stack, from sp upwards:
 *
 *     sp -> | mxcsr, x87 control word | r15 r14 r13 r12 rbx rbp | return |
 *
 * Source: System V AMD64 ABI, section 3.2.1 (registers and the call sequence).
 */
#include "fiber/ctx.h"

#if defined(__x86_64__) && !defined(WEIR_FIBER_UCONTEXT)

#include <stdint.h>

/* `ret` is right for a switch, too: nearly all contexts are left by the same
 * call, so the processor's guess of where it returns to is right as well.
 *
 * The boot code is where a new context "returns" to. Its zeroed frame pointer
 * and undefined rip tell debuggers that the stack ends here. */
__asm__(".text\n"
	".p2align 4\n"
	".globl fiber_ctx_switch\n"
	".type fiber_ctx_switch, @function\n"
	"fiber_ctx_switch:\n"
	".cfi_startproc\n"
	"	pushq %rbp\n"
	"	pushq %rbx\n"
	"	pushq %r12\n"
	"	pushq %r13\n"
	"	pushq %r14\n"
	"	pushq %r15\n"
	"	subq $8, %rsp\n"
	"	stmxcsr (%rsp)\n"
	"	fnstcw 4(%rsp)\n"
	"	movq %rsp, (%rdi)\n"
	"	movq (%rsi), %rsp\n"
	"	ldmxcsr (%rsp)\n"
	"	fldcw 4(%rsp)\n"
	"	addq $8, %rsp\n"
	"	popq %r15\n"
	"	popq %r14\n"
	"	popq %r13\n"
	"	popq %r12\n"
	"	popq %rbx\n"
	"	popq %rbp\n"
	"	ret\n"
	".cfi_endproc\n"
	".size fiber_ctx_switch, .-fiber_ctx_switch\n"
	"\n"
	".p2align 4\n"
	".type fiber_ctx_boot, @function\n"
	"fiber_ctx_boot:\n"
	".cfi_startproc\n"
	".cfi_undefined rip\n"
	"	callq *%rbx\n"
	"	ud2\n"
	".cfi_endproc\n"
	".size fiber_ctx_boot, .-fiber_ctx_boot\n"
	".globl fiber_ctx_boot\n"
	".hidden fiber_ctx_boot\n");

extern char fiber_ctx_boot[];

void fiber_ctx_make(struct fiber_ctx *c, void *bottom, size_t bytes,
		    fiber_ctx_fn fn)
{
	/* At fiber_ctx_boot the stack has to be aligned to 16 bytes, as in
	 * front of any call. */
	uintptr_t top = ((uintptr_t)bottom + bytes) & ~(uintptr_t)15;
	uint64_t *frame = (uint64_t *)top - 8;
	uint32_t modes[2] = {0};

	/* A new context begins with the modes of whoever makes it. */
	__asm__ volatile("stmxcsr %0" : "=m"(modes[0]));
	__asm__ volatile("fnstcw %0" : "=m"(modes[1]));
	frame[0] = modes[0] | (uint64_t)modes[1] << 32;
	frame[1] = frame[2] = frame[3] = frame[4] = 0; /* r15 ... r12 */
	frame[5] = (uint64_t)fn;		       /* rbx */
	frame[6] = 0;				       /* rbp */
	frame[7] = (uint64_t)fiber_ctx_boot;
	c->sp = frame;
}

#else
typedef int fiber_ctx_x86_64_unused; /* ISO C wants a declaration */
#endif
