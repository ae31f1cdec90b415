/* chars.h - what a byte may be in HTTP/1.1 and in a URI: one table for all.
 *
 * Sources: RFC 9110, sections 5.5 and 5.6.2; RFC 3986, section 2.
 */
#ifndef WEIR_WIRE_CHARS_H
#define WEIR_WIRE_CHARS_H

#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	CHAR_TOKEN = 1,	  /* tchar: methods, header names */
	CHAR_VISIBLE = 2, /* VCHAR: a request target on the wire */
	CHAR_VALUE = 4,	  /* inside a header value: also SP, TAB, obs-text */
	CHAR_NAME = 8,	  /* reg-name without percent: unreserved, sub-delims */
	CHAR_DIGIT = 16,
};

extern const uint8_t wire_char[256]; /* CHAR_* of a byte */

static inline bool char_is(char c, int class)
{
	return (wire_char[(uint8_t)c] & class) != 0;
}

/* 0 to 15, or -1. */
static inline int char_hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* True when s is not empty and all of it is of class. */
bool chars_all(struct str s, int class);

/* s without SP and TAB (OWS) at both ends. */
struct str chars_trim_ows(struct str s);

/* Next element of a comma separated list: takes it off *rest and trims it;
 * false at the end. Empty elements are given as they stand. A list of a
 * header without any text has no element.
 * Source: RFC 9110, section 5.6.1.2. */
bool chars_next_item(struct str *rest, struct str *item_out);

#endif
