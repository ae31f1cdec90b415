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
	char block[]; /* x's */
};

/* --- away ---------------------------------------------------------------- */

static void pack(struct parcel *p, const struct http_exchange *x)
{
	p->to = x->move->to;
	p->arrived = x->move->arrived;
	p->arg = x->move->arg;
	p->c = *x->c;
	p->x = *x;
	memcpy(p->block, x->block, x->block_size);
}

/* Without their members: these are in the parcel. */
static void forget(struct http_exchange *x)
{
	struct conn *c = x->c;
	struct http_server *s = c->server;

	loop_poll_close(c->poll);
	loop_timer_stop(s->loop, &c->timer);
	list_remove(&c->dirty);
	list_remove(&c->link);
	list_remove(&x->later);
	mem_free(x->move);
	slab_free(x->block, x->block_size);
	slab_free(x, sizeof *x);
	slab_free(c, sizeof *c);
	server_conn_gone(s);
}

static void on_arrival(void *arg);

void exchange_leave(struct http_exchange *x)
{
	const struct http_watch_ops *watch = x->watch;
	struct parcel *p = mem_alloc(sizeof *p + x->block_size);

	assert(!x->fiber && !x->gone);
	x->watch = NULL;
	if (watch)
		watch->gone(x->watch_arg);
	exchange_free_joined(x);
	buf_fini(&x->extra);
	pack(p, x);
	forget(x);
	loop_post(p->to->loop, on_arrival, p);
}

void http_move(struct http_exchange *x, struct http_server *to,
	       http_arrived_fn arrived, void *arg)
{
	struct http_move move = {to, arrived, arg};

	assert(!x->move && (x->detached ? arrived != NULL : !x->begun));
	x->move = mem_dup(&move, sizeof move);
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

static void rebase(struct str *s, const char *from, size_t size, char *to)
{
	if (s->p >= from && s->p <= from + size)
		s->p = to + (s->p - from);
}

static void unpack_block(struct http_exchange *x, const struct parcel *p)
{
	const char *from = x->block;
	char *to = slab_alloc(x->block_size);
	struct str *views[] = {&x->method, &x->path, &x->req.target,
			       &x->req.path, &x->req.query};

	memcpy(to, p->block, x->block_size);
	for (size_t i = 0; i < ARRAY_LEN(views); i++)
		rebase(views[i], from, x->block_size, to);
	x->block = to;
	if (!x->fields)
		return;
	x->head = to + (x->head - from);
	x->fields = (struct http1_field *)(void *)to;
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
	c->x = x;
	list_init(&c->dirty);
	list_init(&c->link);
	x->c = c;
	x->move = NULL;
	x->detached = false;
	x->held = false;
	list_init(&x->later);
	unpack_block(x, p);
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
