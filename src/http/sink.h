/* sink.h - a hub stream on an HTTP response: events as lines, SSE, a JSON
 * array, or the bare data of parts.
 *
 *     hub_stream --- event ---> sink --- text ---> http_exchange
 *
 * For SINK_BARE the response begins with the first part, so that a job that
 * fails before it can still be answered with the status that fits.
 */
#ifndef WEIR_HTTP_SINK_H
#define WEIR_HTTP_SINK_H

#include "base/buf.h"
#include "base/error.h"
#include "hub/stream.h"

struct http_exchange;

enum sink_format {
	SINK_NDJSON,
	SINK_SSE,
	SINK_JSON_SEQ, /* RFC 7464 */
	SINK_ARRAY,    /* one JSON array of all events */
	SINK_BARE,     /* the data of each part, a line each */
};

struct sink;

#define SINK_ID_MAX 64

/* `{"id":"k3f9.1042",` into out: what stands in front of an event's body.
 * Only the brace when seq is 0. Returns its length. */
size_t sink_put_id(char out[SINK_ID_MAX], const char *stream, uint64_t seq);

/* What Accept asks for. False: nothing we have; a 406 was sent. */
bool sink_choose(struct http_exchange *x, enum sink_format *out);

/* The sink for a stream. */
struct sink *sink_create(struct http_exchange *x, enum sink_format format);

/* For hub_stream_opts. */
struct hub_sink *sink_base(struct sink *k);

/* The stream that uses the sink; before the first event. Begins the response
 * (but SINK_BARE). */
void sink_set_stream(struct sink *k, struct hub_stream *s);
/* The same, for hub_stream_opts. */
void sink_opened(struct hub_sink *base, struct hub_stream *s);

/* Where the client was: Last-Event-ID, or ?last_event_id=. text gets the bytes
 * that out borrows. False: it makes no sense, x is answered. */
bool sink_position(struct http_exchange *x, struct buf *text,
		   struct hub_position *out);

/* Can a client of this format come back for more? */
bool sink_can_resume(const struct http_exchange *x, enum sink_format format);

/* The handler's last call: keeps the response open for as long as the stream
 * lives, or frees what has ended already. For SINK_BARE blocks the fiber until
 * the response has begun. Takes k. */
void sink_leave(struct sink *k);

#endif
