/* cond.c - several fibers wait for one thing to become true. */
#include "fiber/core.h"

#include "base/error.h"

void fiber_cond_init(struct fiber_cond *c)
{
	list_init(&c->waiters);
}

int fiber_cond_wait(struct fiber_cond *c, int64_t deadline_ms)
{
	if (!c->waiters.next) /* all zero is ready, too */
		list_init(&c->waiters);
	return fiber_waiters_wait(&c->waiters, deadline_ms);
}

void fiber_cond_wake_all(struct fiber_cond *c)
{
	if (!c->waiters.next)
		return;
	/* Waking runs nobody, so the list cannot grow meanwhile. */
	while (!list_empty(&c->waiters))
		fiber_waiters_wake(&c->waiters, 0);
}
