/* parts.h - text that arrives in lines, to parts.
 *
 * Shared by the sources that read text: a line is a JSON value, or a string. A
 * line that is neither valid nor UTF-8 is told to the job, and the next one is
 * read.
 */
#ifndef WEIR_SOURCE_PARTS_H
#define WEIR_SOURCE_PARTS_H

#include "source/source.h"

enum line_format {
	LINE_AUTO, /* JSON where it begins like an object or array */
	LINE_JSON,
	LINE_TEXT,
};

/* Emits the line (without its end) as a part of job i. Blank lines are passed
 * over. where names its origin in messages ("access.log"), nr counts from 1.
 * 0 or WEIR_ECANCELED. */
int parts_emit_line(struct source_run *r, uint32_t i, struct str line,
		    enum line_format format, const char *where, uint64_t nr);

/* Warns that line nr is longer than max bytes and was passed over. */
void parts_warn_long(struct source_run *r, uint32_t i, const char *where,
		     uint64_t nr, size_t max);

#endif
