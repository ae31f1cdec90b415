/* native_lex.h - the tokens of jq's grammar that native programs are made of.
 *
 * false, or an empty word, where the text goes on otherwise: the reader then
 * gives the program up, so how far it got does not matter.
 */
#ifndef WEIR_FLOW_NATIVE_LEX_H
#define WEIR_FLOW_NATIVE_LEX_H

#include "base/buf.h"
#include "value/value.h"

struct reader {
	const char *p;
	size_t len;
	size_t i;
	unsigned vars; /* that are defined */
	unsigned uses; /* that occurred */
	uint32_t depth;
	uint32_t nodes;
};

static inline bool lex_is_word_start(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static inline bool lex_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The byte that stands there; NUL behind the end. */
static inline char lex_at(const struct reader *r, size_t ahead)
{
	return r->i + ahead < r->len ? r->p[r->i + ahead] : '\0';
}

/* The next byte that is no space; r->i is there then. */
static inline char lex_next(struct reader *r)
{
	while (lex_at(r, 0) == ' ' || lex_at(r, 0) == '\t' ||
	       lex_at(r, 0) == '\n' || lex_at(r, 0) == '\r')
		r->i++;
	return lex_at(r, 0);
}

static inline bool lex_take(struct reader *r, char c)
{
	if (lex_next(r) != c)
		return false;
	r->i++;
	return true;
}

struct str lex_word(struct reader *r); /* the next word, not taken */
bool lex_take_word(struct reader *r, const char *word);

/* "..." without interpolation, appended to b. */
bool lex_string(struct reader *r, struct buf *b);
/* A number without a sign; r is at its first digit. */
bool lex_number(struct reader *r, struct value *out);

#endif
