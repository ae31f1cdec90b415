/* api_jobs.c - POST /v1/jobs, GET and DELETE /v1/jobs/{id}. */
#include "base/clock.h"
#include "base/mem.h"
#include "http/api_internal.h"
#include "hub/edge.h"
#include "hub/submit.h"
#include "json/parse.h"
#include "json/write.h"

#include <stdio.h>

/* --- the jobs of a body ------------------------------------------------------
 */

struct job_list {
	struct value *jobs; /* ours, one reference each */
	uint32_t n;
};

static void list_fini(struct job_list *l)
{
	for (uint32_t i = 0; i < l->n; i++)
		value_unref(l->jobs[i]);
	mem_free(l->jobs);
}

static int list_add(struct job_list *l, struct value v, struct weir_error *err)
{
	if (l->n == API_JOBS_MAX) {
		value_unref(v);
		return error_set(err, WEIR_ETOOBIG,
				 "a request has at most %d jobs", API_JOBS_MAX);
	}
	l->jobs = mem_realloc(l->jobs, (l->n + 1) * sizeof *l->jobs);
	l->jobs[l->n++] = v;
	return 0;
}

static int read_lines(struct job_list *l, struct str text,
		      struct weir_error *err)
{
	uint32_t line = 0;

	while (text.p) {
		struct str one = str_trim(str_cut(&text, '\n'));
		struct value v;
		int rc;

		line++;
		if (!one.len)
			continue;
		rc = json_parse(one, &v, err);
		if (rc == 0)
			rc = list_add(l, v, err);
		if (rc < 0) {
			if (err->line)
				err->line = line;
			return rc;
		}
	}
	return 0;
}

/* Several lines, each of them JSON by itself, are NDJSON whatever the
 * Content-Type says: curl --data-binary @jobs.ndjson sends a form. */
static bool first_line_is_json(struct str text)
{
	struct str first = str_trim(str_cut(&text, '\n'));
	struct value v;
	struct weir_error err;

	if (!text.p || !first.len || json_parse(first, &v, &err) < 0)
		return false;
	value_unref(v);
	return true;
}

static int read_jobs(struct job_list *l, struct str text, bool lines,
		     struct weir_error *err)
{
	struct value v;
	int rc;

	if (lines)
		return read_lines(l, text, err);
	rc = json_parse(text, &v, err);
	if (rc < 0) {
		if (first_line_is_json(str_trim(text)))
			return read_lines(l, text, err);
		return rc;
	}
	if (value_type(v) != VALUE_ARRAY)
		return list_add(l, v, err);
	for (uint32_t i = 0; i < v.len && rc == 0; i++)
		rc = list_add(l, value_ref(value_nodes(v)[i]), err);
	value_unref(v);
	return rc;
}

bool api_check_job(struct http_exchange *x, struct value job,
		   const char *pointer)
{
	struct weir_error err;
	const char *member;
	char at[64];

	if (hub_job_check(job, &member, &err) == 0)
		return true;
	snprintf(at, sizeof at, "%s%s", pointer, member);
	api_body_problem(x, 422, "bad-job", &err, at);
	return false;
}

/* All of them are looked at before the first one runs. False: answered. */
static bool check_jobs(struct http_exchange *x, const struct job_list *l,
		       bool array)
{
	char pointer[32] = "";

	if (!l->n) {
		http_problem(x, 422, "no-jobs",
			     "expected a job, an array of jobs, or one job a "
			     "line");
		return false;
	}
	for (uint32_t i = 0; i < l->n; i++) {
		if (array)
			snprintf(pointer, sizeof pointer, "/%u", i);
		if (!api_check_job(x, l->jobs[i], pointer))
			return false;
	}
	return true;
}

/* --- the answer
 * --------------------------------------------------------------- */

void api_submit_all(struct http_exchange *x, const struct value *jobs,
		    uint32_t n, struct hub_stream *owner, struct buf *out)
{
	char id[HUB_JOB_ID_MAX + 1];

	buf_append_char(out, '[');
	for (uint32_t i = 0; i < n; i++) {
		hub_stream_submit(owner, jobs[i], http_client(x), false, id);
		buf_append_cstr(out, i ? ",{\"id\":" : "{\"id\":");
		json_write_string(str_of(id), out);
		buf_append_char(out, '}');
	}
	buf_append_char(out, ']');
}

struct sink *api_open_stream(struct api *a, struct http_exchange *x,
			     enum sink_format format,
			     struct hub_stream_opts opts,
			     struct hub_stream **stream_out)
{
	struct sink *k;

	if (api_refuse_closing(a, x))
		return NULL;
	k = sink_create(x, format);
	opts.sink = sink_base(k);
	opts.who = http_client(x);
	opts.bare = format == SINK_BARE;
	if (!sink_can_resume(x, format))
		opts.linger_ms = 0;
	else if (!opts.linger_ms)
		opts.linger_ms = hub_edge_limits(a->host.edge)->linger_ms;
	opts.opened = sink_opened;
	*stream_out = hub_stream_open(a->host.edge, &opts);
	return k;
}

