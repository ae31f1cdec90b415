/* random.h - random conditions and documents that often meet, and a naive
 * reading of a condition to hold against the real one. */
#ifndef WEIR_TESTS_COND_RANDOM_H
#define WEIR_TESTS_COND_RANDOM_H

#include "base/buf.h"
#include "cond/cond.h"
#include "cond/tree.h"

/* From a fixed seed: a failure comes again. */
uint32_t random_below(uint32_t n);

void random_cond(struct buf *out);     /* text of a valid condition */
void random_document(struct buf *out); /* JSON */

/* What the tree (as it was written) says of v, by the book: all values that a
 * key meets are listed, each is held against the operand. */
bool naive_holds(const struct cond_node *n, struct value v,
		 const struct cond_meta *meta);

#endif
