/* meters.h - live counters for each stage of a graph.
 *
 *     main --> entry | stage 0 | meter 0 | stage 1 { entry | ... } | meter 1
 *
 * A stage's `in` is what the meter before it let out: the stage before it in
 * the same pipeline, or the entry of that pipeline. A block's meters count all
 * of its inner streams together.
 */
#ifndef WEIR_FLOW_METERS_H
#define WEIR_FLOW_METERS_H

#include "flow/flow.h"

struct flow_meters;

/* For one graph of f, which is shared. */
struct flow_meters *flow_meters_create(struct flow *f);
/* When everything of the graph is gone; NULL does nothing. */
void flow_meters_destroy(struct flow_meters *m);

/* For flow_env; lives as long as m. */
const struct flow_hooks *flow_meters_hooks(struct flow_meters *m);
/* Takes the main input; gives what to build on. NULL stays NULL. */
struct rx_source *flow_meters_enter(struct flow_meters *m,
				    struct rx_source *main);

struct flow_counts {
	uint64_t in;
	uint64_t out;
	uint64_t dropped; /* there was no room, or it was to be dropped */
	uint64_t errors;  /* items that failed, and streams that did */
	uint64_t held;	  /* items inside now */
	uint32_t live;	  /* subscriptions that run now */
};

/* Of the stage after `before` (-1: the first of its pipeline) in the block of
 * stage `around` (-1: the main pipeline). */
struct flow_counts flow_meters_read(const struct flow_meters *m, uint32_t no,
				    int before, int around);

#endif
