/* key.h - the key of a part: a scalar found in its data by a path. */
#ifndef WEIR_HUB_KEY_H
#define WEIR_HUB_KEY_H

#include "value/value.h"

/* Lends the key of data. False: nothing is there, or no scalar. */
static inline bool hub_key_find(const struct value_path *path,
				struct value data, struct value *out)
{
	return value_path_find(path, data, out) &&
	       value_type(*out) < VALUE_ARRAY;
}

/* The key by itself: it does not hold the document that it stands in. */
static inline struct value hub_key_copy(struct value key)
{
	return value_type(key) == VALUE_STRING ? value_string(value_str(key))
					       : key;
}

#endif
