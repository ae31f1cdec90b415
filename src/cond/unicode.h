/* unicode.h - code points: reading them, general categories, simple case
 * folding. The tables are made by tools/make-unicode; nothing depends on a
 * locale.
 */
#ifndef WEIR_COND_UNICODE_H
#define WEIR_COND_UNICODE_H

#include "base/str.h"

#include <stdint.h>

/* General categories, in the order of tools/make-unicode. */
#define UNICODE_CATEGORIES \
	"LuLlLtLmLoMnMcMeNdNlNoPcPdPsPePiPfPoZsZlZpSmScSkSoCcCfCnCoCs"

struct unicode_fold {
	uint32_t first;
	uint32_t last;
	uint32_t step; /* 1, or 2: each second one */
	int32_t delta;
};

extern const struct unicode_fold unicode_folds[];
extern const size_t unicode_folds_len;
extern const uint32_t unicode_runs[]; /* first code point of each run */
extern const size_t unicode_runs_len;
extern const uint8_t unicode_run_categories[];

/* The code point at *p, which is moved behind it. What is at p is valid UTF-8
 * and not empty. */
static inline uint32_t unicode_next(const char **p)
{
	const unsigned char *s = (const unsigned char *)*p;

	if (s[0] < 0x80) {
		*p += 1;
		return s[0];
	}
	if (s[0] < 0xE0) {
		*p += 2;
		return (s[0] & 0x1Fu) << 6 | (s[1] & 0x3Fu);
	}
	if (s[0] < 0xF0) {
		*p += 3;
		return (s[0] & 0x0Fu) << 12 | (s[1] & 0x3Fu) << 6 |
		       (s[2] & 0x3Fu);
	}
	*p += 4;
	return (s[0] & 0x07u) << 18 | (s[1] & 0x3Fu) << 12 |
	       (s[2] & 0x3Fu) << 6 | (s[3] & 0x3Fu);
}

/* The one before *p, which is moved to it. */
static inline uint32_t unicode_previous(const char **p)
{
	const char *at;

	do
		(*p)--;
	while (((unsigned char)**p & 0xC0) == 0x80);
	at = *p;
	return unicode_next(&at);
}

/* Writes cp as UTF-8, at most four bytes; returns how many. */
size_t unicode_put(uint32_t cp, char *out);

/* Index of the pair in UNICODE_CATEGORIES. */
unsigned unicode_category(uint32_t cp);

/* Simple case folding: CaseFolding.txt, statuses C and S. */
uint32_t unicode_fold(uint32_t cp);

#endif
