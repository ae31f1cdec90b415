/* literal.h - what an unquoted word of a condition stands for. */
#ifndef WEIR_COND_LITERAL_H
#define WEIR_COND_LITERAL_H

#include "base/str.h"
#include "value/value.h"

/* true, false, None; whole and decimal numbers; str:TEXT; all else is itself,
 * a string. A number beyond any double is infinite. The caller owns it. */
struct value cond_literal(struct str word);

/* Digits with at most a sign before them. */
bool cond_is_integer(struct str word);

#endif
