/* graves.h - ids of streams that are no more, for a while: a client that comes
 * back is told whether there is anything to wait for.
 *
 * Threads: those of their edge.
 */
#ifndef WEIR_HUB_GRAVES_H
#define WEIR_HUB_GRAVES_H

#include "base/list.h"
#include "base/map.h"
#include "hub/stream.h"

struct graves {
	struct list all; /* oldest first */
	struct map by_id;
};

void graves_init(struct graves *g);
void graves_fini(struct graves *g);

/* Keeps the id (borrowed); at most max of them, and none from before
 * oldest_ms. */
void graves_add(struct graves *g, struct str id, enum hub_absence why,
		int64_t now_ms, int64_t oldest_ms, size_t max);
enum hub_absence graves_find(const struct graves *g, struct str id);

#endif
