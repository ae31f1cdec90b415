/* api_streams.c - streams: opened, attached to, resumed, ended.
 *
 *     POST /v1/streams      a stream that stays, with jobs and interests
 *     GET  /v1/stream       one that is only for this request
 *     GET  /v1/streams/{s}  attach, or resume
 */
#include "base/hash.h"
#include "base/mem.h"
#include "http/api_internal.h"
#include "hub/edge.h"

#include <stdio.h>

/* A stream does not wait longer than that for its client. */
#define LINGER_MAX_MS ((int64_t)3600 * 1000)

/* --- what is there -------------------------------------------------------- */

static void answer_gone(struct http_exchange *x, struct str id)
{
	http_problem(x, 410, "stream-over", "the stream %.*s has ended",
		     STR_FMT(id));
}

static void answer_absent(struct api *a, struct http_exchange *x, struct str id)
{
	if (hub_stream_absence(a->host.edge, id) == HUB_UNKNOWN)
		http_problem(x, 404, "no-stream", "there is no stream %.*s",
			     STR_FMT(id));
	else
		answer_gone(x, id);
}

struct hub_stream *api_find_stream(struct api *a, struct http_exchange *x,
				   struct str id)
{
	struct hub_stream *s = hub_find_stream(a->host.edge, id);

	if (s && !s->finished)
		return s;
	if (s)
		answer_gone(x, id);
	else
		answer_absent(a, x, id);
	return NULL;
}

/* --- attach and resume ---------------------------------------------------- */

/* 204 tells an EventSource not to come back. Source: HTML, section 9.2.3. */
static void answer_nothing_more(struct http_exchange *x)
{
	http_respond(x, 204, NULL, STR(""));
}

static void attach(struct http_exchange *x, struct hub_stream *s,
		   const struct hub_position *from)
{
	enum sink_format format;
	struct sink *k;

	if (!hub_stream_has_more(s, from)) {
		answer_nothing_more(x);
		return;
	}
	if (!sink_choose(x, &format))
		return;
	k = sink_create(x, format);
	sink_set_stream(k, s);
	hub_stream_attach(s, sink_base(k), http_client(x), from);
	sink_leave(k);
}

static void fetch(struct api *a, struct http_exchange *x, struct str id)
{
	struct hub_stream *s = hub_find_stream(a->host.edge, id);
	struct hub_position from;
	struct buf text = {0};

	if (!s && hub_stream_absence(a->host.edge, id) == HUB_ENDED)
		answer_nothing_more(x);
	else if (!s)
		answer_absent(a, x, id);
	else if (!sink_position(x, &text, &from))
		; /* answered */
	else if (s->sink && !from.stream.len)
		http_problem(x, 409, "attached",
			     "somebody is reading the stream %s: who says by "
			     "Last-Event-ID where it was takes over",
			     s->id);
	else
		attach(x, s, &from);
	buf_fini(&text);
}

void api_one_stream(struct api *a, struct http_exchange *x, struct str rest)
{
	struct str id = str_cut(&rest, '/');
	struct hub_stream *s;

	if (api_move(a, x, id))
		return;
	if (rest.p) {
		struct str resource = str_cut(&rest, '/');

		if (str_eq(resource, STR("interests")))
			api_interests(a, x, id, rest);
		else
			http_problem(x, 404, "not-found",
				     "there is nothing at %.*s",
				     STR_FMT(http_path(x)));
		return;
	}
	switch (http_method(x)) {
	case HTTP1_GET:
		fetch(a, x, id);
		break;
	case HTTP1_DELETE:
		s = hub_find_stream(a->host.edge, id);
		if (!s) {
			answer_absent(a, x, id);
			break;
		}
		hub_stream_delete(s, "deleted", 0);
		http_respond(x, 204, NULL, STR(""));
		break;
	default:
		http_405(x, "GET, DELETE");
	}
}

/* --- GET /v1/stream --------------------------------------------------------
 */

/* ?where=CONDITION&for=10s. False: answered. */
static bool read_query(struct api *a, struct http_exchange *x,
		       struct hub_stream_opts *opts,
		       struct hub_interest_spec *spec)
{
	struct buf text = {0};
	struct weir_error err;
	bool fine = true;
	int rc = http_query_get(x, "for", &text);

