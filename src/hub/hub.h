/* hub.h - the two subjects and the jobs; who gets what of it, edge.h knows.
 *
 *     hub_submit -> [jobs pipeline] -> parts -> [parts pipeline] -> streams
 *                        run                ^
 *     hub_push ------------------------------'
 *
 * A part on its way is an object {"job","source","time","data"}. What the parts
 * pipeline makes of it is delivered to the stream that owns the job it comes
 * of, and to the streams with an interest that it meets. A pipeline may reshape
 * it: what has no `data` any more is data as a whole. An array of parts (a
 * buffer's) is taken apart again, so that batching in the parts pipeline never
 * mixes clients.
 *
 * Threads: the reactor's only. Streams may live on others, see edge.h.
 */
#ifndef WEIR_HUB_HUB_H
#define WEIR_HUB_HUB_H

#include "base/error.h"
#include "base/list.h"
#include "base/map.h"
#include "cond/cond.h"
#include "hub/cache.h"
#include "hub/interests.h"
#include "hub/job.h"
#include "loop/loop.h"
#include "rx/observer.h"

struct hub_conf {
	size_t queue_max;	 /* bytes a stream may have waiting */
	size_t waiting_max;	 /* bytes in all streams that nobody reads */
	size_t kept_max;	 /* bytes of what a stream has sent and keeps */
	int64_t kept_ms;	 /* and for how long */
	int64_t linger_ms;	 /* a stream without its client, if not said */
	int64_t heartbeat_ms;	 /* after so much silence */
	int64_t interest_ms;	 /* the longest lifetime of an interest */
	uint32_t interests_max;	 /* of a stream */
	uint32_t conditions_max; /* distinct ones of all interests */
	uint32_t residual_max;	 /* of those, that nothing leads to */
	uint32_t drain_rate;	 /* streams that are told `bye` in a second */
	uint32_t jobs_max;	 /* living jobs */
	size_t cache_max;	 /* bytes of parts that are kept for who asks */
	int64_t cache_ms;	 /* and for how long; 0: none are */
	size_t records_max;	 /* finished jobs that are remembered */
	int64_t record_ms;	 /* and for how long */
	int64_t orphan_ms;	 /* how long a job runs on without its client */
};

extern const struct hub_conf hub_conf_default;

/* What stands above: the registry of sources. */
struct hub_host {
	/* The `run` stage: a cold source of the parts of a job (object) or of
	 * jobs (array), which is borrowed. Never NULL: what cannot be run is a
	 * source that ends in an error. */
	struct rx_source *(*run)(void *arg, struct rx_ctx *ctx,
				 struct value jobs);
	/* @name in a pipeline, other than jobs and parts: does such a source
	 * exist? */
	bool (*has_source)(void *arg, struct str name);
	/* &name in a pipeline: a reference of the caller's; NULL: there is
	 * none. NULL itself: there are no functions at all. */
	struct rx_fn *(*function)(void *arg, struct str name);
	/* What of the data (borrowed) of a part of that source can be of
	 * interest. False: all of it; else *out is the caller's. NULL itself:
	 * always all. */
	bool (*pick)(void *arg, struct str source, struct value data,
		     struct value *out);
	void *arg;
};

struct hub *hub_create(struct loop *l, const struct hub_conf *conf,
		       const struct hub_host *host);
/* All streams and jobs must be over, see hub_shutdown; edges of other threads
 * are destroyed. */
void hub_destroy(struct hub *hub);

struct loop *hub_loop(const struct hub *hub);
const struct hub_conf *hub_limits(const struct hub *hub);
void hub_configure(struct hub *hub, const struct hub_conf *conf);

/* --- pipelines --------------------------------------------------------- */

enum hub_pipeline_name { HUB_JOBS, HUB_PARTS, HUB_PIPELINES };

/* "jobs" or "parts" to its number; -1. */
int hub_pipeline_find(struct str name);
const char *hub_pipeline_label(enum hub_pipeline_name which);

/* Replaces the pipeline. New items enter the new one, the old one is completed
 * and drained. A text that is wrong changes nothing and gives err with line and
 * column. dry_run: only checks. */
int hub_pipeline_set(struct hub *hub, enum hub_pipeline_name which,
		     struct str text, bool dry_run, struct weir_error *err);
struct str hub_pipeline_text(const struct hub *hub,
			     enum hub_pipeline_name which);
/* The parsed pipeline as JSON, with its counters. */
/* Appends it as a tree of lines for people, see flow_explain. */
void hub_pipeline_explain(const struct hub *hub, enum hub_pipeline_name which,
			  struct buf *out);
void hub_pipeline_describe(const struct hub *hub, enum hub_pipeline_name which,
			   struct buf *out);

/* --- parts ------------------------------------------------------------- */

/* A part's object; job and source may be empty. Takes data; the caller owns the
 * result. */
struct value hub_part(struct hub *hub, struct str job, struct str source,
		      struct value data);

/* Pushes a part (borrowed) that comes of no job into the parts pipeline. */
void hub_push(struct hub *hub, struct value part);

/* The parts of the last while. */
const struct hub_cache *hub_parts_kept(const struct hub *hub);

/* Blocks the calling fiber while parts come faster than they are given to the
 * streams of other threads. 0 or WEIR_ECANCELED. */
int hub_wait_room(struct hub *hub);

/* --- shared by the files of hub/ --------------------------------------- */

/* What conditions may ask of a part beside its data. An empty name is none. */
struct cond_meta hub_meta(struct str source, struct str job);

/* Hands a job, or what the jobs pipeline made of it, on. Borrow v. */
void hub_enter(struct hub *hub, enum hub_pipeline_name which, struct value v);
void hub_deliver(struct hub *hub, struct value item);

/* --- end --------------------------------------------------------------- */

/* No new jobs; `bye` to all streams; living jobs are cancelled. drained is
 * called once all jobs and graphs are gone. */
void hub_shutdown(struct hub *hub, void (*drained)(void *arg), void *arg);
bool hub_closing(const struct hub *hub);

struct hub_figures {
	uint64_t jobs;	  /* taken in since the start */
	uint64_t parts;	  /* that reached the hub's end */
	uint64_t events;  /* parts written to streams */
	uint64_t dropped; /* parts dropped for slow clients */
	uint64_t item_errors;
	uint32_t live_jobs;
	uint32_t streams;
	struct interests_figures interests;
	uint64_t cached; /* parts */
	uint64_t cached_bytes;
	uint32_t draining; /* old pipelines not yet empty */
};
/* Called by a fiber when there are other threads with streams. */
struct hub_figures hub_figures(struct hub *hub);

/* Calls fn for each living job. */
void hub_each_job(struct hub *hub, void (*fn)(void *arg, struct hub_job *j),
		  void *arg);

#endif
