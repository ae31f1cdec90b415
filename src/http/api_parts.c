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
#include "hub/edge.h"
#include "json/parse.h"
#include "wire/lines.h"

#include <stdio.h>

#define LINE_MAX_BYTES (1 << 20)
#define READ_BYTES     16384

static void push(struct hub *hub, struct str source, struct value data)
{
	struct value part = hub_part(hub, (struct str){0}, source, data);

	hub_push(hub, part);
	value_unref(part);
}

/* Takes v: a part, or when spread is set an array of them. How many. */
static uint64_t push_all(struct hub *hub, struct str source, struct value v,
			 bool spread)
{
	uint32_t n = v.len;

	if (!spread || value_type(v) != VALUE_ARRAY) {
		push(hub, source, v);
		return 1;
	}
	for (uint32_t i = 0; i < n; i++)
		push(hub, source, value_ref(value_nodes(v)[i]));
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

/* A request at work. Its bytes are read by the fiber of the request, and taken
 * in by the reactor, to which values and pipelines belong. */
struct feed {
	struct api *api;
	struct str source;
	struct str bytes; /* that have come */
	bool end;	  /* no more will */
	bool spread;	  /* a line may hold an array of parts */
	struct lines lines;
	uint64_t accepted;
	uint64_t line;
	int rc;
	struct weir_error err;
};

/* 0, or WEIR_EAGAIN when all lines have been taken. */
static int feed_line(struct hub *hub, struct feed *f)
{
	struct str line;
	struct value v;
	int rc = lines_next(&f->lines, &f->bytes, f->end, &line);

	if (rc == WEIR_EAGAIN)
		return rc;
	f->line++;
	if (rc == WEIR_ETOOBIG) {
		error_set(&f->err, rc, "a line has at most %d bytes",
			  LINE_MAX_BYTES);
		f->err.column = 0;
		return rc;
	}
	line = str_trim(line);
	if (!line.len)
		return 0;
	rc = json_parse(line, &v, &f->err);
	if (rc == 0)
		f->accepted += push_all(hub, f->source, v, f->spread);
	return rc;
}

static void on_lines(struct hub *hub, void *arg)
{
	struct feed *f = arg;

	do {
		f->rc = feed_line(hub, f);
	} while (f->rc == 0 && hub_wait_room(hub) == 0);
}

/* Pushes the lines of some bytes. False: answered with an error. */
static bool feed_bytes(struct feed *f, struct http_exchange *x,
		       struct str bytes, bool end)
{
	f->bytes = bytes;
	f->end = end;
	hub_call(f->api->host.edge, on_lines, f);
	if (f->rc == WEIR_EAGAIN)
		return true;
	if (f->rc < 0)
		refuse_line(x, f->accepted, f->line, &f->err);
	return false;
}

static void take_lines(struct feed *f, struct http_exchange *x)
{
	char *buf = mem_alloc(READ_BYTES);
	ssize_t n;

	f->spread = api_media(x) != API_LINES;
	lines_init(&f->lines, LINE_MAX_BYTES);
	http_body_unlimited(x);
	while ((n = http_read(x, buf, READ_BYTES, CLOCK_NEVER)) > 0)
		if (!feed_bytes(f, x, str_from(buf, (size_t)n), false))
			goto out;
	if (n < 0)
		http_problem_body(x, (int)n);
	else if (feed_bytes(f, x, STR(""), true))
		answer(x, f->accepted);
out:
	lines_fini(&f->lines);
	mem_free(buf);
}

static void on_json(struct hub *hub, void *arg)
{
	struct feed *f = arg;
	struct value v;

	f->rc = json_parse(f->bytes, &v, &f->err);
	if (f->rc < 0)
		return;
	f->accepted = push_all(hub, f->source, v, true);
	hub_wait_room(hub);
}

static void take_json(struct feed *f, struct http_exchange *x)
{
	struct buf body = {0};
	int rc = http_read_all(x, &body, CLOCK_NEVER);

	if (rc < 0) {
		http_problem_body(x, rc);
		goto out;
	}
	f->bytes = buf_str(&body);
	hub_call(f->api->host.edge, on_json, f);
	if (f->rc < 0)
		api_body_problem(x, 400, "bad-json", &f->err, NULL);
	else
		answer(x, f->accepted);
out:
	buf_fini(&body);
}

static void on_check(struct hub *hub, void *arg)
{
	struct feed *f = arg;
	const struct api_host *host = &f->api->host;

	f->rc = host->check_push(host->arg, f->source, &f->err);
}

void api_parts(struct api *a, struct http_exchange *x)
{
	struct buf source = {0};
	struct str type = http_header(x, "content-type");
	struct feed f = {.api = a};

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
	f.source = buf_str(&source);
	hub_call(a->host.edge, on_check, &f);
	if (f.rc < 0)
		api_body_problem(x, f.rc == WEIR_ENOTFOUND ? 404 : 422,
				 "bad-source", &f.err, NULL);
	else if (str_starts(type, STR("application/json")))
		take_json(&f, x);
	else
		take_lines(&f, x);
out:
	buf_fini(&source);
}
