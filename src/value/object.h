/* object.h - how the members of an object lie in its block. For value/ and
 * for those who lay out a block themselves.
 *
 *     nodes   | key value | key value | ... | index |
 *             '--------- 2 n ---------------'       (from 17 members up)
 *
 * The bytes of the keys are in the block of the object itself, whoever made
 * it: so a search touches one piece of memory.
 *
 * Small objects are searched one key after the other. A bigger one has a hash
 * table of its members behind them, dressed as integer nodes (two slots in
 * the payload of each), so that whoever walks the nodes of a block sees
 * nothing special. Otherwise a hostile document of 50,000 members would make
 * every lookup, and the removal of repeated names, cost 50,000 steps.
 */
#ifndef WEIR_VALUE_OBJECT_H
#define WEIR_VALUE_OBJECT_H

#include "value/value.h"

enum { VALUE_INDEXED_MIN = 17 }; /* members */

/* Nodes that n members take, index included. */
uint64_t value_object_nodes(uint64_t n);

/* Finishes the n members at nodes: of members with one name the last value
 * stays, at the place of the first; then the index is written behind them
 * (there is room for value_object_nodes(n) nodes).
 *
 * base  the bytes of a key are at base + off of its node
 * drop  gets each value that is dropped; may be NULL
 *
 * Returns how many members are left; only value_object_nodes() of that number
 * of nodes mean something afterwards.
 */
uint32_t value_object_finish(const char *base, struct value *nodes, uint32_t n,
			     void (*drop)(struct value v));

#endif
