/* queue.h - a ring of held items: first in, first out.
 *
 * All zero is empty. It grows by doubling; its owner minds the bound. Every
 * operator that keeps more than one item keeps them here, with their causes.
 */
#ifndef WEIR_RX_QUEUE_H
#define WEIR_RX_QUEUE_H

#include "rx/cause.h"

#include <stdint.h>

struct rx_queue {
	struct rx_item *ring; /* ours */
	uint32_t first;
	uint32_t len;
	uint32_t cap; /* a power of two, or 0 */
};

void rx_queue_push(struct rx_queue *q, struct rx_item it); /* takes it */
struct rx_item rx_queue_pop(struct rx_queue *q); /* the caller's; not empty */
void rx_queue_clear(struct rx_queue *q);         /* drops all, frees the ring */

/* The i-th from the front, lent. */
static inline struct rx_item *rx_queue_at(const struct rx_queue *q, uint32_t i)
{
	return &q->ring[(q->first + i) & (q->cap - 1)];
}

/* All its items as one array, to be emitted under *cause_out (a count of the
 * caller's); q is empty afterwards and keeps its ring. */
struct value rx_queue_take_array(struct rx_queue *q,
                                 struct rx_cause **cause_out);
/* The same of a copy: q keeps what it holds. */
struct value rx_queue_copy_array(const struct rx_queue *q,
                                 struct rx_cause **cause_out);

#endif
