/* block.c - asks a block for the inner stream of an item. */
#include "rx/block.h"

#include "rx/op.h"

struct rx_source *rx_build_inner(struct rx_ctx *ctx, struct rx_block *block,
				 struct value item, int64_t index,
				 struct weir_error *err)
{
	struct rx_inner in = {
		.source = rx_just(ctx, value_ref(item)),
		.item = item,
		.index = index,
	};

	return block->ops->build(block, &in, err);
}
