/* str.c - see str.h. */
#include "base/str.h"

#include "base/util.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/error.h"

static unsigned char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (unsigned char)(c + 32)
				    : (unsigned char)c;
}

bool str_ieq(struct str a, struct str b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if (lower(a.p[i]) != lower(b.p[i]))
			return false;
	return true;
}

bool str_starts(struct str s, struct str prefix)
{
	return s.len >= prefix.len && str_eq(str_from(s.p, prefix.len), prefix);
}

bool str_ends(struct str s, struct str suffix)
{
	return s.len >= suffix.len &&
	       str_eq(str_from(s.p + s.len - suffix.len, suffix.len), suffix);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct str str_trim(struct str s)
{
	while (s.len && is_blank(s.p[0])) {
		s.p++;
		s.len--;
	}
	while (s.len && is_blank(s.p[s.len - 1]))
		s.len--;
	return s;
}

struct str str_cut(struct str *rest, char sep)
{
	struct str all = *rest;
	const char *at = all.len ? memchr(all.p, sep, all.len) : NULL;

	if (!at) {
		*rest = (struct str){0};
		return all;
	}
	*rest = str_from(at + 1, all.len - (size_t)(at - all.p) - 1);
	return str_from(all.p, (size_t)(at - all.p));
}

int str_to_u64(struct str s, uint64_t *out)
{
	uint64_t n = 0;

	if (!s.len)
		return WEIR_EINVAL;
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return WEIR_EINVAL;
		if (__builtin_mul_overflow(n, (uint64_t)10, &n) ||
		    __builtin_add_overflow(n, (uint64_t)(s.p[i] - '0'), &n))
			return WEIR_ETOOBIG;
	}
	*out = n;
	return 0;
}

int str_to_i64(struct str s, int64_t *out)
{
	bool negative = s.len && s.p[0] == '-';
	uint64_t n;

	if (negative)
		s = str_from(s.p + 1, s.len - 1);

	int rc = str_to_u64(s, &n);

	if (rc < 0)
		return rc;
	if (n > (uint64_t)INT64_MAX + negative)
		return WEIR_ETOOBIG;
	*out = negative ? (int64_t)(0 - n) : (int64_t)n;
	return 0;
}

int str_to_double(struct str s, double *out)
{
	char text[64];
	char *end;

	if (!s.len || is_blank(s.p[0]))
		return WEIR_EINVAL;
	if (s.len >= sizeof text)
		return WEIR_ETOOBIG;
	/* strtod also knows hex, inf and nan: only decimal forms are let in. */
	for (size_t i = 0; i < s.len; i++)
		if (!isdigit((unsigned char)s.p[i]) && !strchr("+-.eE", s.p[i]))
			return WEIR_EINVAL;
	memcpy(text, s.p, s.len);
	text[s.len] = '\0';
	*out = strtod(text, &end);
	if (*end || end == text)
		return WEIR_EINVAL;
	return isfinite(*out) ? 0 : WEIR_ETOOBIG;
}

/* Splits "1.5s" into the number and what stands behind it. */
static int read_number(struct str s, double *n, struct str *unit)
{
	size_t digits = 0;

	while (digits < s.len &&
	       (isdigit((unsigned char)s.p[digits]) || s.p[digits] == '.'))
		digits++;
	*unit = str_from(s.p + digits, s.len - digits);
	return str_to_double(str_from(s.p, digits), n);
}

struct unit {
	const char *name;
	double factor;
};

static int scale(struct str s, const struct unit *units, double max,
		 double *out)
{
	struct str unit;
	double n;
	int rc = read_number(s, &n, &unit);

	if (rc < 0)
		return rc;
	for (; units->name; units++) {
		if (!str_ieq(unit, str_of(units->name)))
			continue;
		n *= units->factor;
		if (n > max)
			return WEIR_ETOOBIG;
		*out = n;
		return 0;
	}
	return WEIR_EINVAL;
}

int str_to_duration_ms(struct str s, int64_t *ms_out)
{
	static const struct unit units[] = {
		{"ms", 1},	    {"s", 1000},	 {"m", 60 * 1000},
		{"h", 3600 * 1000}, {"d", 86400 * 1000}, {NULL, 0}};
	double ms;
	/* A thousand years: sums with the clock then stay far from overflow. */
	int rc = scale(s, units, 1000.0 * 366 * 86400 * 1000, &ms);

	if (rc == 0)
		*ms_out = (int64_t)llround(ms);
	return rc;
}

int str_to_bytes(struct str s, uint64_t *bytes_out)
{
	static const struct unit units[] = {
		{"", 1},	  {"b", 1},
		{"k", 1024},	  {"kib", 1024},
		{"kb", 1000},	  {"m", 1 << 20},
		{"mib", 1 << 20}, {"mb", 1000 * 1000},
		{"g", 1 << 30},	  {"gib", 1 << 30},
		{"gb", 1e9},	  {NULL, 0}};
	double bytes;
	int rc = scale(s, units, 1e15, &bytes);

	if (rc == 0)
		*bytes_out = (uint64_t)bytes;
	return rc;
}

#define NEAR_MAX 32

static size_t distance(struct str a, struct str b)
{
	uint8_t row[NEAR_MAX + 1];

	for (size_t j = 0; j <= b.len; j++)
		row[j] = (uint8_t)j;
	for (size_t i = 1; i <= a.len; i++) {
		uint8_t diagonal = row[0];

		row[0] = (uint8_t)i;
		for (size_t j = 1; j <= b.len; j++) {
			uint8_t cost = diagonal +
				       (lower(a.p[i - 1]) != lower(b.p[j - 1]));

			diagonal = row[j];
			row[j] =
				(uint8_t)MIN(cost, MIN(row[j], row[j - 1]) + 1);
		}
	}
	return row[b.len];
}

const char *str_nearest(struct str s, const char *const *names)
{
	const char *best = NULL;
	size_t best_distance = s.len / 3 + 2; /* farther is a guess */

	if (s.len > NEAR_MAX)
		return NULL;
	for (; *names; names++) {
		struct str name = str_of(*names);

		if (name.len > NEAR_MAX)
			continue;

		size_t d = distance(s, name);

		if (d < best_distance && d < MAX(s.len, name.len)) {
			best_distance = d;
			best = *names;
		}
	}
	return best;
}

size_t str_utf8_valid(struct str s)
{
	const unsigned char *p = (const unsigned char *)s.p;
	size_t i = 0;

	while (i < s.len) {
		unsigned char c = p[i];
		size_t more;
		unsigned char low = 0x80;
		unsigned char high = 0xBF;

		if (c < 0x80) {
			uint64_t eight;

			if (i + 8 <= s.len) {
				memcpy(&eight, p + i, 8);
				if (!(eight & 0x8080808080808080)) {
					i += 8;
					continue;
				}
			}
			i++;
			continue;
		}
		if (c >= 0xC2 && c <= 0xDF) {
			more = 1;
		} else if (c >= 0xE0 && c <= 0xEF) {
			more = 2;
			if (c == 0xE0)
				low = 0xA0;
			if (c == 0xED)
				high = 0x9F;
		} else if (c >= 0xF0 && c <= 0xF4) {
			more = 3;
			if (c == 0xF0)
				low = 0x90;
			if (c == 0xF4)
				high = 0x8F;
		} else {
			return i;
		}
		if (s.len - i <= more || p[i + 1] < low || p[i + 1] > high)
			return i;
		for (size_t k = 2; k <= more; k++)
			if ((p[i + k] & 0xC0) != 0x80)
				return i;
		i += more + 1;
	}
	return i;
}
