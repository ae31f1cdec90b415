/* random.h - random JSON texts for the property tests, and small damages. */
#ifndef WEIR_TESTS_JSON_RANDOM_H
#define WEIR_TESTS_JSON_RANDOM_H

#include "base/buf.h"

#include <stdint.h>

/* From a fixed seed: a failure comes again. */
uint32_t random_below(uint32_t n);

/* Appends a valid text: all kinds of values, white space, escapes, repeated
 * names, objects of up to 60 members. */
void random_json(struct buf *out);

/* Changes, drops, doubles or swaps a few bytes. */
void random_damage(struct buf *text);

#endif
