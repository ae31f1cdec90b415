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

#include "base/util.h"
#include "json/number.h"

#define EXPONENT_MAX INT64_C(1000000000)

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

/* Behind the letter at i. Returns where it ends, 0 for none; what is larger
 * than any text could make up for does not get larger. */
static size_t read_exponent(struct str s, size_t i, int64_t *out)
{
	size_t first = skip_sign(s, ++i);
	size_t end = first + count_digits(s, first);

	*out = 0;
	for (size_t k = first; k < end; k++)
		*out = MIN(*out * 10 + (s.p[k] - '0'), EXPONENT_MAX);
	if (first < end && s.p[i] == '-')
		*out = -*out;
	return first < end ? end : 0;
}

static bool read_decimal(struct str s, double *out)
{
	size_t first = skip_sign(s, 0);
	size_t digits = count_digits(s, first);
	size_t end = first + digits;
	size_t i;
	int64_t exponent = 0;

	if (end < s.len && s.p[end] == '.') {
		size_t more = count_digits(s, ++end);

		digits += more;
		end += more;
	}
	if (!digits)
		return false;
	i = end;
	if (i < s.len && (s.p[i] == 'e' || s.p[i] == 'E'))
		i = read_exponent(s, i, &exponent);
	if (i != s.len)
		return false;
	*out = json_digits_to_double(s.p + first, s.p + end, exponent);
	if (s.p[0] == '-')
		*out = -*out;
	return true;
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

	if (str_eq(word, STR("None")))
		return v;
	if (str_eq(word, STR("true")) || str_eq(word, STR("false")))
		return value_bool(word.p[0] == 't');
	if (cond_is_integer(word) && fits_64_bits(word, &v))
		return v;
	if (read_decimal(word, &d)) {
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
