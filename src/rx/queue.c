/* queue.c - the ring of held items. */
#include "rx/queue.h"

#include "base/mem.h"

#include <string.h>

/* The ring laid out anew from its first item on. */
static void rearrange(struct rx_queue *q, uint32_t cap)
{
	struct rx_held *ring = mem_alloc(cap * sizeof *ring);
	uint32_t head = q->cap - q->first; /* items before the wrap */

	if (head > q->len)
		head = q->len;
	if (q->len) {
		memcpy(ring, q->ring + q->first, head * sizeof *ring);
		memcpy(ring + head, q->ring, (q->len - head) * sizeof *ring);
	}
	mem_free(q->ring);
	q->ring = ring;
	q->first = 0;
	q->cap = cap;
}

void rx_queue_push(struct rx_queue *q, struct rx_item it, int64_t at)
{
	if (q->len == q->cap)
		rearrange(q, q->cap ? q->cap * 2 : 4);
	q->ring[(q->first + q->len++) & (q->cap - 1)] =
		(struct rx_held){it, at};
}

struct rx_item rx_queue_pop(struct rx_queue *q)
{
	struct rx_item it = q->ring[q->first].item;

	q->first = (q->first + 1) & (q->cap - 1);
	q->len--;
	return it;
}

void rx_queue_drop(struct rx_queue *q, uint32_t n)
{
	while (n--)
		rx_item_drop(rx_queue_pop(q));
}

void rx_queue_clear(struct rx_queue *q)
{
	struct rx_queue gone = *q;

	*q = (struct rx_queue){0}; /* first: a release may look at us */
	rx_queue_drop(&gone, gone.len);
	mem_free(gone.ring);
}

struct rx_item rx_queue_array(const struct rx_queue *q, uint32_t i)
{
	uint32_t n = q->len - i;
	struct rx_item *items = mem_alloc((n + 1) * sizeof *items);
	struct value *elements = mem_alloc((n + 1) * sizeof *elements);

	for (uint32_t k = 0; k < n; k++) {
		items[k] = rx_queue_at(q, i + k)->item;
		elements[k] = value_ref(items[k].v);
	}

	struct rx_item array = {
		.v = value_array(elements, n),
		.cause = rx_cause_join(items, n),
	};

	mem_free(elements);
	mem_free(items);
	return array;
}

struct rx_item rx_queue_take_array(struct rx_queue *q)
{
	struct rx_item array = rx_queue_array(q, 0);

	rx_queue_drop(q, q->len);
	return array;
}
