/* stream.h - what a client holds open, seen from the hub: numbered events,
 * those it may ask for again, those that wait, and the sink that writes them.
 *
 *                        window (hub/window.h)
 *     hub --- event ---> [ kept ... | waiting ... ]
 *                                   ^ cursor ---> sink (NDJSON, SSE, ...)
 *
 * An event waits until the turn of the loop ends; then all that the turn has
 * brought leaves by one write. The window is the only queue: the transport
 * asks for what waits when it is about to send (hub_stream_drain), so bytes are
 * put together once, in memory that all connections share. When more than
 * SINK_HIGH bytes are unsent there, events wait on. Of the parts that wait at
 * most queue_max bytes are held; what goes then, `overflow` says, and a
 * `dropped` event stands where they would have stood, with the number of the
 * last of them. So the numbers a client sees have no hole that is not told.
 *
 * The fibers of the jobs a stream owns wait while its backlog is high (lane.h),
 * so they are slowed down rather than dropped; that is why dropping happens to
 * what other clients' jobs send only.
 *
 * What was written stays in the window for a while. A stream whose connection
 * is lost, or that has ended, lives on for linger_ms: whoever attaches with the
 * id of the last event it has handled gets what comes after it, on whatever
 * transport. What the window has no more is told by a `gap` event. What all
 * streams hold that nobody reads is bounded: over it the oldest are closed.
 *
 * Threads: a stream, its interests and its window belong to one thread; events
 * and conditions are what it shares with others.
 * Source: docs/protocol.md.
 */
#ifndef WEIR_HUB_STREAM_H
#define WEIR_HUB_STREAM_H

#include "base/list.h"
#include "fiber/fiber.h"
#include "hub/event.h"
#include "hub/interest.h"
#include "hub/window.h"
#include "loop/loop.h"

#include <stdbool.h>
#include <stdint.h>

struct hub_edge;
struct hub_delivery;
struct hub_lane;

struct hub_sink;

/* What differs from stream to stream in an event that many are sent. */
struct hub_stamp {
	uint64_t seq; /* 0: it has no id */
	/* `"matched":["joe","all"],` or empty: goes in front of the body. */
	struct str matched;
};

struct hub_sink_ops {
	/* Writes e and at (both borrowed). Never blocks. */
	void (*event)(struct hub_sink *s, const struct hub_event *e,
		      const struct hub_stamp *at);
	size_t (*unsent)(const struct hub_sink *s); /* bytes that wait */
	/* Something waits: calls hub_stream_drain before the loop sleeps, or
	 * now. NULL: events are written as they come. */
	void (*wake)(struct hub_sink *s);
	/* Nothing more comes: last call, the sink may free itself. */
	void (*end)(struct hub_sink *s);
};

struct hub_sink {
	const struct hub_sink_ops *ops;
};

#define HUB_STREAM_ID_LEN 12

/* What goes when more waits than a queue may hold. */
enum hub_overflow {
	HUB_DROP_OLDEST,
	HUB_DROP_NEWEST,
	HUB_LATEST, /* the older of two with one key, as soon as one waits */
	HUB_CLOSE,  /* the stream: `bye` with reason "overflow" */
};

/* "drop_oldest" ...; NULL-terminated, static. */
extern const char *const hub_overflow_names[];

/* In the order of use, a line of the cache a paragraph: an event that is sent
 * touches the first two, finding out who takes a part the third. */
struct hub_stream {
	struct hub_sink *sink; /* NULL: nobody is attached */
	struct hub_window window;

	struct hub_edge *edge;
	struct hub_latest *latest; /* ours; NULL: not its overflow */
	uint64_t seq;		   /* of the last event */
	int64_t since_ms;    /* of its last event, or ping; while nobody reads
			      * it, when that began; monotonic */
	int64_t linger_ms;   /* 0: it goes with its connection */
	uint8_t overflow;    /* enum hub_overflow */
	bool ends_with_jobs; /* ends after the last `done` */
	bool sealed;	     /* no more jobs will be added */
	bool finished;	     /* nothing more comes; waits to be fetched */
	bool bare;	     /* no heartbeat: only data lines are sent */
	bool overflowed;     /* HUB_CLOSE: `bye` is on its way */
	bool attached_once;  /* somebody has read it */
	bool woken;	     /* the sink is going to drain it */
	char id[HUB_STREAM_ID_LEN + 1];

	struct hub_taker taker;	 /* while a part looks for who takes it */
	struct hub_names *names; /* of the last part that met several */
	struct list interests;	 /* of struct hub_interest.link */
	struct hub_lane *lane;	 /* from its jobs; NULL: it had none */
	uint32_t open_jobs;	 /* not yet done */
	uint32_t n_interests;
	uint32_t n_residual; /* of those, held against each part */
	uint32_t who;	     /* the client's number, for the trace */

