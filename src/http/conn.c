/* conn.c - a connection's input, output, clock and end. See conn.h. */
#include "http/conn.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

/* The first look for a reset comes soon, since a probe may have been sent. */
#define CHECK_FIRST_MS 50
#define CHECK_EVERY_MS 2000
/* So many connections above the limit are told so; more are just closed. */
#define TOLD_MAX 256
/* Memory of this size is kept for what streams are sent. */
#define LENT_MAX (64 * 1024)
/* A connection with more than that has gathered enough. */
#define GATHERED_MAX (16 * 1024)
/* How long a turn may at least send what streams are told, before the loop
 * looks at those who ask for something. */
#define FLUSH_NS 1000000

static _Atomic uint32_t clients; /* numbers them through the process */

static int64_t now_ms(const struct conn *c)
{
	return loop_now_ms(c->server->loop);
}

/* --- lent output -------------------------------------------------------
 *
 * Most of what streams are sent is written when its connection is about to send
 * it, and the system takes all of it. So a few buffers do for all of them, and
 * stay in the cache; a connection has memory of its own only for a rest. */

static void borrow(struct conn *c)
{
	struct http_server *s = c->server;

	if (c->out.data)
		return;
	c->borrows = true;
	if (s->n_lent)
		c->out = s->lent[--s->n_lent];
}

/* The rest moves to memory of c. */
static void give_back(struct conn *c)
{
	struct http_server *s = c->server;
	struct buf rest = {0};

	if (!c->borrows)
		return;
	c->borrows = false;
	if (!c->out.data || c->out.cap > LENT_MAX || s->n_lent == CONN_BATCH)
		return;
	buf_append_str(&rest, buf_str(&c->out));
	buf_clear(&c->out);
	s->lent[s->n_lent++] = c->out;
	c->out = rest;
}

/* --- the end ----------------------------------------------------------- */

void conn_free(struct conn *c)
{
	struct http_server *s = c->server;

	mem_free(c->head);
	buf_fini(&c->in);
	buf_fini(&c->out);
	slab_free(c, sizeof *c);
	server_conn_gone(s);
}

void conn_abort(struct conn *c)
{
	if (c->dead)
		return;
	c->dead = true;
	loop_poll_close(c->poll);
	loop_timer_stop(c->server->loop, &c->timer);
	close(c->fd);
	list_remove(&c->dirty);
	list_remove(&c->link);
	buf_fini(&c->in);
	give_back(c);
	buf_fini(&c->out);
	if (c->x)
		exchange_gone(c->x); /* frees c when x is over */
	else
		conn_free(c);
}

void conn_finish(struct conn *c)
{
	c->closing = true;
	if (!c->dead)
		conn_dirty(c);
}

/* --- the clock --------------------------------------------------------- */

static void on_timer(struct loop_timer *t);

/* A timer that comes too early looks again: only an earlier time has to be
 * told to the loop. */
static void arm(struct conn *c, int64_t deadline_ms)
{
	struct loop *loop = c->server->loop;

	if (deadline_ms < loop_timer_deadline_ms(loop, &c->timer))
		loop_timer_start(loop, &c->timer, deadline_ms, on_timer);
}

static int64_t stall_at(const struct conn *c)
{
	return buf_len(&c->out)
		       ? c->progress_ms + c->server->conf.stall_timeout_ms
		       : CLOCK_NEVER;
}

void conn_rest(struct conn *c)
{
	int64_t next = MIN(c->deadline_ms, c->check_ms);

	if (c->events & LOOP_WRITABLE)
		next = MIN(next, stall_at(c));
	loop_timer_start(c->server->loop, &c->timer, next, on_timer);
}

static void wait_for(struct conn *c, enum conn_wait what, int64_t ms)
{
	c->wait = (uint8_t)what;
	c->deadline_ms = ms == CLOCK_NEVER ? ms : now_ms(c) + ms;
	arm(c, c->deadline_ms);
}

