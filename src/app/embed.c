/* embed.c - the embedding API of include/weir/weir.h on top of an app. */
#include "weir/weir.h"

#include "app/app.h"
#include "base/clock.h"
#include "base/mem.h"
#include "client/http.h"
#include "fiber/fiber.h"
#include "json/parse.h"
#include "json/write.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define RESPONSE_MAX (16 << 20)
#define READ_BYTES   16384

struct handler {
	struct source_handler source; /* what the app calls */
	struct list link;
	struct weir *weir;
	weir_handler_fn fn;
	void *arg;
	char *name;
};

struct weir {
	struct app *app;
	struct list handlers;
};

struct weir_job {
	struct weir *weir;
	struct source_run *run;
	struct weir_error *err;
	struct buf text;  /* of the job */
	struct list gets; /* of struct text: what weir_job_get gave */
};

struct text {
	struct list link;
	char *s;
};

/* --- a server --------------------------------------------------------------
 */

static void put_report(struct buf *lines, char *report, size_t cap)
{
	if (report && cap)
		snprintf(report, cap, "%.*s", STR_FMT(buf_str(lines)));
	buf_fini(lines);
}

struct weir *weir_open_with(const char *config,
			    const struct weir_function *functions, char *report,
			    size_t cap)
{
	struct buf lines = {0};
	struct config *c;
	struct weir *w;

	w = mem_zalloc(sizeof *w);
	list_init(&w->handlers);
	c = config_load(config, &lines);
	w->app = c ? app_create(c, functions, &lines) : NULL;
	put_report(&lines, report, cap);
	if (!w->app) {
		mem_free(w);
		return NULL;
	}
	return w;
}

struct weir *weir_open(const char *config, char *report, size_t cap)
{
	return weir_open_with(config, NULL, report, cap);
}

static void free_job(struct weir_job *job)
{
	while (!list_empty(&job->gets)) {
		struct text *t =
			CONTAINER_OF(list_pop(&job->gets), struct text, link);

		mem_free(t->s);
		mem_free(t);
	}
	buf_fini(&job->text);
}

static int run(void *arg, struct source_run *r, struct weir_error *err)
{
	struct handler *h = arg;
	struct weir_job job = {.weir = h->weir, .run = r, .err = err};
	int rc;

	list_init(&job.gets);
	rc = h->fn(&job, h->arg);
	free_job(&job);
	return MIN(rc, 0);
}

void weir_handle(struct weir *w, const char *name, weir_handler_fn fn,
		 void *arg)
{
	struct handler *h = mem_zalloc(sizeof *h);

	h->source = (struct source_handler){run, h};
	h->weir = w;
	h->fn = fn;
	h->arg = arg;
	h->name = mem_strdup(name);
	list_push(&w->handlers, &h->link);
	app_set_handler(w->app, h->name, &h->source);
}

int weir_run(struct weir *w, char *report, size_t cap)
{
	struct weir_error err = {0};
	int rc = app_run(w->app, &err);

	if (report && cap)
		snprintf(report, cap, "%s", rc < 0 ? err.message : "");
	return rc;
}

void weir_stop(struct weir *w)
{
	app_stop(w->app);
}

void weir_close(struct weir *w)
{
	if (!w)
		return;
	app_destroy(w->app);
	while (!list_empty(&w->handlers)) {
		struct handler *h = CONTAINER_OF(list_pop(&w->handlers),
						 struct handler, link);

		mem_free(h->name);
		mem_free(h);
	}
	mem_free(w);
}

/* --- in a handler
 * ------------------------------------------------------------- */

const char *weir_job_json(struct weir_job *job)
{
	if (!buf_len(&job->text)) {
		json_write(source_run_job(job->run, 0), &job->text);
		buf_append_char(&job->text, '\0');
	}
	return buf_bytes(&job->text);
}

const char *weir_job_get(struct weir_job *job, const char *path)
{
	struct value_path p;
	struct weir_error err;
	struct value v;
	struct buf text = {0};
	struct text *t;

	if (value_path_parse(&p, str_of(path), &err) < 0)
		return NULL;

	bool there = value_path_find(&p, source_run_job(job->run, 0), &v);

	value_path_fini(&p);
	if (!there)
		return NULL;
	if (value_type(v) == VALUE_STRING)
		buf_append_str(&text, value_str(v));
	else
		json_write(v, &text);
	t = mem_alloc(sizeof *t);
	t->s = buf_take_cstr(&text);
	list_push(&job->gets, &t->link);
	return t->s;
}

int weir_emit(struct weir_job *job, const char *json, size_t len)
{
	struct weir_error bad;
	struct value v;

	if (json_parse(str_from(json, len), &v, &bad) < 0)
		return weir_fail(job, WEIR_EINVAL,
				 "a part is no JSON: line %u, column %u: %s",
				 bad.line, bad.column, bad.message);
	return source_emit(job->run, 0, v);
}

int weir_fail(struct weir_job *job, int code, const char *fmt, ...)
{
	char text[WEIR_ERROR_MESSAGE_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	return error_set(job->err, code, "%s", text);
}

int weir_sleep(struct weir_job *job, int64_t ms)
{
	return fiber_sleep(ms);
}

static int read_body(struct weir_job *job, struct client_response *resp,
		     int64_t deadline_ms, struct buf *body)
{
	for (;;) {
		char *at = buf_reserve(body, READ_BYTES);
		ssize_t n = client_read(resp, at, READ_BYTES, deadline_ms,
					job->err);

		if (n <= 0)
			return (int)n;
		buf_commit(body, (size_t)n);
		if (buf_len(body) > RESPONSE_MAX)
			return weir_fail(job, WEIR_ETOOBIG,
					 "an answer is larger than %d bytes",
					 RESPONSE_MAX);
	}
}

int weir_http_get(struct weir_job *job, const char *url, int64_t timeout_ms,
		  struct weir_response *out)
{
	struct client_request req = {.url = str_of(url)};
	struct client_response *resp;
	struct buf body = {0};
	int64_t deadline_ms = loop_now_ms(fiber_loop()) + timeout_ms;
	int rc = client_open(app_client(job->weir->app), &req, &resp,
			     deadline_ms, job->err);

	*out = (struct weir_response){0};
	if (rc < 0)
		return rc;
	rc = read_body(job, resp, deadline_ms, &body);
	if (rc == 0) {
		out->status = client_status(resp);
		out->len = buf_len(&body);
		out->body = buf_take_cstr(&body);
	}
	client_close(resp);
	buf_fini(&body);
	return rc;
}

void weir_response_free(struct weir_response *r)
{
	mem_free(r->body);
	*r = (struct weir_response){0};
}
