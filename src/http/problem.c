/* problem.c - answers that say what is wrong. Source: RFC 9457. */
#include "base/error.h"
#include "http/conn.h"
#include "http/exchange.h"

#include <stdarg.h>
#include <stdio.h>

void http_problem_send(struct http_exchange *x, const struct problem *p)
{
	char id[HTTP_REQUEST_ID_MAX];
	struct problem with_id = *p;
	struct buf body = {0};

	http_request_id(x, id);
	with_id.request = id;
	problem_write(&with_id, &body);
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
	/* It may have been cut inside of a character. */
	text[str_utf8_valid(str_of(text))] = '\0';
	http_problem_send(x, &(struct problem){.status = status,
					       .slug = type,
					       .detail = text});
}

void http_problem_body(struct http_exchange *x, int rc)
{
	const char *why = x->rq->why ? x->rq->why : weir_strerror(rc);
	unsigned long long max = x->c->server->conf.body_max;

	switch (rc) {
	case WEIR_ETOOBIG:
		http_problem(x, 413, "body-too-large",
			     "%s: at most %llu bytes are taken", why, max);
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