void api_stream_jobs(struct api *a, struct http_exchange *x,
		     enum sink_format format, const struct value *jobs,
		     uint32_t n)
{
	struct hub_stream *s;
	struct sink *k = api_open_stream(
		a, x, format, (struct hub_stream_opts){.ends_with_jobs = true},
		&s);

	if (!k)
		return;
	for (uint32_t i = 0; i < n; i++)
		hub_stream_submit(s, jobs[i], http_client(x),
				  format == SINK_BARE, NULL);
	hub_stream_seal(s);
	sink_leave(k);
}

/* 202: the stream waits for whoever fetches it. */
static void accept_jobs(struct http_exchange *x, struct hub_stream *s,
			const struct job_list *l, bool fresh)
{
	struct buf body = {0};
	struct buf where = {0};

	buf_printf(&body, "{\"stream\":\"%s\",\"jobs\":", s->id);
	buf_printf(&where, "/v1/streams/%s", s->id);
	api_submit_all(x, l->jobs, l->n, s, &body);
	buf_append_cstr(&body, "}\n");
	http_set_header(x, "Location", buf_str(&where));
	if (fresh)
		http_set_header(x, "Preference-Applied", STR("respond-async"));
	http_respond(x, 202, "application/json", buf_str(&body));
	if (fresh)
		hub_stream_seal(s);
	buf_fini(&body);
	buf_fini(&where);
}

static bool wants_async(struct http_exchange *x)
{
	return http_header_has(x, "prefer", "respond-async");
}

static void answer(struct api *a, struct http_exchange *x, struct job_list *l,
		   struct str stream)
{
	enum sink_format format;

	if (stream.len) {
		struct hub_stream *s = api_find_stream(a, x, stream);

		if (s && s->ends_with_jobs && s->sealed && s->open_jobs == 0)
			http_problem(x, 410, "stream-over",
				     "the stream %s has ended", s->id);
		else if (s)
			accept_jobs(x, s, l, false);
	} else if (wants_async(x)) {
		struct hub_stream *s = hub_stream_open(
			a->host.edge,
			&(struct hub_stream_opts){
				.who = http_client(x),
				.linger_ms = hub_edge_limits(a->host.edge)
						     ->linger_ms,
				.ends_with_jobs = true});

		accept_jobs(x, s, l, true);
	} else if (sink_choose(x, &format)) {
		api_stream_jobs(a, x, format, l->jobs, l->n);
	}
}

static void post_jobs(struct api *a, struct http_exchange *x)
{
	enum api_media media = api_media(x);
	struct job_list l = {0};
	struct buf name = {0}; /* of the stream they are for */
	struct buf body = {0};
	struct weir_error err;
	int rc;

	if (media == API_OTHER) {
		http_set_header(x, "Accept-Post",
				STR("application/json, application/x-ndjson"));
		http_problem(x, 415, "unsupported-media-type",
			     "jobs come as application/json or "
			     "application/x-ndjson");
		return;
	}
	if (http_query_get(x, "stream", &name) == 0 &&
	    api_move(a, x, buf_str(&name)))
		goto out;
	rc = http_read_all(x, &body, CLOCK_NEVER);
	if (rc < 0) {
		http_problem_body(x, rc);
		goto out;
	}
	rc = read_jobs(&l, buf_str(&body), media == API_LINES, &err);
	if (rc == WEIR_ETOOBIG && !err.line)
		api_body_problem(x, 413, "too-many-jobs", &err, NULL);
	else if (rc < 0)
		api_body_problem(x, 400, "bad-json", &err, NULL);
	else if (check_jobs(x, &l,
			    l.n > 1 || str_starts(str_trim(buf_str(&body)),
						  STR("["))))
		answer(a, x, &l, buf_str(&name));
out:
	buf_fini(&name);
	list_fini(&l);
	buf_fini(&body);
}

void api_jobs(struct api *a, struct http_exchange *x)
{
	if (http_method(x) == HTTP1_POST)
		post_jobs(a, x);
	else
		http_405(x, "POST");
}

static void on_job(struct hub *hub, void *arg)
{
	struct api_job_call *c = arg;
	struct hub_job *j = hub_find_job(hub, c->id);

	c->there = j != NULL;
	if (!j)
		return;
	hub_job_ref(j);
	if (c->cancel)
		hub_job_cancel(j);
	c->ended = j->ended_ms != 0;
	hub_job_write(j, &c->out);
	hub_job_unref(j);
}

bool api_call_job(struct api *a, struct api_job_call *c)
{
	hub_call(a->host.edge, on_job, c);
	return c->there;
}

void api_job(struct api *a, struct http_exchange *x, struct str id)
{
	struct api_job_call c = {.id = id,
				 .cancel = http_method(x) == HTTP1_DELETE};

	if (!c.cancel && http_method(x) != HTTP1_GET &&
	    http_method(x) != HTTP1_HEAD) {
		http_405(x, "GET, HEAD, DELETE");
		return;
	}
	if (api_call_job(a, &c)) {
		buf_append_char(&c.out, '\n');
		http_respond(x, c.ended || !c.cancel ? 200 : 202,
			     "application/json", buf_str(&c.out));
	} else {
		http_problem(x, 404, "no-job", "there is no job %.*s",
			     STR_FMT(id));
	}
	buf_fini(&c.out);
}
