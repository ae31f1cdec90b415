/* write.h - value to JSON text.
 *
 * Doubles are written in the fewest digits that read back as the same double,
 * and always so that they stay doubles (1.0, not 1). Strings are escaped only
 * where RFC 8259 demands it.
 */
#ifndef WEIR_JSON_WRITE_H
#define WEIR_JSON_WRITE_H

#include "base/buf.h"
#include "base/str.h"
#include "value/value.h"

/* Appends v without white space. */
void json_write(struct value v, struct buf *out);

/* How many bytes json_write would append. */
size_t json_size(struct value v);

/* Appends v with line breaks and an indent of two blanks a level. */
void json_write_pretty(struct value v, struct buf *out);

/* Appends s (valid UTF-8) in quotes. */
void json_write_string(struct str s, struct buf *out);

#endif
