/* stretch.h - a long array that grows where it lies.
 *
 *     base                    committed              reserved
 *     | in use ......... free | no memory behind it  |
 *     +-----------------------+----------------------+
 *
 * Addresses for the longest it may ever be are reserved once; memory comes
 * behind them as it grows. So growth copies nothing: no pause however large it
 * is, no second copy, and pointers into it stay good. A vector that doubles
 * would stop an index of ten million interests for half a second.
 *
 * Addresses alone cost nothing: they are mapped without permissions, which the
 * system does not count as memory.
 */
#ifndef WEIR_COND_INDEX_STRETCH_H
#define WEIR_COND_INDEX_STRETCH_H

#include "base/util.h"

#include <stddef.h>

struct stretch {
	char *base;
	size_t committed; /* bytes */
	size_t reserved;  /* bytes */
	size_t skipped;	  /* bytes in front of base, to begin with a page */
};

/* Ends the process where not even addresses are to be had. */
void stretch_init(struct stretch *s, size_t reserved);
void stretch_fini(struct stretch *s);
void stretch_commit(struct stretch *s, size_t bytes); /* see below */

/* Makes the first bytes usable; new ones are zero. Like mem_alloc it ends the
 * process when there is no memory: whoever lets peers choose the size has a
 * limit of its own. */
static inline void stretch_need(struct stretch *s, size_t bytes)
{
	if (UNLIKELY(bytes > s->committed))
		stretch_commit(s, bytes);
}

#endif
