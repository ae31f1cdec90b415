/* slot.h - room for one held item: the latest that waits. Private to rx/.
 *
 * All zero is empty. What debounce, throttle, audit, sample and last keep.
 */
#ifndef WEIR_RX_SLOT_H
#define WEIR_RX_SLOT_H

#include "rx/op.h"

struct rx_slot {
	struct rx_item item;
	bool full;
};

static inline void rx_slot_clear(struct rx_slot *slot)
{
	if (!slot->full)
		return;
	slot->full = false; /* first: a release may look at us */
	rx_item_drop(slot->item);
}

/* Holds v under the present cause, in place of what was there. */
static inline void rx_slot_put(struct rx_slot *slot, struct value v)
{
	rx_slot_clear(slot);
	slot->item = rx_item_hold(v);
	slot->full = true;
}

/* Emits what is there, if anything. The slot is empty before down is called,
 * which may cancel s or send an item. */
static inline void rx_slot_emit(struct rx_slot *slot, struct rx_sub *s)
{
	if (!slot->full)
		return;
	slot->full = false;
	rx_emit_item(s, slot->item);
}

#endif
