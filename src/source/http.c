/* http.c - an HTTP API as a source: whole JSON, NDJSON, SSE or plain lines,
 * each part handed out as it comes.
 *
 *     job -> URL, body (templates) -> answer's head -> by its media type:
 *         application/json       one part, or one for each of `items`
 *         application/x-ndjson   a part a line        text/event-stream
 *         text/anything          a part a line (a string, or JSON)
 *
 * Reading blocks while nobody takes the parts, so a slow client slows its
 * upstream. An upstream that breaks off in the middle is an error, after the
 * parts that came.
 */
#include "base/clock.h"
#include "base/mem.h"
#include "fiber/fiber.h"
#include "json/parse.h"
#include "json/write.h"
#include "source/http_conf.h"
#include "source/parts.h"
#include "wire/lines.h"
#include "wire/sse.h"

#include <string.h>

#define READ_BYTES  16384
#define HEADERS_MAX 32

/* --- a call ------------------------------------------------------------------
 */

static int64_t in_ms(int64_t ms)
{
	return loop_now_ms(fiber_loop()) + ms;
}

static void put_body(const struct http_call *c,
		     const struct template_scope *scope, struct buf *out)
{
	struct value v = template_value(c->body_template, scope);

	if (value_type(v) == VALUE_STRING)
		buf_append_str(out, value_str(v));
	else
		json_write(v, out);
	value_unref(v);
}

/* Headers of the configuration, and what the body needs. */
static size_t put_headers(const struct http_call *c, bool body,
			  struct client_header *out)
{
	size_t n = 0;
	bool typed = false;

	for (uint32_t i = 0; i < value_len(c->headers) && n < HEADERS_MAX - 2;
	     i++) {
		const struct value *pair = value_nodes(c->headers) + 2 * i;

		typed |= str_ieq(value_str(pair[0]), STR("content-type"));
		out[n++] = (struct client_header){value_str(pair[0]),
						  value_str(pair[1])};
	}
	if (body && !typed)
		out[n++] = (struct client_header){STR("Content-Type"),
						  STR("application/json")};
	return n;
}

int http_open(struct http_source *h, const struct http_call *call,
	      const struct template_scope *scope, struct buf *url_out,
	      struct client_response **out, struct weir_error *err)
{
	struct client_header headers[HEADERS_MAX];
	struct client_request req = {.headers = headers};
	const char *method = call->method;
	struct buf body = {0};
	int status;
	int rc = template_text(call->url_template, scope, url_out, err);

	if (rc < 0)
		return rc;
	buf_append_char(url_out, '\0');
	if (call->body_template)
		put_body(call, scope, &body);
	if (!method)
		method = call->body_template ? "POST" : "GET";
	req.method = str_of(method);
	req.url = str_of(buf_bytes(url_out));
	if (call->body_template)
		req.body = buf_str(&body);
	req.headers_len = put_headers(call, call->body_template, headers);
	rc = client_open(h->s.env->client, &req, out, in_ms(h->timeout_ms),
			 err);
	buf_fini(&body);
	if (rc < 0)
		return rc;
	status = client_status(*out);
	if (status < 400)
		return 0;

	struct str after = client_header(*out, STR("retry-after"));

	rc = error_set(err, WEIR_EUPSTREAM, "%s %s: status %d%s%.*s", method,
		       buf_bytes(url_out), status,
		       after.len ? ", retry after " : "",
		       (int)MIN(after.len, (size_t)40), after.p);
	client_close(*out);
	*out = NULL;
	return rc;
}

/* --- a whole answer
 * ------------------------------------------------------------ */

int http_read_json(struct http_source *h, struct client_response *resp,
		   const char *url, struct value *out, struct weir_error *err)
{
	struct buf body = {0};
	struct weir_error bad;
	ssize_t n;
	int rc = 0;

	for (;;) {
		char *at = buf_reserve(&body, READ_BYTES);

		n = client_read(resp, at, READ_BYTES, in_ms(h->idle_ms), err);
		if (n <= 0)
			break;
		buf_commit(&body, (size_t)n);
		if (buf_len(&body) > HTTP_BODY_MAX) {
			n = error_set(err, WEIR_ETOOBIG,
				      "%.150s: the answer is larger than %d "
				      "bytes",
				      url, HTTP_BODY_MAX);
			break;
		}
	}
	if (n < 0)
		rc = (int)n;
	else if (json_parse(buf_str(&body), out, &bad) < 0)
		rc = error_set(err, WEIR_EPROTO,
			       "%.120s: invalid JSON, line %u, column %u: "
			       "%.100s",
			       url, bad.line, bad.column, bad.message);
	buf_fini(&body);
	return rc;
}

static int run_json(struct http_source *h, struct source_run *r,
		    struct client_response *resp, const char *url,
		    struct weir_error *err)
{
	struct value whole;
	struct value items;
	int rc = http_read_json(h, resp, url, &whole, err);

