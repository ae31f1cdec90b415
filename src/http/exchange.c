/* exchange.c - an exchange from its head to its end.
 *
 *     head -> fiber: handle -> [skip the rest of the body] -> over
 *                       `-> detached: ended by its owner, or gone -> over
 *
 * Memory of an exchange is two pieces: the struct, and what is known of the
 * request, with the bytes of its head. The second shrinks to method, path and
 * target when the exchange is detached.
 */
#include "http/exchange.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "http/conn.h"
#include "wire/chars.h"
#include "wire/url.h"

#include <assert.h>
#include <string.h>

/* --- life -------------------------------------------------------------- */

/* bytes: of what is kept of the head. */
static struct http_exchange *new_exchange(struct conn *c, size_t bytes)
{
	struct http_exchange *x = slab_zalloc(sizeof *x);

	x->c = c;
	x->rq = slab_alloc(sizeof *x->rq + bytes);
	memset(x->rq, 0, sizeof *x->rq);
	x->rq->size = (uint32_t)(sizeof *x->rq + bytes);
	x->text = x->rq->bytes;
	list_init(&x->later);
	x->begun_ns = clock_ns();
	c->x = x;
	c->requests++;
	c->wait = CONN_BUSY;
	c->deadline_ms = CLOCK_NEVER;
	return x;
}

void exchange_free_joined(struct http_request *rq)
{
	while (rq->joined) {
		struct http_joined *j = rq->joined;

		rq->joined = j->next;
		mem_free(j);
	}
}

static void free_request(struct http_exchange *x)
{
	struct http_request *rq = x->rq;

	exchange_free_joined(rq);
	buf_fini(&rq->extra);
	slab_free(rq, rq->size);
	x->rq = NULL;
}

size_t exchange_text_len(const struct http_exchange *x)
{
	return x->name_len + x->target_len + x->path_len;
}

/* Everybody is done with x: frees it, and the connection goes on or ends. */
static void over(struct http_exchange *x)
{
	struct conn *c = x->c;
	struct http_server *s = c->server;
	bool keep = x->keep && x->body_done && !s->draining && !s->closing;

	if (s->conf.on_complete)
		s->conf.on_complete(s->conf.complete_arg, x);
	if (x->moves)
		exchange_move_off(x);
	if (x->rq)
		free_request(x);
	else
		slab_free((char *)x->text, exchange_text_len(x));
	list_remove(&x->later);
	slab_free(x, sizeof *x);
	c->x = NULL;
	if (c->dead) {
		conn_free(c);
	} else if (keep) {
		conn_watch(c);
		conn_next(c);
	} else {
		conn_finish(c);
	}
}

void exchange_end(struct http_exchange *x)
{
	if (!x->ended_ns)
		x->ended_ns = clock_ns();
	/* While the handler's fiber runs it sees to the rest itself. */
	if (!x->fiber)
		over(x);
}

void exchange_gone(struct http_exchange *x)
{
	const struct http_watch_ops *watch = x->watch;

	x->gone = true;
	x->watch = NULL;
	if (watch)
		watch->gone(x->watch_arg);
	else if (x->fiber && !x->detached)
		fiber_cancel(x->fiber); /* its handler returns soon */
	exchange_end(x);
}

void exchange_eof(struct http_exchange *x)
{
	if (x->watch)
		exchange_later(x);
	else if (x->waiting)
		exchange_wake(x);
}

void exchange_wake(struct http_exchange *x)
{
	assert(x->fiber);
	fiber_wake(x->fiber, 0);
}

void exchange_later(struct http_exchange *x)
{
	struct http_server *s = x->c->server;

	if (list_empty(&x->later))
		list_push(&s->later, &x->later);
	loop_defer(s->loop, &s->call_later);
}

size_t exchange_data(struct http_exchange *x, struct str bytes)
{
	struct conn *c = x->c;
	size_t n = x->watch->data(x->watch_arg, bytes);

	if (c->x == x)
		x->held = n < bytes.len;
	return n;
}

