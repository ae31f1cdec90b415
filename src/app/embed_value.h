/* embed_value.h - the values of include/weir/value.h are those of value/. */
#ifndef WEIR_APP_EMBED_VALUE_H
#define WEIR_APP_EMBED_VALUE_H

#include "value/value.h"
#include "weir/value.h"

_Static_assert(sizeof(struct weir_value) == sizeof(struct value) &&
		       _Alignof(struct weir_value) == _Alignof(struct value),
	       "arrays of the one are arrays of the other");

static inline struct value embed_value(struct weir_value v)
{
	struct value inner;

	memcpy(&inner, &v, sizeof inner);
	return inner;
}

static inline struct weir_value embed_value_out(struct value v)
{
	struct weir_value outer;

	memcpy(&outer, &v, sizeof outer);
	return outer;
}

#endif
