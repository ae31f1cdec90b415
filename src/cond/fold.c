/* fold.c - see fold.h. */
#include "cond/fold.h"

#include "cond/unicode.h"

static uint32_t next_folded(const char **p)
{
	return unicode_fold(unicode_next(p));
}

/* Where s goes on behind part; NULL if it does not begin so. */
static const char *skip_part(struct str s, struct str part)
{
	const char *p = s.p;
	const char *q = part.p;

	while (q < part.p + part.len)
		if (p == s.p + s.len || next_folded(&p) != next_folded(&q))
			return NULL;
	return p;
}

bool cond_fold_equal(struct str s, struct str other)
{
	return skip_part(s, other) == s.p + s.len;
}

bool cond_fold_starts(struct str s, struct str part)
{
	return skip_part(s, part) != NULL;
}

bool cond_fold_ends(struct str s, struct str part)
{
	const char *p = s.p + s.len;
	const char *q = part.p + part.len;

	while (q > part.p)
		if (p == s.p || unicode_fold(unicode_previous(&p)) !=
					unicode_fold(unicode_previous(&q)))
			return false;
	return true;
}

bool cond_fold_contains(struct str s, struct str part)
{
	const char *end = s.p + s.len;
	const char *p = s.p;
	const char *q = part.p;
	uint32_t first;

	if (!part.len)
		return true;
	first = next_folded(&q);
	while (p < end) {
		const char *begin = p;

		if (next_folded(&p) == first &&
		    skip_part(str_from(begin, (size_t)(end - begin)), part))
			return true;
	}
	return false;
}

static bool is_capital(char c)
{
	return (unsigned char)(c - 'A') <= 'Z' - 'A';
}

size_t cond_fold_copy(struct str s, char *out)
{
	const char *p = s.p;
	const char *end = s.p + s.len;
	char *to = out;

	while (p < end) {
		if ((signed char)*p < 0) {
			to += unicode_put(next_folded(&p), to);
			continue;
		}
		*to++ = (char)(is_capital(*p) ? *p | 32 : *p);
		p++;
	}
	return (size_t)(to - out);
}

bool cond_fold_changes(struct str s)
{
	const char *p = s.p;
	const char *end = s.p + s.len;
	uint32_t cp;
	bool plain = true;

	/* To the end in any case: so many bytes are looked at at once. */
	for (size_t i = 0; i < s.len; i++)
		plain &= !is_capital(s.p[i]) & ((signed char)s.p[i] >= 0);
	if (plain)
		return false;
	while (p < end) {
		cp = unicode_next(&p);
		if (unicode_fold(cp) != cp)
			return true;
	}
	return false;
}