	*spec = (struct hub_interest_spec){0};
	if (rc == 0 &&
	    (str_to_duration_ms(buf_str(&text), &opts->for_ms) < 0 ||
	     opts->for_ms <= 0 ||
	     opts->for_ms > hub_edge_limits(a->host.edge)->interest_ms)) {
		http_problem(x, 422, "bad-duration",
			     "for needs a duration up to 24h, like 10s");
		fine = false;
	}
	buf_clear(&text);
	rc = fine ? http_query_get(x, "where", &text) : WEIR_ENOTFOUND;
	if (rc == 0)
		rc = hub_interest_where(buf_str(&text), spec, &err);
	if (rc < 0 && rc != WEIR_ENOTFOUND) {
		api_body_problem(x, 422, "bad-condition", &err, NULL);
		fine = false;
	}
	/* So that nobody resumes what was asked for by another request. */
	opts->tag = hash_bytes(buf_str(&text).p, buf_len(&text)) | 1;
	buf_fini(&text);
	return fine;
}

/* An EventSource comes back with the same request and the id of its last event.
 * True: its stream is still there. */
static bool come_back(struct api *a, struct http_exchange *x, uint64_t tag,
		      const struct hub_position *from)
{
	struct hub_stream *s = hub_find_stream(a->host.edge, from->stream);

	if (!s || s->tag != tag)
		return false;
	attach(x, s, from);
	return true;
}

static void open_one_shot(struct api *a, struct http_exchange *x,
			  struct hub_stream_opts opts,
			  struct hub_interest_spec *spec,
			  const struct hub_position *from)
{
	enum sink_format format;
	struct hub_stream *s;
	struct weir_error err;
	struct sink *k;

	if (hub_interest_check(a->host.edge, spec, &err) < 0) {
		api_refuse_interest(x, &err);
		return;
	}
	if (!sink_choose(x, &format))
		return;
	k = api_open_stream(a, x, format, opts, &s);
	if (!k)
		return;
	hub_interest_set(s, spec, NULL, NULL, NULL);
	if (from->stream.len)
		hub_stream_tell_restart(s, from);
	sink_leave(k);
}

void api_stream(struct api *a, struct http_exchange *x)
{
	struct hub_stream_opts opts = {0};
	struct hub_interest_spec spec;
	struct hub_position from;
	struct buf text = {0};

	if (http_method(x) != HTTP1_GET && http_method(x) != HTTP1_HEAD) {
		http_405(x, "GET, HEAD");
		return;
	}
	if (!sink_position(x, &text, &from) ||
	    (from.stream.len && api_move(a, x, from.stream)))
		goto out;
	if (read_query(a, x, &opts, &spec) &&
	    (!from.stream.len || !come_back(a, x, opts.tag, &from)))
		open_one_shot(a, x, opts, &spec, &from);
	hub_interest_spec_fini(&spec);
out:
	buf_fini(&text);
}

/* --- POST /v1/streams ------------------------------------------------------
 */

struct wanted {
	struct value jobs;
	struct value interests;
	int overflow;
	int64_t linger_ms;
	char *key;
	struct hub_interest_spec *specs; /* ours */
};

static const struct conf_field wanted_fields[] = {
	{"jobs", CONF_LIST, offsetof(struct wanted, jobs)},
	{"interests", CONF_LIST, offsetof(struct wanted, interests)},
	{"overflow", CONF_CHOICE, offsetof(struct wanted, overflow),
	 .choices = hub_overflow_names},
	{"linger", CONF_DURATION, offsetof(struct wanted, linger_ms), .min = 1,
	 .max = LINGER_MAX_MS},
	{"key", CONF_STRING, offsetof(struct wanted, key)},
	{0},
};