static void give_data(struct http_exchange *x)
{
	struct conn *c = x->c;
	struct buf in = c->in;

	c->in = (struct buf){0};
	buf_consume(&in, exchange_data(x, buf_str(&in)));
	if (c->x == x && buf_len(&in))
		c->in = in;
	else
		buf_fini(&in);
	conn_watch(c);
}

void http_resume(struct http_exchange *x)
{
	x->held = false;
	exchange_later(x);
}

/* Tells the owner of a detached exchange what has happened meanwhile. */
static void call(struct http_exchange *x)
{
	struct conn *c = x->c;

	if (!x->watch)
		return;
	if (x->moves && !x->gone) {
		exchange_leave(x);
		return;
	}
	if (x->gone || x->method == HTTP1_HEAD) {
		exchange_gone(x);
		return;
	}
	if (x->raw && x->watch->data && buf_len(&c->in) && !x->held) {
		give_data(x);
		if (c->x != x || !x->watch)
			return; /* it has been ended */
	}
	if (!c->eof && !c->hup)
		return;
	if (x->watch->half_closed)
		x->watch->half_closed(x->watch_arg);
	else if (x->raw)
		conn_abort(c); /* such a protocol says good-bye itself */
}

void exchange_call_later(struct loop_task *t)
{
	struct http_server *s = CONTAINER_OF(t, struct http_server, call_later);

	while (!list_empty(&s->later)) {
		struct http_exchange *x =
			CONTAINER_OF(list_pop(&s->later), struct http_exchange,
				     later);

		trace_who = x->c->client;
		call(x);
	}
	trace_who = 0;
}

/* --- what HTTP itself answers ------------------------------------------ */

/* A page of another origin asks first. Source: Fetch, section 3.2.2. */
static bool answer_preflight(struct http_exchange *x)
{
	struct str wanted = http_header(x, "access-control-request-headers");

	if (!http_header(x, "origin").len ||
	    !http_header(x, "access-control-request-method").len)
		return false;
	http_set_header(x, "Access-Control-Allow-Methods",
			STR("GET, HEAD, POST, PUT, PATCH, DELETE"));
	if (wanted.len)
		http_set_header(x, "Access-Control-Allow-Headers", wanted);
	http_set_header(x, "Access-Control-Max-Age", STR("600"));
	http_respond(x, 204, NULL, STR(""));
	return true;
}

static bool answer_options(struct http_exchange *x)
{
	if (x->method != HTTP1_OPTIONS)
		return false;
	if (!x->rq->line.asterisk)
		return answer_preflight(x);
	http_set_header(x, "Allow",
			STR("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"));
	http_respond(x, 204, NULL, STR(""));
	return true;
}

static void handle(struct http_exchange *x)
{
	struct http_server *s = x->c->server;
	char *path = (char *)x->text + x->name_len + x->target_len;
	const char *why;

	if (x->method == HTTP1_OTHER) {
		http_problem(x, 501, "no-method",
			     "the method %.*s is not known here",
			     STR_FMT(http_method_name(x)));
		return;
	}
	if (answer_options(x))
		return;

	int n = url_path_decode(x->rq->line.path, path, &why);

	if (n < 0) {
		http_problem(x, 400, "bad-path", "%s", why);
		return;
	}
	x->path_len = (uint32_t)n;
	s->handler(s->arg, x);
}

/* --- the handler's fiber ----------------------------------------------- */

/* The handler has returned without detaching x. */
static void complete(struct http_exchange *x)
{
	if (!x->begun && !x->gone)
		http_problem(x, 500, "no-answer",
			     "the server has no answer for this");
	if (!x->ended && !x->gone) {
		/* It broke off: a client must not take this for the whole. */
		x->keep = false;
		x->ended = true;
	}
	if (x->keep && !x->gone)
		body_skip(x);
}

