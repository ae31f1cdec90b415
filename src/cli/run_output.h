/* run_output.h - what the pipeline of `weir run` gives, to standard output.
 *
 *     items --> held, up to OUTPUT_HELD_MAX --> write
 *                      |
 *                      +-- full: now
 *                      '-- else at the end of the loop's turn, before it sleeps
 *
 * Writing waits for a slow reader, and with it waits everything: nothing is
 * read meanwhile, so memory stays where it is. Only the progress line goes on.
 */
#ifndef WEIR_CLI_RUN_OUTPUT_H
#define WEIR_CLI_RUN_OUTPUT_H

#include "base/buf.h"
#include "cli/run_progress.h"
#include "value/value.h"

#define OUTPUT_HELD_MAX 65536 /* bytes; a longer item is held alone */

struct output {
	struct loop *loop;
	struct run_counts *counts; /* borrowed */
	struct progress *progress; /* borrowed */
	bool raw;		   /* strings without quotes */
	/* Nothing more can be written; told once. May be called inside
	 * output_put. */
	void (*broken)(void *arg, int sys_errno);
	void *arg;

	struct buf held;
	struct loop_task flush;
	bool waits;   /* fd is a pipe or the like, whose reader may be slow */
	bool is_tty;  /* fd is where the progress is */
	bool is_lost; /* broken was called */
};

/* The members above the blank line are set. */
void output_init(struct output *o);
void output_fini(struct output *o); /* what is held is lost */

void output_put(struct output *o, struct value v);
/* Returns when all is written, or broken was called. */
void output_flush(struct output *o);

#endif
