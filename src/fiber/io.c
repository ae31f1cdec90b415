/* io.c - fibers that wait for a descriptor.
 *
 * Each report wakes one reader and one writer. The poll stays armed after it
 * has woken somebody: mostly the same fiber waits for the same thing again, and
 * telling the kernel twice would cost two system calls each time. If nobody
 * waits when it reports again, it is told to be still.
 */
#include "fiber/core.h"

#include "base/error.h"
#include "base/mem.h"

struct fiber_io {
	struct loop_poll *poll;
	struct list readers; /* who waits */
	struct list writers;
	int armed; /* LOOP_READABLE | LOOP_WRITABLE */
};

/* Ends one wait for event, or the watching for it when there is none. */
static void report(struct fiber_io *io, struct list *who, int event)
{
	if (list_empty(who))
		io->armed &= ~event;
	else
		fiber_waiters_wake(who, 0);
}

static void on_poll(void *arg, int events, int error)
{
	struct fiber_io *io = arg;

	/* What is wrong is told by the next read or write; after an error the
	 * poll itself is still until it is set anew. */
	if (error)
		events = LOOP_READABLE | LOOP_WRITABLE | LOOP_HANGUP;
	if (events & (LOOP_READABLE | LOOP_HANGUP))
		report(io, &io->readers, LOOP_READABLE);
	if (events & (LOOP_WRITABLE | LOOP_HANGUP))
		report(io, &io->writers, LOOP_WRITABLE);
	if (error)
		io->armed = 0;
	loop_poll_set(io->poll, io->armed);
}

struct fiber_io *fiber_io_open(int fd)
{
	struct fiber_io *io = mem_zalloc(sizeof *io);

	list_init(&io->readers);
	list_init(&io->writers);
	io->poll = loop_poll_open(fiber_loop(), fd, on_poll, io);
	if (!io->poll) {
		mem_free(io);
		return NULL;
	}
	return io;
}

void fiber_io_close(struct fiber_io *io)
{
	if (!io)
		return;
	while (!list_empty(&io->readers))
		fiber_waiters_wake(&io->readers, WEIR_ECLOSED);
	while (!list_empty(&io->writers))
		fiber_waiters_wake(&io->writers, WEIR_ECLOSED);
	loop_poll_close(io->poll);
	mem_free(io);
}

static int wait_for(struct fiber_io *io, struct list *who, int event,
		    int64_t deadline_ms)
{
	if (!(io->armed & event)) {
		io->armed |= event;
		loop_poll_set(io->poll, io->armed);
	}
	/* Somebody may close io meanwhile: it is not touched afterwards. */
	return fiber_waiters_wait(who, deadline_ms);
}

int fiber_wait_readable(struct fiber_io *io, int64_t deadline_ms)
{
	return wait_for(io, &io->readers, LOOP_READABLE, deadline_ms);
}

int fiber_wait_writable(struct fiber_io *io, int64_t deadline_ms)
{
	return wait_for(io, &io->writers, LOOP_WRITABLE, deadline_ms);
}
