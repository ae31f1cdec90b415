/* internal.h - what the files of hub/ share about the hub itself. */
#ifndef WEIR_HUB_INTERNAL_H
#define WEIR_HUB_INTERNAL_H

#include "base/clock.h"
#include "hub/graves.h"
#include "hub/hub.h"
#include "hub/interests.h"
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
	struct map streams; /* id -> struct hub_stream */
	struct map epochs;  /* epoch -> struct hub_stream */
	struct interests *interests;
	struct graves graves; /* of streams */
	struct hub_cache cache;
	/* Streams that nobody reads, oldest first, and what they hold:
	 * [1] those that have ended. */
	struct list waiting[2];
	int64_t waiting_bytes[2];
	uint32_t over;	       /* streams that have ended and are still there */
	struct loop_task trim; /* closes some when they hold too much */
	struct list finished;  /* records, oldest first */
	uint32_t records;
	uint32_t live_jobs;
	bool closing;
	struct loop_timer grace; /* how long closing may take */
	struct loop_timer drain; /* the next streams are told `bye` */
	void (*drained)(void *arg);
	void *drained_arg;
	struct hub_figures figures;
	struct hub_event *ping; /* ours */
	struct value key_job;	/* names of a part's members, made once */
	struct value key_source;
	struct value key_time;
	struct value key_data;
};

/* True when nothing that enters can come out of it any more. */
bool hub_pipeline_ended(const struct hub *hub, enum hub_pipeline_name which);

/* While closing: tells the owner when jobs and graphs are gone. */
void hub_check_drained(struct hub *hub);

#endif
