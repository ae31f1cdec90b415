/* regex_literal.h - the texts that a regular expression cannot do without.
 *
 *     .*(error|warning): disk [0-9]+ is full
 *         `-------------------' one of: "error: disk ", "warning: disk "
 *
 * Each text that matches has one of them as a part, so an index of parts of
 * text finds the expressions that a text may match. They are collected while
 * the expression is read, from its pieces up:
 *
 *     piece          literals                       kind
 *     a              a                              whole
 *     [ab]           a, b                           whole
 *     . [a-z] \p{L}  none                           inside
 *     x*  x?         none                           inside
 *     x{2}           two of x                       whole
 *     x+  x{2,}      x, two of x                    edges
 *     x|y            those of x and of y            whole, if both are
 *     xy             each of x with each of y, as long as these are few; else
 *                    the best of what is in a row
 */
#ifndef WEIR_COND_REGEX_LITERAL_H
#define WEIR_COND_REGEX_LITERAL_H

#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	REGEX_LITERALS_MAX = 4,
	REGEX_LITERAL_BYTES = 32, /* of each; of a longer text a part */
};

/* Alternatives, each different from the others. */
struct regex_literals {
	uint32_t n; /* 0: nothing is sure */
	uint8_t len[REGEX_LITERALS_MAX];
	char text[REGEX_LITERALS_MAX][REGEX_LITERAL_BYTES];
};

enum regex_piece_kind {
	REGEX_WHOLE,  /* matches the literals and nothing else */
	REGEX_EDGES,  /* what it matches begins with one, and ends with one */
	REGEX_INSIDE, /* what it matches has one as a part */
};

struct regex_piece {
	enum regex_piece_kind kind;
	struct regex_literals literals;
};

/* Pieces one after the other. */
struct regex_row {
	struct regex_literals run;  /* what was read so far ends with one */
	struct regex_literals best; /* has one as a part */
	bool whole;		    /* the run is all of it */
};

static inline struct str regex_literal(const struct regex_literals *l,
				       uint32_t i)
{
	return str_from(l->text[i], l->len[i]);
}

/* A piece that may be many characters, and none of them for sure. */
void regex_piece_any(struct regex_piece *p);
/* A piece of no character, to which regex_piece_char adds one that it may be
 * instead. After too many it is any. */
void regex_piece_none(struct regex_piece *p);
void regex_piece_char(struct regex_piece *p, uint32_t cp);
/* min to max times the same. */
void regex_piece_repeat(struct regex_piece *p, uint32_t min, uint32_t max);
/* p or other. */
void regex_piece_or(struct regex_piece *p, const struct regex_piece *other);

void regex_row_begin(struct regex_row *r);
void regex_row_add(struct regex_row *r, const struct regex_piece *p);
void regex_row_end(struct regex_row *r, struct regex_piece *out);

#endif
