/* arith.h - arithmetic whose result is only asked whether it is zero. */
#ifndef WEIR_COND_ARITH_H
#define WEIR_COND_ARITH_H

#include "cond/tree.h"

/* op is COND_ADD or a later one; a and b are numbers. False also where there
 * is no result: division by zero, a shift by less than none, bits of what is
 * not whole, a power beyond any double. */
bool cond_arith(enum cond_op op, struct value a, struct value b);

#endif
