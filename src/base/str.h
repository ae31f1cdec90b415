/* str.h - a view of some bytes, and reading small things from it.
 *
 * Borrowed, never NUL-terminated by promise. */
#ifndef WEIR_BASE_STR_H
#define WEIR_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct str {
	const char *p;
	size_t len;
};

/* For format "%.*s". */
#define STR_FMT(s) (int)(s).len, (s).p
/* A view of a string literal. */
#define STR(lit) ((struct str){(lit), sizeof(lit) - 1})

static inline struct str str_of(const char *s)
{
	return (struct str){s, s ? strlen(s) : 0};
}

static inline struct str str_from(const char *p, size_t len)
{
	return (struct str){p, len};
}

static inline bool str_eq(struct str a, struct str b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

bool str_ieq(struct str a, struct str b); /* ASCII case folded */
bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
struct str str_trim(struct str s); /* without SP, TAB, CR, LF at both ends */

/* Cuts *rest at the first sep: returns what stands before it, *rest becomes
 * what stands behind it. Without a sep returns all and *rest is empty with
 * p == NULL. */
struct str str_cut(struct str *rest, char sep);

/* Each reads ALL of s. Returns 0, or WEIR_EINVAL (not of that form), or
 * WEIR_ETOOBIG (does not fit). */
int str_to_i64(struct str s, int64_t *out);
int str_to_u64(struct str s, uint64_t *out);
int str_to_double(struct str s, double *out);
/* "10ms", "1.5s", "2m", "1h", "3d"; whole milliseconds (rounded). A number
 * without a unit is WEIR_EINVAL. */
int str_to_duration_ms(struct str s, int64_t *ms_out);
/* "512", "16KiB", "1MiB", "2GiB", also "16k", "1m", "kB" = 1000. */
int str_to_bytes(struct str s, uint64_t *bytes_out);

/* The name of names (NULL-terminated) that is nearest to s by edit distance,
 * or NULL when none is near enough to be meant. */
const char *str_nearest(struct str s, const char *const *names);

/* Length of the longest valid UTF-8 prefix of s: s.len when all is valid.
 * Source: RFC 3629 (no surrogates, no overlong forms, at most U+10FFFF). */
size_t str_utf8_valid(struct str s);

#endif
