/* table.h - the operators: one row each, from which everything follows.
 *
 * The check of a text, named arguments, error texts, flow_describe and the
 * documentation all read these rows; so an operator is added by a row and a
 * builder (build_*.c), and nowhere else.
 */
#ifndef WEIR_FLOW_TABLE_H
#define WEIR_FLOW_TABLE_H

#include "base/str.h"
#include "rx/observer.h"

struct build;
struct stage;

/* What a parameter takes. A string is a program, a text or a value, depending
 * on which of these is set; no row sets two of them. */
enum {
	TAKES_COUNT = 1 << 0, /* 0 .. 2^32 - 1 */
	TAKES_INT = 1 << 1,   /* any whole number */
	TAKES_DURATION = 1 << 2,
	TAKES_STREAM = 1 << 3,	/* @b */
	TAKES_PROGRAM = 1 << 4, /* '...' or a path: a value function */
	TAKES_ARRAY = 1 << 5,	/* '...': a program that gives an array */
	TAKES_VALUE = 1 << 6,	/* any literal; a string is itself */
	TAKES_TEXT = 1 << 7,	/* a string */
	TAKES_KEY = 1 << 8,	/* a string or a path: a member's name */
	TAKES_CONDITION = 1 << 9,
	TAKES_BOOL = 1 << 10,
	TAKES_NULL = 1 << 11,
	TAKES_WORD = 1 << 12,	/* a string: one of param.words */
	TAKES_NUMBER = 1 << 13, /* 0 or more, fractions too */

	/* How it is given. */
	PARAM_OPTIONAL = 1 << 16,
	PARAM_REST = 1 << 17,	  /* this and all further positional ones */
	PARAM_NAMED = 1 << 18,	  /* by name only; optional */
	PARAM_POSITIVE = 1 << 19, /* 0 makes no sense */
};

/* A duration selector. */
#define TAKES_SELECTOR (TAKES_DURATION | TAKES_PROGRAM | TAKES_STREAM)

struct param {
	const char *name;
	unsigned flags;
	const char *fallback; /* shown: what holds without it; or NULL */
	const char *words;    /* TAKES_WORD: separated by spaces */
};

#define OP_PARAMS_MAX	8
#define OP_EXAMPLE_MAX	4
#define PARAM_WORDS_MAX 8

enum {
	OP_CREATES = 1 << 0,	 /* makes items: stands first only */
	OP_COMBINES = 1 << 1,	 /* may stand first, then without an input */
	OP_BLOCK = 1 << 2,	 /* needs a block */
	OP_BLOCK_OR = 1 << 3,	 /* needs a block or its first argument */
	OP_ACC = 1 << 4,	 /* its programs have $acc */
	OP_INDEX = 1 << 5,	 /* its programs have $index */
	OP_BLOCK_INDEX = 1 << 6, /* its block has $index */
	OP_BLOCK_KEY = 1 << 7,	 /* its block has $key */
	OP_CONNECTS = 1 << 8,	 /* ref_count or auto_connect has to follow */
	OP_REF_COUNT = 1 << 9,	 /* only behind one of those */
	OP_RUN = 1 << 10,	 /* needs env->run */
	OP_BLOCK_MAY = 1 << 11,	 /* may have a block */
	OP_BLOCK_ITEM = 1 << 12, /* its block gets single items */
	OP_BLOCK_ACC = 1 << 13,	 /* its block has $acc */
};

struct op {
	const char *name;
	const char *aliases; /* separated by spaces; or NULL */
	unsigned flags;
	struct param params[OP_PARAMS_MAX];
	const char *does; /* one line */
	/* What else one has to know: full sentences, for the page of the
	 * operator. NULL: nothing. */
	const char *notes;
	/* A pipeline that shows it, then the diagram of its input (none where
	 * it begins by itself), then those of its @streams, in order of
	 * mention; see cli/diagram.h. The page of the operator is drawn from
	 * it. */
	const char *example[OP_EXAMPLE_MAX];
	/* Takes in (NULL at the head of what creates). Never fails: all that
	 * can be wrong was seen before. */
	struct rx_source *(*build)(struct build *b, const struct stage *s,
				   struct rx_source *in);
	/* What the parameters alone do not tell; may be NULL. */
	int (*check)(const struct stage *s, struct weir_error *err);
};

const struct op *op_find(struct str name); /* by name or alias; or NULL */
const char *op_nearest(struct str name);   /* what may be meant; or NULL */
unsigned op_n_params(const struct op *op);

/* "buffer_with_count(n, skip=n)" */
void op_form(const struct op *op, struct buf *out);
/* "a whole number", "a duration or @stream" ... */
void param_wants(const struct param *p, struct buf *out);
/* Which of p's words it is, from 0 on; -1: none of them. */
int param_word(const struct param *p, struct str word);
/* The i-th of all rows; NULL behind the last. */
const struct op *op_at(size_t i);

/* The rows of a family, up to one without a name; each in its build_*.c. */
extern const struct op ops_create[];
extern const struct op ops_item[];
extern const struct op ops_time[];
extern const struct op ops_gather[];
extern const struct op ops_many[];
extern const struct op ops_inner[];

#endif
