/* run_pipe.h - what can be read once only, as a hot stream: standard input, a
 * FIFO, a terminal.
 *
 *     descriptor --> reader --> subject --> who listens
 *
 * It is read while somebody listens, from the first subscription on. Without
 * a listener nothing is read, so nothing is lost either: `take(1) | repeat`
 * goes on where it was. Who subscribes after the end hears of the end.
 */
#ifndef WEIR_CLI_RUN_PIPE_H
#define WEIR_CLI_RUN_PIPE_H

#include "cli/run_reader.h"
#include "rx/observer.h"

struct pipe_stream;

/* file, fd: as in reader_init. conf and file are borrowed. */
struct pipe_stream *pipe_stream_create(struct loop *l, struct rx_ctx *ctx,
				       const struct reader_conf *conf,
				       const char *file, int fd);
/* After its subscriptions; before the loop goes. */
void pipe_stream_destroy(struct pipe_stream *p);

struct rx_source *pipe_stream_source(struct pipe_stream *p); /* a reference */

/* Ends it, whatever there may be still to read. */
void pipe_stream_end(struct pipe_stream *p);

#endif
