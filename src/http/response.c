/* response.c - an exchange's answer: head, chunks, end, and errors. */
#include "base/clock.h"
#include "base/mem.h"
#include "http/conn.h"
#include "http/exchange.h"
#include "hub/problem.h"
#include "wire/http1_reply.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* --- the head ------------------------------------------------------------------ */

int http_set_header(struct http_exchange *x, const char *name,
                    struct str value)
{
	if (!http1_field_valid(str_of(name), value))
		return WEIR_EINVAL;
	http1_put_field(&x->fields, str_of(name), value);
	return 0;
}

/* Lets pages of allowed origins read the answer. */
static void put_cors(struct http_exchange *x, struct buf *out)
{
	const char *const *origins = x->c->server->conf.cors_origins;
	struct str origin = http_header(x, "origin");

	if (!origin.len)
		return;
	if (!origins) {
		http1_put_field(out, STR("Access-Control-Allow-Origin"),
				STR("*"));
	} else {
		http1_put_field(out, STR("Vary"), STR("Origin"));
		while (*origins && !str_eq(origin, str_of(*origins)))
			origins++;
		if (!*origins)
			return;
		http1_put_field(out, STR("Access-Control-Allow-Origin"),
				origin);
	}
	http1_put_field(out, STR("Access-Control-Expose-Headers"),
			STR("Content-Location, Location, Retry-After"));
}

static void put_head(struct http_exchange *x, int status, const char *type)
{
	struct conn *c = x->c;
	struct http_server *s = c->server;
	struct buf *out = &c->out;

	x->status = (uint16_t)status;
	x->begun = true;
	if (x->body_bad || s->draining)
		x->keep = false;
	http1_put_status(out, status);
	http1_put_field(out, STR("Date"), str_of(server_date(s)));
	if (s->conf.server_name)
		http1_put_field(out, STR("Server"),
				str_of(s->conf.server_name));
	if (type)
		http1_put_field(out, STR("Content-Type"), str_of(type));
	buf_append_str(out, buf_str(&x->fields));
	put_cors(x, out);
	if (!x->keep)
		http1_put_field(out, STR("Connection"), STR("close"));
	else if (x->head && x->head->head.minor == 0)
		http1_put_field(out, STR("Connection"), STR("keep-alive"));
}

/* --- the body -------------------------------------------------------------------- */

/* Output begins to wait: from now on the client has to take some of it. */
static void touch(struct conn *c)
{
	if (!buf_len(&c->out))
		c->progress_ms = loop_now_ms(c->server->loop);
	conn_dirty(c);
}

int http_respond(struct http_exchange *x, int status, const char *type,
                 struct str body)
{
	struct conn *c = x->c;

	if (x->gone)
		return WEIR_ECLOSED;
	touch(c);
	put_head(x, status, type);
	if (status != 204 && status != 304)
		buf_printf(&c->out, "Content-Length: %zu\r\n", body.len);
	buf_append_cstr(&c->out, "\r\n");
	if (x->req.method != HTTP1_HEAD) {
		buf_append_str(&c->out, body);
		x->sent_bytes = body.len;
	}
	x->ended = true;
	return 0;
}

int http_begin(struct http_exchange *x, int status, const char *type)
{
	struct conn *c = x->c;

	if (x->gone)
		return WEIR_ECLOSED;
	x->chunked = x->head && x->head->head.minor > 0;
	if (!x->chunked)
		x->keep = false; /* its end is the end of the connection */
	touch(c);
	put_head(x, status, type);
	if (x->chunked)
		http1_put_field(&c->out, STR("Transfer-Encoding"),
				STR("chunked"));
	buf_append_cstr(&c->out, "\r\n");
	return 0;
}

int http_write(struct http_exchange *x, const struct str *parts, size_t len)
{
	struct conn *c = x->c;
	char size[HTTP1_CHUNK_SIZE_MAX];
	size_t bytes = 0;

	if (x->gone || x->ended || x->req.method == HTTP1_HEAD)
		return WEIR_ECLOSED;
	for (size_t i = 0; i < len; i++)
		bytes += parts[i].len;
	if (!bytes)
		return 0;
	touch(c);
	buf_reserve(&c->out, bytes + sizeof size + 2);
	if (x->chunked)
		buf_append(&c->out, size, http1_chunk_size(size, bytes));
	for (size_t i = 0; i < len; i++)
		buf_append_str(&c->out, parts[i]);
	if (x->chunked)
		buf_append(&c->out, "\r\n", 2);
	x->sent_bytes += bytes;
	return 0;
}

