/* request.c - an exchange from its head to its end, and the request's body. */
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "http/conn.h"
#include "http/exchange.h"
#include "wire/http1_reply.h"
#include "wire/url.h"

#include <stdio.h>
#include <string.h>

/* What is left of a body that nobody read is read that far, so that the
 * connection can go on. */
#define SKIP_MAX (256 * 1024)
#define SKIP_MS	 2000

/* --- life --------------------------------------------------------------------- */

static void free_exchange(struct http_exchange *x)
{
	buf_fini(&x->joined);
	buf_fini(&x->fields);
	mem_free(x->kept);
	list_remove(&x->over);
	slab_free(x, sizeof *x);
}

void exchange_over(struct http_exchange *x)
{
	struct conn *c = x->c;
	struct http_server *s = c->server;
	bool keep = x->keep && !x->body_bad && !s->draining && !s->closing &&
		    (x->body_done || x->req.body == HTTP1_BODY_NONE);

	if (s->conf.on_complete)
		s->conf.on_complete(s->conf.complete_arg, x);
	conn_free_head(s, x->head);
	free_exchange(x);
	c->x = NULL;
	if (c->dead) {
		buf_fini(&c->in);
		buf_fini(&c->out);
		slab_free(c, sizeof *c);
		server_conn_gone(s);
		return;
	}
	c->progress_ms = MAX(c->progress_ms, loop_now_ms(s->loop));
	if (!keep) {
		conn_finish(c);
		return;
	}
	conn_set_events(c);
	conn_next(c);
}

void exchange_gone(struct http_exchange *x)
{
	x->gone = true;
	if (x->watch) {
		const struct http_watch_ops *ops = x->watch;
		void *arg = x->watch_arg;

		x->watch = NULL;
		ops->gone(arg);
		exchange_over(x);
	} else if (x->fiber) {
		fiber_cancel(x->fiber); /* its handler returns soon */
	}
}

void exchange_end_over(struct loop_task *t)
{
	struct http_server *s = CONTAINER_OF(t, struct http_server, end_over);

	while (!list_empty(&s->over)) {
		struct http_exchange *x = CONTAINER_OF(
			list_pop(&s->over), struct http_exchange, over);
		const struct http_watch_ops *ops = x->watch;
		void *arg = x->watch_arg;

		if (!ops)
			continue;
		x->watch = NULL;
		ops->gone(arg);
		exchange_over(x);
	}
}

/* --- what HTTP itself answers ----------------------------------------------------- */

static bool answer_options(struct http_exchange *x)
{
	if (x->req.method != HTTP1_OPTIONS)
		return false;
	if (x->req.asterisk) {
		http_set_header(x, "Allow",
				STR("GET, HEAD, POST, PUT, DELETE, OPTIONS"));
		http_respond(x, 204, NULL, STR(""));
		return true;
	}
	if (!http_header(x, "origin").len ||
	    !http_header(x, "access-control-request-method").len)
		return false;
	http_set_header(x, "Access-Control-Allow-Methods",
			STR("GET, HEAD, POST, PUT, DELETE"));
	http_set_header(x, "Access-Control-Allow-Headers",
			STR("Accept, Authorization, Content-Type, "
			    "Last-Event-ID, Prefer"));
	http_set_header(x, "Access-Control-Max-Age", STR("600"));
	http_respond(x, 204, NULL, STR(""));
	return true;
}

static void handle(struct http_exchange *x)
{
	struct http_server *s = x->c->server;
	const char *why;
	int n;

	switch (x->req.method) {
	case HTTP1_OTHER:
	case HTTP1_TRACE:
	case HTTP1_CONNECT:
		x->keep = false;
		http_problem(x, 501, "no-method",
			     "the method %.*s is not known here",
			     STR_FMT(http_method_name(x)));
		return;
	default:
		break;
	}
	if (answer_options(x))
		return;
	x->kept = mem_alloc(x->req.path.len + 1);
	n = url_path_decode(x->req.path, x->kept, &why);
	if (n < 0) {
		http_problem(x, 400, "bad-path", "%s", why);
		return;
	}
	x->path = str_from(x->kept, (size_t)n);
	s->handler(s->arg, x);
}

/* Reads what the handler left of a body, within limits. */
static void skip_body(struct http_exchange *x)
{
	char buf[4096];
	size_t left = SKIP_MAX;
	int64_t deadline = loop_now_ms(x->c->server->loop) + SKIP_MS;

	if (x->req.body == HTTP1_BODY_NONE || x->body_done || x->body_bad)
		return;
	if (!x->continued) { /* it was told not to send it */
		x->body_bad = true;
		return;
	}
	while (left) {
		ssize_t n = http_read(x, buf, MIN(sizeof buf, left), deadline);

		if (n <= 0) {
			x->body_bad |= n < 0;
			return;
		}
		left -= (size_t)n;
	}
	x->body_bad = true;
}

