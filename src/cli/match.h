/* match.h - what the files of `weir match` share. */
#ifndef WEIR_CLI_MATCH_H
#define WEIR_CLI_MATCH_H

#include "base/buf.h"

/* Standard input by lines. */
struct match_input {
	struct buf buf;
	size_t taken; /* bytes of the last line, given back with the next one */
	bool ended;
	int sys_errno; /* why reading failed, or 0 */
	/* Called before a read that may wait: what was found is shown. */
	void (*before_wait)(void *ctx);
	void *ctx;
};

/* The next line without its end; until the next call. False: the end, or an
 * error. */
bool match_next_line(struct match_input *in, struct str *line);

/* Standard output; false once it cannot be written to. */
bool match_write(struct buf *out);

/* Vectors in, answers out; returns the exit status. */
int match_vectors(void);

#endif
