/* sink.c - see sink.h. */
#include "http/sink.h"

#include "base/clock.h"
#include "base/mem.h"
#include "fiber/fiber.h"
#include "http/exchange.h"
#include "hub/event.h"

#include <stdio.h>
#include <string.h>

struct sink {
	struct hub_sink base;
	struct http_exchange *x;   /* NULL once the response is over */
	struct hub_stream *stream; /* NULL before and after its life */
	struct fiber *waiter;	   /* the handler, until the response begins */
	uint8_t format;		   /* enum sink_format */
	bool first;		   /* no event has been written */
	bool ended;
	bool answered; /* by an error: nothing of the stream is sent any more */
	bool detached;
};

struct media {
	const char *type;
	enum sink_format format;
};

static const struct media medias[] = {
	{"application/x-ndjson", SINK_NDJSON},
	{"text/event-stream", SINK_SSE},
	{"application/json-seq", SINK_JSON_SEQ},
	{"application/json", SINK_ARRAY},
	{"application/ndjson", SINK_NDJSON},
	{"application/jsonl", SINK_NDJSON},
};

static const char *type_of(enum sink_format format)
{
	if (format == SINK_BARE)
		return medias[0].type;
	for (size_t i = 0; i < ARRAY_LEN(medias); i++)
		if (medias[i].format == format)
			return medias[i].type;
	return medias[0].type;
}

/* --- what is asked for ------------------------------------------------------
 */

static double quality_of(struct str params)
{
	double q = 1;

	while (params.len) {
		struct str p = str_trim(str_cut(&params, ';'));

		if (str_starts(p, STR("q=")) || str_starts(p, STR("Q=")))
			if (str_to_double(str_from(p.p + 2, p.len - 2), &q) < 0)
				q = 0;
	}
	return q;
}

static bool range_format(struct str range, enum sink_format *out)
{
	if (str_eq(range, STR("*/*")) || str_ieq(range, STR("application/*"))) {
		*out = SINK_NDJSON;
		return true;
	}
	if (str_ieq(range, STR("text/*"))) {
		*out = SINK_SSE;
		return true;
	}
	for (size_t i = 0; i < ARRAY_LEN(medias); i++) {
		if (str_ieq(range, str_of(medias[i].type))) {
			*out = medias[i].format;
			return true;
		}
	}
	return false;
}

bool sink_choose(struct http_exchange *x, enum sink_format *out)
{
	struct str rest = http_header(x, "accept");
	double best = 0;

	*out = SINK_NDJSON;
	if (!str_trim(rest).len)
		return true;
	while (rest.len) {
		struct str params = str_cut(&rest, ',');
		struct str range = str_trim(str_cut(&params, ';'));
		enum sink_format format;
		double q = quality_of(params);

		if (q > best && range_format(range, &format)) {
			best = q;
			*out = format;
		}
	}
	if (best > 0)
		return true;
	http_problem(x, 406, "not-acceptable",
		     "expected application/x-ndjson, text/event-stream, "
		     "application/json-seq or application/json in Accept");
	return false;
}

bool sink_can_resume(const struct http_exchange *x, enum sink_format format)
{
	return format != SINK_BARE && format != SINK_ARRAY &&
	       http_method(x) != HTTP1_HEAD;
}

bool sink_position(struct http_exchange *x, struct buf *text,
		   struct hub_position *out)
{
	struct str header = http_header(x, "last-event-id");
	struct weir_error err;

	*out = (struct hub_position){0};
	if (header.len)
		buf_append_str(text, header);
	else if (http_query_get(x, "last_event_id", text) == WEIR_ENOTFOUND)
		return true;
	if (hub_position_parse(str_trim(buf_str(text)), out, &err) == 0)
		return true;
	http_problem(x, 400, "bad-event-id", "%s", err.message);
	return false;
}

/* --- writing
 * ------------------------------------------------------------------ */

