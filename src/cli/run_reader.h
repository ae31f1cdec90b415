/* run_reader.h - the lines of a descriptor as items.
 *
 *     descriptor --> piece, 64 KiB --> lines --> JSON, or text with --raw-input
 *                                                 |
 *                                                 '-- neither: a fault
 *
 * Who owns the reader says when it may read. What it gives at once is a slice,
 * so that timers come in between. Slices are equal: a reader that the clock
 * stops is behind, and the others wait until it has caught up. So
 * zip(@a, @b) holds few items, however unlike the two are.
 */
#ifndef WEIR_CLI_RUN_READER_H
#define WEIR_CLI_RUN_READER_H

#include "cli/run_faults.h"
#include "value/value.h"
#include "wire/lines.h"

#define READER_PIECE 65536 /* bytes that are read at once */
#define READER_LINES 1024  /* a slice */
#define READER_MS    5	   /* how late a slice may make a timer */

/* The same for all inputs. */
struct reader_conf {
	bool raw; /* each line is a string */
	size_t line_max;
	struct faults *faults;	   /* borrowed */
	struct run_counts *counts; /* borrowed: lines is kept here */
	uint32_t *behind;	   /* borrowed: how many readers are */
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
	bool end;	  /* behind rest there is nothing */
	bool at_once;	  /* reading never waits: a regular file */
	uint32_t n_given; /* of this slice */
	bool is_behind;	  /* counted in conf->behind */
};

/* fd: taken, but for that of standard input. */
void reader_init(struct reader *r, const struct reader_conf *conf,
		 const char *file, int fd);
/* Reads no further for now: nobody has to wait for it. */
void reader_rest(struct reader *r);
void reader_close(struct reader *r); /* the descriptor only */
void reader_fini(struct reader *r);

/* Borrows v. False: wants no more now. */
typedef bool (*reader_give_fn)(void *arg, struct value v);

/* Gives the next READER_LINES items, unless before that the clock says until_ms
 * or what was read at once is used up; or it is behind others that wait.
 * CLOCK_NEVER: a whole piece. give may call reader_rest and reader_close, but
 * not reader_fini.
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
