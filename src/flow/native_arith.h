/* native_arith.h - a + b and its kin, as jq means them.
 *
 * All borrow a and b; *out is the caller's. 0, or WEIR_EITEM with jq's message.
 */
#ifndef WEIR_FLOW_NATIVE_ARITH_H
#define WEIR_FLOW_NATIVE_ARITH_H

#include "base/error.h"
#include "value/value.h"

int arith_add(struct value a, struct value b, struct value *out,
	      struct weir_error *err);
int arith_subtract(struct value a, struct value b, struct value *out,
		   struct weir_error *err);
int arith_multiply(struct value a, struct value b, struct value *out,
		   struct weir_error *err);
int arith_divide(struct value a, struct value b, struct value *out,
		 struct weir_error *err);
int arith_modulo(struct value a, struct value b, struct value *out,
		 struct weir_error *err);
int arith_negate(struct value v, struct value *out, struct weir_error *err);

#endif
