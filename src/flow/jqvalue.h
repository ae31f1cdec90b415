/* jqvalue.h - values to libjq's and back.
 *
 * libjq knows doubles only: an integer beyond 2^53 loses its last digits on
 * the way in. On the way out whole doubles within 2^53 become integers.
 */
#ifndef WEIR_FLOW_JQVALUE_H
#define WEIR_FLOW_JQVALUE_H

#include "base/error.h"
#include "value/value.h"

#include <jv.h>

jv jv_from_value(struct value v);

/* Takes j. Returns 0, or WEIR_EITEM with err when the result is larger or
 * deeper than any item may be. */
int jv_to_value(jv j, struct value *out, struct weir_error *err);

/* d as jq would give it out: whole ones as integers, no infinity. */
struct value jv_number_result(double d);

/* v as jq shows it in its messages: JSON, cut to 14 bytes; half a character
 * becomes U+FFFD. */
#define JV_BRIEF 48
const char *jv_brief(struct value v, char out[JV_BRIEF]);

/* v as JSON text, as tostring gives it. */
struct value jv_text(struct value v);

#endif
