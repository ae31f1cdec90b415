/* job.h - a request for data, from its arrival to its last part.
 *
 *     queued ---> running ---> done | failed | cancelled
 *        `--------------------->^
 *
 * A job is the cause (rx/cause.h) of everything that comes of it. It is over
 * when nothing can come any more: its source has ended and no pipeline holds
 * one of its parts, or a pipeline let the job itself fall. Then `done` is sent.
 *
 * Ids are unique among living jobs, server-wide: an event is the same for all
 * its receivers. The records of finished jobs are kept for a while, so that
 * GET /v1/jobs/{id} can tell how it went.
 *
 * Threads: the reactor's only. A stream submits its jobs by hub/submit.h.
 */
#ifndef WEIR_HUB_JOB_H
#define WEIR_HUB_JOB_H

#include "base/list.h"
#include "hub/event.h"
#include "loop/loop.h"
#include "rx/cause.h"

#include <stdbool.h>
#include <stdint.h>

#define HUB_JOB_ID_MAX 64

struct hub;
struct hub_lane;

enum hub_job_state {
	HUB_JOB_QUEUED, /* in the jobs pipeline */
	HUB_JOB_RUNNING,
	HUB_JOB_DONE,
	HUB_JOB_FAILED, /* done, with at least one error */
	HUB_JOB_CANCELLED,
};

struct hub_job {
	struct rx_cause cause; /* released: the job is over */
	struct hub *hub;
	struct hub_lane *owner;	   /* one reference, to the stream; NULL:
				    * nobody's, or the client has gone */
	struct list owner_link;	   /* in owner->jobs */
	struct list runs;	   /* of struct hub_run */
	struct list finished_link; /* while its record is kept */
	struct value spec; /* the job object, id included; of a record only the
			    * source's name */
	struct loop_timer orphaned; /* running since the client has gone */
	uint32_t refs;		    /* who may look at this memory */
	uint32_t who;		    /* the client's number */
	uint64_t parts;		    /* delivered or on their way */
	uint64_t errors;
	int64_t begun_ms;      /* monotonic */
	int64_t begun_wall_ms; /* UTC */
	int64_t ended_ms;      /* monotonic; 0: not yet */
	enum hub_job_state state;
	bool forget; /* keep no record: the client never learns the id */
	bool cancelled;
	bool shared;	   /* others get the same parts: a slow owner loses some
			    * rather than hold them up */
	struct str source; /* lives in spec */
	uint8_t id_len;
	char id[HUB_JOB_ID_MAX + 1];
};

/* A source at work for a job: what has to be stopped when it is cancelled. */
struct hub_run {
	struct list link; /* in job->runs */
	void (*cancel)(struct hub_run *r);
};

static inline struct str hub_job_id(const struct hub_job *j)
{
	return str_from(j->id, j->id_len);
}

/* The job that c is the cause of; NULL when c is NULL or stands for many. */
struct hub_job *hub_job_of_cause(struct rx_cause *c);

/* What is wrong with a job object, before it is submitted: not an object, no
 * source, a bad id. pointer_out gets the member's JSON pointer ("/source"),
 * static. */
int hub_job_check(struct value spec, const char **pointer_out,
		  struct weir_error *err);

struct hub_submission {
	struct hub_lane *owner; /* of the stream that gets its parts, or NULL */
	struct value spec;	/* checked; borrowed */
	struct str id;		/* for a spec without one; empty: any */
	uint32_t who;
	bool forget;
};

/* Takes a job in and pushes it into the jobs pipeline. Whatever becomes of it
 * is told by events to its owner, at the least one `done`; it may be over when
 * this returns.
 *
 * Returns 0, or with err WEIR_EEXISTS (that id is in use), WEIR_EBUSY (too
 * many jobs). */
int hub_submit(struct hub *hub, const struct hub_submission *sub,
	       struct weir_error *err);

/* A living job or the record of a finished one; NULL. Borrowed. */
struct hub_job *hub_find_job(struct hub *hub, struct str id);

/* Ends a living job; its parts that are on their way are still delivered. */
void hub_job_cancel(struct hub_job *j);

/* Its source begins to work, or has ended. */
void hub_job_run_begin(struct hub_job *j, struct hub_run *r);
void hub_job_run_end(struct hub_job *j, struct hub_run *r);

/* Tells the job's owner; the job counts as failed. */
void hub_job_error(struct hub_job *j, const struct weir_error *err);

/* Its stream is no more; it goes on, for a bounded time from when its client
 * was last there (monotonic). */
void hub_job_disown(struct hub_job *j, int64_t seen_ms);

/* False: its owner has more to read than it should. */
bool hub_job_has_room(const struct hub_job *j);

/* Blocks the calling fiber while the job's owner has too much to read. 0 or
 * WEIR_ECANCELED. */
int hub_job_wait_room(struct hub_job *j);

/* A random id for a job, with its NUL. */
void hub_job_choose_id(char out[HUB_JOB_ID_MAX + 1]);

static inline struct hub_job *hub_job_ref(struct hub_job *j)
{
	j->refs++;
	return j;
}

void hub_job_unref(struct hub_job *j);

/* Its state as JSON: what GET /v1/jobs/{id} answers. */
void hub_job_write(const struct hub_job *j, struct buf *out);

#endif
