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
#include "hub/pusher.h"
#include "json/parse.h"
#include "wire/lines.h"

#include <stdio.h>

#define LINE_MAX_BYTES (1 << 20)
#define READ_BYTES     16384

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

/* A request at work. */
struct feed {
	struct http_exchange *x;
	struct hub_pusher to;
	struct lines lines;
	uint64_t accepted;
	uint64_t line;
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
			return hub_pusher_flush(&f->to) == 0;
		f->line++;
		line = str_trim(line);
		if (rc == WEIR_ETOOBIG) {
			error_set(&err, rc, "a line has at most %d bytes",
				  LINE_MAX_BYTES);
			err.column = 0;
		} else if (line.len) {
			rc = json_parse(line, &v, &err);
			if (rc == 0)
				f->accepted += hub_pusher_add(&f->to, v, line);
		}
		if (rc < 0) {
			hub_pusher_flush(&f->to);
			refuse_line(f->x, f->accepted, f->line, &err);
			return false;
		}
	}
}

static void take_lines(struct feed *f)
{
	char *buf = mem_alloc(READ_BYTES);
	ssize_t n;

	f->to.spread = api_media(f->x) != API_LINES;
	lines_init(&f->lines, LINE_MAX_BYTES);
	http_body_unlimited(f->x);
	while ((n = http_read(f->x, buf, READ_BYTES, CLOCK_NEVER)) > 0)
		if (!feed_bytes(f, str_from(buf, (size_t)n), false))
			goto out;
	if (n < 0)
		http_problem_body(f->x, (int)n);
	else if (feed_bytes(f, STR(""), true))
		answer(f->x, f->accepted);
out:
	lines_fini(&f->lines);
	mem_free(buf);
}

static void take_json(struct feed *f)
{
	struct buf body = {0};
	struct weir_error err;
	struct value v;
	int rc = http_read_all(f->x, &body, CLOCK_NEVER);

	f->to.spread = true;
	if (rc < 0) {
		http_problem_body(f->x, rc);
	} else if (json_parse(buf_str(&body), &v, &err) < 0) {
		api_body_problem(f->x, 400, "bad-json", &err, NULL);
	} else {
		f->accepted = hub_pusher_add(&f->to, v, buf_str(&body));
		if (hub_pusher_flush(&f->to) == 0)
			answer(f->x, f->accepted);
	}
	buf_fini(&body);
}

void api_parts(struct api *a, struct http_exchange *x)
{
	struct buf source = {0};
	struct str type = http_header(x, "content-type");
	struct feed f = {.x = x, .to = {.edge = a->host.edge}};
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
	f.to.source = buf_str(&source);
	rc = a->host.check_push(a->host.arg, f.to.source, &err);
	if (rc < 0)
		api_body_problem(x, rc == WEIR_ENOTFOUND ? 404 : 422,
				 "bad-source", &err, NULL);
	else if (str_starts(type, STR("application/json")))
		take_json(&f);
	else
		take_lines(&f);
	hub_pusher_fini(&f.to);
out:
	buf_fini(&source);
}
