/* chan.c - a bounded queue of pointers between fibers.
 *
 *     send --> [ring of cap pointers] --> recv
 *     who finds it full waits in        who finds it empty waits in
 *     senders                           receivers
 *
 * A wake means "look again": the pointers themselves only ever lie in the
 * ring, so one who times out or is cancelled takes nothing with it. It passes
 * the wake on, though, since it may have been the one chosen for a pointer
 * that still lies there.
 */
#include "fiber/core.h"

#include "base/error.h"
#include "base/mem.h"
#include "base/util.h"

#include <assert.h>

struct fiber_chan {
	struct list senders;
	struct list receivers;
	uint32_t cap;
	uint32_t len;
	uint32_t first;
	bool closed;
	void *ring[];
};

struct fiber_chan *fiber_chan_create(uint32_t cap)
{
	struct fiber_chan *c;

	assert(cap > 0);
	c = mem_zalloc(sizeof *c + cap * sizeof c->ring[0]);
	list_init(&c->senders);
	list_init(&c->receivers);
	c->cap = cap;
	return c;
}

void fiber_chan_destroy(struct fiber_chan *c)
{
	if (!c)
		return;
	assert(list_empty(&c->senders) && list_empty(&c->receivers));
	mem_free(c);
}

int fiber_chan_try_send(struct fiber_chan *c, void *p)
{
	uint32_t end;

	if (c->closed)
		return WEIR_ECLOSED;
	if (c->len == c->cap)
		return WEIR_EAGAIN;
	end = c->first + c->len++;
	c->ring[end < c->cap ? end : end - c->cap] = p;
	fiber_waiters_wake(&c->receivers, 0);
	return 0;
}

int fiber_chan_try_recv(struct fiber_chan *c, void **p_out)
{
	if (c->len == 0)
		return c->closed ? WEIR_ECLOSED : WEIR_EAGAIN;
	*p_out = c->ring[c->first];
	c->len--;
	if (++c->first == c->cap)
		c->first = 0;
	fiber_waiters_wake(&c->senders, 0);
	return 0;
}

int fiber_chan_send(struct fiber_chan *c, void *p, int64_t deadline_ms)
{
	for (;;) {
		int rc = fiber_cancelled() ? WEIR_ECANCELED
					   : fiber_chan_try_send(c, p);

		if (rc == WEIR_EAGAIN)
			rc = fiber_waiters_wait(&c->senders, deadline_ms);
		else if (rc == 0)
			return 0;
		if (rc < 0) {
			if (c->len < c->cap)
				fiber_waiters_wake(&c->senders, 0);
			return rc;
		}
	}
}

int fiber_chan_recv(struct fiber_chan *c, void **p_out, int64_t deadline_ms)
{
	for (;;) {
		int rc = fiber_cancelled() ? WEIR_ECANCELED
					   : fiber_chan_try_recv(c, p_out);

		if (rc == WEIR_EAGAIN)
			rc = fiber_waiters_wait(&c->receivers, deadline_ms);
		else if (rc == 0)
			return 0;
		if (rc < 0) {
			if (c->len > 0)
				fiber_waiters_wake(&c->receivers, 0);
			return rc;
		}
	}
}

void fiber_chan_close(struct fiber_chan *c)
{
	c->closed = true;
	while (!list_empty(&c->senders))
		fiber_waiters_wake(&c->senders, 0);
	while (!list_empty(&c->receivers))
		fiber_waiters_wake(&c->receivers, 0);
}
