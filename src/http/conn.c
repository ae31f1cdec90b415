/* conn.c - a connection's input, output, clock and end. See conn.h. */
#include "http/conn.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define SCRATCH_BYTES (64 * 1024)
#define HEADS_KEPT    64

static uint32_t next_client; /* numbers of clients, process-wide */

/* --- heads ----------------------------------------------------------------- */

static struct http_head_buf *take_head(struct http_server *s)
{
	struct http_head_buf *h = s->heads;

	if (h && h->cap >= s->conf.head_max) {
		s->heads = h->next;
		s->n_heads--;
	} else {
		h = mem_alloc(sizeof *h + s->conf.head_max);
		h->cap = s->conf.head_max;
	}
	h->head.state = 0;
	memset(&h->head, 0, offsetof(struct http1_head, fields));
	return h;
}

void conn_free_head(struct http_server *s, struct http_head_buf *h)
{
	if (!h)
		return;
	if (s->n_heads >= HEADS_KEPT) {
		mem_free(h);
		return;
	}
	h->next = s->heads;
	s->heads = h;
	s->n_heads++;
}

/* --- the end ------------------------------------------------------------------ */

static void free_conn(struct conn *c)
{
	struct http_server *s = c->server;

	conn_free_head(s, c->head);
	buf_fini(&c->in);
	buf_fini(&c->out);
	slab_free(c, sizeof *c);
	server_conn_gone(s);
}

void conn_abort(struct conn *c)
{
	struct http_exchange *x = c->x;

	if (c->dead)
		return;
	c->dead = true;
	loop_poll_close(c->poll);
	loop_timer_stop(c->server->loop, &c->timer);
	close(c->fd);
	list_remove(&c->dirty);
	list_remove(&c->link);
	if (x)
		exchange_gone(x); /* frees c when x is over */
	else
		free_conn(c);
}

void conn_finish(struct conn *c)
{
	c->closing = true;
	if (!c->dead)
		conn_dirty(c);
}

/* All has left: says so, and reads on for a while, since closing with unread
 * input would reset the connection and take the last answer with it. */
static void begin_linger(struct conn *c)
{
	if (c->eof) {
		conn_abort(c);
		return;
	}
	c->wait = CONN_LINGER;
	buf_fini(&c->in);
	shutdown(c->fd, SHUT_WR);
	conn_wait_until(c, loop_now_ms(c->server->loop) + CONN_LINGER_MS);
	conn_set_events(c);
}

/* --- the clock ------------------------------------------------------------------ */

static int64_t next_deadline(const struct conn *c)
{
	int64_t stall = CLOCK_NEVER;

	if (buf_len(&c->out))
		stall = c->progress_ms + c->server->conf.stall_timeout_ms;
	return MIN(stall, c->deadline_ms);
}

static void on_timer(struct loop_timer *t)
{
	struct conn *c = CONTAINER_OF(t, struct conn, timer);
	int64_t now = loop_now_ms(c->server->loop);
	int64_t due = next_deadline(c);

	if (due > now) {
		loop_timer_start(c->server->loop, t, due, on_timer);
		return;
	}
	if (c->wait == CONN_HEAD && c->deadline_ms <= now) {
		exchange_refuse(c, 408, "the request head took too long");
		return;
	}
	if (buf_len(&c->out))
		trace("the client takes nothing: closed");
	conn_abort(c);
}

static void arm(struct conn *c, int64_t deadline_ms)
{
	/* A timer that comes too early looks again. */
	if (deadline_ms != CLOCK_NEVER &&
	    (!loop_timer_active(&c->timer) ||
	     c->timer.link.key > deadline_ms))
		loop_timer_start(c->server->loop, &c->timer, deadline_ms,
				 on_timer);
}

void conn_wait_until(struct conn *c, int64_t deadline_ms)
{
	c->deadline_ms = deadline_ms;
	arm(c, deadline_ms);
}

/* --- output ---------------------------------------------------------------------- */

void conn_dirty(struct conn *c)
{
	struct http_server *s = c->server;

	if (c->dead || !list_empty(&c->dirty))
		return;
	list_push(&s->dirty, &c->dirty);
	loop_defer(s->loop, &s->flush);
}

/* Sends what it can. False: the connection has been broken off. */
static bool send_out(struct conn *c)
{
	struct http_exchange *x = c->x;
	int64_t now = loop_now_ms(c->server->loop);

	while (buf_len(&c->out)) {
		ssize_t n = send(c->fd, buf_bytes(&c->out), buf_len(&c->out),
				 MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
			arm(c, c->progress_ms +
				       c->server->conf.stall_timeout_ms);
			break;
		}
		if (n < 0) {
			conn_abort(c);
			return false;
		}
		c->progress_ms = now;
		buf_consume(&c->out, (size_t)n);
	}
	if (!buf_len(&c->out))
		buf_fini(&c->out);
	if (buf_len(&c->out) > HTTP_HIGH_WATER)
		c->was_high = true;
	if (c->was_high && buf_len(&c->out) <= HTTP_LOW_WATER) {
		c->was_high = false;
		if (x && x->watch && x->watch->writable)
			x->watch->writable(x->watch_arg);
	}
	if (x && x->waiting && x->fiber && !x->watch)
		fiber_wake(x->fiber, 0);
	return true;
}

static void flush(struct conn *c)
{
	if (!send_out(c))
		return;
	if (c->closing && !c->x && !buf_len(&c->out) &&
	    c->wait != CONN_LINGER) {
		begin_linger(c);
		return;
	}
	conn_set_events(c);
}

