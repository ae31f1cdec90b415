/* queue.h - a ring of held items: first in, first out.
 *
 * All zero is empty. It grows by doubling; its owner minds the bound. Every
 * operator that keeps more than one item keeps them here, with their causes.
 */
#ifndef WEIR_RX_QUEUE_H
#define WEIR_RX_QUEUE_H

#include "rx/cause.h"

#include <stdint.h>

struct rx_held {
	struct rx_item item;
	int64_t at; /* what the owner wants to remember: a time, a number */
};

struct rx_queue {
	struct rx_held *ring; /* ours */
	uint32_t first;
	uint32_t len;
	uint32_t cap; /* a power of two, or 0 */
};

/* Takes it. */
void rx_queue_push(struct rx_queue *q, struct rx_item it, int64_t at);
struct rx_item rx_queue_pop(struct rx_queue *q); /* the caller's; not empty */
void rx_queue_clear(struct rx_queue *q);	 /* drops all, frees the ring */

/* The i-th from the front, lent. */
static inline struct rx_held *rx_queue_at(const struct rx_queue *q, uint32_t i)
{
	return &q->ring[(q->first + i) & (q->cap - 1)];
}

/* Drops the first n. */
void rx_queue_drop(struct rx_queue *q, uint32_t n);

/* The items from the i-th on as one array with their joined cause; the caller's
 * (rx_item_drop). q keeps what it holds. */
struct rx_item rx_queue_array(const struct rx_queue *q, uint32_t i);
/* All of them likewise, and q is empty then. */
struct rx_item rx_queue_take_array(struct rx_queue *q);

#endif
