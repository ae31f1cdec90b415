/* random.c - see random.h. */
#include "random.h"

#include <string.h>

static uint64_t seed = 88172645463325252U;

uint32_t random_below(uint32_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)((seed >> 32) * n >> 32);
}

static void blanks(struct buf *out)
{
	static const char kinds[] = " \n\t\r";

	if (random_below(4) == 0)
		for (uint32_t n = random_below(24); n; n--)
			buf_append_char(out, kinds[random_below(4)]);
	else if (random_below(3) == 0)
		buf_append_char(out, ' ');
}

static void string(struct buf *out)
{
	static const char *const pieces[] = {"a",
					     "b",
					     "id",
					     "0",
					     "12",
					     "x",
					     " ",
					     "\\n",
					     "\\\"",
					     "\\\\",
					     "\\u0061",
					     "\\/",
					     "\\u0000",
					     "\\u00e4",
					     "\xC3\xA4",
					     "\xE2\x82\xAC",
					     "\xF0\x9F\x98\x80",
					     "\\ud83d\\ude00",
					     "\x7F",
					     "some longer plain text",
					     "\\u20ac"};
	uint32_t n = random_below(8) ? random_below(3) : random_below(20);

	buf_append_char(out, '"');
	for (; n; n--)
		buf_append_cstr(
			out, pieces[random_below(
				     random_below(2) ? 6 : ARRAY_LEN(pieces))]);
	buf_append_char(out, '"');
}

static void number(struct buf *out)
{
	static const char *const special[] = {"0",
					      "-0",
					      "0.0",
					      "-0.0e5",
					      "9223372036854775807",
					      "9223372036854775808",
					      "-9223372036854775808",
					      "-9223372036854775809",
					      "18446744073709551615",
					      "18446744073709551616",
					      "9007199254740993",
					      "4711",
					      "4711.0",
					      "4.711e3",
					      "1e308",
					      "5e-324",
					      "123456789012345678901234567890",
					      "1e400",
					      "0.1e-400"};

	if (random_below(4) == 0) {
		buf_append_cstr(out, special[random_below(ARRAY_LEN(special))]);
		return;
	}
	if (random_below(4) == 0)
		buf_append_char(out, '-');
	buf_printf(out, "%u", random_below(1U << random_below(32)));
	if (random_below(3) == 0)
		buf_printf(out, ".%0*u", (int)random_below(20),
			   random_below(1000));
	if (random_below(5) == 0)
		buf_printf(out, "%c%s%u", "eE"[random_below(2)],
			   &"-\0+"[random_below(2) * 2], random_below(30));
}

static void value(struct buf *out, int depth)
{
	uint32_t kind = random_below(depth > 6 ? 5 : 8);
	uint32_t n = random_below(20) ? random_below(5) : random_below(60);

	blanks(out);
	switch (kind) {
	case 0:
		buf_append_cstr(out, "true");
		break;
	case 1:
		buf_append_cstr(out, random_below(2) ? "false" : "null");
		break;
	case 2:
		number(out);
		break;
	case 3:
	case 4:
		string(out);
		break;
	case 5:
		buf_append_char(out, '[');
		blanks(out);
		for (uint32_t i = 0; i < n; i++) {
			if (i)
				buf_append_char(out, ',');
			value(out, depth + 1);
		}
		buf_append_char(out, ']');
		break;
	default:
		buf_append_char(out, '{');
		blanks(out);
		for (uint32_t i = 0; i < n; i++) {
			if (i)
				buf_append_char(out, ',');
			blanks(out);
			string(out);
			blanks(out);
			buf_append_char(out, ':');
			value(out, depth + 1);
		}
		buf_append_char(out, '}');
	}
	blanks(out);
}

void random_json(struct buf *out)
{
	value(out, 0);
}

void random_damage(struct buf *text)
{
	static const char alphabet[] = "{}[]\",:\\0123456789.eE+-u tfn/\n\x01"
				       "\x80\xC3\xE2\xED\xF0\xFF";

	for (uint32_t n = 1 + random_below(3); n && buf_len(text); n--) {
		size_t len = buf_len(text);
		size_t at = random_below((uint32_t)len);
		char *p = buf_bytes(text) + at;
		char c = alphabet[random_below(sizeof alphabet)];

		switch (random_below(5)) {
		case 0:
			*p = c;
			break;
		case 1: /* drop one */
			memmove(p, p + 1, len - at - 1);
			text->end--;
			break;
		case 2: /* put one in */
			buf_append_char(text, c);
			p = buf_bytes(text) + at;
			memmove(p + 1, p, len - at);
			*p = c;
			break;
		case 3: /* cut off */
			if (random_below(4) == 0)
				text->end = text->start + at;
			break;
		default:
			*p = (char)(*p ^ 1 << random_below(8));
		}
	}
}
