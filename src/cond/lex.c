/* lex.c - the text of a condition as tokens.
 *
 * White space and brackets end a word. Quotes make one token of all between
 * them and know no escape; elsewhere a backslash takes the next character as
 * it is. Every other character is ordinary.
 */
#include "cond/token.h"

#include <string.h>

enum { SPACE = 1, BRACKET = 2, COMMA = 4, BACKSLASH = 8 };

static const uint8_t classes[256] = {
	[' '] = SPACE,	 ['\t'] = SPACE,  ['\n'] = SPACE, ['\r'] = SPACE,
	['['] = BRACKET, [']'] = BRACKET, [','] = COMMA,  ['\\'] = BACKSLASH,
};

static uint32_t class_of(char c)
{
	return classes[(unsigned char)c];
}

/* The classes that end a word. */
static uint32_t ends_at(enum cond_place place)
{
	return SPACE | BRACKET | (place == COND_IN_LIST ? COMMA : 0);
}

static bool ends_word(char c, enum cond_place place)
{
	return class_of(c) & ends_at(place);
}

static int read_quoted(struct cond_tokens *t, enum cond_place place)
{
	const char *begin = t->text.p + t->i + 1;
	size_t left = t->text.len - t->i - 1;
	const char *end = memchr(begin, begin[-1], left);

	if (!end)
		return cond_fail_at(t, WEIR_EINVAL, t->token.at,
				    "this quote is never closed");
	t->token.kind = COND_TOKEN_QUOTED;
	t->token.text = str_from(begin, (size_t)(end - begin));
	t->i = (size_t)(end - t->text.p) + 1;
	if (t->i < t->text.len && !ends_word(t->text.p[t->i], place))
		return cond_fail_at(t, WEIR_EINVAL, t->i,
				    "expected a space behind the quote");
	return 0;
}

/* The word that begins at begin and had its first backslash at i. */
static int read_escaped(struct cond_tokens *t, enum cond_place place,
			size_t begin)
{
	t->token.escaped = true;
	buf_append(&t->word, t->text.p + begin, t->i - begin);
	for (; t->i < t->text.len; t->i++) {
		char c = t->text.p[t->i];

		if (ends_word(c, place))
			break;
		if (c == '\\') {
			if (++t->i == t->text.len)
				return cond_fail_at(
					t, WEIR_EINVAL, t->i - 1,
					"a backslash at the very end");
			c = t->text.p[t->i];
		}
		buf_append_char(&t->word, c);
	}
	t->token.text = buf_str(&t->word);
	return 0;
}

static int read_word(struct cond_tokens *t, enum cond_place place)
{
	uint32_t stop = ends_at(place) | BACKSLASH;
	size_t begin = t->i;
	size_t i = begin;
	int rc = 0;

	t->token.kind = COND_TOKEN_WORD;
	while (i < t->text.len && !(class_of(t->text.p[i]) & stop))
		i++;
	t->i = i;
	t->token.text = str_from(t->text.p + begin, i - begin);
	if (i < t->text.len && t->text.p[i] == '\\')
		rc = read_escaped(t, place, begin);
	t->token.raw = str_from(t->text.p + begin, t->i - begin);
	return rc;
}

static int next(struct cond_tokens *t, enum cond_place place)
{
	uint32_t skipped = ends_at(place) & ~(uint32_t)BRACKET;
	char c;

	while (t->i < t->text.len && class_of(t->text.p[t->i]) & skipped)
		t->i++;
	buf_clear(&t->word);
	t->token = (struct cond_token){.kind = COND_TOKEN_END, .at = t->i};
	if (t->i == t->text.len)
		return 0;
	c = t->text.p[t->i];
	if (c == '[' || c == ']') {
		t->token.kind = c == '[' ? COND_TOKEN_OPEN : COND_TOKEN_CLOSE;
		t->token.text = str_from(t->text.p + t->i, 1);
		t->i++;
		return 0;
	}
	if (c == '"' || c == '\'')
		return read_quoted(t, place);
	return read_word(t, place);
}

void cond_tokens_of_text(struct cond_tokens *t, struct str text,
			 struct weir_error *err)
{
	*t = (struct cond_tokens){.next = next, .text = text, .err = err};
	/* pycond's switch for deep lookup, which is always on here. */
	if (str_starts(text, STR("deep:")))
		t->i = strlen("deep:");
}
