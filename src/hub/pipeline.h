/* pipeline.h - a pipeline that can be replaced while items are in it.
 *
 *     items ---> present graph ----.
 *                old graph (done) --+--> what stands behind it
 *
 * Replacing builds the new graph first; only when that went well do new items
 * enter it. The old one is completed: its buffers flush, its running jobs go
 * on, and it frees itself when it has ended.
 */
#ifndef WEIR_HUB_PIPELINE_H
#define WEIR_HUB_PIPELINE_H

#include "flow/flow.h"
#include "loop/loop.h"

struct hub;
struct hub_graph;

struct hub_pipeline {
	struct hub *hub;
	int which;		 /* enum hub_pipeline_name */
	struct flow *flow;	 /* ours */
	struct hub_graph *graph; /* present; NULL once it has ended */
	struct loop_timer again; /* builds it anew after an error */
	int64_t built_ms;
};

void hub_pipeline_init(struct hub_pipeline *p, struct hub *hub, int which);
void hub_pipeline_fini(struct hub_pipeline *p);

/* Cancels all graphs, whatever is in them. */
void hub_graphs_cancel(struct hub *hub);
/* Completes both pipelines; their graphs end when they are empty. */
void hub_pipelines_complete(struct hub *hub);

#endif
