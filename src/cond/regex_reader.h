/* regex_reader.h - what the files share that read a regular expression. */
#ifndef WEIR_COND_REGEX_READER_H
#define WEIR_COND_REGEX_READER_H

#include "cond/regex_program.h"

struct regex_reader {
	struct regex_program *p;
	struct str text;
	size_t i;
	uint32_t depth;
	struct weir_error *err;
};

static inline bool regex_at(const struct regex_reader *r, char c)
{
	return r->i < r->text.len && r->text.p[r->i] == c;
}

static inline bool regex_at_end(const struct regex_reader *r)
{
	return r->i == r->text.len;
}

/* The next byte, or NUL. */
static inline char regex_peek(const struct regex_reader *r)
{
	return regex_at_end(r) ? '\0' : r->text.p[r->i];
}

uint32_t regex_take(struct regex_reader *r); /* the next character */

/* Fills the error with the message at that byte; returns WEIR_EINVAL. */
int regex_fail(struct regex_reader *r, size_t at, const char *message);

/* Makes room for n instructions, if there may be as many. */
int regex_reserve(struct regex_reader *r, uint64_t n);

/* Writes one, for which there is room. x and y of SPLIT and JUMP are relative
 * to itself until all are there. */
void regex_put(struct regex_reader *r, enum regex_op op, int32_t x, int32_t y);

/* Each reads one at the present place and writes an instruction for it. */
int regex_read_class(struct regex_reader *r);	 /* [..] */
int regex_read_dot(struct regex_reader *r);	 /* . */
int regex_read_category(struct regex_reader *r); /* p{..} or P{..} */

/* The character that c behind a backslash means, or -1. */
int32_t regex_escape(char c);
/* Says why there is none. */
int regex_no_escape(struct regex_reader *r);

#endif
