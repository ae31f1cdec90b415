/* api_parts.c - POST /v1/parts?source=NAME: other programs hand parts in.
 *
 * One part, an array of them, or a part a line for as long as the producer
 * likes: each line is pushed when it is complete. Not reading further is what
 * holds a producer back. An array in a line is taken apart unless the producer
 * says application/x-ndjson, where a line is a part whatever it is.
 */
#include "base/clock.h"
#include "base/mem.h"
#include "http/api_internal.h"
#include "hub/hub.h"
#include "json/parse.h"
#include "wire/lines.h"

#include <stdio.h>

#define LINE_MAX_BYTES (1 << 20)
#define READ_BYTES     16384

static void push(struct api *a, struct str source, struct value data)
{
	struct value part =
		hub_part(a->host.hub, (struct str){0}, source, data);

	hub_push(a->host.hub, part);
	value_unref(part);
}

/* Takes v: a part, or when spread is set an array of them. How many. */
static uint64_t push_all(struct api *a, struct str source, struct value v,
			 bool spread)
{
	uint32_t n = v.len;

	if (!spread || value_type(v) != VALUE_ARRAY) {
		push(a, source, v);
		return 1;
	}
	for (uint32_t i = 0; i < n; i++)
		push(a, source, value_ref(value_nodes(v)[i]));
	value_unref(v);
	return n;
}

static void answer(struct http_exchange *x, uint64_t accepted)
{
	char body[64];
	int n = snprintf(body, sizeof body, "{\"accepted\":%llu}\n",
			 (unsigned long long)accepted);

	http_respond(x, 202, "application/json", str_from(body, (size_t)n));
}

/* A line that is wrong ends the request: what came before it has been taken,
 * and the answer says how much that was. */
static void refuse_line(struct http_exchange *x, uint64_t accepted,
			uint64_t line, struct weir_error *err)
{
	char what[WEIR_ERROR_MESSAGE_MAX];

	snprintf(what, sizeof what, "%.150s (accepted before it: %llu)",
		 err->message, (unsigned long long)accepted);
	error_set(err, err->code, "%s", what);
	err->line = (uint32_t)MIN(line, (uint64_t)UINT32_MAX);
	err->column = err->column ? err->column : 1;
	api_body_problem(x, err->code == WEIR_ETOOBIG ? 413 : 400, "bad-line",
			 err, NULL);
}

struct feed {
	struct api *api;
	struct http_exchange *x;
	struct str source;
	struct lines lines;
	uint64_t accepted;
	uint64_t line;
	bool spread; /* a line may hold an array of parts */
};

/* Pushes the lines of some bytes. False: answered with an error. */
static bool feed_bytes(struct feed *f, struct str bytes, bool end)
{
	struct weir_error err;
	struct str line;
	struct value v;

	for (;;) {
		int rc = lines_next(&f->lines, &bytes, end, &line);

		if (rc == WEIR_EAGAIN)
			return true;
		f->line++;
		if (rc == WEIR_ETOOBIG) {
			error_set(&err, rc, "a line has at most %d bytes",
				  LINE_MAX_BYTES);
			err.column = 0;
			refuse_line(f->x, f->accepted, f->line, &err);
			return false;
		}
		line = str_trim(line);
		if (!line.len)
			continue;
		if (json_parse(line, &v, &err) < 0) {
			refuse_line(f->x, f->accepted, f->line, &err);
			return false;
		}
		f->accepted += push_all(f->api, f->source, v, f->spread);
	}
}

static void take_lines(struct api *a, struct http_exchange *x,
		       struct str source)
{
	struct feed f = {.api = a,
			 .x = x,
			 .source = source,
			 .spread = api_media(x) != API_LINES};
	char *buf = mem_alloc(READ_BYTES);
	ssize_t n;

	lines_init(&f.lines, LINE_MAX_BYTES);
	http_body_unlimited(x);
	while ((n = http_read(x, buf, READ_BYTES, CLOCK_NEVER)) > 0)
		if (!feed_bytes(&f, str_from(buf, (size_t)n), false))
			goto out;
	if (n < 0)
		http_problem_body(x, (int)n);
	else if (feed_bytes(&f, STR(""), true))
		answer(x, f.accepted);
out:
	lines_fini(&f.lines);
	mem_free(buf);
}

static void take_json(struct api *a, struct http_exchange *x, struct str source)
{
	struct buf body = {0};
	struct weir_error err;
	struct value v;
	int rc = http_read_all(x, &body, CLOCK_NEVER);

	if (rc < 0) {
		http_problem_body(x, rc);
	} else if (json_parse(buf_str(&body), &v, &err) < 0) {
		api_body_problem(x, 400, "bad-json", &err, NULL);
	} else {
		answer(x, push_all(a, source, v, true));
	}
	buf_fini(&body);
}

void api_parts(struct api *a, struct http_exchange *x)
{
	struct buf source = {0};
	struct str type = http_header(x, "content-type");
	struct weir_error err;
	int rc;

	if (http_method(x) == HTTP1_GET || http_method(x) == HTTP1_HEAD) {
		api_cache(a, x);
		return;
	}
	if (http_method(x) != HTTP1_POST) {
		http_405(x, "GET, HEAD, POST");
		return;
	}
	if (http_query_get(x, "source", &source) < 0) {
		http_problem(x, 400, "no-source",
			     "expected ?source=NAME of a push source");
		goto out;
	}
	rc = a->host.check_push(a->host.arg, buf_str(&source), &err);
	if (rc < 0)
		api_body_problem(x, rc == WEIR_ENOTFOUND ? 404 : 422,
				 "bad-source", &err, NULL);
	else if (str_starts(type, STR("application/json")))
		take_json(a, x, buf_str(&source));
	else
		take_lines(a, x, buf_str(&source));
out:
	buf_fini(&source);
}
