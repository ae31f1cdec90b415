/* http1_request.h - what a whole head means: method, target, host, how the
 * body is framed, and whether the connection goes on.
 *
 * A body that two readers could find to end at different places is refused:
 * Content-Length beside Transfer-Encoding, Content-Length twice, a coding
 * other than chunked, Transfer-Encoding from HTTP/1.0.
 *
 * Sources: RFC 9112, sections 3, 6 and 9; RFC 9110, sections 7, 8.6, 10.1.1.
 */
#ifndef WEIR_WIRE_HTTP1_REQUEST_H
#define WEIR_WIRE_HTTP1_REQUEST_H

#include "base/str.h"
#include "wire/http1_head.h"

#include <stdbool.h>
#include <stdint.h>

enum http1_method {
	HTTP1_OTHER, /* a token that is not one of these */
	HTTP1_GET,
	HTTP1_HEAD,
	HTTP1_POST,
	HTTP1_PUT,
	HTTP1_DELETE,
	HTTP1_PATCH,
	HTTP1_OPTIONS,
	HTTP1_CONNECT,
	HTTP1_TRACE,
};

enum http1_body {
	HTTP1_BODY_NONE,
	HTTP1_BODY_LENGTH,
	HTTP1_BODY_CHUNKED,
};

struct http1_request {
	enum http1_method method;
	enum http1_body body;
	uint64_t length; /* bytes of the body, for HTTP1_BODY_LENGTH */
	bool keep_alive; /* the client wants the connection to go on */
	bool expect_continue;
	bool upgrade;	   /* Connection: upgrade beside an Upgrade field */
	bool asterisk;	   /* the target is "*": OPTIONS for the whole server */
	struct str target; /* as it came */
	struct str path;   /* of the target, not decoded; begins with '/' */
	struct str query;  /* without its '?'; p is NULL when there is none */
};

/* Reads a head that http1_head_parse has found whole. The views of r are into
 * bytes (or are static).
 *
 * Returns 0 or WEIR_EPROTO: h->status is 400, 413, 417 or 501, h->why says
 * why, and the connection is not to be used further. */
int http1_request_read(struct http1_request *r, struct http1_head *h,
		       const char *bytes);

#endif
