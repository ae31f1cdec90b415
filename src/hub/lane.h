/* lane.h - from the jobs of a stream to the stream, which may live on another
 * thread.
 *
 *     job --.
 *     job --+-- lane ==== parts, events ====> stream
 *     job --'     ^------ taken, backlog -------'
 *
 * A stream has one from its first job on. Its jobs see through it how much the
 * client still has to read, and wait while that is too much. The lane outlives
 * both: each holds a reference.
 *
 * Threads: members are the reactor's or the edge's as marked; the reference
 * count and what is _Atomic belongs to both.
 */
#ifndef WEIR_HUB_LANE_H
#define WEIR_HUB_LANE_H

#include "base/list.h"
#include "fiber/fiber.h"
#include "hub/event.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct hub;
struct hub_edge;
struct hub_stream;

struct hub_lane {
	_Atomic uint32_t refs;
	struct hub_edge *edge;
	struct hub_stream *stream; /* edge's; NULL: it is no more */

	/* The reactor's. */
	struct list jobs;	/* of struct hub_job.owner_link */
	struct fiber_cond room; /* fibers of jobs wait here */
	bool gone;		/* the stream is no more */
	uint64_t posted;	/* bytes */

	_Atomic uint64_t taken;	  /* bytes of those that the edge has got */
	_Atomic uint64_t backlog; /* of the stream; not kept on the reactor's
				   * own edge */
	_Atomic bool awaited;	  /* fibers wait for room */
};

/* --- edge --------------------------------------------------------------- */

/* The lane of s, made when there is none. Borrowed. */
struct hub_lane *hub_lane_of(struct hub_stream *s);

/* The stream's backlog has changed: who waits for room may go on. */
void hub_lane_update(struct hub_lane *lane);

/* Its stream is no more; its client was last there at seen_ms (monotonic).
 * Drops the stream's reference. */
void hub_lane_leave(struct hub_lane *lane, int64_t seen_ms);

/* What is part of posted has been got. */
void hub_lane_take(struct hub_lane *lane, size_t bytes);

/* --- reactor ------------------------------------------------------------ */

/* Sends an event of a job; shares e (NULL: none). over: the job is. */
void hub_lane_send(struct hub_lane *lane, struct hub_event *e, bool over);

/* Bytes that its client has not taken yet. */
size_t hub_lane_backlog(const struct hub_lane *lane);

/* Blocks the calling fiber until there may be less of them. 0, WEIR_ECANCELED,
 * or WEIR_ETIMEDOUT after deadline_ms. */
int hub_lane_wait(struct hub_lane *lane, int64_t deadline_ms);

/* --- both --------------------------------------------------------------- */

struct hub_lane *hub_lane_ref(struct hub_lane *lane);
void hub_lane_unref(struct hub_lane *lane);

#endif
