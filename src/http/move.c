/* move.c - a connection goes to another server, on another thread: http_move.
 *
 *     here: conn, exchange -> parcel --- post ---> conn, exchange: there
 *
 * Both are copied rather than handed over, so that each thread frees what it
 * has allocated. Neither its bytes nor the order of them is touched: what has
 * come and is not read, and what is not sent yet, goes along.
 */
#include "base/clock.h"
#include "base/mem.h"
#include "http/conn.h"

#include <assert.h>
#include <string.h>
#include <unistd.h>

struct parcel {
	struct http_server *to;
	struct conn c;
	struct http_exchange x;
	http_arrived_fn arrived; /* NULL: it is handled from the beginning */
	void *arg;
	/* The request, or the text that is left of it. */
	_Alignas(struct http_request) char bytes[];
};

static size_t bytes_of(const struct http_exchange *x)
{
	return x->rq ? x->rq->size : exchange_text_len(x);
}

/* --- away ---------------------------------------------------------------- */

static struct parcel *pack(struct http_exchange *x)
{
	struct parcel *p = mem_alloc(sizeof *p + bytes_of(x));

	p->to = x->move->to;
	p->arrived = x->move->arrived;
	p->arg = x->move->arg;
	mem_free(x->move);
	x->ended_ns = 0;
	x->moves = false;
	p->c = *x->c;
	p->x = *x;
	memcpy(p->bytes, x->rq ? (const char *)x->rq : x->text, bytes_of(x));
	return p;
}

/* Without what they point to: that is in the parcel. */
static void forget(struct http_exchange *x)
{
	struct conn *c = x->c;
	struct http_server *s = c->server;

	assert(!c->borrows);
	loop_poll_close(c->poll);
	loop_timer_stop(s->loop, &c->timer);
	list_remove(&c->dirty);
	list_remove(&c->link);
	list_remove(&x->later);
	if (x->rq)
		slab_free(x->rq, x->rq->size);
	else
		slab_free((char *)x->text, exchange_text_len(x));
	slab_free(x, sizeof *x);
	slab_free(c, sizeof *c);
	server_conn_gone(s);
}

static void on_arrival(void *arg);

void exchange_leave(struct http_exchange *x)
{
	const struct http_watch_ops *watch = x->watch;
	struct parcel *p;

	assert(!x->fiber && !x->gone);
	x->watch = NULL;
	x->wants_write = false;
	if (watch)
		watch->gone(x->watch_arg);
	if (x->rq) {
		exchange_free_joined(x->rq);
		buf_fini(&x->rq->extra);
	}
	p = pack(x);
	forget(x);
	loop_post(p->to->loop, on_arrival, p);
}

void exchange_move_off(struct http_exchange *x)
{
	struct http_move *move = x->move;

	x->ended_ns = 0;
	x->moves = false;
	if (move->arrived)
		move->arrived(move->arg, NULL);
	mem_free(move);
}

void http_move(struct http_exchange *x, struct http_server *to,
	       http_arrived_fn arrived, void *arg)
{
	struct http_move move = {to, arrived, arg};

	assert(!x->moves && !x->ended);
	assert(x->detached ? arrived != NULL : !x->begun);
	x->move = mem_dup(&move, sizeof move);
	x->moves = true;
	if (x->detached)
		exchange_later(x);
}

/* --- and there ----------------------------------------------------------- */

static void refuse(struct parcel *p)
{
	buf_fini(&p->c.in);
	buf_fini(&p->c.out);
	close(p->c.fd);
	if (p->arrived)
		p->arrived(p->arg, NULL);
}

static void rebase(struct str *s, const struct http_request *from,
		   struct http_request *to)
{
	const char *begin = (const char *)from;

	if (s->p >= begin && s->p <= begin + to->size)
		s->p = (char *)to + (s->p - begin);
}

static void unpack_request(struct http_exchange *x, const struct parcel *p)
{
	const struct http_request *from = x->rq;
	struct http_request *to =
		slab_alloc(((const struct http_request *)p->bytes)->size);
	struct str *views[] = {&to->line.target, &to->line.path,
			       &to->line.query};

	memcpy(to, p->bytes, ((const struct http_request *)p->bytes)->size);
	for (size_t i = 0; i < ARRAY_LEN(views); i++)
		rebase(views[i], from, to);
	to->head = (char *)to + (to->head - (const char *)from);
	to->fields = (struct http1_field *)(void *)to->bytes;
	x->text = (char *)to + (x->text - (const char *)from);
	x->rq = to;
}

static void unpack_text(struct http_exchange *x, const struct parcel *p)
{
	char *text = slab_alloc(exchange_text_len(x));

	memcpy(text, p->bytes, exchange_text_len(x));
	x->text = text;
}

static struct http_exchange *unpack(const struct parcel *p)
{
	struct conn *c = slab_alloc(sizeof *c);
	struct http_exchange *x = slab_alloc(sizeof *x);

	*c = p->c;
	*x = p->x;
	c->server = p->to;
	c->timer = (struct loop_timer){0};
	c->check_ms = CLOCK_NEVER;
	c->events = 0;
	c->gathers = false;
	c->x = x;
	list_init(&c->dirty);
	list_init(&c->link);
	x->c = c;
	x->detached = false;
	x->held = false;
	list_init(&x->later);
	if (x->rq)
		unpack_request(x, p);
	else
		unpack_text(x, p);
	return x;
}

static void on_arrival(void *arg)
{
	struct parcel *p = arg;
	struct http_exchange *x;

	if (p->to->closing) {
		refuse(p);
		mem_free(p);
		return;
	}
	x = unpack(p);
	if (!conn_adopt(x->c)) {
		if (p->arrived)
			p->arrived(p->arg, NULL);
	} else if (p->arrived) {
		p->arrived(p->arg, x);
	} else {
		exchange_handle(x);
	}
	mem_free(p);
}