static void begin(struct sink *k, int status)
{
	char at[64];

	if (k->stream && k->stream->linger_ms) {
		snprintf(at, sizeof at, "/v1/streams/%s", k->stream->id);
		http_set_header(k->x, "Content-Location", str_of(at));
	}
	http_set_header(k->x, "Cache-Control", STR("no-store"));
	http_set_header(k->x, "X-Accel-Buffering", STR("no"));
	http_begin(k->x, status, type_of(k->format));
}

size_t sink_put_id(char out[SINK_ID_MAX], const char *stream, uint64_t seq)
{
	char digits[20];
	size_t n = sizeof digits;
	size_t at = 0;
	size_t len = strlen(stream);

	if (!seq) {
		out[0] = '{';
		return 1;
	}
	memcpy(out, "{\"id\":\"", 7);
	at = 7;
	memcpy(out + at, stream, len);
	at += len;
	out[at++] = '.';
	do {
		digits[--n] = (char)('0' + seq % 10);
		seq /= 10;
	} while (seq);
	memcpy(out + at, digits + n, sizeof digits - n);
	at += sizeof digits - n;
	memcpy(out + at, "\",", 2);
	return at + 2;
}

static void write_bare(struct sink *k, const struct hub_event *e)
{
	struct str part[3] = {{e->body + e->data_off, e->data_len}, STR("\n")};

	if (e->type != HUB_PART && e->type != HUB_ERROR)
		return;
	if (e->type == HUB_ERROR) {
		if (!http_begun(k->x)) { /* the status tells it */
			static const char key[] = "\"problem\":";
			const char *p =
				memmem(e->body, e->len, key, sizeof key - 1);
			struct str body = {e->body, e->len};

			if (p) {
				p += sizeof key - 1;
				body = str_from(
					p, e->len - (size_t)(p - e->body) - 1);
			}
			http_respond(k->x, e->status,
				     "application/problem+json", body);
			k->answered = true;
			if (k->waiter)
				fiber_wake(k->waiter, 0);
			return;
		}
		part[0] = STR("{");
		part[1] = str_from(e->body, e->len);
		part[2] = STR("\n");
		http_write(k->x, part, 3);
		return;
	}
	if (!http_begun(k->x)) {
		begin(k, 200);
		if (k->waiter)
			fiber_wake(k->waiter, 0);
	}
	http_write(k->x, part, 2);
}

/* The lines in front of `data:`. An event without an id leaves that of the one
 * before it as the client's last. Source: HTML, section 9.2.6. */
static void write_sse_fields(struct sink *k, const struct hub_event *e,
			     const char *id, size_t id_len)
{
	char retry[32];
	struct str text[7];
	size_t n = 0;

	if (id_len > 1) {
		text[n++] = STR("id: ");
		/* The id without what stands around it in JSON. */
		text[n++] = str_from(id + 7, id_len - 9);
		text[n++] = STR("\n");
	}
	if (e->type != HUB_PART) {
		text[n++] = STR("event: ");
		text[n++] = str_of(
			hub_event_type_name((enum hub_event_type)e->type));
		text[n++] = STR("\n");
	}
	if (e->retry_ms) {
		snprintf(retry, sizeof retry, "retry: %u\n", e->retry_ms);
		text[n++] = str_of(retry);
	}
	if (n)
		http_write(k->x, text, n);
}

