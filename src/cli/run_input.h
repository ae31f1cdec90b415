/* run_input.h - a stream that comes into `weir run`: standard input, or that of
 * an `--input name=path`.
 *
 *     regular file    each subscription reads it      run_file.h
 *     anything else   read once, for all who listen   run_pipe.h
 */
#ifndef WEIR_CLI_RUN_INPUT_H
#define WEIR_CLI_RUN_INPUT_H

#include "base/str.h"
#include "cli/run_file.h"
#include "cli/run_pipe.h"

struct input {
	struct str name;	  /* borrowed; empty: the main input */
	const char *path;	  /* borrowed; NULL: standard input */
	struct file_stream *file; /* ours; or */
	struct pipe_stream *pipe; /* ours */
};

/* name and path are set. Nothing is read yet, but that a file is not there is
 * found. conf is borrowed. */
int input_open(struct input *in, struct loop *l, struct rx_ctx *ctx,
	       const struct reader_conf *conf, struct weir_error *err);
/* Whether it was opened or not. */
void input_close(struct input *in);

struct rx_source *input_source(const struct input *in); /* a reference */

/* As if nothing more could be read. */
void input_end(struct input *in);

#endif