static int run_handler(void *arg)
{
	struct http_exchange *x = arg;

	handle(x);
	if (!x->watch && !x->gone && !x->begun)
		http_problem(x, 500, "no-answer",
			     "the server has no answer for this");
	if (!x->watch && !x->ended && x->begun && !x->gone)
		http_end(x);
	if (!x->watch && !x->gone)
		skip_body(x);
	x->fiber = NULL;
	if (!x->watch)
		exchange_over(x);
	return 0;
}

static struct http_exchange *new_exchange(struct conn *c)
{
	struct http_exchange *x = slab_zalloc(sizeof *x);

	x->c = c;
	list_init(&x->over);
	x->begun_ns = clock_ns();
	c->x = x;
	c->requests++;
	return x;
}

void exchange_begin(struct conn *c)
{
	struct http_server *s = c->server;
	struct http_exchange *x;
	struct http_head_buf *h = c->head;
	struct http1_request req;

	if (http1_request_read(&req, &h->head, h->bytes) < 0) {
		exchange_refuse(c, h->head.status, h->head.why);
		return;
	}
	x = new_exchange(c);
	x->head = h;
	c->head = NULL;
	x->req = req;
	x->keep = req.keep_alive;
	x->continued = !req.expect_continue;
	x->body_done = req.body == HTTP1_BODY_NONE;
	if (req.body == HTTP1_BODY_LENGTH && req.length > s->conf.body_max)
		x->continued = false; /* nobody waits for that */

	uint32_t who = trace_who;

	trace_who = c->client;
	x->fiber = fiber_spawn(fiber_pool_here(), "request", run_handler, x);
	trace_who = who;
	if (x->fiber) {
		fiber_detach(x->fiber);
		return;
	}
	x->body_bad = true;
	http_problem(x, 503, "no-memory", "no memory for one more request");
	exchange_over(x);
}

void exchange_refuse(struct conn *c, int status, const char *why)
{
	struct http_exchange *x = new_exchange(c);

	conn_free_head(c->server, c->head);
	c->head = NULL;
	c->wait = CONN_BUSY;
	c->deadline_ms = CLOCK_NEVER;
	buf_fini(&c->in);
	x->body_bad = true;
	x->req.method = HTTP1_GET;
	x->req.target = x->req.path = STR("");
	if (status == 503)
		http_set_header(x, "Retry-After", STR("1"));
	http_problem(x, status, "bad-request", "%s", why);
	exchange_over(x);
}

/* --- what was asked for ------------------------------------------------------------- */

enum http1_method http_method(const struct http_exchange *x)
{
	return x->req.method;
}

struct str http_method_name(const struct http_exchange *x)
{
	static const char *const names[] = {
		"",    "GET",	  "HEAD",    "POST",	"PUT", "DELETE",
		"PATCH", "OPTIONS", "CONNECT", "TRACE"};

	if (x->req.method == HTTP1_OTHER && x->head)
		return str_from(x->head->bytes + x->head->head.method_at,
				x->head->head.method_len);
	return str_of(names[x->req.method]);
}

struct str http_path(const struct http_exchange *x)
{
	return x->path;
}

struct str http_target(const struct http_exchange *x)
{
	return x->req.target;
}

struct str http_query(const struct http_exchange *x)
{
	return x->req.query;
}

int http_version_minor(const struct http_exchange *x)
{
	return x->chunked ? 1 : x->head ? x->head->head.minor : 0;
}

int http_query_get(const struct http_exchange *x, const char *name,
                   struct buf *out)
{
	return url_query_get(x->req.query, str_of(name), out);
}

struct str http_header(struct http_exchange *x, const char *name)
{
	struct str first = {0};
	bool joined = false;

	if (!x->head)
		return first;
	for (uint16_t i = 0; i < x->head->head.fields_len; i++) {
		const struct http1_field *f = &x->head->head.fields[i];
		struct str v;

		if (!str_ieq(http1_field_name(f, x->head->bytes), str_of(name)))
			continue;
		v = http1_field_value(f, x->head->bytes);
		if (!first.p) {
			first = v;
			continue;
		}
		if (!joined) {
			buf_clear(&x->joined);
			buf_append_str(&x->joined, first);
			joined = true;
		}
		buf_append_cstr(&x->joined, ", ");
		buf_append_str(&x->joined, v);
	}
	return joined ? buf_str(&x->joined) : first;
}

bool http_header_has(struct http_exchange *x, const char *name,
                     const char *token)
{
	struct str rest = http_header(x, name);

	while (rest.len) {
		struct str one = str_cut(&rest, ',');

		if (str_ieq(str_trim(str_cut(&one, ';')), str_of(token)))
			return true;
	}
	return false;
}

const struct net_addr *http_peer(const struct http_exchange *x)
{
	return &x->c->peer;
}

uint32_t http_client(const struct http_exchange *x)
{
	return x->c->client;
}

void http_request_id(const struct http_exchange *x,
                     char out[HTTP_REQUEST_ID_MAX])
{
	snprintf(out, HTTP_REQUEST_ID_MAX, "r-%u-%u", x->c->client,
		 x->c->requests);
}

/* --- the body ------------------------------------------------------------------------- */

