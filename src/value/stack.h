/* stack.h - the explicit stack of a walk over nested values.
 *
 * The parser bounds the depth of what it reads; what is built by value_array
 * and value_object may nest deeper than any fiber's stack could follow by
 * recursion. So a walk keeps its frames here: the first ones in the array
 * local that it brings along, more of them in allocated memory.
 */
#ifndef WEIR_VALUE_STACK_H
#define WEIR_VALUE_STACK_H

#include "base/mem.h"

#include <stdint.h>
#include <string.h>

struct value_stack {
	void *frames; /* local, or ours */
	void *local;
	uint32_t n;
	uint32_t cap;
};

#define VALUE_STACK(array) \
	((struct value_stack){(array), (array), 0, ARRAY_LEN(array)})

/* Room for one frame of the given size more; its content is undefined. The
 * frames may move. */
static inline void *value_stack_push(struct value_stack *s, size_t size)
{
	if (UNLIKELY(s->n == s->cap)) {
		void *grown = s->frames == s->local ? NULL : s->frames;

		grown = mem_realloc(grown, 2 * s->cap * size);
		if (s->frames == s->local)
			memcpy(grown, s->local, s->cap * size);
		s->frames = grown;
		s->cap *= 2;
	}
	return (char *)s->frames + s->n++ * size;
}

static inline void value_stack_fini(struct value_stack *s)
{
	if (s->frames != s->local)
		mem_free(s->frames);
}

#endif
