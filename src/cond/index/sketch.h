/* sketch.h - how often is a key seen in events? Roughly, in little memory.
 *
 * A condition is filed under the rarest of its keys, so it has to be known
 * which keys events have: of `status eq open and user.mail eq x` the mail, of a
 * needle the part that is in few texts. Some events of many are counted, in one
 * row of counters chosen by the key (a count-min sketch of depth one). What a
 * counter says is too much where keys share it, never too little. With a few
 * thousand counters all parts of texts look alike; with two million an index of
 * a million needles was measured to match half as many candidates.
 *
 * A small index does without so many: there are four for each condition. One
 * more is a copy of the one that its keys had before (spread.h).
 */
#ifndef WEIR_COND_INDEX_SKETCH_H
#define WEIR_COND_INDEX_SKETCH_H

#include "cond/index/spread.h"
#include "cond/index/stretch.h"

#include <stdint.h>

enum {
	SKETCH_COUNTERS_FIRST = 1 << 18,
	SKETCH_COUNTERS_MAX = 1 << 21,
	SKETCH_PER_CONDITION = 4,
	SKETCH_EVENTS_MAX = 1 << 16,
};

struct sketch {
	struct stretch counters; /* uint16_t */
	struct spread spread;
	uint32_t events; /* counted */
	uint32_t halved; /* counters that have been halved, while that goes on;
			  * SKETCH_COUNTERS_MAX otherwise */
};

void sketch_init(struct sketch *s);
void sketch_fini(struct sketch *s);

/* There are so many conditions now. */
void sketch_fit(struct sketch *s, uint64_t conditions);

uint64_t sketch_bytes(const struct sketch *s);

/* An event begins. Its keys follow. */
void sketch_event(struct sketch *s);

/* Old events count half as much from time to time, which is done in pieces:
 * at most budget counters. Returns how many. */
uint32_t sketch_work(struct sketch *s, uint32_t budget);

static inline uint16_t *sketch_counter(const struct sketch *s, uint64_t key)
{
	return (uint16_t *)s->counters.base +
	       spread_place(&s->spread, key >> 20);
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
