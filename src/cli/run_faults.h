/* run_faults.h - lines that `weir run` cannot read: told, counted, skipped.
 *
 *     weir run: line 7, column 5: expected a value
 *     weir run: rates.ndjson: line 2: longer than 16777216 bytes
 *     weir run: 2 lines were skipped
 *
 * A log of the wrong format has millions of such lines, so only the first
 * FAULTS_TOLD are told one by one.
 */
#ifndef WEIR_CLI_RUN_FAULTS_H
#define WEIR_CLI_RUN_FAULTS_H

#include "base/error.h"
#include "cli/run_progress.h"

#define FAULTS_TOLD 10

struct faults {
	struct run_counts *counts; /* borrowed: skipped is kept here */
	struct progress *progress; /* borrowed: gives way to a message */
	/* With --strict the first one ends the run; NULL: it is skipped. */
	void (*fatal)(void *arg);
	void *arg;
};

/* file: NULL is standard input. False: the run is over. */
bool faults_add(struct faults *f, const char *file, uint64_t line_nr,
		const struct weir_error *err);

/* How many there were, if there were any. */
void faults_sum_up(struct faults *f);

#endif
