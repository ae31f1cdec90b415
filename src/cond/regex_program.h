/* regex_program.h - what the parser of regular expressions makes for the
 * matcher: a program for a machine that is in several places at once.
 *
 *     a(b|c)*d      0 CHAR a     4 JUMP 6
 *                   1 SPLIT 2 7  5 CHAR c
 *                   2 SPLIT 3 5  6 JUMP 1
 *                   3 CHAR b     7 CHAR d    8 MATCH
 */
#ifndef WEIR_COND_REGEX_PROGRAM_H
#define WEIR_COND_REGEX_PROGRAM_H

#include "base/error.h"
#include "cond/regex_literal.h"

#include <stdbool.h>
#include <stdint.h>

enum regex_op { REGEX_CHAR, REGEX_SET, REGEX_SPLIT, REGEX_JUMP, REGEX_MATCH };

struct regex_ins {
	enum regex_op op;
	uint32_t x; /* code point; set; first place to go on */
	uint32_t y; /* SPLIT: second place */
};

struct regex_range {
	uint32_t first;
	uint32_t last;
};

/* Characters: those in a range or of a category; negated, all others. */
struct regex_set {
	uint64_t ascii[2];   /* the answer for the first 128 */
	uint32_t categories; /* a bit each, see unicode.h */
	uint32_t first;	     /* its ranges within those of the program */
	uint32_t n;
	bool negated;
};

struct regex_program {
	struct regex_ins *ins; /* ours, as all here */
	uint32_t n;
	uint32_t cap;
	uint32_t max; /* of n */
	struct regex_set *sets;
	uint32_t n_sets;
	struct regex_range *ranges;
	uint32_t n_ranges;
	struct regex_literals literals; /* each match has one of them */
};

/* Reads text into p, all zero but for max. On failure, too, the caller calls
 * regex_program_fini. */
int regex_program_read(struct regex_program *p, struct str text,
		       struct weir_error *err);
void regex_program_fini(struct regex_program *p);

bool regex_set_has(const struct regex_program *p, const struct regex_set *s,
		   uint32_t cp);

#endif
