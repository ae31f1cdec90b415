/* stack.c - mapping, guarding, pooling and giving back of stacks. */
#include "fiber/stack.h"

#include "base/log.h"
#include "base/mem.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#if WEIR_ASAN
#include <sanitizer/asan_interface.h>
#endif

#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102 /* Linux 6.13 */
#endif

#define CANARY	     UINT64_C(0x7765697220737461)
#define COLOURS	     8
#define COLOUR_BYTES 128

struct stack_slab {
	struct list link; /* in the pool's list while it has room */
	char *map;
	struct stack *cold;
	uint32_t carved; /* stacks[0 .. carved) have been used once */
	uint32_t out;	 /* of these, used or warm */
	struct stack stacks[STACKS_PER_SLAB];
};

static size_t page_bytes(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

static size_t stride(void)
{
	return STACK_BYTES + page_bytes();
}

static uint64_t *canary(const struct stack *s)
{
	return (uint64_t *)s->bottom;
}

/* Poisoned while nobody runs on it, so that a stray pointer is seen. */
static void poison(struct stack *s, bool on)
{
#if WEIR_ASAN
	if (on)
		ASAN_POISON_MEMORY_REGION(s->bottom, STACK_BYTES);
	else
		ASAN_UNPOISON_MEMORY_REGION(s->bottom, STACK_BYTES);
#endif
}

/* --- slabs ------------------------------------------------------------- */

static bool guard(struct stack_pool *p, char *page)
{
	if (p->guard == GUARD_MADVISE) {
		if (madvise(page, page_bytes(), MADV_GUARD_INSTALL) == 0)
			return true;
		p->guard = GUARD_MPROTECT;
	}
	if (p->guard == GUARD_MPROTECT) {
		if (mprotect(page, page_bytes(), PROT_NONE) == 0)
			return true;
		log_warn("no more guard pages for fiber stacks: raise "
			 "vm.max_map_count");
		p->guard = GUARD_CANARY;
	}
	return false;
}

static struct stack_slab *slab_map(struct stack_pool *p)
{
	size_t bytes = STACKS_PER_SLAB * stride();
	void *map =
		mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK,
		     -1, 0);

	if (map == MAP_FAILED)
		return NULL;
	/* A huge page would give each stack, and its guard, memory that it does
	 * not need. Kernels that lack them say no, which is fine. */
	(void)madvise(map, bytes, MADV_NOHUGEPAGE);

	struct stack_slab *slab = mem_zalloc(sizeof *slab);

	slab->map = map;
	list_push(&p->slabs, &slab->link);
	p->slab_len++;
	p->idle_slabs++;
	return slab;
}

static void slab_unmap(struct stack_pool *p, struct stack_slab *slab)
{
	assert(slab->out == 0);
	for (uint32_t i = 0; i < slab->carved; i++) {
		poison(&slab->stacks[i], false);
		p->unguarded -= !slab->stacks[i].guarded;
		p->cold_len--;
	}
	munmap(slab->map, STACKS_PER_SLAB * stride());
	list_remove(&slab->link);
	p->slab_len--;
	p->idle_slabs--;
	mem_free(slab);
}

static struct stack *slab_carve(struct stack_pool *p, struct stack_slab *slab)
{
	char *page = slab->map + slab->carved * stride();
	struct stack *s = &slab->stacks[slab->carved++];

	s->slab = slab;
	s->bottom = page + page_bytes();
	s->guarded = guard(p, page);
	if (!s->guarded) {
		*canary(s) = CANARY;
		p->unguarded++;
	}
	return s;
}

/* --- the pool ---------------------------------------------------------- */

void stack_pool_init(struct stack_pool *p)
{
	*p = (struct stack_pool){.guard = GUARD_MADVISE};
	list_init(&p->slabs);
}

static void chill(struct stack_pool *p, struct stack *s)
{
	struct stack_slab *slab = s->slab;

	/* The canary goes as well; the next user gets a new one. */
	madvise(s->bottom, STACK_BYTES, MADV_DONTNEED);
	s->next = slab->cold;
	slab->cold = s;
	p->cold_len++;
	/* Behind fuller slabs, so that this one may empty. */
	list_remove(&slab->link);
	list_push(&p->slabs, &slab->link);
	if (--slab->out > 0)
		return;
	p->idle_slabs++;
	if (p->idle_slabs > 1)
		slab_unmap(p, slab);
}

struct stack *stack_take(struct stack_pool *p)
{
	struct stack *s = p->warm;

	if (s) {
		p->warm = s->next;
		p->warm_len--;
		poison(s, false);
		return s;
	}

	struct stack_slab *slab;

	if (!list_empty(&p->slabs))
		slab = CONTAINER_OF(p->slabs.next, struct stack_slab, link);
	else if (!(slab = slab_map(p)))
		return NULL;
	if (slab->cold) {
		s = slab->cold;
		slab->cold = s->next;
		p->cold_len--;
		poison(s, false);
		if (!s->guarded)
			*canary(s) = CANARY;
	} else {
		s = slab_carve(p, slab);
	}
	if (slab->out++ == 0)
		p->idle_slabs--;
	if (slab->out == STACKS_PER_SLAB)
		list_remove(&slab->link);
	return s;
}

void stack_give(struct stack_pool *p, struct stack *s)
{
	poison(s, true);
	if (p->warm_len == STACKS_WARM) {
		chill(p, s);
		return;
	}
	s->next = p->warm;
	p->warm = s;
	p->warm_len++;
}

void stack_pool_fini(struct stack_pool *p)
{
	while (p->warm) {
		struct stack *s = p->warm;

		p->warm = s->next;
		chill(p, s);
	}
	p->warm_len = 0;
	while (!list_empty(&p->slabs))
		slab_unmap(p, CONTAINER_OF(p->slabs.next, struct stack_slab,
					   link));
	assert(p->slab_len == 0);
}

char *stack_top(const struct stack *s)
{
	size_t nth = (size_t)(s - s->slab->stacks);

	return s->bottom + STACK_BYTES - nth % COLOURS * COLOUR_BYTES;
}

void stack_check(const struct stack *s, const char *who)
{
	if (LIKELY(s->guarded) || *canary(s) == CANARY)
		return;
	log_error("the stack of fiber %s has overflown (%zu KiB)", who,
		  STACK_BYTES / 1024);
	abort();
}
