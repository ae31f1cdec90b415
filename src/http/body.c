/* body.c - the body of a request, read by the handler's fiber.
 *
 *     socket -> in -> length or chunks -> the handler's memory
 *
 * Input is read by the loop as long as there is room in `in`; when it is full,
 * the window of the connection closes, and so the client waits.
 */
#include "base/clock.h"
#include "base/mem.h"
#include "http/conn.h"
#include "http/exchange.h"

#include <assert.h>
#include <string.h>

/* What is left of a body that nobody read is read that far, so that the
 * connection can go on. */
#define SKIP_MAX (256 * 1024)
#define SKIP_MS	 2000

bool http_has_body(const struct http_exchange *x)
{
	return x->rq->line.body != HTTP1_BODY_NONE;
}

uint64_t http_body_max(const struct http_exchange *x)
{
	return x->c->server->conf.body_max;
}

int64_t http_head_timeout_ms(const struct http_exchange *x)
{
	return x->c->server->conf.head_timeout_ms;
}

void http_body_unlimited(struct http_exchange *x)
{
	x->rq->unlimited = true;
}

bool body_wanted(const struct http_exchange *x)
{
	if (x->raw)
		return true;
	return x->fiber && !x->body_done && x->body_rc == 0;
}

/* Nothing behind a body that went wrong can be trusted. */
static int fail(struct http_exchange *x, int rc, const char *why)
{
	x->body_rc = rc;
	x->rq->why = why;
	x->keep = false;
	return rc;
}

static uint64_t body_max(const struct http_exchange *x)
{
	return x->rq->unlimited ? UINT64_MAX : http_body_max(x);
}

/* --- waiting ----------------------------------------------------------- */

static int wait_input(struct http_exchange *x, int64_t deadline_ms)
{
	struct conn *c = x->c;
	int64_t now = loop_now_ms(c->server->loop);
	int64_t limit_ms = c->server->conf.body_timeout_ms;
	int64_t due;
	int rc;

	if (!x->continued) {
		x->continued = true;
		buf_append_cstr(&c->out, "HTTP/1.1 100 Continue\r\n\r\n");
		conn_dirty(c);
	}
	if (!x->rq->body_deadline_ms)
		x->rq->body_deadline_ms = now + limit_ms;
	due = x->raw		 ? CLOCK_NEVER
	      : x->rq->unlimited ? now + limit_ms
				 : x->rq->body_deadline_ms;
	x->waiting = true;
	conn_watch(c);
	rc = fiber_park(MIN(due, deadline_ms));
	x->waiting = false;
	if (x->gone)
		return WEIR_ECLOSED;
	if (rc == WEIR_ETIMEDOUT && due <= deadline_ms)
		return fail(x, rc, "the body took too long");
	return rc;
}

/* --- taking ------------------------------------------------------------ */

static ssize_t take(struct http_exchange *x, struct str data, char *buf)
{
	x->rq->body_read += data.len;
	if (x->rq->body_read > body_max(x))
		return fail(x, WEIR_ETOOBIG, "the body is too large");
	memcpy(buf, data.p, data.len);
	return (ssize_t)data.len;
}

static ssize_t take_length(struct http_exchange *x, struct str *in, char *buf)
{
	uint64_t left = x->rq->line.length - x->rq->body_read;
	struct str data = str_from(in->p, (size_t)MIN(in->len, left));

	*in = str_from(in->p + data.len, in->len - data.len);
	x->body_done = data.len == left;
	return take(x, data, buf);
}

/* WEIR_EAGAIN: all that has come carries no data. */
static ssize_t take_chunk(struct http_exchange *x, struct str *in, char *buf)
{
	struct str data;
	int rc = http1_chunks_next(&x->rq->chunks, in, &data);

	if (rc < 0)
		return fail(x, rc, x->rq->chunks.why);
	if (rc == HTTP1_CHUNKS_DATA)
		return take(x, data, buf);
	x->body_done = rc == HTTP1_CHUNKS_END;
	return x->body_done ? 0 : WEIR_EAGAIN;
}

/* Takes from what has come; WEIR_EAGAIN when more is needed. */
static ssize_t take_some(struct http_exchange *x, char *buf, size_t cap)
{
	struct conn *c = x->c;
	struct str in = buf_str(&c->in);
	ssize_t n = WEIR_EAGAIN;

	while (in.len && n == WEIR_EAGAIN) {
		/* Data is never longer than what it is taken from. */
		struct str some = str_from(in.p, MIN(in.len, cap));
		size_t before = some.len;

		if (x->rq->line.body == HTTP1_BODY_LENGTH)
			n = take_length(x, &some, buf);
		else
			n = take_chunk(x, &some, buf);
		before -= some.len;
		in = str_from(in.p + before, in.len - before);
	}
	buf_consume(&c->in, buf_len(&c->in) - in.len);
	if (!buf_len(&c->in))
		buf_fini(&c->in);
	return n;
}

/* --- reading ----------------------------------------------------------- */

ssize_t http_read(struct http_exchange *x, char *buf, size_t cap,
		  int64_t deadline_ms)
{
	assert(cap > 0 && x->fiber == fiber_self());
	for (;;) {
		int rc;

		if (x->gone)
			return WEIR_ECLOSED;
		if (x->body_rc < 0)
			return x->body_rc;
		if (x->body_done)
			return 0;
		/* Said before the first byte: too much is not waited for. */
		if (x->rq->line.length > body_max(x))
			return fail(x, WEIR_ETOOBIG, "the body is too large");

		ssize_t n = take_some(x, buf, cap);

		if (n != WEIR_EAGAIN)
			return n;
		if (x->c->eof && x->raw)
			return 0;
		if (x->c->eof)
			return fail(x, WEIR_EPROTO, "the body ended too early");
		rc = wait_input(x, deadline_ms);
		if (rc < 0)
			return rc;
	}
}

int http_read_all(struct http_exchange *x, struct buf *out, int64_t deadline_ms)
{
	size_t step = 16384;

	if (x->rq->line.body == HTTP1_BODY_LENGTH)
		step = (size_t)MIN(MAX(x->rq->line.length, 1), (uint64_t)step);
	for (;;) {
		char *at = buf_reserve(out, step);
		ssize_t n = http_read(x, at, step, deadline_ms);

		if (n <= 0)
			return (int)n;
		buf_commit(out, (size_t)n);
	}
}

/* --- skipping ---------------------------------------------------------- */

bool body_can_skip(const struct http_exchange *x)
{
	if (x->body_done)
		return true;
	if (x->body_rc < 0 || !x->continued)
		return false; /* or it waits to be asked for its body */
	return x->rq->line.body == HTTP1_BODY_CHUNKED ||
	       x->rq->line.length - x->rq->body_read <= SKIP_MAX;
}

void body_skip(struct http_exchange *x)
{
	char buf[4096];
	size_t left = SKIP_MAX;
	int64_t deadline = loop_now_ms(x->c->server->loop) + SKIP_MS;
	ssize_t n = 1;

	if (x->body_done || !body_can_skip(x))
		return;
	while (left && n > 0) {
		n = http_read(x, buf, MIN(sizeof buf, left), deadline);
		if (n > 0)
			left -= (size_t)n;
	}
}