	struct loop_timer expiry; /* `for` is over */
	struct loop_timer timer;  /* heartbeat; linger while nobody reads */

	struct list waiting_link; /* in the hub's list of those nobody reads */
	uint64_t tag;		  /* the transport's, see hub_stream_opts */
	size_t counted_bytes; /* that the hub knows of; 0: it has a reader */
};

struct hub_stream_opts {
	struct hub_sink *sink; /* borrowed until its end is called, or
				* hub_stream_gone or another sink takes over;
				* NULL: events wait until somebody attaches */
	uint32_t who;
	int64_t for_ms;	   /* ends after that long; 0: never */
	int64_t linger_ms; /* lives on without its client; 0: does not */
	enum hub_overflow overflow;
	struct str key;	     /* HUB_LATEST: path of the key in data */
	uint64_t tag;	     /* what its request was, for the transport: a
			      * client may ask again for the same */
	bool ends_with_jobs; /* ends after the last `done` once sealed */
	bool bare;
	/* Tells the sink its stream before the first event; may be NULL. */
	void (*opened)(struct hub_sink *k, struct hub_stream *s);
};

/* Opens a stream and sends `open`. It frees itself after its end. What it is
 * to see beside its own jobs is said by hub_interest_set. */
struct hub_stream *hub_stream_open(struct hub_edge *edge,
				   const struct hub_stream_opts *opts);

/* --- resume ------------------------------------------------------------ */

/* Where a client was: an event id taken apart. */
struct hub_position {
	struct str stream; /* borrowed; empty: it does not say */
	uint64_t seq;
};

/* "k3f9.1042"; an empty text gives an empty position. 0 or WEIR_EINVAL with
 * err. */
int hub_position_parse(struct str text, struct hub_position *out,
		       struct weir_error *err);

/* Why there is no stream of an id (any more). */
enum hub_absence {
	HUB_UNKNOWN, /* there never was, or long ago */
	HUB_ENDED,   /* deleted, or all was sent: nothing will ever come */
	HUB_LOST,    /* given up, since nobody came for it in time */
};

/* False: it has ended and the client that was at `from` has seen all of it. */
bool hub_stream_has_more(const struct hub_stream *s,
			 const struct hub_position *from);

/* Connects a transport, which takes over from one that is there. What comes
 * after from is sent again, all that is kept when from is empty; what is gone
 * is told. s may be freed when this returns. */
void hub_stream_attach(struct hub_stream *s, struct hub_sink *sink,
		       uint32_t who, const struct hub_position *from);

/* Tells s that its client was at a position of a stream that is no more, as
 * after a restart: a `gap` without an end. */
void hub_stream_tell_restart(struct hub_stream *s,
			     const struct hub_position *from);

/* --- life -------------------------------------------------------------- */

/* All its jobs have been submitted: ends now if none is left. s may be freed
 * when this returns. */
void hub_stream_seal(struct hub_stream *s);

/* Sends an event that is never dropped; shares e. */
void hub_stream_send(struct hub_stream *s, struct hub_event *e);

/* Sends the part d. own: of a job of this stream, whose source is slowed down
 * instead: never dropped. names (shared): of the interests it met, or NULL. */
void hub_stream_send_part(struct hub_stream *s, struct hub_delivery *d,
			  bool own, struct hub_names *names);

/* Writes what waits while the transport has room: it has been woken, or has
 * room again. s may be freed when this returns. */
void hub_stream_drain(struct hub_stream *s);

/* The client has ended its input: a heartbeat now finds out if it is there. */
void hub_stream_probe(struct hub_stream *s);

/* The client has gone: the sink is not called any more. s lingers, or is freed;
 * then its jobs go on without an owner. */
void hub_stream_gone(struct hub_stream *s);

/* Closes one that nobody reads. Frees s. */
void hub_stream_give_up(struct hub_stream *s);

/* Sends `bye` and ends the stream: the sink's end is called. s lingers, or is
 * freed. */
void hub_stream_bye(struct hub_stream *s, const char *reason);

/* The same, but it is not there to be resumed. Frees s. retry_ms: when its
 * client may come back; 0: not said. */
void hub_stream_delete(struct hub_stream *s, const char *reason,
		       uint32_t retry_ms);

/* One of its jobs is done; ends the stream after the last one. */
void hub_stream_job_done(struct hub_stream *s);

/* Bytes that wait, here and in the transport. */
size_t hub_stream_backlog(const struct hub_stream *s);

#endif