	if (rc < 0)
		return rc;
	if (!h->items)
		return source_emit(r, 0, whole);
	if (!value_path_find(&h->items_path, whole, &items) ||
	    value_type(items) != VALUE_ARRAY)
		rc = error_set(err, WEIR_EPROTO,
			       "%.150s: the answer has no array at %s", url,
			       h->items);
	for (uint32_t i = 0; rc == 0 && i < items.len; i++)
		rc = source_emit(r, 0, value_ref(value_nodes(items)[i]));
	value_unref(whole);
	return rc;
}

/* --- an answer that streams
 * ------------------------------------------------------- */

struct stream {
	struct http_source *h;
	struct source_run *r;
	const char *url;
	struct lines lines;
	struct sse sse;
	uint64_t nr; /* of the line or event */
	enum line_format format;
};

static int take_lines(struct stream *s, struct str bytes, bool end)
{
	for (;;) {
		struct str line;
		int rc = lines_next(&s->lines, &bytes, end, &line);

		if (rc == WEIR_EAGAIN)
			return 0;
		s->nr++;
		if (rc == WEIR_ETOOBIG) {
			parts_warn_long(s->r, 0, s->url, s->nr,
					(size_t)s->h->line_max);
			continue;
		}
		rc = parts_emit_line(s->r, 0, line, s->format, s->url, s->nr);
		if (rc < 0)
			return rc;
	}
}

static int take_events(struct stream *s, struct str bytes, bool end)
{
	for (;;) {
		struct sse_event e;
		int rc = sse_next(&s->sse, &bytes, &e);

		if (rc == WEIR_EAGAIN)
			return 0;
		s->nr++;
		if (rc == WEIR_ETOOBIG) {
			parts_warn_long(s->r, 0, s->url, s->nr,
					(size_t)s->h->line_max);
			continue;
		}
		rc = parts_emit_line(s->r, 0, e.data, LINE_AUTO, s->url, s->nr);
		if (rc < 0)
			return rc;
	}
}

static int run_stream(struct http_source *h, struct source_run *r,
		      struct client_response *resp, const char *url,
		      enum http_format format, struct weir_error *err)
{
	int (*take)(struct stream * s, struct str bytes, bool end) =
		format == HTTP_FORMAT_SSE ? take_events : take_lines;
	struct stream s = {.h = h, .r = r, .url = url};
	char *buf = mem_alloc(READ_BYTES);
	ssize_t n;
	int rc = 0;

	s.format = format == HTTP_FORMAT_NDJSON ? LINE_JSON : LINE_AUTO;
	lines_init(&s.lines, (size_t)h->line_max);
	sse_init(&s.sse, (size_t)h->line_max);
	while ((n = client_read(resp, buf, READ_BYTES, in_ms(h->idle_ms),
				err)) > 0) {
		rc = take(&s, str_from(buf, (size_t)n), false);
		if (rc < 0)
			break;
	}
	if (n < 0)
		rc = (int)n;
	else if (rc == 0)
		rc = take(&s, STR(""), true);
	lines_fini(&s.lines);
	sse_fini(&s.sse);
	mem_free(buf);
	return rc;
}

static enum http_format format_of(const struct http_source *h,
				  struct client_response *resp)
{
	struct str rest = client_header(resp, STR("content-type"));
	struct str type = str_trim(str_cut(&rest, ';'));

	if (h->format != HTTP_FORMAT_AUTO)
		return (enum http_format)h->format;
	if (str_ieq(type, STR("text/event-stream")))
		return HTTP_FORMAT_SSE;
	if (str_ieq(type, STR("application/x-ndjson")) ||
	    str_ieq(type, STR("application/ndjson")) ||
	    str_ieq(type, STR("application/jsonl")))
		return HTTP_FORMAT_NDJSON;
	if (str_ieq(type, STR("application/json")) ||
	    str_ends(type, STR("+json")))
		return HTTP_FORMAT_JSON;
	return HTTP_FORMAT_LINES;
}

static int run(struct source *s, struct source_run *r, struct weir_error *err)
{
	struct http_source *h = http_source_of(s);
	struct template_scope scope = {.job = source_run_job(r, 0)};
	struct client_response *resp;
	struct buf url = {0};
	int rc;

	if (h->list.call.url_template &&
	    (source_run_jobs(r) > 1 || !h->call.url_template))
		return http_run_list(h, r, err);
	rc = http_open(h, &h->call, &scope, &url, &resp, err);
	if (rc == 0) {
		enum http_format format = format_of(h, resp);

		rc = format == HTTP_FORMAT_JSON
			     ? run_json(h, r, resp, buf_bytes(&url), err)
			     : run_stream(h, r, resp, buf_bytes(&url), format,
					  err);
		client_close(resp);
	}
	buf_fini(&url);
	return rc;
}

static uint32_t batch_max(const struct source *s)
{
	const struct http_source *h =
		CONTAINER_OF(s, const struct http_source, s);

	return h->list.call.url_template ? (uint32_t)h->list.max : 1;
}

const struct source_ops source_http = {
	.kind = "http",
	.bytes = sizeof(struct http_source),
	.configure = http_configure,
	.run = run,
	.batch_max = batch_max,
	.destroy = http_destroy,
};
