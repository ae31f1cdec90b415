/* url.h - the path, the query and the host of a request target.
 *
 * Strict where a server gets hurt: percent signs that say nothing, NUL and
 * control characters, encoded slashes, steps above the root and bytes that are
 * not UTF-8 are refused, never repaired.
 *
 * Sources: RFC 3986; the + of a query: WHATWG URL, section 5.
 */
#ifndef WEIR_WIRE_URL_H
#define WEIR_WIRE_URL_H

#include "base/buf.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

/* Decodes a path that begins with '/' and takes its dot segments out:
 * "/a/./b/../%63" becomes "/a/c". Empty segments stay.
 *
 * out  room for raw.len bytes
 * why  on error: a static sentence without a stop
 *
 * Returns the length, or WEIR_EINVAL. */
int url_path_decode(struct str raw, char *out, const char **why);

/* Appends raw, decoded, to out; '+' is a space. WEIR_EINVAL: a bad percent
 * sign, NUL, or not UTF-8; out is then as before. */
int url_query_decode(struct str raw, struct buf *out);

/* Takes the next NAME=VALUE off *query, not decoded; false at the end. A part
 * without '=' is a name with an empty value; empty parts are passed over. */
bool url_query_next(struct str *query, struct str *name, struct str *value);

/* Appends the decoded value of the first parameter called name to out.
 * Returns 0, WEIR_ENOTFOUND, or WEIR_EINVAL as url_query_decode. */
int url_query_get(struct str query, struct str name, struct buf *out);

/* uri-host [ ":" port ] of RFC 3986; an empty host is one (RFC 9112, section
 * 3.2). User names, zones and ports above 65535 are not let through. */
bool url_host_valid(struct str host);

#endif
