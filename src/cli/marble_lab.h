/* marble_lab.h - a pipeline in virtual time, between inputs and an observer.
 *
 *     time 0: the pipeline is subscribed, then the hot inputs begin
 *     ...     virtual time runs up to a given moment
 *     end:    the subscription is cancelled; nothing may be left of it
 */
#ifndef WEIR_CLI_MARBLE_LAB_H
#define WEIR_CLI_MARBLE_LAB_H

#include "flow/flow.h"
#include "rx/ops.h"
#include "rx/subject.h"

struct marble_input {
	struct str name; /* borrowed */
	bool hot;
	struct rx_source *events;   /* ours: as a cold stream */
	struct rx_subject *subject; /* ours: hot inputs only */
	struct rx_sub *feed;	    /* ours: hot inputs, while they run */
};

struct marble_lab {
	struct rx_ctx ctx;
	struct flow_env env; /* the owner may set hooks before the run */
	struct marble_input *inputs; /* ours */
	uint32_t n_inputs;
	struct rx_observer *watcher; /* the owner's */
	struct rx_sub *sub;
};

void marble_lab_init(struct marble_lab *lab, struct rx_observer *watcher);
/* Returns the subscriptions that were not let go: 0, or there is a bug. */
uint64_t marble_lab_fini(struct marble_lab *lab);

/* Takes the values of events; those of a hot input before time 0 are never
 * seen. name `main` is what the pipeline works on. */
void marble_lab_input(struct marble_lab *lab, struct str name, bool hot,
		      const struct rx_event *events, uint32_t n);
/* The stream of that name: one reference of the caller's; NULL: none. */
struct rx_source *marble_lab_stream(struct marble_lab *lab, struct str name);

/* Builds flow on main (taken; may be NULL), runs it until end_ms and cancels
 * it. Negative with err: the pipeline does not fit the inputs, or it never gets
 * past one moment. */
int marble_lab_run(struct marble_lab *lab, struct flow *flow,
		   struct rx_source *main, int64_t end_ms,
		   struct weir_error *err);
/* For the watcher: it has heard enough. */
void marble_lab_stop(struct marble_lab *lab);

#endif
