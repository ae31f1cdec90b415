/* marble_run.h - what `run` stands for in a marble diagram.
 *
 *     job a       a
 *     its parts   --x-y-(z|)     parts of them, one each every_ms
 *
 * There are no sources in a diagram, so each job is answered in the same way:
 * the part of the job "a" with number 1 is "a1", that of the object j is
 * {"job": j, "nr": 1}. A list of jobs is one call that answers all of them
 * together.
 */
#ifndef WEIR_CLI_MARBLE_RUN_H
#define WEIR_CLI_MARBLE_RUN_H

#include "rx/observer.h"

struct marble_run {
	uint32_t parts; /* of each job */
	int64_t every_ms;
};

/* For flow_env: arg is a const struct marble_run *. */
struct rx_source *marble_run(void *arg, struct rx_ctx *ctx, struct value jobs);

#endif
