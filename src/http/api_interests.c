/* api_interests.c - /v1/streams/{s}/interests, and one of them by name. */
#include "base/map.h"
#include "base/mem.h"
#include "http/api_internal.h"
#include "hub/edge.h"

#include <stdio.h>

static void specs_destroy(struct hub_interest_spec *specs, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		hub_interest_spec_fini(&specs[i]);
	mem_free(specs);
}

struct problem api_interest_problem(const struct weir_error *err)
{
	struct problem p = {.status = 422, .detail = err->message};

	switch (err->code) {
	case WEIR_EBUSY:
		p.status = 503;
		p.slug = "busy";
		break;
	case WEIR_EDENIED:
		p.slug = "not-selective";
		p.pointer = "/where";
		break;
	default:
		p.slug = "too-many-interests";
	}
	return p;
}

void api_refuse_interest(struct http_exchange *x, const struct weir_error *err)
{
	struct problem p = api_interest_problem(err);

	if (p.status == 503)
		http_set_header(x, "Retry-After", STR("1"));
	http_problem_send(x, &p);
}

bool api_read_interests(struct api *a, struct http_exchange *x,
			struct value list, const char *pointer,
			struct hub_interest_spec **specs_out)
{
	uint32_t n = value_len(list);
	uint32_t max = hub_edge_limits(a->host.edge)->interests_max;
	struct hub_interest_spec *specs;
	struct map names = {0};
	struct weir_error err;
	struct conf_error e;
	char at[64];
	uint32_t i;
	int rc = 0;

	if (n > max) {
		error_set(&err, WEIR_ETOOBIG,
			  "a stream has at most %u interests", max);
		api_refuse_interest(x, &err);
		return false;
	}
	specs = mem_zalloc((n + 1) * sizeof *specs);
	for (i = 0; i < n && rc == 0; i++) {
		snprintf(at, sizeof at, "%s/%u", pointer, i);
		rc = hub_interest_read(a->host.edge, value_nodes(list)[i],
				       (struct str){0}, at, &specs[i], &e);
		if (rc == 0 &&
		    map_put(&names, str_of(specs[i].name), &specs[i]))
			rc = conf_fail(&e, at, "name",
				       "another interest is called %s",
				       specs[i].name);
	}
	map_fini(&names);
	if (rc < 0) {
		api_conf_problem(x, "bad-interest", &e);
		specs_destroy(specs, i);
		return false;
	}
	*specs_out = specs;
	return true;
}

static void answer_all(struct http_exchange *x, const struct hub_stream *s)
{
	struct buf body = {0};

	hub_interest_write_all(s, &body);
	buf_append_char(&body, '\n');
	http_respond(x, 200, "application/json", buf_str(&body));
	buf_fini(&body);
}

/* Reading the body takes time: the stream may be gone after it. */
static void put_all(struct api *a, struct http_exchange *x, struct str id)
{
	struct hub_interest_spec *specs;
	struct hub_stream *s;
	struct weir_error err;
	struct value v;

	if (!api_read_json(x, &v))
		return;
	if (value_type(v) != VALUE_ARRAY) {
		http_problem(x, 422, "bad-interest",
			     "expected an array of interests, this is %s",
			     value_type_name(v));
	} else if (api_read_interests(a, x, v, "", &specs)) {
		s = api_find_stream(a, x, id);
		if (!s)
			specs_destroy(specs, v.len);
		else if (hub_interest_set_all(s, specs, v.len, &err) < 0)
			api_refuse_interest(x, &err);
		else
			answer_all(x, s);
		if (s)
			mem_free(specs);
	}
	value_unref(v);
}

static void answer_one(struct http_exchange *x, int status,
		       const struct hub_interest *i)
{
	struct buf body = {0};

	hub_interest_write(i, &body);
	buf_append_char(&body, '\n');
	http_respond(x, status, "application/json", buf_str(&body));
	buf_fini(&body);
}

static void put_one(struct api *a, struct http_exchange *x, struct str id,
		    struct str name)
{
	enum hub_interest_change change;
	struct hub_interest_spec spec;
	struct hub_interest *i;
	struct hub_stream *s;
	struct weir_error err;
	struct conf_error e;
	struct value v;

	if (!api_read_json(x, &v))
		return;
	if (hub_interest_read(a->host.edge, v, name, "", &spec, &e) < 0) {
		api_conf_problem(x, "bad-interest", &e);
		value_unref(v);
		return;
	}
	value_unref(v);
	s = api_find_stream(a, x, id);
	if (!s)
		hub_interest_spec_fini(&spec);
	else if (hub_interest_set(s, &spec, &change, &i, &err) < 0)
		api_refuse_interest(x, &err);
	else
		answer_one(x, change == HUB_CREATED ? 201 : 200, i);
}

static void handle_one(struct api *a, struct http_exchange *x, struct str id,
		       struct str name)
{
	struct hub_stream *s;
	struct hub_interest *i;

	switch (http_method(x)) {
	case HTTP1_PUT:
		put_one(a, x, id, name);
		return;
	case HTTP1_GET:
	case HTTP1_HEAD:
	case HTTP1_DELETE:
		break;
	default:
		http_405(x, "GET, HEAD, PUT, DELETE");
		return;
	}
	s = api_find_stream(a, x, id);
	if (!s)
		return;
	i = hub_interest_find(s, name);
	if (!i) {
		http_problem(x, 404, "no-interest",
			     "the stream %s has no interest %.*s", s->id,
			     STR_FMT(name));
	} else if (http_method(x) == HTTP1_DELETE) {
		hub_interest_drop(i);
		http_respond(x, 204, NULL, STR(""));
	} else {
		answer_one(x, 200, i);
	}
}

void api_interests(struct api *a, struct http_exchange *x, struct str stream,
		   struct str rest)
{
	struct hub_stream *s;

	if (rest.p) {
		handle_one(a, x, stream, rest);
		return;
	}
	switch (http_method(x)) {
	case HTTP1_PUT:
		put_all(a, x, stream);
		break;
	case HTTP1_GET:
	case HTTP1_HEAD:
		s = api_find_stream(a, x, stream);
		if (s)
			answer_all(x, s);
		break;
	default:
		http_405(x, "GET, HEAD, PUT");
	}
}