bool http_has_body(const struct http_exchange *x)
{
	return x->req.body != HTTP1_BODY_NONE;
}

void http_body_unlimited(struct http_exchange *x)
{
	x->unlimited = true;
}

static int body_wrong(struct http_exchange *x, int rc, const char *why)
{
	x->body_bad = true;
	x->why = why;
	return rc;
}

/* Blocks until there is input. */
static int wait_input(struct http_exchange *x, int64_t deadline_ms)
{
	struct conn *c = x->c;
	int64_t now = loop_now_ms(c->server->loop);
	int64_t due;
	int rc;

	if (x->gone || c->dead)
		return WEIR_ECLOSED;
	if (c->eof)
		return body_wrong(x, WEIR_EPROTO, "the body ended too early");
	if (!x->continued) {
		x->continued = true;
		buf_append_cstr(&c->out, "HTTP/1.1 100 Continue\r\n\r\n");
		conn_dirty(c);
	}
	due = x->unlimited ? now + c->server->conf.body_timeout_ms
			   : x->body_deadline_ms;
	conn_set_events(c);
	x->waiting = true;
	rc = fiber_park(MIN(due, deadline_ms));
	x->waiting = false;
	if (x->gone || c->dead)
		return WEIR_ECLOSED;
	if (rc == WEIR_ETIMEDOUT && due <= deadline_ms)
		return body_wrong(x, rc, "the body took too long");
	return rc;
}

static ssize_t take(struct http_exchange *x, struct str data, char *buf)
{
	x->body_read += data.len;
	memcpy(buf, data.p, data.len);
	if (!x->unlimited && x->body_read > x->c->server->conf.body_max)
		return body_wrong(x, WEIR_ETOOBIG, "the body is too large");
	return (ssize_t)data.len;
}

static ssize_t read_length(struct http_exchange *x, char *buf, size_t cap)
{
	struct conn *c = x->c;
	struct str data = buf_str(&c->in);
	ssize_t n;

	data.len = MIN(data.len, cap);
	data.len = (size_t)MIN((uint64_t)data.len,
			       x->req.length - x->body_read);
	n = take(x, data, buf);
	buf_consume(&c->in, data.len);
	x->body_done = x->body_read == x->req.length;
	return n;
}

/* WEIR_EAGAIN: a frame without data. */
static ssize_t read_chunk(struct http_exchange *x, char *buf, size_t cap)
{
	struct conn *c = x->c;
	struct str in = buf_str(&c->in);
	struct str data;
	ssize_t n = WEIR_EAGAIN;
	size_t before;
	int rc;

	in.len = MIN(in.len, cap); /* so that data fits */
	before = in.len;
	rc = http1_chunks_next(&x->chunks, &in, &data);
	if (rc < 0)
		return body_wrong(x, rc, x->chunks.why);
	if (rc == HTTP1_CHUNKS_DATA)
		n = take(x, data, buf);
	if (rc == HTTP1_CHUNKS_END) {
		x->body_done = true;
		n = 0;
	}
	buf_consume(&c->in, before - in.len);
	return n;
}

ssize_t http_read(struct http_exchange *x, char *buf, size_t cap,
                  int64_t deadline_ms)
{
	struct conn *c = x->c;

	if (x->body_done)
		return 0;
	if (x->gone || c->dead)
		return WEIR_ECLOSED;
	if (!x->unlimited && x->req.body == HTTP1_BODY_LENGTH &&
	    x->req.length > c->server->conf.body_max)
		return body_wrong(x, WEIR_ETOOBIG, "the body is too large");
	if (!x->body_deadline_ms)
		x->body_deadline_ms = loop_now_ms(c->server->loop) +
				      c->server->conf.body_timeout_ms;
	for (;;) {
		ssize_t n = WEIR_EAGAIN;

		if (x->req.body == HTTP1_BODY_LENGTH && !x->req.length) {
			x->body_done = true;
			return 0;
		}
		if (buf_len(&c->in))
			n = x->req.body == HTTP1_BODY_LENGTH
				    ? read_length(x, buf, cap)
				    : read_chunk(x, buf, cap);
		if (n != WEIR_EAGAIN)
			return n;
		if (buf_len(&c->in))
			continue;

		int rc = wait_input(x, deadline_ms);

		if (rc < 0)
			return rc;
	}
}

int http_read_all(struct http_exchange *x, struct buf *out,
                  int64_t deadline_ms)
{
	for (;;) {
		char *at = buf_reserve(out, 4096);
		ssize_t n = http_read(x, at, 4096, deadline_ms);

		if (n <= 0)
			return (int)n;
		buf_commit(out, (size_t)n);
	}
}

/* --- for logs --------------------------------------------------------------------------- */

int http_status(const struct http_exchange *x)
{
	return x->status;
}

uint64_t http_sent_bytes(const struct http_exchange *x)
{
	return x->sent_bytes;
}

double http_elapsed_ms(const struct http_exchange *x)
{
	return (double)(clock_ns() - x->begun_ns) / 1e6;
}
