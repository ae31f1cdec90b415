/* sse.h - reads server-sent events.
 *
 *     : a comment            event: price           data: {"a":1}
 *     (dropped)              data: 17        -->    (blank)  -->  event
 *                            id: 4
 *
 * Incremental and without I/O. Bytes are given as they came: whoever wants text
 * checks the UTF-8. An event without data is none, as the standard says, but
 * its id counts.
 *
 * Source: WHATWG HTML Living Standard, section 9.2.6, "Interpreting an event
 * stream".
 */
#ifndef WEIR_WIRE_SSE_H
#define WEIR_WIRE_SSE_H

#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

#define SSE_ID_MAX 1024 /* bytes; it is sent back in a header */

/* Borrowed until the next call. */
struct sse_event {
	struct str type; /* "message" when the stream names none */
	struct str data; /* its data lines, joined with LF */
	struct str id; /* the last one that the stream has set, maybe long ago;
			* empty: none */
};

struct sse {
	struct buf line; /* the beginning of a line that spans pieces */
	struct buf data; /* of the present event; each line ends with LF */
	struct buf type;
	struct buf id;	    /* as the present event has it */
	struct buf last_id; /* as of the last blank line: what to resume from */
	size_t event_max;   /* bytes of data and type together */
	int64_t retry_ms;   /* what the stream asks for; -1: nothing so far */
	uint8_t bom_bytes;  /* seen of a byte order mark; 3: none can come */
	bool after_cr;	    /* a LF would belong to the last line end */
	bool given;	    /* data and type were given out */
	bool skipping;	    /* up to the blank line: the event is too big */
	bool line_begun;    /* while skipping: the present line is not blank */
};

void sse_init(struct sse *s, size_t event_max);
void sse_fini(struct sse *s);
/* A new connection: forgets a half read event, keeps last_id and retry_ms. */
void sse_restart(struct sse *s);

/* Takes from the front of *in. Returns 0 and an event; WEIR_EAGAIN when *in is
 * used up; or WEIR_ETOOBIG for an event over the limit: calling again goes on
 * behind it. At the end of a stream a half read event is no event. */
int sse_next(struct sse *s, struct str *in, struct sse_event *event_out);

#endif