static int run_handler(void *arg)
{
	struct http_exchange *x = arg;

	trace("%.*s %.*s", STR_FMT(http_method_name(x)),
	      STR_FMT(http_target(x)));
	handle(x);
	if (x->moves && !x->gone) {
		x->fiber = NULL;
		exchange_leave(x);
		return 0;
	}
	if (!x->detached)
		complete(x);
	x->fiber = NULL;
	if (x->ended || x->gone)
		exchange_end(x);
	return 0;
}

/* Copies the head to where it stays. 0, or WEIR_EPROTO as
 * http1_request_read. */
static int keep_head(struct http_exchange *x, struct http1_head *h,
		     const char *bytes, size_t len)
{
	struct http_request *rq = x->rq;
	size_t fields = h->fields_len * sizeof h->fields[0];
	char *head = rq->bytes + fields;
	char *text = head + len;
	int rc;

	x->text = text;

	rq->fields = (struct http1_field *)(void *)rq->bytes;
	rq->fields_len = h->fields_len;
	memcpy(rq->fields, h->fields, fields);
	memcpy(head, bytes, len);
	rq->head = head;
	rc = http1_request_read(&rq->line, h, head);
	x->method = (uint8_t)rq->line.method;
	x->minor = h->minor;
	memcpy(text, head + h->method_at, h->method_len);
	x->name_len = h->method_len;
	if (rc < 0)
		return rc;
	memcpy(text + x->name_len, rq->line.target.p, rq->line.target.len);
	x->target_len = (uint32_t)rq->line.target.len;
	return 0;
}

static void refuse(struct http_exchange *x, int status, const char *why)
{
	struct conn *c = x->c;

	mem_free(c->head);
	c->head = NULL;
	x->rq->line = (struct http1_request){0};
	x->rq->fields_len = 0;
	x->method = HTTP1_GET;
	x->name_len = x->target_len = x->path_len = 0;
	x->minor = 1;
	x->keep = false;
	if (status == 503)
		http_set_header(x, "Retry-After", STR("1"));
	http_problem(x, status, "bad-request", "%s", why); /* takes x */
}

void exchange_refuse(struct conn *c, int status, const char *why)
{
	refuse(new_exchange(c, 0), status, why);
}

void exchange_handle(struct http_exchange *x)
{
	uint32_t who = trace_who;

	trace_who = x->c->client; /* the fiber takes it over */
	x->fiber = fiber_spawn(fiber_pool_here(), "request", run_handler, x);
	trace_who = who;
	if (x->fiber)
		fiber_detach(x->fiber);
	else
		refuse(x, 503, "there is no memory for one more request");
}

void exchange_begin(struct conn *c, struct http1_head *h, const char *bytes,
		    size_t len)
{
	/* A decoded path is at most as long as the target. */
	struct http_exchange *x =
		new_exchange(c, h->fields_len * sizeof h->fields[0] + len +
					h->method_len + 2 * h->target_len);

	if (keep_head(x, h, bytes, len) < 0) {
		refuse(x, h->status, h->why);
		return;
	}
	x->keep = x->rq->line.keep_alive;
	x->continued = !x->rq->line.expect_continue;
	x->body_done =
		x->rq->line.body == HTTP1_BODY_NONE ||
		(x->rq->line.body == HTTP1_BODY_LENGTH && !x->rq->line.length);
	exchange_handle(x);
}

struct http_server *http_server_of(const struct http_exchange *x)
{
	return x->c->server;
}

/* --- without a fiber ---------------------------------------------------- */

/* What is still asked for later, in one small piece of memory. */
static void shrink(struct http_exchange *x)
{
	size_t len = exchange_text_len(x);
	char *text;

	if (!x->rq)
		return; /* it has been detached before, on another thread */
	text = slab_alloc(len);
	memcpy(text, x->text, len);
	x->text = text;
	free_request(x);
}

void http_detach(struct http_exchange *x, const struct http_watch_ops *ops,
		 void *arg)
{
	assert(x->begun && !x->ended && !x->detached);
	x->watch = ops;
	x->watch_arg = arg;
	x->detached = true;
	shrink(x);
	conn_rest(x->c);
	exchange_later(x);
	conn_watch(x->c);
}
