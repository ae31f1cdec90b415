/* http1_head.h - the head of an HTTP/1.1 request as lines and fields.
 *
 *     GET /a?b HTTP/1.1 CR LF
 *     Name: value CR LF
 *     CR LF                      <- the head ends here
 *
 * Incremental and without I/O: the caller shows the bytes that have come, each
 * is looked at once, and what cannot become a request any more is refused with
 * the first byte that makes it so. Names and values are offsets into these
 * bytes, so they may move in memory between two calls; nothing is allocated.
 *
 * Stricter than it need be where leniency is what smuggling lives on: no bare
 * LF, no bare CR, no folded lines, no space before the colon, no HTTP/0.9.
 * What the fields mean is the matter of http1_request.h.
 *
 * Source: RFC 9112, sections 2 to 5.
 */
#ifndef WEIR_WIRE_HTTP1_HEAD_H
#define WEIR_WIRE_HTTP1_HEAD_H

#include "base/str.h"

#include <stddef.h>
#include <stdint.h>

#define HTTP1_FIELDS_MAX 100
#define HTTP1_HEAD_MAX	 65535 /* offsets have 16 bits */

struct http1_limits {
	uint32_t head_max; /* bytes of the head, at most HTTP1_HEAD_MAX */
	uint32_t uri_max;  /* bytes of the request target */
};

struct http1_field {
	uint16_t name_at;
	uint16_t name_len;
	uint16_t value_at;
	uint16_t value_len; /* without white space around it */
};

/* All zero is ready for the first byte. */
struct http1_head {
	uint8_t state;
	uint8_t empty_lines; /* skipped before the request line */
	uint8_t major;
	uint8_t minor;
	uint16_t at; /* bytes looked at */
	uint16_t method_at;
	uint16_t method_len;
	uint16_t target_at;
	uint16_t target_len;
	uint16_t version_at;
	uint16_t fields_len;
	uint16_t status; /* when refused: what to answer */
	const char *why; /* when refused: a static sentence without a stop */
	struct http1_field fields[HTTP1_FIELDS_MAX];
};

/* Looks at bytes[h->at .. len). bytes begins with the first byte of the head,
 * the same ones in each call, only more of them.
 *
 * Returns the length of the head when it is whole, 0 when more is needed, or
 * WEIR_EPROTO: h->status is 400, 414, 431, 501 or 505 and h->why says why. */
int http1_head_parse(struct http1_head *h, const struct http1_limits *limits,
		     const char *bytes, size_t len);

static inline struct str http1_field_name(const struct http1_field *f,
					  const char *bytes)
{
	return str_from(bytes + f->name_at, f->name_len);
}

static inline struct str http1_field_value(const struct http1_field *f,
					   const char *bytes)
{
	return str_from(bytes + f->value_at, f->value_len);
}

#endif
