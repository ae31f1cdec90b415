/* fiber.c - the life of a fiber, from spawn to join, and the pool. */
#include "fiber/core.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/util.h"

#include <assert.h>
#include <stdatomic.h>

#if WEIR_TSAN
#include <sanitizer/tsan_interface.h>
#endif

/* One sequence for all threads, so that a number in the trace is one fiber. */
static _Atomic uint32_t last_number;

/* --- the pool ---------------------------------------------------------- */

struct fiber_pool *fiber_pool_create(struct loop *l)
{
	struct fiber_pool *p = mem_zalloc(sizeof *p);

	assert(!fiber_here && "one pool a thread");
	p->loop = l;
	list_init(&p->all);
	stack_pool_init(&p->stacks);
	fiber_sched_init(p);
	fiber_here = p;
	return p;
}

void fiber_pool_destroy(struct fiber_pool *p)
{
	if (!p)
		return;
	/* Who was forgotten is what one wants to know then. */
	LIST_FOREACH (l, &p->all) {
		struct fiber *f = CONTAINER_OF(l, struct fiber, all);

		log_error("fiber %u (%s) %s", f->number, f->name,
			  f->state == FIBER_ENDED ? "was never joined"
						  : "still lives");
	}
	assert(p->live == 0);
	fiber_sched_fini(p);
	stack_pool_fini(&p->stacks);
	if (fiber_here == p)
		fiber_here = NULL;
	mem_free(p);
}

struct fiber_pool *fiber_pool_here(void)
{
	return fiber_here;
}

struct fiber_stats fiber_stats(const struct fiber_pool *p)
{
	const struct stack_pool *s = &p->stacks;

	return (struct fiber_stats){
		.live = p->live,
		.pooled_stacks = s->warm_len + s->cold_len,
		.mapped_stacks = s->slab_len * STACKS_PER_SLAB,
		.unguarded_stacks = s->unguarded,
	};
}

/* --- a fiber ----------------------------------------------------------- */

static void end(struct fiber *f)
{
	if (f->detached)
		f->pool->dead = f; /* who runs next frees it */
	else if (f->joiner)
		fiber_unblock(f->joiner, 0);
	fiber_leave(f);
}

void fiber_main(void)
{
	struct fiber *f = fiber_self();

	f->result = f->fn(f->arg);
	end(f);
}

void fiber_free(struct fiber *f)
{
	struct fiber_pool *p = f->pool;

	list_remove(&f->all);
	p->live--;
#if WEIR_TSAN
	__tsan_destroy_fiber(f->tsan);
#endif
	stack_give(&p->stacks, f->stack);
}

struct fiber *fiber_spawn(struct fiber_pool *p, const char *name, fiber_fn fn,
			  void *arg)
{
	struct stack *stack = stack_take(&p->stacks);

	if (!stack)
		return NULL;

	uintptr_t top = (uintptr_t)stack_top(stack) - sizeof(struct fiber);
	struct fiber *f = (struct fiber *)(top & ~(uintptr_t)63);

	*f = (struct fiber){
		.pool = p,
		.stack = stack,
		.number = atomic_fetch_add(&last_number, 1) + 1,
		.who = trace_who,
		.name = name,
		.fn = fn,
		.arg = arg,
	};
	list_init(&f->ready);
	list_push(&p->all, &f->all);
	p->live++;
	fiber_sched_add(f);
	return f;
}

void fiber_detach(struct fiber *f)
{
	assert(!f->detached && !f->joiner);
	f->detached = true;
	if (f->state == FIBER_ENDED)
		fiber_free(f);
}

int fiber_join(struct fiber *f, int *result_out, int64_t deadline_ms)
{
	if (f->state != FIBER_ENDED) {
		assert(!f->detached && !f->joiner && f != fiber_self());
		f->joiner = fiber_self();

		int rc = fiber_block(FIBER_BLOCKED, deadline_ms);

		f->joiner = NULL;
		/* It may have ended just after the deadline woke us. */
		if (f->state != FIBER_ENDED)
			return rc;
	}
	if (result_out)
		*result_out = f->result;
	fiber_free(f);
	return 0;
}

void fiber_cancel(struct fiber *f)
{
	if (f->cancelled)
		return;
	f->cancelled = true;
	fiber_unblock(f, WEIR_ECANCELED);
}

struct fiber *fiber_self(void)
{
	return fiber_here ? fiber_here->current : NULL;
}

bool fiber_cancelled(void)
{
	struct fiber *f = fiber_self();

	return f && f->cancelled;
}

uint32_t fiber_number(const struct fiber *f)
{
	return f->number;
}

struct loop *fiber_loop(void)
{
	return fiber_here->loop;
}