void http_end(struct http_exchange *x)
{
	if (!x->ended && !x->gone) {
		x->ended = true;
		touch(x->c);
		if (x->chunked && x->req.method != HTTP1_HEAD)
			buf_append_cstr(&x->c->out, HTTP1_LAST_CHUNK);
	}
	if (!x->watch)
		return; /* the handler's fiber sees to the rest */
	x->watch = NULL;
	exchange_over(x);
}

bool http_begun(const struct http_exchange *x)
{
	return x->begun;
}

size_t http_unsent(const struct http_exchange *x)
{
	return buf_len(&x->c->out);
}

int http_drain(struct http_exchange *x, size_t below, int64_t deadline_ms)
{
	while (!x->gone && buf_len(&x->c->out) > below) {
		int rc;

		x->waiting = true;
		rc = fiber_park(deadline_ms);
		x->waiting = false;
		if (rc < 0 && !x->gone)
			return rc;
	}
	return x->gone ? WEIR_ECLOSED : 0;
}

/* What a stream still needs of its request, in one small piece of memory. */
static void keep_names(struct http_exchange *x)
{
	size_t path = x->path.len;
	size_t target = x->req.target.len;
	char *kept = mem_alloc(path + target + 1);

	memcpy(kept, x->path.p, path);
	memcpy(kept + path, x->req.target.p, target);
	mem_free(x->kept);
	x->kept = kept;
	x->path = str_from(kept, path);
	x->req.target = str_from(kept + path, target);
	x->req.path = x->path;
	x->req.query = (struct str){0};
	conn_free_head(x->c->server, x->head);
	x->head = NULL;
	buf_fini(&x->fields);
	buf_fini(&x->joined);
}

void http_detach(struct http_exchange *x, const struct http_watch_ops *ops,
                 void *arg)
{
	struct http_server *s = x->c->server;

	x->watch = ops;
	x->watch_arg = arg;
	keep_names(x);
	if (x->gone || x->req.method == HTTP1_HEAD) {
		list_push(&s->over, &x->over);
		loop_defer(s->loop, &s->end_over);
	}
}

/* --- errors ----------------------------------------------------------------------- */

void http_problem_put(struct buf *out, const struct http_exchange *x,
                      const struct http_problem *p)
{
	char id[HTTP_REQUEST_ID_MAX];
	struct problem q = {.status = p->status,
			    .slug = p->type,
			    .detail = p->detail,
			    .pointer = p->pointer,
			    .line = p->line,
			    .column = p->column};

	if (x) {
		http_request_id(x, id);
		q.request = id;
	}
	problem_write(&q, out);
}

void http_problem_send(struct http_exchange *x, const struct http_problem *p)
{
	struct buf body = {0};

	http_problem_put(&body, x, p);
	buf_append_char(&body, '\n');
	http_respond(x, p->status, "application/problem+json", buf_str(&body));
	buf_fini(&body);
}

void http_problem(struct http_exchange *x, int status, const char *type,
                  const char *detail, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, detail);
	vsnprintf(text, sizeof text, detail, ap);
	va_end(ap);
	http_problem_send(x, &(struct http_problem){.status = status,
						    .type = type,
						    .detail = text});
}

void http_problem_body(struct http_exchange *x, int rc)
{
	const char *why = x->why ? x->why : weir_strerror(rc);

	switch (rc) {
	case WEIR_ETOOBIG:
		http_problem(x, 413, "body-too-large",
			     "%s: at most %llu bytes are taken", why,
			     (unsigned long long)x->c->server->conf.body_max);
		break;
	case WEIR_ETIMEDOUT:
		http_problem(x, 408, "body-too-slow", "%s", why);
		break;
	case WEIR_EPROTO:
		http_problem(x, 400, "bad-body", "%s", why);
		break;
	default:
		break; /* nobody is there to be told */
	}
}

void http_405(struct http_exchange *x, const char *allow)
{
	http_set_header(x, "Allow", str_of(allow));
	if (http_method(x) == HTTP1_OPTIONS)
		http_respond(x, 204, NULL, STR(""));
	else
		http_problem(x, 405, "method-not-allowed",
			     "%.*s is not allowed here, but %s",
			     STR_FMT(http_method_name(x)), allow);
}
