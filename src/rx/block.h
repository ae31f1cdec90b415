/* block.h - the sub-pipeline of an inner stream: `{ ... }`.
 *
 * flat_map, group_by, window ... call build once for each inner stream.
 * What the block is (a pipeline, @stream, a program that gives an array) is
 * flow's affair, or the embedding program's.
 */
#ifndef WEIR_RX_BLOCK_H
#define WEIR_RX_BLOCK_H

#include "rx/observer.h"

struct rx_block;

/* What the inside of a block can ask for. */
struct rx_inner {
	struct rx_source *source; /* the inner stream, taken by build:
				   * just(item) for flat_map and its kin, the
				   * group or window for others */
	struct value item; /* borrowed: the item that opened it, or null */
	struct value key;  /* borrowed: $key of a group, or null */
	struct value acc;  /* borrowed: $acc in merge_scan, switch_scan */
	int64_t index;	   /* $index in flat_map_indexed; else -1 */
	bool has_key;
	bool has_acc;
};

struct rx_block_ops {
	/* Takes in->source. Gives a source of the caller's. NULL with err when
	 * it cannot (an item error). */
	struct rx_source *(*build)(struct rx_block *b,
				   const struct rx_inner *in,
				   struct weir_error *err);
	void (*destroy)(struct rx_block *b);
};

struct rx_block {
	const struct rx_block_ops *ops;
	uint32_t refs;
};

static inline struct rx_block *rx_block_ref(struct rx_block *b)
{
	if (b)
		b->refs++;
	return b;
}

static inline void rx_block_unref(struct rx_block *b)
{
	if (b && --b->refs == 0)
		b->ops->destroy(b);
}

#endif
