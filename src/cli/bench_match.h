/* bench_match.h - the files of `weir bench match`. */
#ifndef WEIR_CLI_BENCH_MATCH_H
#define WEIR_CLI_BENCH_MATCH_H

#include "base/buf.h"
#include "value/value.h"

/* A line each of interests. */
struct wish {
	uint64_t number; /* its id in the file */
	struct value cond;
	uint64_t id;
};

struct answer {
	uint64_t event;
	uint64_t count;
	uint64_t sum;
};

struct bench_files {
	const char *interests; /* names; the last may be NULL */
	const char *events;
	const char *expected;

	struct buf texts[3]; /* the lines point into them */
	struct str *lines;   /* of events */
	struct wish *wishes;
	struct answer *answers;
	size_t lines_n;
	size_t wishes_n;
	size_t answers_n;
};

/* Reads all. Returns 0, or -1 after a message on standard error. */
int bench_files_read(struct bench_files *f);
void bench_files_fini(struct bench_files *f);

/* Says so on standard error; returns -1. line counts from 0. */
int bench_complain(const char *file, size_t line, const char *message);

#endif
