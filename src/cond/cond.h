/* cond.h - a condition: is this value of interest?
 *
 *     type eq order and [total gt 100 or * contains joe]
 *
 * Parsed once, evaluated often. A condition is total: no value makes it fail.
 * A missing member or a value of another type makes a comparison false, and
 * its `not` true.
 *
 * Threads: a condition belongs to the thread that parsed it.
 */
#ifndef WEIR_COND_COND_H
#define WEIR_COND_COND_H

#include "base/error.h"
#include "base/str.h"
#include "value/value.h"

#define COND_TEXT_MAX  64 * 1024 /* bytes */
#define COND_DEPTH_MAX 256	 /* brackets in brackets, atoms in a row */

struct cond;

/* Reads text (borrowed). Returns 0; else WEIR_EINVAL or WEIR_ETOOBIG with err
 * telling where, and *out is NULL. */
int cond_parse(struct str text, struct cond **out, struct weir_error *err);
struct cond *cond_ref(struct cond *c);
void cond_unref(struct cond *c);

bool cond_eval(const struct cond *c, struct value v); /* borrows v */

#endif
