/* embed_fn.h - C functions of the program as value functions. */
#ifndef WEIR_APP_EMBED_FN_H
#define WEIR_APP_EMBED_FN_H

#include "base/error.h"
#include "base/str.h"
#include "rx/fn.h"
#include "weir/function.h"

/* An rx_fn of the caller's that calls fn with arg. */
struct rx_fn *embed_fn(weir_fn fn, void *arg);

/* That of the function with this name; NULL: none of list (ended by a NULL
 * name, or NULL itself) has it. */
struct rx_fn *embed_fn_find(const struct weir_function *list, struct str name);

/* Around a function of the program that gives a result or fills err. It may
 * forget to: what it left out is filled in. Cheap, since it is done for every
 * item: the rest of the message is nobody's. */
static inline void embed_error_begin(struct weir_error *err)
{
	err->code = 0;
	err->line = err->column = 0;
	err->offset = 0;
	err->message[0] = '\0';
}

/* rc: negative. Returns it. */
static inline int embed_error_end(struct weir_error *err, int rc)
{
	return err->code ? rc : error_set(err, rc, "%s", weir_strerror(rc));
}

#endif