static int check_key(const struct wanted *w, struct conf_error *e)
{
	struct value_path path;
	struct weir_error err;

	if ((w->overflow == HUB_LATEST) != (w->key != NULL))
		return conf_fail(e, "", w->key ? "key" : "overflow",
				 "overflow latest and key go together: "
				 "{\"overflow\": \"latest\", \"key\": "
				 "\".id\"}");
	if (!w->key)
		return 0;
	if (value_path_parse(&path, str_of(w->key), &err) < 0)
		return conf_fail(e, "", "key", "%s", err.message);
	value_path_fini(&path);
	return 0;
}

/* False: answered. */
static bool read_wanted(struct api *a, struct http_exchange *x, struct value v,
			struct wanted *w)
{
	struct conf_error e;
	char pointer[32];

	if (value_type(v) != VALUE_NULL &&
	    conf_read(v, "", wanted_fields, w, &e) < 0) {
		api_conf_problem(x, "bad-stream", &e);
		return false;
	}
	if (check_key(w, &e) < 0) {
		api_conf_problem(x, "bad-stream", &e);
		return false;
	}
	if (value_len(w->jobs) > API_JOBS_MAX) {
		http_problem(x, 413, "too-many-jobs",
			     "a request has at most %d jobs", API_JOBS_MAX);
		return false;
	}
	for (uint32_t i = 0; i < value_len(w->jobs); i++) {
		snprintf(pointer, sizeof pointer, "/jobs/%u", i);
		if (!api_check_job(x, value_nodes(w->jobs)[i], pointer))
			return false;
	}
	return api_read_interests(a, x, w->interests, "/interests", &w->specs);
}

/* Interests first: what the jobs send at once is not to be missed. */
static void begin(struct http_exchange *x, struct hub_stream *s,
		  struct wanted *w, struct buf *out)
{
	hub_interest_set_all(s, w->specs, value_len(w->interests), NULL);
	buf_printf(out, "{\"stream\":\"%s\",\"interests\":", s->id);
	hub_interest_write_all(s, out);
	buf_append_cstr(out, ",\"jobs\":");
	api_submit_all(x, value_nodes(w->jobs), value_len(w->jobs), s, out);
	buf_append_cstr(out, "}\n");
}

/* 201: somebody will come for it. */
static void create(struct api *a, struct http_exchange *x,
		   struct hub_stream_opts *opts, struct wanted *w)
{
	struct hub_stream *s;
	struct buf body = {0};
	struct buf at = {0};

	opts->who = http_client(x);
	if (!opts->linger_ms)
		opts->linger_ms = hub_edge_limits(a->host.edge)->linger_ms;
	s = hub_stream_open(a->host.edge, opts);
	buf_printf(&at, "/v1/streams/%s", s->id);
	begin(x, s, w, &body);
	http_set_header(x, "Location", buf_str(&at));
	http_respond(x, 201, "application/json", buf_str(&body));
	buf_fini(&body);
	buf_fini(&at);
}

static void open_stream(struct api *a, struct http_exchange *x,
			enum sink_format format, struct hub_stream_opts *opts,
			struct wanted *w)
{
	struct hub_stream *s;
	struct buf unused = {0};
	struct sink *k = api_open_stream(a, x, format, *opts, &s);

	if (!k)
		return;
	begin(x, s, w, &unused);
	buf_fini(&unused);
	sink_leave(k);
}

void api_streams(struct api *a, struct http_exchange *x)
{
	struct wanted w = {0};
	enum sink_format format;
	struct value v;

	if (http_method(x) != HTTP1_POST) {
		http_405(x, "POST");
		return;
	}
	if (!api_read_json(x, &v))
		return;
	if (read_wanted(a, x, v, &w) && sink_choose(x, &format)) {
		struct hub_stream_opts opts = {
			.overflow = (enum hub_overflow)w.overflow,
			.linger_ms = w.linger_ms,
			.key = str_of(w.key)};

		if (format == SINK_ARRAY && !hub_edge_closing(a->host.edge))
			create(a, x, &opts, &w);
		else
			open_stream(a, x, format, &opts, &w);
	}
	for (uint32_t i = 0; w.specs && i < value_len(w.interests); i++)
		hub_interest_spec_fini(&w.specs[i]);
	mem_free(w.specs);
	conf_free(wanted_fields, &w);
	value_unref(v);
}