static void on_event(struct hub_sink *base, const struct hub_event *e,
		     const struct hub_stamp *at)
{
	struct sink *k = CONTAINER_OF(base, struct sink, base);
	char id[SINK_ID_MAX];
	struct str text[6];
	size_t n = 0;
	size_t id_len;

	if (k->format == SINK_BARE) {
		write_bare(k, e);
		return;
	}
	id_len = sink_put_id(id, k->stream->id, at->seq);
	switch (k->format) {
	case SINK_SSE:
		if (e->type == HUB_PING) {
			text[n++] = STR(": ping\n\n");
			http_write(k->x, text, n);
			return;
		}
		write_sse_fields(k, e, id, id_len);
		text[n++] = STR("data: ");
		break;
	case SINK_JSON_SEQ:
		text[n++] = STR("\x1e");
		break;
	case SINK_ARRAY:
		if (e->type == HUB_PING)
			return;
		text[n++] = k->first ? STR("[") : STR(",\n");
		k->first = false;
		break;
	default:
		break;
	}
	text[n++] = str_from(id, id_len);
	if (at->matched.len)
		text[n++] = at->matched;
	text[n++] = str_from(e->body, e->len);
	if (k->format == SINK_SSE)
		text[n++] = STR("\n\n");
	else if (k->format != SINK_ARRAY)
		text[n++] = STR("\n");
	http_write(k->x, text, n);
}

static size_t on_unsent(const struct hub_sink *base)
{
	return http_unsent(CONTAINER_OF(base, struct sink, base)->x);
}

static void on_writable(void *arg)
{
	struct sink *k = arg;

	if (k->stream)
		hub_stream_drain(k->stream);
}

/* While the handler runs, nobody else calls. */
static void on_wake(struct hub_sink *base)
{
	struct sink *k = CONTAINER_OF(base, struct sink, base);

	if (k->detached)
		http_want_write(k->x);
	else
		on_writable(k);
}

static void on_end(struct hub_sink *base)
{
	struct sink *k = CONTAINER_OF(base, struct sink, base);
	struct http_exchange *x = k->x;

	k->stream = NULL;
	k->ended = true;
	k->x = NULL;
	if (!http_begun(x)) {
		http_respond(x, 200, type_of(k->format), STR(""));
	} else if (k->format == SINK_ARRAY) {
		struct str close = k->first ? STR("[]\n") : STR("]\n");

		http_write(x, &close, 1);
	}
	if (k->detached) {
		http_end(x);
		slab_free(k, sizeof *k);
		return;
	}
	k->x = x; /* the handler ends it */
	if (k->waiter)
		fiber_wake(k->waiter, 0);
}

static const struct hub_sink_ops sink_ops = {on_event, on_unsent, on_wake,
					     on_end};

/* --- the response's life
 * --------------------------------------------------------- */

static void on_half_closed(void *arg)
{
	struct sink *k = arg;

	if (k->stream)
		hub_stream_probe(k->stream);
}

static void on_gone(void *arg)
{
	struct sink *k = arg;

	if (k->stream)
		hub_stream_gone(k->stream);
	slab_free(k, sizeof *k);
}

static const struct http_watch_ops watch_ops = {
	.writable = on_writable,
	.half_closed = on_half_closed,
	.gone = on_gone,
};

struct sink *sink_create(struct http_exchange *x, enum sink_format format)
{
	struct sink *k = slab_zalloc(sizeof *k);

	k->base.ops = &sink_ops;
	k->x = x;
	k->format = (uint8_t)format;
	k->first = true;
	return k;
}

struct hub_sink *sink_base(struct sink *k)
{
	return &k->base;
}

void sink_set_stream(struct sink *k, struct hub_stream *s)
{
	k->stream = s;
	if (k->format != SINK_BARE)
		begin(k, 200);
}

void sink_opened(struct hub_sink *base, struct hub_stream *s)
{
	sink_set_stream(CONTAINER_OF(base, struct sink, base), s);
}

void sink_leave(struct sink *k)
{
	struct http_exchange *x = k->x;

	k->waiter = fiber_self();
	while (!k->ended && !http_begun(x))
		if (fiber_park(CLOCK_NEVER) < 0)
			break;
	k->waiter = NULL;
	if (!k->ended && !k->answered && http_begun(x)) {
		k->detached = true;
		http_detach(x, &watch_ops, k);
		return;
	}
	/* The handler was cancelled before a response began, or an error was
	 * all of it, though the stream goes on. */
	if (k->stream)
		hub_stream_gone(k->stream);
	else if (http_begun(x))
		http_end(x);
	slab_free(k, sizeof *k);
}
