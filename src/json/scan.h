/* scan.h - the words of JSON: white space, strings, numbers. Shared by the
 * parser and by the leaf reader, so that both accept and refuse the same.
 *
 * No place in the hot loops asks "is this the end of the text?". Instead the
 * text is known to stop every loop by itself:
 *
 *     {"a": "b", "c": 1.5}       a closing bracket is the last byte, and no
 *                        ^       number, word, name or \u goes over it
 *
 *     "text" 0 0 0 0 0 0 0 ...   anything else (a lone scalar, a text that
 *            ^                   was cut off, a tiny one) is scanned in a copy
 *                                with zeros behind it: 0 is valid nowhere
 *
 * What remains are blocks read at once (safe says up to where they may be) and
 * the string that is not closed.
 *
 * Source: RFC 8259 for the grammar, RFC 3629 for UTF-8.
 */
#ifndef WEIR_JSON_SCAN_H
#define WEIR_JSON_SCAN_H

#include "base/error.h"
#include "base/str.h"
#include "base/util.h"
#include "value/value.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum json_fault {
	JSON_FAULT_NONE,
	JSON_FAULT_VALUE,
	JSON_FAULT_NAME,       /* behind a comma */
	JSON_FAULT_FIRST_NAME, /* behind a brace */
	JSON_FAULT_COLON,
	JSON_FAULT_MEMBER_END,	/* neither comma nor brace */
	JSON_FAULT_ELEMENT_END, /* neither comma nor bracket */
	JSON_FAULT_BEHIND,	/* something behind the value */
	JSON_FAULT_DIGIT,
	JSON_FAULT_ZERO,  /* digits behind a leading zero */
	JSON_FAULT_RANGE, /* beyond what a double can hold */
	JSON_FAULT_OPEN_STRING,
	JSON_FAULT_CONTROL,
	JSON_FAULT_UTF8,
	JSON_FAULT_ESCAPE,
	JSON_FAULT_HEX,
	JSON_FAULT_SURROGATE,
	JSON_FAULT_DEPTH,
	JSON_FAULT_BOM,
	JSON_FAULT_SIZE,
	JSON_FAULT_LEAVES,
	JSON_FAULT_MEMORY,
};

enum {
	JSON_SCAN_PAD = 32,   /* zeros behind a copied text */
	JSON_SCAN_SMALL = 96, /* texts up to here are copied to the stack */
};

struct json_scan {
	const char *p;	  /* the first byte that is no white space */
	const char *end;  /* behind the last one */
	const char *safe; /* 16 bytes may be read here, and before */

	/* Where strings with escapes are decoded to; the user of the scanner
	 * makes room for as many bytes as the text has. */
	char *scratch;

	enum json_fault fault;
	const char *at; /* of the fault */
	uint32_t depth_max;

	struct str text;  /* what the caller gave; for errors */
	const char *base; /* what p runs over: text.p, or the copy */
	char *copy;	  /* ours, or NULL */
	char small[JSON_SCAN_SMALL + JSON_SCAN_PAD];
};

/* Prepares s for text. Returns 0, or a negative code with err filled. */
int json_scan_begin(struct json_scan *s, struct str text, uint32_t depth_max,
		    struct weir_error *err);
void json_scan_end(struct json_scan *s);

/* Turns the fault of s into err (may be NULL). Returns its code. */
int json_scan_error(const struct json_scan *s, struct weir_error *err);

INLINE const char *json_fail(struct json_scan *s, const char *at,
			     enum json_fault fault)
{
	s->fault = fault;
	s->at = at;
	return NULL;
}

/* --- white space ------------------------------------------------------- */

const char *json_skip_blanks(const struct json_scan *s, const char *p);

INLINE const char *json_skip(const struct json_scan *s, const char *p)
{
	if (LIKELY((unsigned char)*p > ' '))
		return p;
	if (p[0] == ' ' && (unsigned char)p[1] > ' ')
		return p + 1;
	return json_skip_blanks(s, p);
}

/* --- strings ----------------------------------------------------------- */

/* Bit i: byte i of the 16 at p ends a plain run: a quote, a backslash, a
 * control character, or a byte that is not ASCII. */
