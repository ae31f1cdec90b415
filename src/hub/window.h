/* window.h - the numbered events of a stream: those it has sent and may be
 * asked for again, and those that wait.
 *
 *     head                      fresh              tail
 *     [ 7 | 8..11 gone | 12 | 13 | 14 | 15 | 16 ... ]
 *       `------- kept ----------'  `--- waiting ---'
 *                   ^ cursor: the next one to be written; behind fresh only
 *                     while what was written before is written again
 *
 * A ring of references: an event's bytes are shared by all streams that are
 * sent it. What was dropped leaves a hole that counts, so that the numbers add
 * up also for who resumes.
 *
 * Threads: those of its stream.
 */
#ifndef WEIR_HUB_WINDOW_H
#define WEIR_HUB_WINDOW_H

#include "base/str.h"
#include "hub/event.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* `"matched":["joe","all"],`: the names of the interests that a part met,
 * shared by the slots of parts that met the same. */
struct hub_names {
	uint32_t refs;
	uint32_t len;
	char text[];
};

struct hub_names *hub_names_create(struct str text);
void hub_names_unref(struct hub_names *n); /* NULL does nothing */

struct hub_slot {
	struct hub_event *event; /* one reference; NULL: a hole */
	union {
		struct hub_names *names; /* one reference; NULL: none */
		uint64_t count; /* of the hole; 0: it is in another one now */
	};
	uint64_t seq : 63; /* of the event, or the last of the hole */
	uint64_t own : 1;  /* not to be dropped */
};

/* All zero is empty. */
struct hub_window {
	struct hub_slot *slots; /* ours; NULL while there are none */
	uint32_t cap;		/* a power of two */
	uint32_t head;		/* indices run free; & (cap - 1) is the slot */
	uint32_t cursor;
	uint32_t fresh; /* the first that was never written */
	uint32_t tail;
	uint32_t dead;	      /* slots with nothing in them */
	uint32_t drop_from;   /* nothing before it can be dropped */
	size_t kept_bytes;    /* of bodies before fresh */
	size_t waiting_bytes; /* of those from there on */
};

void hub_window_fini(struct hub_window *w);

/* Appends an event that waits; shares e and names (may be NULL). */
void hub_window_push(struct hub_window *w, struct hub_event *e, uint64_t seq,
		     struct hub_names *names, bool own);
/* Appends an event that is lost at once. */
void hub_window_push_hole(struct hub_window *w, uint64_t seq);

/* The next that waits (a hole has no event), or NULL. Until w changes. */
const struct hub_slot *hub_window_next(const struct hub_window *w);
/* It was written: it is kept from now on. */
void hub_window_advance(struct hub_window *w);

/* Drops the oldest part that waits and may be dropped. False: there is none. */
bool hub_window_drop_oldest(struct hub_window *w);
/* Drops that one, if it waits and may be dropped. */
bool hub_window_drop(struct hub_window *w, uint64_t seq);
/* True when that one has not been written yet and is there. */
bool hub_window_waits(const struct hub_window *w, uint64_t seq);

/* Forgets what was written: older than oldest_ms, or over bytes. */
void hub_window_forget(struct hub_window *w, int64_t oldest_ms, size_t bytes);

/* Goes to behind seq, which is at most last, the number of the newest event.
 * Returns the number behind which all is there: seq, or a greater one when what
 * follows seq is not kept any more. */
uint64_t hub_window_seek(struct hub_window *w, uint64_t seq, uint64_t last);

static inline bool hub_window_idle(const struct hub_window *w)
{
	return w->cursor == w->tail;
}

/* Bytes of memory that are its own. */
size_t hub_window_memory(const struct hub_window *w);

#endif
