/* api.c - which handler a request goes to. */
#include "http/api.h"

#include "base/mem.h"
#include "base/clock.h"
#include "http/api_internal.h"
#include "hub/edge.h"
#include "json/parse.h"
#include "wire/ws_deflate.h"

struct api *api_create(const struct api_host *host)
{
	struct api *a = mem_zalloc(sizeof *a);

	a->host = *host;
	list_init(&a->sessions);
	return a;
}

void api_destroy(struct api *a)
{
	if (!a)
		return;
	routes_destroy(a->routes);
	ws_deflate_destroy(a->deflate);
	mem_free(a);
}

int api_check_routes(struct value conf, const char *pointer,
		     struct conf_error *e)
{
	struct routes *r = routes_create(conf, pointer, e);

	routes_destroy(r);
	return r ? 0 : WEIR_EINVAL;
}

struct ws_deflate *api_deflate(struct api *a)
{
	if (!a->deflate)
		a->deflate = ws_deflate_create();
	return a->deflate;
}

void api_set_deflate(struct api *a, bool on)
{
	a->deflates = on;
}

int api_set_routes(struct api *a, struct value conf, const char *pointer,
		   struct conf_error *e)
{
	struct routes *fresh = routes_create(conf, pointer, e);

	if (!fresh)
		return WEIR_EINVAL;
	routes_destroy(a->routes);
	a->routes = fresh;
	return 0;
}

enum api_media api_media(struct http_exchange *x)
{
	/* curl -d says form-urlencoded whatever it sends: taken for JSON. */
	static const char *const json[] = {"",
					   "application/json",
					   "application/x-www-form-urlencoded",
					   "text/plain",
					   "application/octet-stream",
					   NULL};
	static const char *const lines[] = {"application/x-ndjson",
					    "application/ndjson",
					    "application/jsonl",
					    "application/x-jsonlines", NULL};
	struct str rest = http_header(x, "content-type");
	struct str type = str_trim(str_cut(&rest, ';'));

	for (int i = 0; lines[i]; i++)
		if (str_ieq(type, str_of(lines[i])))
			return API_LINES;
	for (int i = 0; json[i]; i++)
		if (str_ieq(type, str_of(json[i])))
			return API_JSON;
	return str_ends(type, STR("+json")) ? API_JSON : API_OTHER;
}

bool api_refuse_closing(struct api *a, struct http_exchange *x)
{
	if (!hub_edge_closing(a->host.edge))
		return false;
	http_set_header(x, "Retry-After", STR("1"));
	http_problem(x, 503, "closing", "the server is closing");
	return true;
}

void api_body_problem(struct http_exchange *x, int status, const char *type,
		      const struct weir_error *err, const char *pointer)
{
	struct problem p = {.status = status,
			    .slug = type,
			    .detail = err->message,
			    .pointer = pointer,
			    .line = err->line,
			    .column = err->column};

	http_problem_send(x, &p);
}

void api_conf_problem(struct http_exchange *x, const char *type,
		      const struct conf_error *e)
{
	/* A place in a text: a condition's. */
	api_body_problem(x, 422, e->err.line ? "bad-condition" : type, &e->err,
			 e->pointer);
}

bool api_read_json(struct http_exchange *x, struct value *out)
{
	struct buf body = {0};
	struct weir_error err;
	int rc = http_read_all(x, &body, CLOCK_NEVER);

	*out = value_null();
	if (rc < 0) {
		http_problem_body(x, rc);
	} else if (str_trim(buf_str(&body)).len) {
		rc = json_parse(buf_str(&body), out, &err);
		if (rc < 0)
			api_body_problem(x, 400, "bad-json", &err, NULL);
	}
	buf_fini(&body);
	return rc == 0;
}

struct http_server *api_server_of(struct api *a, const struct http_exchange *x,
				  struct str id)
{
	uint32_t n = hub_edge_of(id);

	/* Nobody goes to who may close first. */
	if (n == hub_edge_number(a->host.edge) ||
	    hub_edge_closing(a->host.edge))
		return NULL;
	return a->host.server_at(a->host.arg, n, http_server_of(x));
}

bool api_move(struct api *a, struct http_exchange *x, struct str id)
{
	struct http_server *to = api_server_of(a, x, id);

	if (to)
		http_move(x, to, NULL, NULL);
	return to != NULL;
}

/* A route's job, with the members of a JSON body. */
static void handle_route(struct api *a, struct http_exchange *x,
			 struct route_match *m)
{
	enum sink_format format = SINK_BARE;
	struct buf body = {0};

	if (!m->bare && !sink_choose(x, &format))
		return;
	if (http_has_body(x)) {
		int rc = http_read_all(x, &body, CLOCK_NEVER);
		struct weir_error err;
		struct value v = value_null();

		if (rc < 0) {
			http_problem_body(x, rc);
			goto out;
		}
		if (str_trim(buf_str(&body)).len &&
		    http_method(x) != HTTP1_GET &&
		    json_parse(buf_str(&body), &v, &err) < 0) {
			api_body_problem(x, 400, "bad-json", &err, NULL);
			goto out;
		}
		m->job = routes_fill(m->job, v);
		value_unref(v);
	}
	m->job = routes_fill(m->job, m->args);
	api_stream_jobs(a, x, format, &m->job, 1);
out:
	buf_fini(&body);
}

void api_handle(void *arg, struct http_exchange *x)
{
	struct api *a = arg;
	struct str path = http_path(x);

	if (str_eq(path, STR("/v1/jobs"))) {
		api_jobs(a, x);
	} else if (str_starts(path, STR("/v1/jobs/"))) {
		api_job(a, x, str_from(path.p + 9, path.len - 9));
	} else if (str_eq(path, STR("/v1/stream"))) {
		api_stream(a, x);
	} else if (str_eq(path, STR("/v1/streams"))) {
		api_streams(a, x);
	} else if (str_starts(path, STR("/v1/streams/"))) {
		api_one_stream(a, x, str_from(path.p + 12, path.len - 12));
	} else if (str_eq(path, STR("/v1/parts"))) {
		api_parts(a, x);
	} else if (str_eq(path, STR("/v1/ws"))) {
		api_ws(a, x);
	} else {
		struct route_match m = {.job = value_null()};

		if (a->routes)
			routes_match(a->routes, x, &m);
		if (value_type(m.job) == VALUE_OBJECT)
			handle_route(a, x, &m);
		else if (m.allow[0])
			http_405(x, m.allow);
		else
			http_problem(x, 404, "not-found",
				     "there is nothing at %.*s", STR_FMT(path));
		value_unref(m.job);
	}
}
