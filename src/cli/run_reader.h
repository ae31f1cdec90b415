/* run_reader.h - the lines of a descriptor as items.
 *
 *     descriptor --> piece, 64 KiB --> lines --> JSON, or text with --raw-input
 *                                                 |
 *                                                 '-- neither: a fault
 *
 * Who owns the reader says when it may read, and for how long it may hand out
 * items: what is left of a piece waits for the next slice, so that timers come
 * in between.
 */
#ifndef WEIR_CLI_RUN_READER_H
#define WEIR_CLI_RUN_READER_H

#include "cli/run_faults.h"
#include "value/value.h"
#include "wire/lines.h"

#define READER_PIECE 65536 /* bytes that are read at once */
#define READER_MS    5	   /* for a slice: how late a timer may be */

/* The same for all inputs. */
struct reader_conf {
	bool raw; /* each line is a string */
	size_t line_max;
	struct faults *faults;	   /* borrowed */
	struct run_counts *counts; /* borrowed: lines is kept here */
};

struct reader {
	const struct reader_conf *conf; /* borrowed */
	const char *file;		/* borrowed; NULL: standard input */
	int fd;				/* -1: closed */
	char *piece;			/* ours */
	size_t piece_max;
	struct str rest; /* of piece */
	struct lines lines;
	uint64_t line_nr;
	bool end; /* behind rest there is nothing */
};

/* fd: taken, but for that of standard input. */
void reader_init(struct reader *r, const struct reader_conf *conf,
		 const char *file, int fd);
void reader_close(struct reader *r); /* the descriptor only */
void reader_fini(struct reader *r);

/* Borrows v. False: wants no more now. */
typedef bool (*reader_give_fn)(void *arg, struct value v);

/* Reads once, unless something is left of the last piece, and gives items
 * until it is used up or the clock says until_ms. give may call reader_close,
 * but not reader_fini.
 *
 * Returns 0: there may be more at once; WEIR_EAGAIN: there is nothing now;
 * WEIR_EOF: all was given; WEIR_ECANCELED: give wants no more; or another code
 * with err filled: it cannot be read.
 */
int reader_slice(struct reader *r, int64_t until_ms, reader_give_fn give,
		 void *arg, struct weir_error *err);

/* What a message calls it. */
const char *reader_name(const char *file);

#endif
