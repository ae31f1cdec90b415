/* literal.c - words to values.
 *
 *     word      = "true" | "false" | "None" | "str:" any | number | any
 *     number    = [sign] (digits ["." [digits]] | "." digits) [exponent]
 *
 * Digits are ASCII, and nothing separates them. A whole number is exact up to
 * 64 bits, 1.0 and 1e3 are whole; beyond that it is the nearest double, and
 * whoever still has the text compares that (operate.c).
 */
#include "cond/literal.h"

#include "base/mem.h"

#include <stdlib.h>

static size_t count_digits(struct str s, size_t i)
{
	size_t begin = i;

	while (i < s.len && s.p[i] >= '0' && s.p[i] <= '9')
		i++;
	return i - begin;
}

static size_t skip_sign(struct str s, size_t i)
{
	return i < s.len && (s.p[i] == '+' || s.p[i] == '-') ? i + 1 : i;
}

bool cond_is_integer(struct str word)
{
	size_t i = skip_sign(word, 0);

	return i < word.len && count_digits(word, i) == word.len - i;
}

static bool is_decimal(struct str s)
{
	size_t i = skip_sign(s, 0);
	size_t digits = count_digits(s, i);

	i += digits;
	if (i < s.len && s.p[i] == '.') {
		size_t more = count_digits(s, ++i);

		digits += more;
		i += more;
	}
	if (!digits)
		return false;
	if (i < s.len && (s.p[i] == 'e' || s.p[i] == 'E')) {
		i = skip_sign(s, i + 1);
		digits = count_digits(s, i);
		i += digits;
	}
	return digits && i == s.len;
}

static bool fits_64_bits(struct str word, struct value *out)
{
	struct str digits = word;
	int64_t i;
	uint64_t u;

	if (digits.p[0] == '+')
		digits = str_from(word.p + 1, word.len - 1);
	if (str_to_i64(digits, &i) == 0)
		*out = value_int(i);
	else if (str_to_u64(digits, &u) == 0)
		*out = value_uint(u);
	else
		return false;
	return true;
}

struct value cond_literal(struct str word)
{
	struct value v = value_null();
	double d;
	char *text;

	if (str_eq(word, STR("None")))
		return v;
	if (str_eq(word, STR("true")) || str_eq(word, STR("false")))
		return value_bool(word.p[0] == 't');
	if (cond_is_integer(word) && fits_64_bits(word, &v))
		return v;
	if (is_decimal(word)) {
		text = mem_strndup(word.p, word.len);
		d = strtod(text, NULL);
		mem_free(text);
		if (d >= -0x1p53 && d <= 0x1p53 && d == (double)(int64_t)d)
			return value_int((int64_t)d);
		/* Not value_double: beyond all doubles it is infinite, which
		 * no document is, but all are less. */
		return (struct value){.tag = VALUE_DOUBLE, .d = d};
	}
	if (str_starts(word, STR("str:")))
		word = str_from(word.p + 4, word.len - 4);
	return value_string(word);
}
