/* response.c - an exchange's answer: head, chunks, end.
 *
 * All goes to the end of the connection's output, which leaves by one send at
 * the end of the turn: head, first chunk and end together when they can.
 */
#include "base/clock.h"
#include "base/error.h"
#include "fiber/fiber.h"
#include "http/conn.h"
#include "http/exchange.h"
#include "wire/http1_reply.h"

#include <assert.h>
#include <string.h>

#define HEAD_ROOM 512 /* for most heads with a short body */

/* --- the head ---------------------------------------------------------- */

int http_set_header(struct http_exchange *x, const char *name, struct str value)
{
	if (!http1_field_valid(str_of(name), value))
		return WEIR_EINVAL;
	http1_put_field(&x->rq->extra, str_of(name), value);
	return 0;
}

/* Lets pages of allowed origins read the answer. Source: Fetch, 3.2.3. */
static void put_cors(struct http_exchange *x, struct buf *out)
{
	bool origins = x->c->server->conf.cors_origins;
	struct str origin = http_header(x, "origin");

	if (origins) /* caches must not give one's answer to another */
		http1_put_field(out, STR("Vary"), STR("Origin"));
	if (!origin.len || !http_origin_allowed(x))
		return;
	if (!origins)
		origin = STR("*");
	http1_put_field(out, STR("Access-Control-Allow-Origin"), origin);
	http1_put_field(out, STR("Access-Control-Expose-Headers"),
			STR("Content-Location, Location, Retry-After"));
}

/* From now on the client has to take some of what waits. */
static void touch(struct conn *c)
{
	if (!buf_len(&c->out))
		c->progress_ms = loop_now_ms(c->server->loop);
}

/* All of a head but what tells the length, and its end. */
static struct buf *put_head(struct http_exchange *x, int status,
			    const char *type)
{
	struct conn *c = x->c;
	struct http_server *s = c->server;
	struct buf *out = &c->out;

	x->status = (uint16_t)status;
	if (s->draining || c->eof || !body_can_skip(x))
		x->keep = false;
	touch(c);
	conn_dirty(c);
	buf_reserve(out, HEAD_ROOM);
	http1_put_status(out, status);
	http1_put_field(out, STR("Date"), str_of(server_date(s)));
	if (s->conf.server_name)
		http1_put_field(out, STR("Server"),
				str_of(s->conf.server_name));
	if (type)
		http1_put_field(out, STR("Content-Type"), str_of(type));
	buf_append_str(out, buf_str(&x->rq->extra));
	put_cors(x, out);
	if (x->raw)
		http1_put_field(out, STR("Connection"), STR("Upgrade"));
	else if (!x->keep)
		http1_put_field(out, STR("Connection"), STR("close"));
	else if (x->minor == 0)
		http1_put_field(out, STR("Connection"), STR("keep-alive"));
	return out;
}

/* --- the answer -------------------------------------------------------- */

int http_respond(struct http_exchange *x, int status, const char *type,
		 struct str body)
{
	bool empty = status == 204 || status == 304;
	struct buf *out;

	assert(!x->begun && status >= 200);
	x->begun = x->ended = true;
	if (x->gone) {
		exchange_end(x);
		return WEIR_ECLOSED;
	}
	out = put_head(x, status, type);
	if (!empty) {
		buf_append_str(out, STR("Content-Length: "));
		buf_append_u64(out, body.len);
		buf_append_str(out, STR("\r\n"));
	}
	buf_append_str(out, STR("\r\n"));
	if (!empty && x->method != HTTP1_HEAD) {
		buf_append_str(out, body);
		x->sent_bytes = body.len;
	}
	exchange_end(x);
	return 0;
}

int http_begin(struct http_exchange *x, int status, const char *type)
{
	struct buf *out;

	assert(!x->begun && status >= 200 && status != 204 && status != 304);
	x->begun = true;
	if (x->gone)
		return WEIR_ECLOSED;
	x->chunked = x->minor > 0;
	if (!x->chunked)
		x->keep = false; /* its end is the end of the connection */
	out = put_head(x, status, type);
	if (x->chunked)
		http1_put_field(out, STR("Transfer-Encoding"), STR("chunked"));
	buf_append_str(out, STR("\r\n"));
	return 0;
}

int http_upgrade(struct http_exchange *x, const char *protocol)
{
	struct buf *out;

	assert(!x->begun && x->rq->line.upgrade);
	x->begun = true;
	if (x->gone)
		return WEIR_ECLOSED;
	x->keep = false;
	x->raw = true;
	out = put_head(x, 101, NULL);
	http1_put_field(out, STR("Upgrade"), str_of(protocol));
	buf_append_str(out, STR("\r\n"));
	/* What comes from here on is one body without end. */
	x->rq->line.body = HTTP1_BODY_LENGTH;
	x->rq->line.length = UINT64_MAX;
	x->rq->body_read = 0;
	x->body_done = false;
	x->rq->unlimited = true;
	return 0;
}

int http_write(struct http_exchange *x, const struct str *parts, size_t len)
{
	struct conn *c = x->c;
	char size[HTTP1_CHUNK_SIZE_MAX];
	size_t bytes = 0;

	assert(x->begun);
	if (x->gone || x->ended || x->method == HTTP1_HEAD)
		return WEIR_ECLOSED;
	for (size_t i = 0; i < len; i++)
		bytes += parts[i].len;
	if (!bytes)
		return 0; /* a chunk of 0 bytes would be the last one */
	touch(c);
	buf_reserve(&c->out, bytes + sizeof size + 2);
	if (x->chunked)
		buf_append(&c->out, size, http1_chunk_size(size, bytes));
	for (size_t i = 0; i < len; i++)
		buf_append_str(&c->out, parts[i]);
	if (x->chunked)
		buf_append_str(&c->out, STR("\r\n"));
	/* Noted here, not when it is sent: all of it may leave at once, and who
	 * held back meanwhile still has to hear of the room. */
	if (buf_len(&c->out) > HTTP_HIGH_WATER)
		c->was_high = true;
	conn_dirty(c);
	x->sent_bytes += bytes;
	return 0;
}

void http_end(struct http_exchange *x)
{
	assert(x->begun);
	if (!x->ended && !x->gone && x->chunked && x->method != HTTP1_HEAD) {
		touch(x->c);
		buf_append_str(&x->c->out, STR(HTTP1_LAST_CHUNK));
		conn_dirty(x->c);
	}
	x->ended = true;
	x->watch = NULL;
	exchange_end(x);
}

void http_flush(struct http_exchange *x)
{
	conn_hurry(x->c);
}

void http_want_write(struct http_exchange *x)
{
	x->wants_write = true;
	conn_dirty(x->c);
}

bool http_begun(const struct http_exchange *x)
{
	return x->begun;
}

/* --- what has not left ------------------------------------------------- */

int http_wait_room(struct http_exchange *x)
{
	int rc = 0;

	while (rc == 0 && !x->gone && x->c->was_high) {
		x->waiting = true;
		rc = fiber_park(CLOCK_NEVER);
		x->waiting = false;
	}
	return x->gone ? WEIR_ECLOSED : rc;
}

size_t http_unsent(const struct http_exchange *x)
{
	return buf_len(&x->c->out);
}
