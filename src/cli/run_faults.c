/* run_faults.c - see run_faults.h. */
#include "cli/run_faults.h"

#include <stdio.h>

static void tell(struct faults *f, const char *file, uint64_t line_nr,
		 const struct weir_error *err)
{
	struct buf text = {0};

	buf_printf(&text, "weir run: %s%sline %llu", file ? file : "",
		   file ? ": " : "", (unsigned long long)line_nr);
	if (err->line)
		buf_printf(&text, ", column %u", err->column);
	buf_printf(&text, ": %s\n", err->message);
	progress_hide(f->progress);
	fwrite(buf_bytes(&text), 1, buf_len(&text), stderr);
	buf_fini(&text);
}

bool faults_add(struct faults *f, const char *file, uint64_t line_nr,
		const struct weir_error *err)
{
	f->counts->skipped++;
	if (f->fatal || f->counts->skipped <= FAULTS_TOLD)
		tell(f, file, line_nr, err);
	if (f->fatal)
		f->fatal(f->arg);
	return !f->fatal;
}

void faults_sum_up(struct faults *f)
{
	uint64_t n = f->counts->skipped;

	if (n && !f->fatal)
		fprintf(stderr, "weir run: %llu line%s skipped\n",
			(unsigned long long)n, n == 1 ? " was" : "s were");
}
