/* api_streams.c - GET /v1/stream, and streams that wait to be fetched. */
#include "http/api_internal.h"
#include "hub/hub.h"

/* A lifetime longer than this is refused. */
#define FOR_MAX_MS ((int64_t)24 * 3600 * 1000)

/* ?where=CONDITION&for=10s. False: answered. */
static bool read_interest(struct http_exchange *x, struct hub_stream_opts *opts)
{
	struct buf text = {0};
	struct weir_error err;
	bool fine = true;
	int rc = http_query_get(x, "for", &text);

	if (rc == 0 && (str_to_duration_ms(buf_str(&text), &opts->for_ms) < 0 ||
			opts->for_ms <= 0 || opts->for_ms > FOR_MAX_MS)) {
		http_problem(x, 422, "bad-duration",
			     "for needs a duration up to 24h, like 10s");
		fine = false;
	}
	buf_clear(&text);
	if (fine && http_query_get(x, "where", &text) == 0 &&
	    cond_parse(buf_str(&text), &cond_rules_client, &opts->where, &err) <
		    0) {
		api_body_problem(x, 422, "bad-condition", &err, NULL);
		fine = false;
	}
	buf_fini(&text);
	return fine;
}

void api_stream(struct api *a, struct http_exchange *x)
{
	struct hub_stream_opts opts = {.all = true};
	enum sink_format format;
	struct hub_stream *s;
	struct sink *k;

	if (http_method(x) != HTTP1_GET && http_method(x) != HTTP1_HEAD) {
		http_405(x, "GET, HEAD");
		return;
	}
	if (!sink_choose(x, &format) || !read_interest(x, &opts))
		return;
	k = api_open_stream(a, x, format, opts, &s);
	if (k)
		sink_leave(k);
	else
		cond_unref(opts.where);
}

static void fetch(struct api *a, struct http_exchange *x, struct hub_stream *s)
{
	enum sink_format format;
	struct sink *k;

	if (s->sink) {
		http_problem(x, 409, "attached",
			     "somebody is reading the stream %s", s->id);
		return;
	}
	if (!sink_choose(x, &format))
		return;
	k = sink_create(x, format);
	sink_set_stream(k, s);
	hub_stream_attach(s, sink_base(k), http_client(x));
	sink_leave(k);
}

void api_streams(struct api *a, struct http_exchange *x, struct str id)
{
	struct hub_stream *s = hub_find_stream(a->host.hub, id);

	switch (http_method(x)) {
	case HTTP1_GET:
	case HTTP1_DELETE:
		break;
	default:
		http_405(x, "GET, DELETE");
		return;
	}
	if (!s) {
		http_problem(x, 404, "no-stream", "there is no stream %.*s",
			     STR_FMT(id));
		return;
	}
	if (http_method(x) == HTTP1_GET) {
		fetch(a, x, s);
		return;
	}
	hub_stream_bye(s, "deleted");
	http_respond(x, 204, NULL, STR(""));
}