/* What is seen without being told. False when the client is gone. */
static bool look(struct conn *c)
{
	struct pollfd p = {.fd = c->fd, .events = POLLRDHUP};

	c->check_ms = now_ms(c) + CHECK_EVERY_MS;
	if (poll(&p, 1, 0) <= 0)
		return true;
	if (p.revents & (POLLERR | POLLHUP))
		return false;
	/* A client that has ended its input may go for good at any time after
	 * that, and nothing tells so but the answer to what is sent. */
	if (p.revents & POLLRDHUP) {
		c->hup = true;
		if (c->x)
			exchange_eof(c->x);
	}
	return true;
}

/* What it waited for has not come. */
static void on_deadline(struct conn *c)
{
	if (c->wait == CONN_HEAD) {
		exchange_refuse(c, 408, "the request head took too long");
		return;
	}
	if (c->wait == CONN_IDLE && buf_len(&c->out)) {
		/* It has not begun to be idle: it still reads an answer. */
		wait_for(c, CONN_IDLE, c->server->conf.idle_timeout_ms);
		return;
	}
	conn_abort(c);
}

static void on_timer(struct loop_timer *t)
{
	struct conn *c = CONTAINER_OF(t, struct conn, timer);
	int64_t now = now_ms(c);

	trace_who = c->client;
	if (c->check_ms <= now && !look(c)) {
		conn_abort(c);
		goto out;
	}
	if (stall_at(c) <= now) {
		trace("the client takes nothing: closed");
		conn_abort(c);
		goto out;
	}
	arm(c, MIN(MIN(stall_at(c), c->deadline_ms), c->check_ms));
	if (c->deadline_ms <= now)
		on_deadline(c);
out:
	trace_who = 0;
}

/* --- output ------------------------------------------------------------ */

static bool is_stream(const struct conn *c)
{
	return c->x && c->x->detached;
}

void conn_hurry(struct conn *c)
{
	struct http_server *s = c->server;

	if (c->dead || (!list_empty(&c->dirty) && !c->gathers))
		return;
	list_remove(&c->dirty);
	c->gathers = false;
	list_push(is_stream(c) ? &s->dirty : &s->answers, &c->dirty);
	loop_defer(s->loop, &s->flush);
}

static void end_gathering(struct http_server *s)
{
	LIST_FOREACH (l, &s->gathering)
		CONTAINER_OF(l, struct conn, dirty)->gathers = false;
	list_splice(&s->dirty, &s->gathering);
}

static void on_gathered(struct loop_timer *t)
{
	struct http_server *s = CONTAINER_OF(t, struct http_server, gathered);

	end_gathering(s);
	loop_defer(s->loop, &s->flush);
}

/* All wait for the one that was first: nobody waits longer than gather_ms. */
static void gather(struct conn *c)
{
	struct http_server *s = c->server;

	if (c->dead || !list_empty(&c->dirty))
		return;
	c->gathers = true;
	list_push(&s->gathering, &c->dirty);
	if (!loop_timer_active(&s->gathered))
		loop_timer_start(s->loop, &s->gathered,
				 now_ms(c) + s->conf.gather_ms, on_gathered);
}

void conn_dirty(struct conn *c)
{
	if (c->server->conf.gather_ms && is_stream(c) &&
	    buf_len(&c->out) <= GATHERED_MAX)
		gather(c);
	else
		conn_hurry(c);
}

/* All has left: says so, and reads on for a while, since closing with unread
 * input would reset the connection and take the last answer with it.
 * Source: RFC 9112, section 9.6. */
static void begin_linger(struct conn *c)
{
	if (c->eof) {
		conn_abort(c);
		return;
	}
	buf_fini(&c->in);
	shutdown(c->fd, SHUT_WR);
	wait_for(c, CONN_LINGER, CONN_LINGER_MS);
	conn_watch(c);
}

