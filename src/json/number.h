/* number.h - decimal digits to the nearest double, and back to the fewest
 * digits that mean it. Threads: any. */
#ifndef WEIR_JSON_NUMBER_H
#define WEIR_JSON_NUMBER_H

#include <stddef.h>
#include <stdint.h>

/* w * 10^q, correctly rounded (to even at a tie). Infinite on overflow. */
double json_decimal_to_double(uint64_t w, int64_t q);

/* The same for digits too many for a uint64. digits: decimal digits and at
 * most one dot; q is added to the exponent. */
double json_digits_to_double(const char *digits, const char *end, int64_t q);

/* Writes d (finite) in the fewest digits that read back as d, of those the
 * nearest; always with a '.' or an 'e', so that it stays a double. Returns the
 * length; out holds JSON_DOUBLE_MAX bytes. */
#define JSON_DOUBLE_MAX 32
size_t json_format_double(double d, char *out);

/* Writes n in decimal. Returns the length, at most 20. */
size_t json_format_u64(uint64_t n, char *out);

#endif
