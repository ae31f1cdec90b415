/* queue.c - the ring of held items. */
#include "rx/queue.h"

#include "base/mem.h"

#include <string.h>

/* The ring laid out anew from its first item on. */
static void rearrange(struct rx_queue *q, uint32_t cap)
{
	struct rx_item *ring = mem_alloc(cap * sizeof *ring);
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

void rx_queue_push(struct rx_queue *q, struct rx_item it)
{
	if (q->len == q->cap)
		rearrange(q, q->cap ? q->cap * 2 : 4);
	q->ring[(q->first + q->len++) & (q->cap - 1)] = it;
}

struct rx_item rx_queue_pop(struct rx_queue *q)
{
	struct rx_item it = q->ring[q->first];

	q->first = (q->first + 1) & (q->cap - 1);
	q->len--;
	return it;
}

void rx_queue_clear(struct rx_queue *q)
{
	struct rx_queue gone = *q;

	*q = (struct rx_queue){0}; /* first: a release may look at us */
	while (gone.len)
		rx_item_drop(rx_queue_pop(&gone));
	mem_free(gone.ring);
}

struct value rx_queue_copy_array(const struct rx_queue *q,
                                 struct rx_cause **cause_out)
{
	struct rx_item *items = mem_alloc((q->len + 1) * sizeof *items);
	struct value *elements = mem_alloc((q->len + 1) * sizeof *elements);

	for (uint32_t i = 0; i < q->len; i++) {
		items[i] = *rx_queue_at(q, i);
		elements[i] = value_ref(items[i].v);
	}
	*cause_out = rx_cause_join(items, q->len);

	struct value array = value_array(elements, q->len);

	mem_free(elements);
	mem_free(items);
	return array;
}

struct value rx_queue_take_array(struct rx_queue *q,
                                 struct rx_cause **cause_out)
{
	struct value array = rx_queue_copy_array(q, cause_out);

	while (q->len)
		rx_item_drop(rx_queue_pop(q));
	return array;
}
