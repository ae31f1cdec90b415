/* pusher.h - parts that other programs hand in, from an edge to the reactor.
 *
 *     value --- here ------> hub_push
 *       `------ elsewhere --> pending text --- flush, post ---> hub_push
 *
 * Who pushes need not wait for the reactor: what has been handed in is on its
 * way, in order. But no more than AHEAD bytes of an edge are: above that a
 * pusher waits for the reactor to take them, and for the streams to take what
 * came of them.
 *
 * Threads: the edge's.
 */
#ifndef WEIR_HUB_PUSHER_H
#define WEIR_HUB_PUSHER_H

#include "base/buf.h"
#include "value/value.h"

#include <stdbool.h>
#include <stdint.h>

struct hub_edge;

struct hub_pusher {
	struct hub_edge *edge;
	struct str source;  /* borrowed */
	bool spread;	    /* an array is one of parts */
	struct buf pending; /* texts, each behind its length */
};

void hub_pusher_fini(struct hub_pusher *p);

/* Takes v, a part or an array of parts, that was read from text. Returns how
 * many parts it is. */
uint64_t hub_pusher_add(struct hub_pusher *p, struct value v, struct str text);

/* Sends what was added; blocks the fiber while too much is on its way. 0 or
 * WEIR_ECANCELED. */
int hub_pusher_flush(struct hub_pusher *p);

#endif
