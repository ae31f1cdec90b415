/* embed_fn.h - C functions of the program as value functions. */
#ifndef WEIR_APP_EMBED_FN_H
#define WEIR_APP_EMBED_FN_H

#include "base/str.h"
#include "rx/fn.h"
#include "weir/function.h"

/* An rx_fn of the caller's that calls fn with arg. */
struct rx_fn *embed_fn(weir_fn fn, void *arg);

/* That of the function with this name; NULL: none of list (ended by a NULL
 * name, or NULL itself) has it. */
struct rx_fn *embed_fn_find(const struct weir_function *list, struct str name);

#endif
