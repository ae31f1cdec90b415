/* stack.h - the pool of the stacks that fibers run on.
 *
 *     slab:  | guard | stack 0 | guard | stack 1 | ... | guard | stack 63 |
 *
 * A slab is one mapping of address space; memory comes when it is touched. A
 * guard page turns an overflow into a crash at the right place instead of
 * silent damage. Kernels from 6.13 on install it without splitting the mapping
 * (MADV_GUARD_INSTALL); older ones do it by mprotect, two more mappings each,
 * until vm.max_map_count is reached. From there on a canary at the low end
 * has to do, which is looked at after each switch.
 *
 * Stacks that come back stay warm (their memory is kept) up to STACKS_WARM;
 * further ones give their memory back and wait in their slab. A slab whose
 * stacks are all there is unmapped, but for one.
 */
#ifndef WEIR_FIBER_STACK_H
#define WEIR_FIBER_STACK_H

#include "base/list.h"
#include "base/util.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* AddressSanitizer pads every variable, so it needs more. */
#define STACK_BYTES	((WEIR_ASAN ? 512 : 256) * (size_t)1024)
#define STACKS_PER_SLAB 64
#define STACKS_WARM	64

enum stack_guard { GUARD_MADVISE, GUARD_MPROTECT, GUARD_CANARY };

struct stack {
	struct stack *next; /* in a free list */
	struct stack_slab *slab;
	char *bottom; /* lowest byte, above the guard page */
	bool guarded;
};

struct stack_pool {
	struct list slabs; /* those with room; the emptier ones last */
	struct stack *warm;
	uint32_t warm_len;
	uint32_t cold_len;
	uint32_t slab_len;
	uint32_t idle_slabs;	/* slabs none of whose stacks is used or warm */
	uint32_t unguarded;	/* stacks that have only a canary, now */
	enum stack_guard guard; /* the best way that still works */
};

void stack_pool_init(struct stack_pool *p);
void stack_pool_fini(struct stack_pool *p); /* all stacks must be back */

struct stack *stack_take(struct stack_pool *p); /* NULL: no address space */
void stack_give(struct stack_pool *p, struct stack *s);

/* One past the highest usable byte. It is shifted from stack to stack, since
 * else the hot ends of all would compete for the same few cache lines. */
char *stack_top(const struct stack *s);

/* Ends the process when a stack without guard page has overflown. */
void stack_check(const struct stack *s, const char *who);

#endif
