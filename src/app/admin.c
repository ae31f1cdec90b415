/* admin.c - see admin.h. Source of the addresses: docs/protocol.md. */
#include "app/admin.h"

#include "app/app.h"
#include "base/clock.h"
#include "http/exchange.h"
#include "hub/edge.h"
#include "hub/stream.h"
#include "json/write.h"

#define PIPELINE_MAX (64 * 1024)

static bool is_get(struct http_exchange *x)
{
	if (http_method(x) == HTTP1_GET || http_method(x) == HTTP1_HEAD)
		return true;
	http_405(x, "GET, HEAD");
	return false;
}

static void metric(struct buf *b, const char *name, const char *type,
		   const char *help, uint64_t value)
{
	buf_printf(b, "# HELP weir_%s %s\n# TYPE weir_%s %s\nweir_%s %llu\n",
		   name, help, name, type, name, (unsigned long long)value);
}

static void get_metrics(struct app *a, struct http_exchange *x)
{
	struct app_edge_figures served = app_figures(a);
	struct hub_figures f = hub_figures(app_hub(a));
	struct buf b = {0};

	metric(&b, "connections", "gauge", "Open client connections.",
	       served.connections);
	metric(&b, "requests_total", "counter", "Responses completed.",
	       served.requests);
	metric(&b, "streams", "gauge", "Open streams.", f.streams);
	metric(&b, "interests", "gauge", "Interests of streams.",
	       f.interests.interests);
	metric(&b, "conditions", "gauge", "Distinct conditions of interests.",
	       f.interests.conditions);
	metric(&b, "residual_conditions", "gauge",
	       "Conditions that are held against each part.",
	       f.interests.residual);
	metric(&b, "interest_bytes", "gauge", "Bytes of the index of them.",
	       f.interests.bytes);
	metric(&b, "matched_parts_total", "counter",
	       "Parts that interests were looked up for.", f.interests.parts);
	metric(&b, "candidates_total", "counter",
	       "Conditions that were looked at for them.",
	       f.interests.candidates);
	metric(&b, "cached_parts", "gauge", "Parts in the cache.", f.cached);
	metric(&b, "cached_bytes", "gauge", "Bytes of them.", f.cached_bytes);
	metric(&b, "jobs", "gauge", "Living jobs.", f.live_jobs);
	metric(&b, "jobs_total", "counter", "Jobs taken in.", f.jobs);
	metric(&b, "parts_total", "counter", "Parts delivered.", f.parts);
	metric(&b, "events_total", "counter", "Parts written to streams.",
	       f.events);
	metric(&b, "dropped_total", "counter",
	       "Parts dropped for slow clients.", f.dropped);
	metric(&b, "item_errors_total", "counter",
	       "Items that a pipeline skipped.", f.item_errors);
	metric(&b, "pipelines_draining", "gauge",
	       "Replaced pipelines that are not yet empty.", f.draining);
	http_respond(x, 200, "text/plain; version=0.0.4", buf_str(&b));
	buf_fini(&b);
}

static void get_pipeline(struct app *a, struct http_exchange *x, int which)
{
	struct buf b = {0};

	buf_printf(&b, "{\"name\":\"%s\",\"text\":", hub_pipeline_label(which));
	json_write_string(hub_pipeline_text(app_hub(a), which), &b);
	buf_append_cstr(&b, ",\"stages\":");
	hub_pipeline_describe(app_hub(a), which, &b);
	buf_append_cstr(&b, "}\n");
	http_respond(x, 200, "application/json", buf_str(&b));
	buf_fini(&b);
}

static void put_pipeline(struct app *a, struct http_exchange *x, int which)
{
	struct buf text = {0};
	struct buf query = {0};
	struct weir_error err;
	bool dry = http_query_get(x, "dry_run", &query) == 0 &&
		   str_eq(buf_str(&query), STR("1"));
	int rc = http_read_all(x, &text, CLOCK_NEVER);

	if (rc < 0) {
		http_problem_body(x, rc);
	} else if (buf_len(&text) > PIPELINE_MAX) {
		http_problem(x, 413, "too-big",
			     "a pipeline has at most %d bytes", PIPELINE_MAX);
	} else if (!str_trim(buf_str(&text)).len) {
		http_problem(x, 422, "bad-pipeline",
			     "expected a pipeline, like: run");
	} else if (hub_pipeline_set(app_hub(a), which, buf_str(&text), dry,
				    &err) < 0) {
		struct problem p = {.status = 422,
				    .slug = "bad-pipeline",
				    .detail = err.message,
				    .line = err.line,
				    .column = err.column};

		http_problem_send(x, &p);
	} else {
		get_pipeline(a, x, which);
	}
	buf_fini(&text);
	buf_fini(&query);
}

