/* sketch.h - how often is a key seen in events? Roughly, in little memory.
 *
 * A condition is filed under the rarest of its keys, so it has to be known
 * which keys events have: of `status eq open and user.mail eq x` the mail, of a
 * needle the part that is in few texts. Some events of many are counted, in one
 * row of counters chosen by the key (a count-min sketch of depth one). What a
 * counter says is too much where keys share it, never too little. With a few
 * thousand counters all parts of texts look alike; with two million an index of
 * a million needles was measured to match half as many candidates.
 */
#ifndef WEIR_COND_INDEX_SKETCH_H
#define WEIR_COND_INDEX_SKETCH_H

#include "cond/index/stretch.h"

#include <stdint.h>

enum { SKETCH_COUNTERS = 1 << 21, SKETCH_EVENTS_MAX = 1 << 16 };

struct sketch {
	struct stretch counters; /* uint16_t */
	uint32_t events;	 /* counted */
	uint32_t halved;	 /* counters that have been halved, while that
				  * goes on; SKETCH_COUNTERS otherwise */
};

void sketch_init(struct sketch *s);
void sketch_fini(struct sketch *s);

/* An event begins. Its keys follow. */
void sketch_event(struct sketch *s);

/* Old events count half as much from time to time, which is done in pieces:
 * at most budget counters. Returns how many. */
uint32_t sketch_work(struct sketch *s, uint32_t budget);

static inline uint16_t *sketch_counter(const struct sketch *s, uint64_t key)
{
	return (uint16_t *)s->counters.base +
	       (key >> 20 & (SKETCH_COUNTERS - 1));
}

static inline void sketch_count(struct sketch *s, uint64_t key)
{
	uint16_t *counter = sketch_counter(s, key);

	*counter += *counter < UINT16_MAX;
}

/* The share of events that have the key; expected is what to think of one that
 * little is known of. */
static inline double sketch_share(const struct sketch *s, uint64_t key,
				  double expected)
{
	double share =
		(*sketch_counter(s, key) + 16 * expected) / (s->events + 16.0);

	return share < 1 ? share : 1;
}

#endif
