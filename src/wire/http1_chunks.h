/* http1_chunks.h - takes the chunks off a body.
 *
 *     5;name=value CR LF hello CR LF   0 CR LF trailer: x CR LF CR LF
 *     ^ size, extensions (dropped)     ^ the end, and trailers (dropped)
 *
 * Incremental, without I/O and without copying: data is given as views of what
 * was put in. What carries no data is bounded: digits of a size, extensions
 * and trailers of the whole body.
 *
 * Source: RFC 9112, section 7.1.
 */
#ifndef WEIR_WIRE_HTTP1_CHUNKS_H
#define WEIR_WIRE_HTTP1_CHUNKS_H

#include "base/str.h"

#include <stdint.h>

#define HTTP1_CHUNK_EXTENSIONS_MAX 4096 /* bytes in a body */
#define HTTP1_TRAILERS_MAX	   8192 /* bytes in a body */

enum {
	HTTP1_CHUNKS_MORE, /* *in is used up */
	HTTP1_CHUNKS_DATA, /* *data holds bytes of the body */
	HTTP1_CHUNKS_END, /* the body is complete; the rest of *in is not its */
};

/* All zero is ready. */
struct http1_chunks {
	uint8_t state;
	uint8_t digits; /* of the present size */
	uint16_t extension_bytes;
	uint16_t trailer_bytes;
	uint64_t left;	 /* bytes of the present chunk still to come */
	const char *why; /* on error: a static sentence without a stop */
};

/* Takes from the front of *in. Returns one of the above, or WEIR_EPROTO or
 * WEIR_ETOOBIG (too much that is no data) with d->why; d is then dead. */
int http1_chunks_next(struct http1_chunks *d, struct str *in, struct str *data);

#endif
