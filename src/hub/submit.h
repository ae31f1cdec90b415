/* submit.h - a stream's jobs go to the reactor.
 *
 *     edge: stream --- job, as text ---> reactor: hub_submit
 *              ^------ events, by its lane ------'
 *
 * Threads: the edge's of the stream.
 */
#ifndef WEIR_HUB_SUBMIT_H
#define WEIR_HUB_SUBMIT_H

#include "hub/job.h"
#include "hub/stream.h"

/* Submits a checked job (borrowed) for s. Whatever becomes of it is told by
 * events, also that it cannot be taken. id_out (may be NULL) gets its id. */
void hub_stream_submit(struct hub_stream *s, struct value spec, uint32_t who,
		       bool forget, char id_out[HUB_JOB_ID_MAX + 1]);

#endif
