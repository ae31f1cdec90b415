/* native_lex.c - see native_lex.h. */
#include "flow/native_lex.h"

struct str lex_word(struct reader *r)
{
	size_t end;

	lex_next(r);
	end = r->i;
	if (!lex_is_word_start(lex_at(r, 0)))
		return STR("");
	while (end < r->len &&
	       (lex_is_word_start(r->p[end]) || lex_is_digit(r->p[end])))
		end++;
	/* module::name and field-like continuations are libjq's */
	if (end < r->len && r->p[end] == ':' && end + 1 < r->len &&
	    r->p[end + 1] == ':')
		return STR("");
	return str_from(r->p + r->i, end - r->i);
}

bool lex_take_word(struct reader *r, const char *word)
{
	struct str w = lex_word(r);

	if (!str_eq(w, str_of(word)))
		return false;
	r->i += w.len;
	return true;
}

static bool read_hex4(struct reader *r, uint32_t *out)
{
	*out = 0;
	for (int k = 0; k < 4; k++) {
		char c = lex_at(r, 0);
		uint32_t digit;

		if (lex_is_digit(c))
			digit = (uint32_t)(c - '0');
		else if ((c | 32) >= 'a' && (c | 32) <= 'f')
			digit = (uint32_t)((c | 32) - 'a' + 10);
		else
			return false;
		*out = *out * 16 + digit;
		r->i++;
	}
	return true;
}

/* "..." without interpolation; surrogates are libjq's. */
bool lex_string(struct reader *r, struct buf *b)
{
	if (!lex_take(r, '"'))
		return false;
	for (;;) {
		char c = lex_at(r, 0);
		uint32_t u;

		if (r->i >= r->len || (unsigned char)c < ' ')
			return false;
		r->i++;
		if (c == '"')
			return true;
		if (c != '\\') {
			buf_append_char(b, c);
			continue;
		}
		c = lex_at(r, 0);
		r->i++;
		switch (c) {
		case '"':
		case '\\':
		case '/':
			buf_append_char(b, c);
			break;
		case 'b':
			buf_append_char(b, '\b');
			break;
		case 'f':
			buf_append_char(b, '\f');
			break;
		case 'n':
			buf_append_char(b, '\n');
			break;
		case 'r':
			buf_append_char(b, '\r');
			break;
		case 't':
			buf_append_char(b, '\t');
			break;
		case 'u':
			if (!read_hex4(r, &u) || u >= 0x80 || !u)
				return false;
			buf_append_char(b, (char)u);
			break;
		default: /* \( begins an interpolation */
			return false;
		}
	}
}

bool lex_number(struct reader *r, struct value *out)
{
	size_t from = r->i;
	double d;

	while (lex_is_digit(lex_at(r, 0)))
		r->i++;
	if (lex_at(r, 0) == '.' && lex_is_digit(lex_at(r, 1))) {
		r->i++;
		while (lex_is_digit(lex_at(r, 0)))
			r->i++;
	}
	if ((lex_at(r, 0) | 32) == 'e') {
		r->i++;
		if (lex_at(r, 0) == '+' || lex_at(r, 0) == '-')
			r->i++;
		if (!lex_is_digit(lex_at(r, 0)))
			return false;
		while (lex_is_digit(lex_at(r, 0)))
			r->i++;
	}
	if (lex_at(r, 0) == '.' || lex_is_word_start(lex_at(r, 0)))
		return false;

	struct str text = str_from(r->p + from, r->i - from);

	*out = value_int(0);
	if (str_to_i64(text, &out->i) == 0)
		return true;
	if (str_to_double(text, &d) < 0)
		return false;
	*out = value_double(d);
	return true;
}
