/* stream.h - what a client holds open, seen from the hub: numbered events, a
 * bounded queue, and the sink that writes them to a transport.
 *
 *     hub --- event ---> stream --- seq ---> sink (NDJSON, SSE, bare lines)
 *                          |  ^                |
 *                  queue <-'  `-- has room ----'
 *
 * While the transport takes what it is given the queue is empty. When more
 * than SINK_HIGH bytes wait there, parts are queued here, up to queue_max
 * bytes; then the oldest parts go and are counted. A `dropped` event, with the
 * number of the last of them, then stands where they would have stood. Other
 * events are never dropped.
 *
 * The fibers of the jobs a stream owns wait while its backlog is high
 * (hub_stream_wait_room), so they are slowed down rather than dropped; that
 * is why dropping happens to what other clients' jobs send only.
 *
 * A stream that was opened without a transport (respond-async) queues until one
 * attaches. Nobody has come LINGER_MS after its last job: it is closed. What
 * all such streams hold is bounded: over it the oldest of them are closed.
 */
#ifndef WEIR_HUB_STREAM_H
#define WEIR_HUB_STREAM_H

#include "base/list.h"
#include "cond/cond.h"
#include "fiber/fiber.h"
#include "hub/event.h"
#include "loop/loop.h"

#include <stdbool.h>
#include <stdint.h>

struct hub;

struct sink; /* the transport's; opaque here */
struct hub_sink;

struct hub_sink_ops {
	/* Writes e (borrowed) with its number. Never blocks. */
	void (*event)(struct hub_sink *s, const struct hub_event *e,
		      uint64_t seq);
	size_t (*unsent)(const struct hub_sink *s); /* bytes that wait */
	/* Nothing more comes: last call, the sink may free itself. */
	void (*end)(struct hub_sink *s);
};

struct hub_sink {
	const struct hub_sink_ops *ops;
};

#define HUB_STREAM_ID_LEN 12
#define HUB_EPOCH_LEN	  6

struct hub_queued; /* an event that waits, with its number */

struct hub_stream {
	struct hub *hub;
	struct hub_sink *sink;	  /* NULL: nobody is attached */
	struct cond *where;	  /* of what it sees of others; NULL: all */
	struct loop_timer expiry; /* `for` is over */
	struct list link;	  /* in the hub's streams */
	struct list all_link;	  /* in the hub's list of those who see all */
	struct list waiting_link; /* in the hub's list of those nobody reads */
	struct list jobs;	  /* of struct hub_job.owner_link */
	struct list queue;	  /* of struct hub_queued */
	struct fiber_cond room;	  /* fibers of jobs wait here */
	struct loop_timer heartbeat;
	struct loop_timer linger; /* runs while nobody is attached */
	int64_t detached_ms;	  /* since when; monotonic */
	uint64_t seq;		  /* of the last event */
	uint64_t dropped;	  /* parts since the last `dropped` event */
	uint64_t dropped_seq;	  /* number of the last of them */
	size_t queued_bytes;
	int64_t last_event_ms;
	uint32_t who;	     /* the client's number, for the trace */
	uint32_t open_jobs;  /* not yet done */
	bool ends_with_jobs; /* ends after the last `done` */
	bool sealed;	     /* no more jobs will be added */
	bool finished;	     /* nothing more comes; waits to be fetched */
	bool bare;	     /* no heartbeat: only data lines are sent */
	char id[HUB_STREAM_ID_LEN + 1];
	char epoch[HUB_EPOCH_LEN + 1];
};

struct hub_stream_opts {
	struct hub_sink *sink; /* borrowed until its end is called, or
				* hub_stream_gone; NULL: events wait until
				* somebody attaches */
	uint32_t who;
	bool all;	     /* sees the parts of all jobs */
	struct cond *where;  /* only those whose data meets it; taken */
	int64_t for_ms;	     /* ends after that long; 0: never */
	bool ends_with_jobs; /* ends after the last `done` once sealed */
	bool bare;
	/* Tells the sink its stream before the first event; may be NULL. */
	void (*opened)(struct sink *k, struct hub_stream *s);
	struct sink *opened_arg;
};

/* Opens a stream and sends `open`. It frees itself after its end. */
struct hub_stream *hub_stream_open(struct hub *hub,
				   const struct hub_stream_opts *opts);

/* The stream of that id, or NULL. Borrowed. */
struct hub_stream *hub_find_stream(struct hub *hub, struct str id);

/* Connects the transport of a stream that has none: what waited is sent. s may
 * be freed when this returns. */
void hub_stream_attach(struct hub_stream *s, struct hub_sink *sink,
		       uint32_t who);

/* All its jobs have been submitted: ends now if none is left. s may be freed
 * when this returns. */
void hub_stream_seal(struct hub_stream *s);

/* Sends an event; shares e. own: of a job of this stream, whose source is
 * slowed down instead: never dropped. */
void hub_stream_send(struct hub_stream *s, struct hub_event *e, bool own);

/* The transport has room again. */
void hub_stream_drain(struct hub_stream *s);

/* The client has ended its input: a heartbeat now finds out if it is there. */
void hub_stream_probe(struct hub_stream *s);

/* The client has gone: the sink is not called any more, its jobs go on without
 * an owner. Frees s. */
void hub_stream_gone(struct hub_stream *s);

/* Closes one that nobody reads. Frees s. */
void hub_stream_give_up(struct hub_stream *s);

/* Sends `bye` and ends the stream: the sink's end is called, s is freed. */
void hub_stream_bye(struct hub_stream *s, const char *reason);

/* One of its jobs is done; ends the stream after the last one. */
void hub_stream_job_done(struct hub_stream *s);

/* Bytes that wait, here and in the transport. */
size_t hub_stream_backlog(const struct hub_stream *s);

#endif
