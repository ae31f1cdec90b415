/* poll.c - descriptors that are readable or writable. */
#include "loop/internal.h"

#include "base/error.h"
#include "base/mem.h"
#include "base/util.h"

struct loop_poll {
	uv_poll_t uv;
	loop_poll_fn fn;
	void *arg;
	int events; /* LOOP_* asked for now */
};

static void on_event(uv_poll_t *uv, int status, int events)
{
	struct loop_poll *p = CONTAINER_OF(uv, struct loop_poll, uv);
	int said = 0;

	if (events & UV_READABLE)
		said |= LOOP_READABLE;
	if (events & UV_WRITABLE)
		said |= LOOP_WRITABLE;
	if (events & UV_DISCONNECT)
		said |= LOOP_HANGUP;
	p->fn(p->arg, said, status < 0 ? error_from_errno(-status) : 0);
}

static void on_closed(uv_handle_t *uv)
{
	struct loop_poll *p = CONTAINER_OF(uv, struct loop_poll, uv);

	slab_free(p, sizeof *p);
}

struct loop_poll *loop_poll_open(struct loop *l, int fd, loop_poll_fn fn,
				 void *arg)
{
	struct loop_poll *p = slab_zalloc(sizeof *p);

	if (uv_poll_init(&l->uv, &p->uv, fd) < 0) {
		slab_free(p, sizeof *p);
		return NULL;
	}
	p->fn = fn;
	p->arg = arg;
	return p;
}

void loop_poll_set(struct loop_poll *p, int events)
{
	int want = 0;

	if (events == p->events)
		return;
	p->events = events;
	if (events & LOOP_READABLE)
		want |= UV_READABLE;
	if (events & LOOP_WRITABLE)
		want |= UV_WRITABLE;
	if (events & LOOP_HANGUP)
		want |= UV_DISCONNECT;
	if (want)
		uv_poll_start(&p->uv, want, on_event);
	else
		uv_poll_stop(&p->uv);
}

void loop_poll_close(struct loop_poll *p)
{
	if (p)
		uv_close((uv_handle_t *)&p->uv, on_closed);
}
