/* api_streams.c - GET /v1/stream, and streams that wait to be fetched. */
#include "http/api_internal.h"
#include "hub/hub.h"

void api_stream(struct api *a, struct http_exchange *x)
{
	enum sink_format format;

	if (http_method(x) != HTTP1_GET && http_method(x) != HTTP1_HEAD)
		http_405(x, "GET, HEAD");
	else if (sink_choose(x, &format))
		api_stream_jobs(a, x, format, NULL, 0, true);
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
