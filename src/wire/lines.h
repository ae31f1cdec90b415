/* lines.h - cuts bytes that come in pieces into lines.
 *
 *     "{"a":1}\n{"b"   ":2}\r\n{"c":3"   end
 *          |                |         |
 *          v                v         v
 *       {"a":1}          {"b":2}   {"c":3
 *
 * A line ends with LF or CR LF. One that lies wholly inside a piece is given
 * as a view of it; only one that spans pieces is copied. What is longer than
 * the limit is one error, and the next line is read as if nothing had been.
 */
#ifndef WEIR_WIRE_LINES_H
#define WEIR_WIRE_LINES_H

#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"

#include <stdbool.h>

struct lines {
	struct buf
		held; /* the beginning of a line whose end is still to come */
	size_t line_max; /* bytes, without the line end */
	bool given;    /* held was the last line, and is the caller's no more */
	bool skipping; /* the rest of a line that was too long */
};

void lines_init(struct lines *l, size_t line_max);
void lines_fini(struct lines *l);
void lines_reset(struct lines *l); /* forgets what is half read */

/* Takes from the front of *in. end: after *in nothing more comes, so what has
 * no line end is a line as well (without any bytes it is none).
 *
 * Returns 0 and a line, which is borrowed until the next call, and no longer
 * than in's bytes; WEIR_EAGAIN when *in is used up; or WEIR_ETOOBIG for a line
 * over the limit: calling again goes on with the one after it. */
int lines_next(struct lines *l, struct str *in, bool end, struct str *line_out);

#endif
