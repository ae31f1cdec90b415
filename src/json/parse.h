/* parse.h - JSON text to value. Strict: RFC 8259 and nothing else.
 *
 * Integers that fit int64 or uint64 stay exact, all other numbers become the
 * nearest double; a number beyond the doubles (1e400) is an error, and -0 is
 * the double -0.0. Text has to be valid UTF-8 without a byte order mark, and
 * every \u escape a character (no lone surrogate). Of members with one name
 * the last wins, at the place of the first.
 *
 * Stack: about 12 KiB, whatever the depth.
 */
#ifndef WEIR_JSON_PARSE_H
#define WEIR_JSON_PARSE_H

#include "base/error.h"
#include "base/str.h"
#include "value/value.h"

enum {
	JSON_DEPTH_MAX = 512,	  /* open arrays and objects */
	JSON_BYTES_MAX = 1 << 30, /* of text */
};

/* Parses all of text, which is borrowed during the call. The result is one
 * block (or none, for a scalar without bytes) that the caller owns.
 *
 * Returns 0, or with *out null and err (may be NULL) saying what was expected
 * where: WEIR_EINVAL, WEIR_ETOOBIG (size, depth), WEIR_ENOMEM.
 */
int json_parse(struct str text, struct value *out, struct weir_error *err);

/* The same with a lower limit on open arrays and objects. */
int json_parse_depth(struct str text, uint32_t depth_max, struct value *out,
		     struct weir_error *err);

#endif
