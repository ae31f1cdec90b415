/* ws_deflate.h - messages of a WebSocket that are smaller on the way.
 *
 * What is compressed in a message whose first frame has the bit RSV1:
 *
 *     | 00 len ~len "id" .. | deflated body ..| 00 00 ff ff |
 *     `- stored: the part   '- of all who     '- left out; who
 *        of one receiver       receive it        reads adds it
 *
 * Both sides forget a message once it is over (no_context_takeover). So one
 * struct ws_deflate does for all connections of a thread, an idle one holds
 * nothing, and a body that many receive is compressed once: it begins at a
 * whole byte and points back into nothing but itself, so it goes behind the
 * stored words of each of them.
 *
 * Rejected: a window for each connection, which would compress better, but cost
 * some 300 KiB each, and the work for each receiver.
 *
 * Source: RFC 7692, RFC 1951 for blocks.
 */
#ifndef WEIR_WIRE_WS_DEFLATE_H
#define WEIR_WIRE_WS_DEFLATE_H

#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

/* Fewer bytes are not worth the work. */
#define WS_DEFLATE_MIN 256
/* A message that grows to more than this many times its size was made to do
 * so: text of people and of programs grows by less than 20. */
#define WS_DEFLATE_RATIO_MAX 100

/* A thread's compressor and decompressor; some 300 KiB. */
struct ws_deflate;

struct ws_deflate *ws_deflate_create(void);
void ws_deflate_destroy(struct ws_deflate *d); /* NULL does nothing */

/* Reads Sec-WebSocket-Extensions of a client. Returns the answer to the first
 * offer that can be kept (static), or NULL: there is none. */
const char *ws_deflate_agree(struct str offers);

/* Compresses text. False: that does not make it smaller. *out is lent until the
 * next call with another text; the same text again costs a comparison. */
bool ws_deflate_pack(struct ws_deflate *d, struct str text, struct str *out);

/* Writes what goes before len bytes that are not compressed. */
#define WS_STORED_HEADER 5
#define WS_STORED_MAX	 65535
void ws_stored_header(char out[WS_STORED_HEADER], size_t len);

/* Puts what packed, the whole of a message, was made of into out, which is
 * empty. Returns 0; WEIR_ETOOBIG for more than max bytes, or for more than is
 * honest; WEIR_EINVAL: it is not DEFLATE, or not complete. */
int ws_deflate_unpack(struct ws_deflate *d, struct str packed, size_t max,
		      struct buf *out);

#endif
