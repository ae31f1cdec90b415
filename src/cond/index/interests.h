/* interests.h - who wants to know, and until when.
 *
 * An interest is 32 bytes: whose it is, its condition, its neighbours among the
 * owners of that condition, and in the timing wheel.
 *
 * The wheel has four levels of 256 slots; one of the lowest is a tick of 10 ms.
 *
 *     level 0   |.|x|.|.|  256 ticks       what ends within 2.56 s
 *     level 1   |.|.|x|.|  of 256 ticks    within 11 minutes
 *     level 2, 3                           within 46 hours, within 497 days
 *
 * When the hand comes to a slot, what is in it either has ended or is filed
 * again, further down. So a keep-alive stores the new end and nothing else: the
 * wheel finds out when it comes to the old one. Ten million interests that are
 * kept alive every minute are 167,000 stores a second.
 *
 * Whatever many ends at once, it is taken out in pieces: a slot that is due
 * moves, as a whole, to a list of what is to be looked at, from which each call
 * takes as many as it may. Meanwhile index_interests_alive tells by the clock.
 *
 * Numbers are used again; a generation in the id tells who is meant.
 */
#ifndef WEIR_COND_INDEX_INTERESTS_H
#define WEIR_COND_INDEX_INTERESTS_H

#include "cond/index/stretch.h"

#include <stdbool.h>
#include <stdint.h>

struct interest {
	uint64_t user : 48;
	uint64_t generation : 16; /* odd: in use */
	uint32_t cond;
	uint32_t next; /* the owners of a condition are a ring; of a free one:
			* the next free one */
	uint32_t prev;
	uint32_t wheel_next; /* a ring with the slot; itself: in no slot */
	uint32_t wheel_prev;
	uint32_t end; /* tick */
};

enum {
	INTERESTS_TICK_MS = 10,
	WHEEL_LEVELS = 4,
	WHEEL_SLOTS = 256,
	/* The first numbers are the slots of the wheel themselves. */
	WHEEL_DUE = WHEEL_LEVELS * WHEEL_SLOTS,
	INTERESTS_FIRST,
};

#define INTERESTS_NEVER UINT32_MAX /* as end */

struct index_interests {
	struct stretch at; /* struct interest */
	uint32_t last;	   /* number given out, ever, + 1 */
	uint32_t free;	   /* first free one; 0: none */
	uint32_t n;
	uint32_t hand; /* tick up to which the wheel has been emptied */
	uint32_t now;  /* tick */
	int64_t start_ms;
};

void index_interests_init(struct index_interests *s, int64_t now_ms);
void index_interests_fini(struct index_interests *s);

/* A new one that ends at a tick, or never. */
uint32_t index_interests_add(struct index_interests *s, uint64_t user,
			     uint32_t end);
void index_interests_remove(struct index_interests *s, uint32_t number);

/* Ends it at another tick. */
void index_interests_keep(struct index_interests *s, uint32_t number,
			  uint32_t end);

/* The tick by which something ends at deadline_ms at the latest. */
uint32_t index_interests_tick(const struct index_interests *s,
			      int64_t deadline_ms);

/* The clock has come to now_ms. */
void index_interests_set_now(struct index_interests *s, int64_t now_ms);

/* The next one that has ended, which is the caller's to remove; 0: there is no
 * more, or *budget, the steps that may be taken, is used up. */
uint32_t index_interests_ended(struct index_interests *s, uint32_t *budget);

static inline struct interest *index_interests_at(
	const struct index_interests *s, uint32_t number)
{
	return (struct interest *)s->at.base + number;
}

static inline bool index_interests_alive(const struct index_interests *s,
					 const struct interest *i)
{
	return i->end > s->now;
}

static inline uint64_t index_interests_id(const struct index_interests *s,
					  uint32_t number)
{
	return (uint64_t)index_interests_at(s, number)->generation << 32 |
	       number;
}

/* Asks for what removing it will look at. */
static inline void index_interests_prefetch(const struct index_interests *s,
					    uint32_t number)
{
	const struct interest *i = index_interests_at(s, number);

	__builtin_prefetch(index_interests_at(s, i->wheel_next));
	__builtin_prefetch(index_interests_at(s, i->wheel_prev));
}

/* The number of an id, or 0 when there is no such interest any more. */
uint32_t index_interests_find(const struct index_interests *s, uint64_t id);

#endif
