/* keys.h - a table from JSON values to numbers: 1 and 1.0 are one key.
 *
 * All zero is empty. Open addressing with linear probing; grows by doubling.
 * group_by, distinct, to_set and to_dict find their keys here.
 */
#ifndef WEIR_RX_KEYS_H
#define WEIR_RX_KEYS_H

#include "value/value.h"

#include <stdint.h>

struct rx_keys_slot {
	struct value key; /* ours */
	uint64_t hash;	  /* 0: the slot is free */
	uintptr_t data;
};

struct rx_keys {
	struct rx_keys_slot *slots; /* ours */
	uint32_t n;
	uint32_t cap; /* a power of two, or 0 */
};

void rx_keys_clear(struct rx_keys *k); /* empty and usable afterwards */
/* Its data, to be read or written until the table changes; NULL: not there. */
uintptr_t *rx_keys_find(const struct rx_keys *k, struct value key);
/* key (shared) must not be there. */
void rx_keys_add(struct rx_keys *k, struct value key, uintptr_t data);
void rx_keys_remove(struct rx_keys *k, struct value key); /* if it is there */

#endif
