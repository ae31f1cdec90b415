/* diagram.h - marble diagrams as people write them on a command line.
 *
 *     -a-(bc)-{"n":1}-12--|
 *
 *     -              a frame in which nothing happens
 *     a 7            an item: a letter is a string, a digit a number; or what
 *                    --value says that it stands for
 *     {..} [..] ".." an item as JSON; <..> any other JSON: <12.5>
 *     (bc|)          all at the time of the parenthesis; commas may part them
 *     |              the end
 *     #              the error `error`
 *     ^              a hot stream: here the pipeline subscribes
 *
 * Every sign takes a frame, JSON as well, and in a group each sign of it and
 * both parentheses, as in RxJS. Blanks are for the eye.
 */
#ifndef WEIR_CLI_DIAGRAM_H
#define WEIR_CLI_DIAGRAM_H

#include "rx/ops.h"

struct diagram {
	struct rx_event *events; /* ours, values too; times in ms */
	uint32_t n;
	int64_t end_ms; /* the last frame is over */
	bool hot;
	bool ended; /* there is a | or # */
};

/* What a sign stands for; values[sign] is null where it is itself. */
#define DIAGRAM_SIGNS 128

/* values may be NULL. WEIR_EINVAL: err says where in text (borrowed). */
int diagram_read(struct str text, int64_t frame_ms, const struct value *values,
		 struct diagram *out, struct weir_error *err);
void diagram_fini(struct diagram *d);

#endif
