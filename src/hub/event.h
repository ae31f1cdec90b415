/* event.h - what a stream is sent: bytes made once, shared by all receivers.
 *
 * The body is the event's JSON without what differs from stream to stream:
 *
 *     {"id":"k3f9.1042", "type":"part","job":"j7",...,"data":{...}}
 *     `--- the stream ---'`------------ body -----------------------'
 *
 * data comes last, so that a route that sends bare data shares the bytes too.
 * Where the source says what of a part can be of interest, that stands behind
 * the body, as JSON; so whoever has the event can hold conditions against it.
 *
 * An event stays on its thread, where it is counted without a lock. To another
 * thread goes what it is made of (hub_event_share), and an event of that thread
 * is made around it: the bytes are the same.
 *
 * Source of the fields: docs/protocol.md.
 */
#ifndef WEIR_HUB_EVENT_H
#define WEIR_HUB_EVENT_H

#include "base/buf.h"
#include "base/error.h"
#include "hub/problem.h"
#include "value/value.h"

#include <stdbool.h>
#include <stdint.h>

enum hub_event_type {
	HUB_OPEN,
	HUB_PART,
	HUB_DONE,
	HUB_ERROR,
	HUB_INTEREST,
	HUB_GAP,
	HUB_DROPPED,
	HUB_PING,
	HUB_BYE,
};

struct hub_event {
	uint32_t refs;
	uint32_t len;	   /* of body */
	uint32_t data_off; /* of the data in body; parts only */
	uint32_t data_len;
	uint32_t values_len; /* behind the body; 0: the data is */
	int64_t made_ms;     /* monotonic */
	uint32_t retry_ms;   /* `bye`: come back after that long; 0: not said */
	uint16_t status;     /* errors: the HTTP status that fits */
	uint8_t type;	     /* enum hub_event_type */
	const char *body;    /* behind the event itself, or in shared */
	struct hub_event_bytes *shared; /* one reference; NULL: not so far */
};

/* What events of several threads have in common. */
struct hub_event_bytes;

/* "open", "part" ...; static. */
const char *hub_event_type_name(enum hub_event_type type);

/* Each gives one reference of the caller's. */
struct hub_event *hub_event_open(struct str stream);
/* The same on a connection that is not the first one. resumed: what comes
 * after what its client has seen follows, but for `missed` events. */
struct hub_event *hub_event_reopen(struct str stream, bool resumed,
				   uint64_t missed);
/* job and source may be empty: the member is then left out. values: what of the
 * data can be of interest; NULL: all. All borrowed. */
struct hub_event *hub_event_part(struct str job, struct str source,
				 struct str time, struct value data,
				 const struct value *values);
/* What conditions are held against: values or data, as JSON. Lent. */
struct str hub_event_values(const struct hub_event *e);
struct hub_event *hub_event_done(struct str job, const char *state,
				 uint64_t parts, int64_t ms);
/* job may be empty. */
struct hub_event *hub_event_error(struct str job, const struct weir_error *err);
struct hub_event *hub_event_problem(struct str job, const struct problem *p);
/* detail: why; NULL: not said. */
struct hub_event *hub_event_interest(struct str name, const char *state,
				     const char *detail);
/* Events from number from to number to of a stream are missing; to is 0 when
 * nobody knows how many. */
struct hub_event *hub_event_gap(const char *reason, struct str stream,
				uint64_t from, uint64_t to);
struct hub_event *hub_event_dropped(uint64_t count);
struct hub_event *hub_event_ping(void);
/* retry_ms: when to come back; 0: not said. */
struct hub_event *hub_event_bye(const char *reason, uint32_t retry_ms);

static inline struct hub_event *hub_event_ref(struct hub_event *e)
{
	e->refs++;
	return e;
}

void hub_event_unref(struct hub_event *e); /* NULL does nothing */

/* What another thread makes an event of: one reference of the caller's. */
struct hub_event_bytes *hub_event_share(struct hub_event *e);
/* An event of the calling thread. Takes b. */
struct hub_event *hub_event_of(struct hub_event_bytes *b);
/* Any thread; for who does not want it after all. */
void hub_event_bytes_unref(struct hub_event_bytes *b);

/* Bytes of memory that it takes. */
static inline size_t hub_event_bytes(const struct hub_event *e)
{
	return sizeof *e + e->len + e->values_len;
}

#endif
