/* scan.c - the rare ways of scan.h: long white space, escapes, UTF-8, numbers
 * that are no small integers, and what to say about a fault. */
#include "json/scan.h"

#include "base/mem.h"
#include "json/number.h"
#include "json/parse.h"

#include <math.h>

/* --- begin and end ----------------------------------------------------- */

static bool is_blank(char c)
{
	return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

int json_scan_begin(struct json_scan *s, struct str text, uint32_t depth_max,
		    struct weir_error *err)
{
	if (!text.len)
		text = STR("");
	s->text = text;
	s->base = text.p;
	s->copy = NULL;
	s->scratch = NULL;
	s->fault = JSON_FAULT_NONE;
	s->depth_max = MIN(depth_max, JSON_DEPTH_MAX);
	s->at = text.p;
	s->end = text.p + text.len;
	if (text.len > JSON_BYTES_MAX) {
		s->fault = JSON_FAULT_SIZE;
		return json_scan_error(s, err);
	}
	if (str_starts(text, STR("\xEF\xBB\xBF"))) {
		s->fault = JSON_FAULT_BOM;
		return json_scan_error(s, err);
	}

	size_t len = text.len;

	while (len && is_blank(text.p[len - 1]))
		len--;

	bool closed = len && (text.p[len - 1] == '}' || text.p[len - 1] == ']');

	s->end = text.p + len;
	if (!closed || len < JSON_SCAN_PAD) {
		char *to = s->small;

		if (len > JSON_SCAN_SMALL) {
			to = s->copy = mem_try_alloc(len + JSON_SCAN_PAD);
			if (!to) {
				s->fault = JSON_FAULT_MEMORY;
				return json_scan_error(s, err);
			}
		}
		if (len)
			memcpy(to, text.p, len);
		memset(to + len, 0, JSON_SCAN_PAD);
		s->base = to;
		s->end = to + len;
		s->safe = s->end + JSON_SCAN_PAD - 16;
	} else {
		s->safe = s->end - 16;
	}
	s->p = s->base;
	while (is_blank(*s->p)) /* stopped by the last byte, or by the zeros */
		s->p++;
	return 0;
}

void json_scan_end(struct json_scan *s)
{
	mem_free(s->copy);
}

/* --- white space ------------------------------------------------------- */

/* Indented texts have runs of some length: 16 at a time. */
const char *json_skip_blanks(const struct json_scan *s, const char *p)
{
#ifdef __SSE2__
	for (; p <= s->safe; p += 16) {
		__m128i v = _mm_loadu_si128((const __m128i *)p);
		__m128i sp = _mm_cmpeq_epi8(v, _mm_set1_epi8(' '));
		__m128i nl = _mm_cmpeq_epi8(v, _mm_set1_epi8('\n'));
		__m128i cr = _mm_cmpeq_epi8(v, _mm_set1_epi8('\r'));
		__m128i tab = _mm_cmpeq_epi8(v, _mm_set1_epi8('\t'));
		uint32_t blank = (uint32_t)_mm_movemask_epi8(_mm_or_si128(
			_mm_or_si128(sp, nl), _mm_or_si128(cr, tab)));

		if (blank != 0xFFFF)
			return p + __builtin_ctz(~blank);
	}
#endif
	while (is_blank(*p))
		p++;
	return p;
}

/* --- strings ----------------------------------------------------------- */

/* Length of the UTF-8 sequence at p (a byte from 0x80 up), 0 when it is none.
 * Looks at a byte only if the one before is right. */
static unsigned utf8_length(const char *text)
{
	const unsigned char *p = (const unsigned char *)text;
	unsigned char low = 0x80;
	unsigned char high = 0xBF;
	unsigned more;

	if (p[0] >= 0xC2 && p[0] <= 0xDF) {
		more = 1;
	} else if ((p[0] & 0xF0) == 0xE0) {
		more = 2;
		if (p[0] == 0xE0)
			low = 0xA0; /* overlong */
		else if (p[0] == 0xED)
			high = 0x9F; /* surrogates */
	} else if (p[0] >= 0xF0 && p[0] <= 0xF4) {
		more = 3;
		if (p[0] == 0xF0)
			low = 0x90;
		else if (p[0] == 0xF4)
			high = 0x8F; /* beyond U+10FFFF */
	} else {
		return 0;
	}
	if (p[1] < low || p[1] > high)
		return 0;
	for (unsigned i = 2; i <= more; i++)
		if ((p[i] & 0xC0) != 0x80)
			return 0;
	return more + 1;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if ((c | ' ') >= 'a' && (c | ' ') <= 'f')
		return (c | ' ') - 'a' + 10;
	return -1;
}

/* Four hex digits at p, or -1; *bad is then the first that is none. */
static int32_t hex4(const char *p, const char **bad)
{
	int32_t n = 0;

	*bad = p;
	for (int i = 0; i < 4; i++) {
		int digit = hex_digit(p[i]);

		if (digit < 0) {
			*bad = p + i;
			return -1;
		}
		n = n << 4 | digit;
	}
	return n;
}

static char *put_utf8(char *to, uint32_t c)
{
	if (c < 0x80) {
		*to++ = (char)c;
	} else if (c < 0x800) {
		*to++ = (char)(0xC0 | c >> 6);
		*to++ = (char)(0x80 | (c & 0x3F));
	} else if (c < 0x10000) {
		*to++ = (char)(0xE0 | c >> 12);
		*to++ = (char)(0x80 | (c >> 6 & 0x3F));
		*to++ = (char)(0x80 | (c & 0x3F));
	} else {
		*to++ = (char)(0xF0 | c >> 18);
		*to++ = (char)(0x80 | (c >> 12 & 0x3F));
		*to++ = (char)(0x80 | (c >> 6 & 0x3F));
		*to++ = (char)(0x80 | (c & 0x3F));
	}
	return to;
}

/* p is behind "\u". A pair of surrogates is one character; one alone has no
 * UTF-8 form (RFC 8259, section 8.2), so it is refused. */
static const char *unicode_escape(struct json_scan *s, const char *p, char **to)
{
	const char *bad;
	int32_t c = hex4(p, &bad);

	if (c < 0)
		return json_fail(s, bad, JSON_FAULT_HEX);
	if (c >= 0xD800 && c <= 0xDFFF) {
		if (c >= 0xDC00 || p[4] != '\\' || p[5] != 'u')
			return json_fail(s, p - 2, JSON_FAULT_SURROGATE);

		int32_t low = hex4(p + 6, &bad);

		if (low < 0)
			return json_fail(s, bad, JSON_FAULT_HEX);
		if (low < 0xDC00 || low > 0xDFFF)
			return json_fail(s, p - 2, JSON_FAULT_SURROGATE);
		c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
		p += 6;
	}
	*to = put_utf8(*to, (uint32_t)c);
	return p + 4;
}

/* p is at the backslash. Never writes more bytes than it reads. */
static const char *escape(struct json_scan *s, const char *p, char **to)
{
	static const char plain[] = "\"\\/bfnrt";
	static const char means[] = "\"\\/\b\f\n\r\t";

	if (p[1] == 'u')
		return unicode_escape(s, p + 2, to);

	const char *found = p[1] ? strchr(plain, p[1]) : NULL;

	if (!found)
		return json_fail(s, p, JSON_FAULT_ESCAPE);
	*(*to)++ = means[found - plain];
	return p + 2;
}

/* The end of the run of plain ASCII at p; s->end when nothing ends it. */
static const char *plain_run(const struct json_scan *s, const char *p)
{
	uint32_t special;

	for (; p <= s->safe; p += 16) {
		special = json_special16(p);
		if (special)
			return p + __builtin_ctz(special);
	}
	if (p >= s->end)
		return s->end;
	/* The last block of the text once more, without what was seen. */
	special = json_special16(s->safe) >> (p - s->safe);
	return special ? p + __builtin_ctz(special) : s->end;
}

const char *json_string_rest(struct json_scan *s, const char *begin,
			     const char *p, struct str *out)
{
	const char *run = begin; /* not copied yet, once there are escapes */
	char *to = NULL;	 /* NULL until then */

	for (;;) {
		p = plain_run(s, p);

		/* A backslash needs a byte behind it. */
		if (p + (p < s->end && *p == '\\') >= s->end)
			return json_fail(s, begin - 1, JSON_FAULT_OPEN_STRING);

		unsigned char c = (unsigned char)*p;

		if (c >= 0x80) {
			do {
				unsigned len = utf8_length(p);

				if (!len)
					return json_fail(s, p, JSON_FAULT_UTF8);
				p += len;
			} while ((unsigned char)*p >= 0x80);
		} else if (c == '\\') {
			if (!to)
				to = s->scratch;
			memcpy(to, run, (size_t)(p - run));
			to += p - run;
			p = run = escape(s, p, &to);
			if (!p)
				return NULL;
		} else if (c == '"') {
			break;
		} else {
			return json_fail(s, p, JSON_FAULT_CONTROL);
		}
	}
	if (!to) {
		*out = str_from(begin, (size_t)(p - begin));
		return p + 1;
	}
	memcpy(to, run, (size_t)(p - run));
	to += p - run;
	*out = str_from(s->scratch, (size_t)(to - s->scratch));
	s->scratch = to;
	return p + 1;
}

/* --- numbers ----------------------------------------------------------- */

#define EXPONENT_MAX 1000000000 /* further digits of it change nothing */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static const char *exponent(struct json_scan *s, const char *p, int64_t *out)
{
	bool negative = *p == '-';
	int64_t n = 0;

	if (*p == '-' || *p == '+')
		p++;
	if (!is_digit(*p))
		return json_fail(s, p, JSON_FAULT_DIGIT);
	for (; is_digit(*p); p++)
		if (n < EXPONENT_MAX)
			n = n * 10 + (*p - '0');
	*out = negative ? -n : n;
	return p;
}

/* Appends the digits at p to w, modulo 2^64. Returns the end of them. */
static const char *more_digits(const struct json_scan *s, const char *p,
			       uint64_t *w)
{
	static const uint32_t power[] = {1,	  10,	    100,
					 1000,	  10000,    100000,
					 1000000, 10000000, 100000000};

	while (p <= s->safe + 8) {
		unsigned n;
		uint32_t digits = json_digits8(p, &n);

		*w = *w * power[n] + digits;
		p += n;
		if (n < 8)
			return p;
	}
	for (; is_digit(*p); p++)
		*w = *w * 10 + (uint64_t)(*p - '0');
	return p;
}

/* 21.57 and its like: up to 8 digits, a dot, 1 to 7 digits. That is a quotient
 * of two exact doubles, rounded once. *p_inout is at the dot. False: it is of
 * another kind. */
static bool small_decimal(const struct json_scan *s, const char *first,
			  const char **p_inout, uint64_t w, bool negative,
			  struct value *out)
{
	static const double power[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7};
	const char *p = *p_inout;
	ptrdiff_t whole = p - first;
	unsigned n;

	if (*p != '.' || whole > 8 || whole < 1 ||
	    (*first == '0' && whole > 1) || p + 1 > s->safe + 8)
		return false;

	uint32_t fraction = json_digits8(p + 1, &n);

	p += 1 + n;
	if (n == 0 || n == 8 || (*p | ' ') == 'e')
		return false;

	double scale = power[n];
	double d = ((double)w * scale + fraction) / scale; /* below 10^15 */

	*out = (struct value){.tag = VALUE_DOUBLE, .d = negative ? -d : d};
	*p_inout = p;
	return true;
}

/* Digits of the number from the first that is not 0. */
static int64_t significant(const char *first, const char *end)
{
	bool dot = false;

	for (const char *p = first; p < end; p++)
		dot |= *p == '.';
	while (first < end && (*first == '0' || *first == '.')) {
		dot &= *first != '.';
		first++;
	}
	return end - first - dot;
}

const char *json_number_rest(struct json_scan *s, const char *first,
			     const char *p, uint64_t w, struct value *out)
{
	bool negative = first > s->base && first[-1] == '-';
	bool whole = true;
	int64_t q = 0;
	int64_t exp10 = 0;
	const char *digits_end;

	if (LIKELY(small_decimal(s, first, &p, w, negative, out)))
		return p;
	if (p == first)
		return json_fail(s, p, JSON_FAULT_DIGIT);
	if (*first == '0' && p - first > 1)
		return json_fail(s, first, JSON_FAULT_ZERO);
	if (*p == '.') {
		const char *fraction = ++p;

		if (!is_digit(*p))
			return json_fail(s, p, JSON_FAULT_DIGIT);
		p = more_digits(s, p, &w);
		q = fraction - p;
		whole = false;
	}
	digits_end = p;
	if (*p == 'e' || *p == 'E') {
		p = exponent(s, p + 1, &exp10);
		if (!p)
			return NULL;
		whole = false;
	}

	int64_t n = digits_end - first - (q != 0);

	if (whole && n <= 20) {
		/* 20 digits may be more than 64 bits hold: w is then less
		 * than what its first 19 digits and a zero would be. */
		bool fits = n < 20 || (*first == '1' &&
				       w >= UINT64_C(10000000000000000000));

		if (fits && !negative) {
			*out = value_uint(w);
			return p;
		}
		if (fits && w && w <= (uint64_t)1 << 63) {
			*out = value_int((int64_t)(0 - w));
			return p;
		}
	}

	double d = n <= 19 || significant(first, digits_end) <= 19
			   ? json_decimal_to_double(w, q + exp10)
			   : json_digits_to_double(first, digits_end, exp10);

	if (isinf(d))
		return json_fail(s, first - negative, JSON_FAULT_RANGE);
	*out = (struct value){.tag = VALUE_DOUBLE, .d = negative ? -d : d};
	return p;
}

/* --- faults ------------------------------------------------------------ */

static const char *what(enum json_fault fault)
{
	switch (fault) {
	case JSON_FAULT_VALUE:
		return "expected a value";
	case JSON_FAULT_NAME:
		return "expected a member name in quotes behind the comma";
	case JSON_FAULT_FIRST_NAME:
		return "expected a member name in quotes or '}'";
	case JSON_FAULT_COLON:
		return "expected ':' behind the member name";
	case JSON_FAULT_MEMBER_END:
		return "expected ',' or '}'";
	case JSON_FAULT_ELEMENT_END:
		return "expected ',' or ']'";
	case JSON_FAULT_BEHIND:
		return "expected nothing behind the value";
	case JSON_FAULT_DIGIT:
		return "expected a digit";
	case JSON_FAULT_ZERO:
		return "a number may not begin with a superfluous 0";
	case JSON_FAULT_RANGE:
		return "the number is too large for a double";
	case JSON_FAULT_OPEN_STRING:
		return "this string is not closed";
	case JSON_FAULT_CONTROL:
		return "a control character in a string has to be escaped";
	case JSON_FAULT_UTF8:
		return "expected valid UTF-8";
	case JSON_FAULT_ESCAPE:
		return "expected one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t "
		       "\\uXXXX";
	case JSON_FAULT_HEX:
		return "expected four hex digits behind \\u";
	case JSON_FAULT_SURROGATE:
		return "half of a surrogate pair is no character";
	case JSON_FAULT_BOM:
		return "a byte order mark may not stand before JSON";
	case JSON_FAULT_MEMORY:
		return "not enough memory for this text";
	case JSON_FAULT_DEPTH:
	case JSON_FAULT_SIZE:
	case JSON_FAULT_LEAVES:
	case JSON_FAULT_NONE:
		break;
	}
	return "invalid JSON";
}

int json_scan_error(const struct json_scan *s, struct weir_error *err)
{
	size_t offset = (size_t)(s->at - s->base);
	struct str text = s->text;

	switch (s->fault) {
	case JSON_FAULT_SIZE:
		return error_set(err, WEIR_ETOOBIG,
				 "the text has %zu bytes, more than %u",
				 text.len, (unsigned)JSON_BYTES_MAX);
	case JSON_FAULT_MEMORY:
		return error_set(err, WEIR_ENOMEM, "%s", what(s->fault));
	case JSON_FAULT_DEPTH:
		return error_at(err, WEIR_ETOOBIG, text.p, text.len, offset,
				"nested deeper than %u levels", s->depth_max);
	case JSON_FAULT_LEAVES:
		return error_at(err, WEIR_ETOOBIG, text.p, text.len, offset,
				"too many values in one document");
	default:
		break;
	}

	/* Trailing white space was cut off: say "ends" where it began. */
	bool at_end = s->at >= s->end && s->fault != JSON_FAULT_OPEN_STRING;

	return error_at(err, WEIR_EINVAL, text.p, text.len, offset, "%s%s",
			what(s->fault), at_end ? ", but the text ends" : "");
}
