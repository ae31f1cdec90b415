/* cache.h - the parts of the last while, as events: for who asks what there has
 * been, without a stream.
 *
 *     first                      end
 *     [ 17 | 18 | 19 | 20 | 21 ]        numbered in the order of delivery
 *
 * An event is the same object that the streams share, so a part that is also
 * kept by streams costs a reference. Old ones go, by age and by bytes.
 *
 * Threads: the reactor's only.
 */
#ifndef WEIR_HUB_CACHE_H
#define WEIR_HUB_CACHE_H

#include "hub/event.h"
#include "loop/loop.h"

#include <stddef.h>
#include <stdint.h>

struct hub_cache {
	struct loop *loop;
	struct hub_event **ring; /* ours; NULL while it is empty */
	size_t cap;		 /* a power of two */
	uint64_t first;		 /* numbers */
	uint64_t end;
	size_t bytes; /* of events */
	size_t max;   /* 0: nothing is kept */
	int64_t keep_ms;
	struct loop_timer oldest; /* its time is over */
};

void hub_cache_init(struct hub_cache *c, struct loop *l);
void hub_cache_fini(struct hub_cache *c);
/* Also lets go of what is too old or too much by the new measure. */
void hub_cache_configure(struct hub_cache *c, int64_t keep_ms, size_t max);

static inline bool hub_cache_wanted(const struct hub_cache *c)
{
	return c->max > 0;
}

/* Shares e, a part. */
void hub_cache_add(struct hub_cache *c, struct hub_event *e);

/* The first one from number *at on (borrowed), and its number; NULL: no more
 * before end. */
struct hub_event *hub_cache_next(const struct hub_cache *c, uint64_t *at,
				 uint64_t end);

#endif
