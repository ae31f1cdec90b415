/* token.h - the words of a condition, from text or from a JSON array.
 *
 *     text        a eq [x y] and [b]
 *     structured  ["a", "eq", ["x", "y"], "and", ["b"]]
 *
 *     a            eq           [x y]    and          [     b     ]
 *     WORD         WORD         OPEN     WORD         OPEN  WORD  CLOSE
 *     WORD         WORD         VALUE    WORD         OPEN  WORD  CLOSE
 *
 * One grammar (grammar.c) reads both. What a word is depends on the place it
 * stands at, so the grammar says where it is.
 */
#ifndef WEIR_COND_TOKEN_H
#define WEIR_COND_TOKEN_H

#include "base/buf.h"
#include "base/error.h"
#include "value/value.h"

enum cond_token_kind {
	COND_TOKEN_END,
	COND_TOKEN_WORD,
	COND_TOKEN_QUOTED, /* a string, whatever it looks like */
	COND_TOKEN_OPEN,
	COND_TOKEN_CLOSE,
	COND_TOKEN_PATH,  /* structured: a list of steps */
	COND_TOKEN_VALUE, /* structured: anything but a string */
};

enum cond_place {
	COND_AT_TERM,  /* a key, an operator, a combinator, a bracket */
	COND_AT_VALUE, /* behind an operator */
	COND_IN_LIST,  /* text: a comma separates, too */
};

struct cond_token {
	enum cond_token_kind kind;
	struct str text; /* without quotes and escapes; until the next one */
	struct str raw;	 /* text: as it stands there, with its backslashes */
	bool escaped;	 /* had a backslash: no keyword, no number */
	size_t at;	 /* byte of the text; structured: 0 */
	struct value v;	 /* PATH, VALUE; borrowed */
};

struct cond_tokens {
	/* Reads the next token. Returns 0, or the code with err filled. */
	int (*next)(struct cond_tokens *t, enum cond_place place);
	struct cond_token token; /* the present one */
	struct str text;	 /* the condition; structured: empty */
	struct weir_error *err;
	/* Internal: */
	struct buf word; /* the present one, if it had a backslash */
	size_t i;
	struct cond_list *lists; /* open arrays, the innermost last */
	uint32_t depth;
};

void cond_tokens_of_text(struct cond_tokens *t, struct str text,
			 struct weir_error *err);
void cond_tokens_of_value(struct cond_tokens *t, struct value array,
			  struct weir_error *err);
void cond_tokens_fini(struct cond_tokens *t);

/* Fills err with the message at that byte; structured: with the place of the
 * present token in front of it. */
int cond_fail_at(struct cond_tokens *t, int code, size_t at, const char *fmt,
		 ...) PRINTF_LIKE(4, 5);

#endif
