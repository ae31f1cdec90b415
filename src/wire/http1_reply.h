/* http1_reply.h - the bytes of a response: status line, fields, chunk frames.
 *
 * Nothing here decides; it only makes sure that what is written can be read in
 * one way. Source: RFC 9112, sections 4, 5 and 7.1.
 */
#ifndef WEIR_WIRE_HTTP1_REPLY_H
#define WEIR_WIRE_HTTP1_REPLY_H

#include "base/buf.h"
#include "base/str.h"

#include <stdbool.h>

/* "Not Found" for 404; "" for a status without a name. Static. */
struct str http1_reason(int status);

/* "HTTP/1.1 404 Not Found" CR LF. */
void http1_put_status(struct buf *out, int status);

/* True when name is a token and value can stand behind it: no control
 * character but TAB, so that nothing a client said can add a line. */
bool http1_field_valid(struct str name, struct str value);

/* "name: value" CR LF; both must be valid. */
void http1_put_field(struct buf *out, struct str name, struct str value);

#define HTTP1_CHUNK_SIZE_MAX 18 /* 16 digits CR LF */

/* Writes the line before a chunk of bytes (not 0) to out and returns its
 * length; the chunk is followed by CR LF. */
size_t http1_chunk_size(char out[HTTP1_CHUNK_SIZE_MAX], size_t bytes);

#define HTTP1_LAST_CHUNK "0\r\n\r\n"

#endif
