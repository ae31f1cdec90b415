/* poll.c - descriptors that are readable or writable: an epoll set.
 *
 *     loop_poll  <--- data.ptr ---  epoll  --- a batch a turn ---> fn
 *      32 bytes
 *
 * Each connection has a poll, so it is a small struct of our own: a handle of
 * libuv takes 160 bytes more. libuv's own set is in ours, as one descriptor.
 *
 * A poll is in the set from its opening to its close. While nothing is asked of
 * it, the set still reports errors and hang-ups; edge-triggered that is once
 * instead of for ever, and it is passed by.
 *
 * One that is closed while a batch is at hand may be in the rest of it: it
 * stays in memory, silent, until the batch is done.
 */
#include "loop/internal.h"

#include "base/error.h"
#include "base/mem.h"
#include "base/util.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

/* Descriptors a turn; those behind them are first in the next one. */
#define EVENTS_PER_TURN 1024

struct loop_poll {
	struct loop_set *set;
	loop_poll_fn fn; /* NULL: closed */
	union {
		void *arg;
		struct loop_poll *next_gone;
	};
	int fd;
	int events; /* LOOP_* asked for now */
};

int loop_set_open(struct loop_set *set)
{
	set->epoll = epoll_create1(EPOLL_CLOEXEC);
	return set->epoll < 0 ? error_from_errno(errno) : 0;
}

void loop_set_close(struct loop_set *set)
{
	close(set->epoll);
}

/* --- events --------------------------------------------------------------- */

static uint32_t asked(int events)
{
	uint32_t epoll = 0;

	if (events & LOOP_READABLE)
		epoll |= EPOLLIN;
	if (events & LOOP_WRITABLE)
		epoll |= EPOLLOUT;
	if (events & LOOP_HANGUP)
		epoll |= EPOLLRDHUP;
	return epoll ? epoll : EPOLLET;
}

static int told(uint32_t epoll)
{
	int events = 0;

	if (epoll & EPOLLIN)
		events |= LOOP_READABLE;
	if (epoll & EPOLLOUT)
		events |= LOOP_WRITABLE;
	if (epoll & (EPOLLRDHUP | EPOLLHUP))
		events |= LOOP_HANGUP;
	return events;
}

static void call(struct loop_poll *p, uint32_t epoll)
{
	int events = told(epoll);

	if (!p->fn || !p->events)
		return;
	if (epoll & EPOLLERR) {
		loop_poll_set(p, 0);
		p->fn(p->arg, 0, WEIR_EIO);
		return;
	}
	/* Who only wants to write, or to read, finds out by trying that the
	 * other end has hung up. */
	if (epoll == EPOLLHUP)
		events |= p->events;
	/* A call in front of this one may have asked for something else. */
	if (events & (p->events | LOOP_HANGUP))
		p->fn(p->arg, events & (p->events | LOOP_HANGUP), 0);
}

static void free_gone(struct loop_set *set)
{
	while (set->gone) {
		struct loop_poll *p = set->gone;

		set->gone = p->next_gone;
		slab_free(p, sizeof *p);
	}
}

void loop_set_wait(struct loop *l, int timeout_ms)
{
	struct loop_set *set = &l->set;
	struct epoll_event batch[EVENTS_PER_TURN];
	int n = epoll_wait(set->epoll, batch, EVENTS_PER_TURN, timeout_ms);

	loop_update(l);
	set->in_batch = true;
	for (int i = 0; i < n; i++)
		call(batch[i].data.ptr, batch[i].events);
	set->in_batch = false;
	free_gone(set);
}

/* --- polls ---------------------------------------------------------------- */

static int control(struct loop_poll *p, int op)
{
	struct epoll_event e = {.events = asked(p->events), .data.ptr = p};

	return epoll_ctl(p->set->epoll, op, p->fd, &e);
}

struct loop_poll *loop_poll_open(struct loop *l, int fd, loop_poll_fn fn,
				 void *arg)
{
	struct loop_poll *p = slab_zalloc(sizeof *p);

	p->set = &l->set;
	p->fn = fn;
	p->arg = arg;
	p->fd = fd;
	if (control(p, EPOLL_CTL_ADD) < 0) {
		slab_free(p, sizeof *p);
		return NULL;
	}
	l->set.polls++;
	return p;
}

void loop_poll_set(struct loop_poll *p, int events)
{
	if (events == p->events)
		return;
	p->events = events;
	control(p, EPOLL_CTL_MOD);
}

void loop_poll_close(struct loop_poll *p)
{
	if (!p)
		return;
	control(p, EPOLL_CTL_DEL);
	p->set->polls--;
	p->fn = NULL;
	if (!p->set->in_batch) {
		slab_free(p, sizeof *p);
		return;
	}
	p->next_gone = p->set->gone;
	p->set->gone = p;
}