static void handle_pipeline(struct app *a, struct http_exchange *x,
			    struct str name)
{
	int which = hub_pipeline_find(name);

	if (which < 0)
		http_problem(x, 404, "no-pipeline",
			     "there is no pipeline %.*s: jobs, parts",
			     STR_FMT(name));
	else if (http_method(x) == HTTP1_PUT)
		put_pipeline(a, x, which);
	else if (http_method(x) == HTTP1_GET || http_method(x) == HTTP1_HEAD)
		get_pipeline(a, x, which);
	else
		http_405(x, "GET, HEAD, PUT");
}

struct listing {
	struct buf out;
	bool more;
};

static void list_job(void *arg, struct hub_job *j)
{
	struct listing *l = arg;

	buf_append_cstr(&l->out, l->more ? ",\n" : "");
	l->more = true;
	hub_job_write(j, &l->out);
}

static void list_stream(void *arg, struct hub_stream *s)
{
	struct listing *l = arg;

	if (s->finished)
		return;
	buf_printf(
		&l->out,
		"%s{\"id\":\"%s\",\"client\":%u,\"attached\":%s,\"seq\":%llu,"
		"\"backlog\":%zu,\"jobs\":%u,\"interests\":%u}",
		l->more ? ",\n" : "", s->id, s->who, s->sink ? "true" : "false",
		(unsigned long long)s->seq, hub_stream_backlog(s), s->open_jobs,
		s->n_interests);
	l->more = true;
}

static void list_streams(struct hub_edge *e, void *arg)
{
	hub_each_stream(e, list_stream, arg);
}

static void get_list(struct app *a, struct http_exchange *x, bool jobs)
{
	struct listing l = {0};

	buf_append_char(&l.out, '[');
	if (jobs)
		hub_each_job(app_hub(a), list_job, &l);
	else
		hub_edges_call(app_hub(a), list_streams, &l);
	buf_append_cstr(&l.out, "]\n");
	http_respond(x, 200, "application/json", buf_str(&l.out));
	buf_fini(&l.out);
}

static void post_reload(struct app *a, struct http_exchange *x)
{
	struct buf report = {0};

	if (http_method(x) != HTTP1_POST)
		http_405(x, "POST");
	else if (app_reload(a, &report) < 0)
		http_problem(x, 422, "bad-configuration", "%.*s",
			     STR_FMT(str_trim(buf_str(&report))));
	else
		http_respond(x, 204, NULL, STR(""));
	buf_fini(&report);
}

/* A page of another origin that a browser of this machine shows must not change
 * anything here: what changes comes without Origin, or from this very host. */
static bool is_foreign(struct http_exchange *x)
{
	struct str origin = http_header(x, "origin");
	struct str scheme = STR("http://");

	if (!origin.len || http_method(x) == HTTP1_GET ||
	    http_method(x) == HTTP1_HEAD)
		return false;
	if (str_starts(origin, scheme))
		origin = str_from(origin.p + scheme.len,
				  origin.len - scheme.len);
	return !str_ieq(origin, http_header(x, "host"));
}

void admin_handle(void *arg, struct http_exchange *x)
{
	struct app *a = arg;
	struct str path = http_path(x);
	struct str pipelines = STR("/admin/v1/pipelines/");

	if (is_foreign(x)) {
		http_problem(x, 403, "foreign-origin",
			     "pages of other origins change nothing here");
	} else if (str_starts(path, pipelines)) {
		handle_pipeline(a, x,
				str_from(path.p + pipelines.len,
					 path.len - pipelines.len));
	} else if (str_eq(path, STR("/admin/v1/reload"))) {
		post_reload(a, x);
	} else if (str_eq(path, STR("/livez"))) {
		if (is_get(x))
			http_respond(x, 200, "text/plain", STR("ok\n"));
	} else if (str_eq(path, STR("/readyz"))) {
		if (!is_get(x))
			return;
		if (hub_closing(app_hub(a)))
			http_respond(x, 503, "text/plain", STR("closing\n"));
		else
			http_respond(x, 200, "text/plain", STR("ok\n"));
	} else if (str_eq(path, STR("/metrics"))) {
		if (is_get(x))
			get_metrics(a, x);
	} else if (str_eq(path, STR("/admin/v1/jobs"))) {
		if (is_get(x))
			get_list(a, x, true);
	} else if (str_eq(path, STR("/admin/v1/streams"))) {
		if (is_get(x))
			get_list(a, x, false);
	} else if (str_eq(path, STR("/admin/v1/interests"))) {
		if (is_get(x))
			admin_interests(a, x);
	} else {
		http_problem(x, 404, "not-found", "there is nothing at %.*s",
			     STR_FMT(path));
	}
}
