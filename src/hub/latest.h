/* latest.h - for a slow client that wants the newest of each key: which number
 * has the part of a key that waits?
 *
 * Threads: those of its stream.
 */
#ifndef WEIR_HUB_LATEST_H
#define WEIR_HUB_LATEST_H

#include "hub/window.h"
#include "value/value.h"

struct hub_latest;

/* path: of the key in a part's data; it was checked before. */
struct hub_latest *hub_latest_create(struct str path);
void hub_latest_destroy(struct hub_latest *l); /* NULL does nothing */

/* A part with this data waits in w from now on, as number seq. Returns the
 * number of the one with its key that waited before, or 0. */
uint64_t hub_latest_put(struct hub_latest *l, const struct hub_window *w,
			struct value data, uint64_t seq);
/* Nothing waits any more. */
void hub_latest_clear(struct hub_latest *l);

#endif
