/* run_file.h - a file as a cold stream: each subscription reads it from its
 * start.
 *
 *     --input rates=rates.ndjson 'with_latest_from(@rates)'
 *
 * The first piece (READER_PIECE bytes) is given within the subscription, as
 * `from_` would: a small file is there before anything else comes. What is
 * longer goes on in slices, beside the other inputs and the timers.
 */
#ifndef WEIR_CLI_RUN_FILE_H
#define WEIR_CLI_RUN_FILE_H

#include "cli/run_reader.h"
#include "rx/observer.h"

struct file_stream;

/* conf and path are borrowed for as long as there are subscriptions. */
struct file_stream *file_stream_create(struct rx_ctx *ctx,
				       const struct reader_conf *conf,
				       const char *path);
void file_stream_destroy(struct file_stream *f);

struct rx_source *file_stream_source(struct file_stream *f); /* a reference */

/* Ends what is being read, and every later subscription at once. */
void file_stream_end(struct file_stream *f);

#endif
