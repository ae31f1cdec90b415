/* internal.h - what the files of hub/ share about the hub itself. */
#ifndef WEIR_HUB_INTERNAL_H
#define WEIR_HUB_INTERNAL_H

#include "base/clock.h"
#include "fiber/fiber.h"
#include "hub/edge.h"
#include "hub/hub.h"
#include "hub/pipeline.h"
#include "rx/observer.h"

struct hub {
	struct loop *loop;
	struct rx_ctx ctx;
	struct hub_conf conf;
	struct hub_host host;
	struct hub_pipeline pipelines[HUB_PIPELINES];
	struct list graphs; /* of struct hub_graph: present and draining */
	struct map jobs;    /* id -> living jobs and records */
	struct hub_edge *edges[HUB_EDGES_MAX]; /* the first one is ours */
	uint32_t n_edges;
	uint32_t n_drained;
	struct fiber_cond
		room; /* fibers wait for edges to take what is posted */
	struct hub_cache cache;
	struct list finished; /* records, oldest first */
	uint32_t records;
	uint32_t live_jobs;
	bool closing;
	bool draining;		 /* streams are told `bye` */
	struct loop_timer grace; /* how long closing may take */
	void (*drained)(void *arg);
	void *drained_arg;
	struct hub_figures figures;
	struct value key_job; /* names of a part's members, made once */
	struct value key_source;
	struct value key_time;
	struct value key_data;
};

/* True when nothing that enters can come out of it any more. */
bool hub_pipeline_ended(const struct hub *hub, enum hub_pipeline_name which);

/* While closing: goes on when jobs and graphs are gone. */
void hub_check_drained(struct hub *hub);
/* An edge has no streams any more. */
void hub_edge_drained(struct hub *hub);

#endif
