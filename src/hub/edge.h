/* edge.h - the streams of one thread, and the way between them and the jobs,
 * which live on the reactor.
 *
 *     reactor: jobs, pipelines, cache        edge: streams, interests
 *        |                                      ^
 *        |---- a part, shared bytes ------------|  to each edge that may care
 *        |---- events of a job ---> lane -------|  to the stream that owns it
 *        |<--- submit, call, room --------------'
 *
 * An edge never touches what is the reactor's, nor the other way round: what
 * one wants of the other it posts to its loop. The edge of the reactor's own
 * thread (number 0, always there) is called directly instead.
 *
 * The mailbox of an edge holds as many parts as the edge, at its present pace,
 * is done with in a few milliseconds; who makes more of them waits
 * (hub_wait_room). So it is bounded, and what is posted behind them, answers of
 * jobs among it, does not come late.
 *
 * The number of its edge is a letter of each stream's id, so that any edge can
 * tell where a stream lives.
 *
 * Threads: an edge belongs to the thread of its loop, but for what is marked.
 */
#ifndef WEIR_HUB_EDGE_H
#define WEIR_HUB_EDGE_H

#include "base/map.h"
#include "hub/event.h"
#include "hub/graves.h"
#include "hub/hub.h"
#include "hub/interests.h"

#include <stdatomic.h>

#define HUB_EDGES_MAX 32

struct hub_edge {
	struct hub *hub;
	struct loop *loop;
	uint32_t index; /* 0: the reactor's own */
	bool closing;
	struct hub_conf conf; /* its share of limits for all streams */
	struct map streams;   /* id -> struct hub_stream */
	struct interests *interests;
	struct graves graves; /* of streams */
	/* Streams that nobody reads, oldest first, and what they hold:
	 * [1] those that have ended. */
	struct list waiting[2];
	int64_t waiting_bytes[2];
	uint32_t over;	       /* streams that have ended and are still there */
	struct loop_task trim; /* closes some when they hold too much */
	struct loop_timer drain; /* the next streams are told `bye` */
	struct hub_event *ping;	 /* ours */
	size_t ahead; /* bytes that pushers have posted to the reactor */

	/* Written by the edge, read by the reactor. */
	_Atomic uint64_t events; /* parts written to streams */
	_Atomic uint64_t dropped;
	_Atomic uint32_t n_streams; /* living */
	_Atomic bool cares;	    /* there are interests */
	_Atomic uint64_t taken;	  /* parts that it is done with, sending too */
	_Atomic uint64_t wake_at; /* the reactor waits for so many of them */
	_Atomic int64_t pace_ns;  /* so long one took, lately */

	/* Parts that came in this turn. */
	struct loop_task turn; /* ends it */
	int64_t turn_ns;       /* since when */
	uint32_t turn_parts;

	/* The reactor's. */
	uint64_t posted; /* parts */
};

/* Makes an edge on the calling thread, whose loop l is. The first one is made
 * by hub_create. The caller destroys it on the same thread. */
struct hub_edge *hub_edge_create(struct hub *hub, struct loop *l,
				 uint32_t index, const struct hub_conf *conf);
/* All its streams must be over. */
void hub_edge_destroy(struct hub_edge *e);

/* Reactor: e (made on another thread, of the next number) belongs to the hub
 * from now on. */
void hub_edge_join(struct hub *hub, struct hub_edge *e);
/* Reactor: the edge of its own thread; how many there are; each by its number.
 */
struct hub_edge *hub_edge_home(struct hub *hub);
uint32_t hub_edges(const struct hub *hub);
struct hub_edge *hub_edge_at(struct hub *hub, uint32_t number);

uint32_t hub_edge_number(const struct hub_edge *e);
struct loop *hub_edge_loop(const struct hub_edge *e);
const struct hub_conf *hub_edge_limits(const struct hub_edge *e);
bool hub_edge_closing(const struct hub_edge *e);

/* True for the edge of the reactor's own thread: nothing has to be posted. */
static inline bool hub_edge_is_here(const struct hub_edge *e)
{
	return e->index == 0;
}

/* Which letter of ids tells the edge, and what it is. */
#define HUB_EDGE_LETTER 1
char hub_edge_letter(const struct hub_edge *e);

/* The number of the edge where the stream of that id lives or lived. Any
 * thread; an id that was never given gives any number. */
uint32_t hub_edge_of(struct str id);

/* The stream of that id, or NULL. Borrowed. */
struct hub_stream *hub_find_stream(struct hub_edge *e, struct str id);

/* Why there is no stream of that id (any more). */
enum hub_absence hub_stream_absence(struct hub_edge *e, struct str id);

/* Calls fn for each stream. */
void hub_each_stream(struct hub_edge *e,
		     void (*fn)(void *arg, struct hub_stream *s), void *arg);

/* --- to the other side -------------------------------------------------- */

/* Runs fn on the reactor, in a fiber, and returns when it has returned. The
 * calling fiber waits, whatever becomes of it meanwhile; on the reactor itself
 * fn is just called. */
void hub_call(struct hub_edge *e, void (*fn)(struct hub *hub, void *arg),
	      void *arg);

/* The other way, from a fiber of the reactor: runs fn on the loop of e. */
void hub_edge_call(struct hub_edge *e,
		   void (*fn)(struct hub_edge *e, void *arg), void *arg);
/* The same for all edges, one after the other. */
void hub_edges_call(struct hub *hub, void (*fn)(struct hub_edge *e, void *arg),
		    void *arg);

/* --- shared by the files of hub/ ----------------------------------------- */

/* A part on its way to the streams. */
struct hub_delivery {
	struct hub_event *event; /* borrowed */
	struct hub_lane *lane;	 /* of the job it is of; NULL: of none */
	bool shared;		 /* other jobs are sent the same */
	struct str job;		 /* what conditions may ask for */
	struct str source;
	struct value data; /* see hub_delivery_data */
	bool has_data;
};

/* The part's data as a value: read when it is first asked for. Borrowed. */
struct value hub_delivery_data(struct hub_delivery *d);

/* Reactor: gives it to the streams of all edges that it may concern. */
void hub_edges_deliver(struct hub *hub, struct hub_delivery *d);
/* True when a part without an owner may concern somebody. */
bool hub_edges_care(const struct hub *hub);

/* An edge has other interests than before. */
void hub_edge_interests_changed(struct hub_edge *e);

void hub_add_stream(struct hub_edge *e, struct hub_stream *s);
void hub_remove_stream(struct hub_edge *e, struct hub_stream *s,
		       enum hub_absence why);
/* Bytes that streams without a reader hold; over: that have ended. */
void hub_count_waiting(struct hub_edge *e, bool over, int64_t bytes);
/* s has no reader, as of now. */
void hub_stream_waits(struct hub_edge *e, struct hub_stream *s);
/* s has ended; counted is what it holds. Before s->finished is set. */
void hub_stream_over(struct hub_edge *e, struct hub_stream *s, size_t counted);

/* Only its own thread writes the counter, so it need not be locked. */
static inline void hub_edge_add(_Atomic uint64_t *counter, uint64_t n)
{
	atomic_store_explicit(
		counter,
		atomic_load_explicit(counter, memory_order_relaxed) + n,
		memory_order_relaxed);
}

/* Reactor: the limits of all streams, or their end, go to all edges. */
void hub_edges_configure(struct hub *hub);
void hub_edges_close(struct hub *hub);
/* Says `bye` to all streams, at a rate; then hub_edge_drained is called, for
 * each edge, on the reactor. */
void hub_edges_drain(struct hub *hub);

#endif