void conn_flush_all(struct loop_task *t)
{
	struct http_server *s = CONTAINER_OF(t, struct http_server, flush);
	struct list now;

	list_init(&now);
	list_splice(&now, &s->dirty);
	while (!list_empty(&now))
		flush(CONTAINER_OF(list_pop(&now), struct conn, dirty));
}

/* --- input ------------------------------------------------------------------------ */

void conn_set_events(struct conn *c)
{
	int events = 0;

	if (c->dead)
		return;
	if (!c->eof && (c->wait == CONN_LINGER || buf_len(&c->in) < CONN_IN_MAX))
		events |= LOOP_READABLE;
	if (buf_len(&c->out))
		events |= LOOP_WRITABLE;
	loop_poll_set(c->poll, events);
}

static void on_eof(struct conn *c)
{
	struct http_exchange *x = c->x;

	c->eof = true;
	if (c->wait == CONN_LINGER || !x) {
		/* Nothing is being answered, or all has been. */
		if (!buf_len(&c->out) || c->wait == CONN_LINGER) {
			conn_abort(c);
			return;
		}
		conn_finish(c);
		conn_set_events(c);
		return;
	}
	conn_set_events(c);
	if (x->watch) {
		if (x->watch->half_closed)
			x->watch->half_closed(x->watch_arg);
	} else if (x->waiting && x->fiber) {
		fiber_wake(x->fiber, 0);
	}
}

/* Parses a head from bytes that have come (all since its beginning, in `in`). */
void conn_next(struct conn *c)
{
	struct http_server *s = c->server;
	struct http1_limits limits = {s->conf.head_max, s->conf.uri_max};

	if (c->dead || c->x || c->closing || c->wait == CONN_LINGER)
		return;
	if (buf_len(&c->out) > CONN_OUT_HOLD)
		return; /* goes on when the client has read */
	if (!buf_len(&c->in)) {
		if (c->eof || s->draining) {
			conn_finish(c);
			return;
		}
		if (c->wait != CONN_IDLE) {
			c->wait = CONN_IDLE;
			conn_wait_until(c, loop_now_ms(s->loop) +
						   s->conf.idle_timeout_ms);
		}
		return;
	}
	if (!c->head) {
		c->head = take_head(s);
		c->wait = CONN_HEAD;
		conn_wait_until(c, loop_now_ms(s->loop) +
					   s->conf.head_timeout_ms);
	}

	size_t len = MIN(buf_len(&c->in), (size_t)s->conf.head_max + 1);
	int n = http1_head_parse(&c->head->head, &limits, buf_bytes(&c->in),
				 len);

	if (n < 0) {
		exchange_refuse(c, c->head->head.status, c->head->head.why);
		return;
	}
	if (n == 0) {
		if (c->eof)
			conn_finish(c);
		return;
	}
	if ((size_t)n > c->head->cap) {
		exchange_refuse(c, 431, "the request head is too large");
		return;
	}
	memcpy(c->head->bytes, buf_bytes(&c->in), (size_t)n);
	buf_consume(&c->in, (size_t)n);
	if (!buf_len(&c->in))
		buf_fini(&c->in);
	c->wait = CONN_BUSY;
	c->deadline_ms = CLOCK_NEVER;
	exchange_begin(c);
}

static void on_readable(struct conn *c)
{
	static _Thread_local char *scratch;
	size_t room = CONN_IN_MAX - MIN(buf_len(&c->in), (size_t)CONN_IN_MAX);
	ssize_t n;

	if (!scratch)
		scratch = mem_alloc(SCRATCH_BYTES);
	if (c->wait == CONN_LINGER)
		room = SCRATCH_BYTES;
	if (!room) {
		conn_set_events(c);
		return;
	}
	n = recv(c->fd, scratch, MIN(room, (size_t)SCRATCH_BYTES), 0);
	if (n < 0) {
		if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
			conn_abort(c);
		return;
	}
	if (n == 0) {
		on_eof(c);
		return;
	}
	if (c->wait == CONN_LINGER || c->closing)
		return; /* thrown away */
	buf_append(&c->in, scratch, (size_t)n);
	if (!c->x)
		conn_next(c);
	else if (c->x->waiting && c->x->fiber)
		fiber_wake(c->x->fiber, 0);
	if (buf_len(&c->in) >= CONN_IN_MAX)
		conn_set_events(c);
}

static void on_poll(void *arg, int events, int error)
{
	struct conn *c = arg;

	trace_who = c->client;
	if (error < 0) {
		conn_abort(c);
	} else {
		bool readable = events & LOOP_READABLE;

		if (events & LOOP_WRITABLE) {
			bool idle = !c->x;

			flush(c);
			if (c->dead)
				readable = false;
			else if (idle)
				conn_next(c);
		}
		if (readable && !c->dead)
			on_readable(c);
	}
	trace_who = 0;
}

void conn_open(struct http_server *s, int fd, const struct net_addr *peer)
{
	struct conn *c = slab_zalloc(sizeof *c);

	c->server = s;
	c->fd = fd;
	c->client = ++next_client;
	if (peer)
		c->peer = *peer;
	list_init(&c->dirty);
	list_push(&s->conns, &c->link);
	s->n_conns++;
	c->wait = CONN_IDLE;
	c->progress_ms = loop_now_ms(s->loop);
	c->poll = loop_poll_open(s->loop, fd, on_poll, c);
	if (!c->poll) {
		c->dead = true;
		list_remove(&c->link);
		close(fd);
		free_conn(c);
		return;
	}
	if (s->n_conns > s->conf.max_connections) {
		exchange_refuse(c, 503, "too many connections");
		return;
	}
	conn_wait_until(c, c->progress_ms + s->conf.idle_timeout_ms);
	conn_set_events(c);
}