#ifdef __SSE2__
INLINE uint32_t json_special16(const char *p)
{
	__m128i v = _mm_loadu_si128((const __m128i *)p);
	__m128i quote = _mm_cmpeq_epi8(v, _mm_set1_epi8('"'));
	__m128i slash = _mm_cmpeq_epi8(v, _mm_set1_epi8('\\'));
	/* Signed: bytes from 0x80 up are below zero and stay there, and those
	 * below a blank come there. Only the sign counts. */
	__m128i other = _mm_subs_epi8(v, _mm_set1_epi8(' '));

	return (uint32_t)_mm_movemask_epi8(
		_mm_or_si128(_mm_or_si128(quote, slash), other));
}
#else
INLINE uint32_t json_special8(const char *p)
{
	const uint64_t ones = 0x0101010101010101;
	const uint64_t high = 0x8080808080808080;
	uint64_t v;

	memcpy(&v, p, sizeof v);

	/* A byte b < 0x80 is zero just if b + 0x7F has no high bit. */
	uint64_t low = v & ~high;
	uint64_t quote = ~((low ^ ('"' * ones)) + ~high);
	uint64_t slash = ~((low ^ ('\\' * ones)) + ~high);
	uint64_t control = ~(low + (0x80 - ' ') * ones);
	uint64_t hit = (quote | slash | control | v) & high;

	/* Gathers the eight high bits into one byte. */
	return (uint32_t)((hit >> 7) * 0x0102040810204080 >> 56);
}

INLINE uint32_t json_special16(const char *p)
{
	return json_special8(p) | json_special8(p + 8) << 8;
}
#endif

/* The rest of a string from the first byte that is no plain ASCII, or from
 * one so near to the end that no block can be read. */
const char *json_string_rest(struct json_scan *s, const char *begin,
			     const char *p, struct str *out);

/* p is behind the opening quote. Returns the place behind the closing one, or
 * NULL with the fault set. *out lies in the text, or in the scratch when there
 * are escapes, which then moves on. */
INLINE const char *json_string(struct json_scan *s, const char *p,
			       struct str *out)
{
	const char *begin = p;
	struct str rest; /* so that out can stay in registers */

	for (; LIKELY(p <= s->safe); p += 16) {
		uint32_t special = json_special16(p);

		if (!special)
			continue;
		p += __builtin_ctz(special);
		if (UNLIKELY(*p != '"'))
			break;
		*out = str_from(begin, (size_t)(p - begin));
		return p + 1;
	}
	p = json_string_rest(s, begin, p, &rest);
	*out = rest;
	return p;
}

/* --- numbers ----------------------------------------------------------- */

/* The rest of a number that is no integer of 1 to 18 digits: first is where
 * its first digit should be, p where its whole part ends, w that part modulo
 * 2^64. */
const char *json_number_rest(struct json_scan *s, const char *first,
			     const char *p, uint64_t w, struct value *out);

/* The number that the up to eight digits at p make, and how many they are; 8
 * bytes can be read. No branch on their number, which is what a predictor
 * cannot know. */
INLINE uint32_t json_digits8(const char *p, unsigned *n_out)
{
	const uint64_t ones = 0x0101010101010101;
	uint64_t v;

	memcpy(&v, p, sizeof v);
	v ^= '0' * ones; /* a digit is 0 to 9 now */

	/* The lowest high bit is at the first byte that is no digit; above it
	 * carries may have spoilt the bits. */
	uint64_t other = ((v + 0x76 * ones) | v) & (0x80 * ones);
	unsigned n = other ? (unsigned)__builtin_ctzll(other) / 8 : 8;

	*n_out = n;
	/* As the last ones of eight, zeros before them: two shifts, since n
	 * may be 0. Then pairs, fours, eight. */
	v = v << 4 * (8 - n) << 4 * (8 - n);
	v = (v * 10 + (v >> 8)) & 0x00FF00FF00FF00FF;
	v = (v * 100 + (v >> 16)) & 0x0000FFFF0000FFFF;
	return (uint32_t)(v * 10000 + (v >> 32));
}

/* p is at the sign or the first digit. Returns the place behind the number,
 * or NULL with the fault set. */
INLINE const char *json_number(struct json_scan *s, const char *p,
			       struct value *out)
{
	bool negative = *p == '-';
	const char *first = p += negative;
	uint64_t w = 0;
	unsigned n = 0;

	if (LIKELY(p <= s->safe + 8)) {
		w = json_digits8(p, &n);
		p += n;
	}
	if (UNLIKELY(n == 0 || n == 8)) {
		for (;; p++) {
			unsigned digit = (unsigned char)*p - (unsigned)'0';

			if (digit > 9)
				break;
			w = w * 10 + digit;
		}
	}

	/* An int64 for certain? -0 is none, and no digit may follow a 0. */
	bool plain = *first != '0' ? (size_t)(p - first) - 1 < 18
				   : !negative && p - first == 1;

	if (LIKELY(plain && *p != '.' && (*p | ' ') != 'e')) {
		*out = value_int(negative ? -(int64_t)w : (int64_t)w);
		return p;
	}

	struct value rest; /* so that out can stay in registers */

	p = json_number_rest(s, first, p, w, &rest);
	*out = rest;
	return p;
}

/* --- literals ---------------------------------------------------------- */

/* Compared byte by byte, so that it stops where the text stops. */
INLINE bool json_word(const char *p, const char *word, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (p[i] != word[i])
			return false;
	return true;
}

#endif
