/* run_progress.h - one line on the terminal that tells how far `weir run` is.
 *
 *     12.3 s  1204311 lines  98112/s  5120 out  3 skipped  4096 bytes held
 *
 * It is drawn anew at most five times a second, and gives way to whatever else
 * is written to the terminal. Where standard error is no terminal there is
 * none: every function does nothing with a progress that was not started.
 */
#ifndef WEIR_CLI_RUN_PROGRESS_H
#define WEIR_CLI_RUN_PROGRESS_H

#include "loop/loop.h"

#include <stddef.h>

#define PROGRESS_MS 200

/* What is counted, each by the part that sees it. */
struct run_counts {
	uint64_t lines;	    /* read, of all inputs */
	uint64_t skipped;   /* of these: no item */
	uint64_t items_out; /* that the pipeline gave */
	size_t held_bytes;  /* of them, not written yet */
};

struct progress {
	const struct run_counts *counts; /* borrowed; NULL: not started */
	struct loop *loop;
	struct loop_timer tick;
	bool shown;
	int64_t started_ms;
	int64_t drawn_ms;
	uint64_t drawn_lines; /* counts->lines at that time */
};

/* p is all zero. */
void progress_start(struct progress *p, struct loop *l,
		    const struct run_counts *counts);
/* While the loop does not turn: draws, if it is time. */
void progress_look(struct progress *p);
/* Takes the line away until it is drawn again. */
void progress_hide(struct progress *p);
/* Draws it a last time and leaves it there. */
void progress_stop(struct progress *p);

#endif