/* Sends what the system takes. False when the connection has broken. */
static bool send_out(struct conn *c)
{
	while (buf_len(&c->out)) {
		ssize_t n = send(c->fd, buf_bytes(&c->out), buf_len(&c->out),
				 MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			break;
		if (n < 0)
			return false;
		c->progress_ms = now_ms(c);
		buf_consume(&c->out, (size_t)n);
	}
	give_back(c);
	if (buf_len(&c->out))
		arm(c, stall_at(c));
	else
		buf_fini(&c->out);
	return true;
}

/* Tells who writes that there is room again. x may be over afterwards. */
static void tell_room(struct conn *c)
{
	struct http_exchange *x = c->x;

	if (!c->was_high || buf_len(&c->out) > HTTP_LOW_WATER)
		return;
	c->was_high = false;
	if (x->waiting)
		exchange_wake(x);
	if (x->watch && x->watch->writable)
		x->watch->writable(x->watch_arg);
}

/* Lets the owner of a response write, just in front of the send. It may end the
 * response, but the connection stays. */
static void fetch(struct conn *c)
{
	struct http_exchange *x = c->x;

	if (!x || !x->wants_write || !x->watch)
		return;
	x->wants_write = false;
	borrow(c);
	x->watch->writable(x->watch_arg);
}

static void flush(struct conn *c)
{
	if (c->wait == CONN_LINGER)
		return; /* everything has left before */
	if (!send_out(c)) {
		conn_abort(c);
		return;
	}
	if (c->x)
		tell_room(c);
	if (c->x || buf_len(&c->out)) {
		conn_watch(c);
		if (!c->x)
			conn_next(c);
	} else if (c->closing) {
		begin_linger(c);
	} else {
		conn_next(c); /* which may have waited for room */
		conn_watch(c);
	}
}

/* Moves some of from to batch, and lets them fetch what they are to send. What
 * that touches is asked of the memory for all of them at once. */
static void fetch_batch(struct list *batch, struct list *from)
{
	for (int n = 0; n < CONN_BATCH && !list_empty(from); n++) {
		struct list *l = list_pop(from);

		list_push(batch, l);
		__builtin_prefetch(CONTAINER_OF(l, struct conn, dirty)->x);
	}
	LIST_FOREACH (l, batch) {
		struct conn *c = CONTAINER_OF(l, struct conn, dirty);

		if (c->x)
			__builtin_prefetch(c->x->watch_arg);
	}
	LIST_FOREACH_SAFE (l, batch) {
		struct conn *c = CONTAINER_OF(l, struct conn, dirty);

		trace_who = c->client;
		fetch(c);
	}
}

static void flush_batch(struct list *dirty)
{
	struct list batch;

	list_init(&batch);
	fetch_batch(&batch, dirty);
	while (!list_empty(&batch)) {
		struct conn *c =
			CONTAINER_OF(list_pop(&batch), struct conn, dirty);

		trace_who = c->client;
		flush(c);
	}
	trace_who = 0;
}

/* Those that are in it now: what they write meanwhile is for the next time. */
static void flush_present(struct list *dirty)
{
	struct list now;

	list_init(&now);
	list_splice(&now, dirty);
	while (!list_empty(&now))
		flush_batch(&now);
}

static void on_flush_more(struct loop_timer *t)
{
	struct http_server *s = CONTAINER_OF(t, struct http_server, flush_more);

	loop_defer(s->loop, &s->flush);
}

/* One part for ten thousand streams is ten thousand system calls. Who has asked
 * for something need not wait for all of them: answers leave first, and between
 * slices of the rest the loop polls. What a stream is sent meanwhile leaves in
 * the same call.
 *
 * A slice is as long as the turn has worked so far: with less, a source that
 * floods would fill memory faster than it is sent. */
void conn_flush(struct loop_task *t)
{
	struct http_server *s = CONTAINER_OF(t, struct http_server, flush);
	int64_t now;
	int64_t until;

	flush_present(&s->answers);
	now = clock_ns();
	until = now + MAX(now - loop_now_ms(s->loop) * 1000000, FLUSH_NS);
	while (!list_empty(&s->dirty)) {
		flush_batch(&s->dirty);
		if (clock_ns() >= until)
			break;
	}
	/* Due at once, but the loop runs no timer twice in one turn. */
	if (!list_empty(&s->dirty))
		loop_timer_start(s->loop, &s->flush_more, loop_now_ms(s->loop),
				 on_flush_more);
}

void conn_flush_all(struct http_server *s)
{
	end_gathering(s);
	flush_present(&s->answers);
	flush_present(&s->dirty);
}

/* --- input ------------------------------------------------------------- */

/* How much may be read now. */
static size_t room(const struct conn *c)
{
	size_t max = CONN_IN_MAX;
	size_t len = buf_len(&c->in);

	if (c->eof)
		return 0;
	if (c->closing)
		return max; /* thrown away */
	if (c->x && !body_wanted(c->x))
		max = CONN_AHEAD_MAX;
	if (!c->x && buf_len(&c->out) > CONN_OUT_HOLD)
		max = 0;
	return max > len ? max - len : 0;
}

void conn_watch(struct conn *c)
{
	int events = 0;

	if (c->dead)
		return;
	if (room(c))
		events |= LOOP_READABLE;
	if (buf_len(&c->out))
		events |= LOOP_WRITABLE;
	if (events != c->events)
		loop_poll_set(c->poll, events);
	c->events = (uint8_t)events;
	/* A descriptor that nothing is asked of does not report a reset: the
	 * end of input, once seen, would be reported for ever instead. So who
	 * has to wait blindly looks from time to time. */
	if (events) {
		c->check_ms = CLOCK_NEVER;
	} else if (c->check_ms == CLOCK_NEVER) {
		c->check_ms = now_ms(c) + CHECK_FIRST_MS;
		arm(c, c->check_ms);
	}
}

/* Looks for a head at the front of bytes and begins what it asks for. Returns
 * the bytes that are done with. */
static size_t parse(struct conn *c, struct str bytes)
{
	struct http_server *s = c->server;
	struct http1_limits limits = {s->conf.head_max, s->conf.uri_max};
	struct http1_head *h = c->head;

	if (!h) {
		h = &s->head;
		memset(h, 0, offsetof(struct http1_head, fields));
	}

	int n = http1_head_parse(h, &limits, bytes.p, bytes.len);

	if (n < 0) {
		exchange_refuse(c, h->status, h->why);
		return bytes.len;
	}
	if (n > 0) {
		c->wait = CONN_BUSY;
		c->deadline_ms = CLOCK_NEVER;
		exchange_begin(c, h, bytes.p, (size_t)n);
		mem_free(c->head);
		c->head = NULL;
		return (size_t)n;
	}
	if (!c->head) {
		c->head = mem_dup(h, sizeof *h);
		wait_for(c, CONN_HEAD, s->conf.head_timeout_ms);
	}
	if (c->eof)
		conn_finish(c); /* the rest will not come */
	return 0;
}

void conn_next(struct conn *c)
{
	struct http_server *s = c->server;

	if (c->dead || c->x || c->closing || buf_len(&c->out) > CONN_OUT_HOLD)
		return;
	if (buf_len(&c->in)) {
		size_t used = parse(c, buf_str(&c->in));

		buf_consume(&c->in, used);
		if (!buf_len(&c->in))
			buf_fini(&c->in);
		return;
	}
	if (c->eof || s->draining)
		conn_finish(c);
	else if (c->wait != CONN_IDLE)
		wait_for(c, CONN_IDLE, s->conf.idle_timeout_ms);
}

static void on_eof(struct conn *c)
{
	c->eof = true;
	if (c->wait == CONN_LINGER) {
		conn_abort(c);
	} else if (c->x) {
		conn_watch(c);
		exchange_eof(c->x);
	} else {
		conn_watch(c);
		conn_next(c);
	}
}

static void on_input(struct conn *c, struct str bytes)
{
	struct http_exchange *x = c->x;

	if (c->closing) {
		c->discarded += (uint32_t)bytes.len;
		if (c->discarded > CONN_LINGER_BYTES)
			conn_abort(c);
		return;
	}
	if (!x && !buf_len(&c->in)) {
		size_t used = parse(c, bytes);

		/* What an upgraded connection says first is also kept here. */
		buf_append(&c->in, bytes.p + used, bytes.len - used);
	} else if (!x) {
		buf_append_str(&c->in, bytes);
		conn_next(c);
	} else if (x->raw && x->watch && x->watch->data && !x->held &&
		   !buf_len(&c->in)) {
		size_t used = exchange_data(x, bytes);

		if (c->x != x || used == bytes.len)
			return;
		buf_append(&c->in, bytes.p + used, bytes.len - used);
	} else {
		buf_append_str(&c->in, bytes);
		if (x->waiting)
			exchange_wake(x);
	}
	if (!room(c))
		conn_watch(c);
}

static void on_readable(struct conn *c)
{
	size_t cap = room(c);

	if (!cap) {
		conn_watch(c);
		return;
	}

	ssize_t n = recv(c->fd, c->server->scratch, cap, MSG_DONTWAIT);

	if (n > 0)
		on_input(c, str_from(c->server->scratch, (size_t)n));
	else if (n == 0)
		on_eof(c);
	else if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
		conn_abort(c);
}

static void on_poll(void *arg, int events, int error)
{
	struct conn *c = arg;

	trace_who = c->client;
	if (error < 0)
		conn_abort(c);
	else if (events & LOOP_WRITABLE)
		conn_hurry(c); /* with all else that leaves in this turn */
	if (error == 0 && (events & LOOP_READABLE))
		on_readable(c);
	trace_who = 0;
}

/* A peer that vanished without a word, or takes nothing of what the system
 * holds for it, is given up by the system after the same time. */
static void set_socket(const struct conn *c)
{
	unsigned ms = (unsigned)c->server->conf.stall_timeout_ms;

	setsockopt(c->fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &ms, sizeof ms);
}

/* It is the server's from now on. False: there is no descriptor for it, fd is
 * closed. */
static bool join(struct conn *c)
{
	struct http_server *s = c->server;

	s->n_conns++;
	c->poll = loop_poll_open(s->loop, c->fd, on_poll, c);
	if (c->poll)
		list_push(&s->conns, &c->link);
	else
		close(c->fd);
	return c->poll != NULL;
}

bool conn_adopt(struct conn *c)
{
	if (!join(c)) {
		c->dead = true;
		exchange_gone(c->x); /* nobody watches it: frees both */
		return false;
	}
	if (buf_len(&c->out))
		conn_dirty(c);
	conn_watch(c);
	return true;
}

void conn_open(struct http_server *s, int fd, const struct net_addr *peer)
{
	struct conn *c;

	if (s->n_conns >= s->conf.max_connections + TOLD_MAX) {
		close(fd);
		return;
	}
	c = slab_zalloc(sizeof *c);
	c->server = s;
	c->fd = fd;
	do
		c->client = atomic_fetch_add(&clients, 1) + 1;
	while (!c->client); /* 0 is the server itself */
	list_init(&c->dirty);
	c->progress_ms = loop_now_ms(s->loop);
	c->check_ms = CLOCK_NEVER;
	if (!join(c)) {
		conn_free(c);
		return;
	}
	if (peer && peer->sa.sa_family != AF_UNIX)
		set_socket(c);
	wait_for(c, CONN_IDLE, s->conf.idle_timeout_ms);
	if (s->n_conns > s->conf.max_connections)
		exchange_refuse(c, 503, "there are too many connections");
	conn_watch(c);
}
