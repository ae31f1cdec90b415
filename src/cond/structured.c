/* structured.c - a condition written as a JSON array, as tokens.
 *
 *     [["a", "b", 0], "eq", 1, "and", ["c", "gt", 2]]
 *      PATH           .. VALUE  ..    OPEN ...   CLOSE
 *
 * An inner list is a path if it has only strings and integers, two at least,
 * and neither begins with `not` nor has an operator, a prefix or a combinator
 * as its second. The outermost list is never one.
 */
#include "base/mem.h"
#include "cond/grammar.h"
#include "cond/operators.h"
#include "cond/token.h"

#include <stdarg.h>
#include <stdio.h>

struct cond_list {
	struct value array;
	uint32_t i; /* the element that comes next */
};

static bool is_path(struct value v)
{
	const struct value *e = value_nodes(v);

	if (value_len(v) < 2)
		return false;
	for (uint32_t i = 0; i < value_len(v); i++)
		if (value_type(e[i]) != VALUE_STRING &&
		    value_type(e[i]) != VALUE_INT)
			return false;
	if (value_type(e[1]) != VALUE_STRING)
		return true;
	return !str_eq(value_str(e[0]), STR("not")) &&
	       !cond_is_keyword(value_str(e[1])) &&
	       !cond_operator_find(value_str(e[1]));
}

static int open_list(struct cond_tokens *t, struct value array)
{
	/* A document's depth is bounded by its parser, the memory by that. */
	t->lists = mem_realloc(t->lists, (t->depth + 1) * sizeof *t->lists);
	t->lists[t->depth++] = (struct cond_list){.array = array};
	t->token.kind = COND_TOKEN_OPEN;
	t->token.text = STR("[");
	return 0;
}

static int next(struct cond_tokens *t, enum cond_place place)
{
	struct cond_list *list = &t->lists[t->depth - 1];
	struct value v;

	t->token = (struct cond_token){.kind = COND_TOKEN_END};
	if (list->i == value_len(list->array)) {
		if (t->depth == 1)
			return 0;
		t->depth--;
		t->token.kind = COND_TOKEN_CLOSE;
		t->token.text = STR("]");
		return 0;
	}
	v = value_nodes(list->array)[list->i++];
	if (value_type(v) == VALUE_STRING) {
		t->token.kind = COND_TOKEN_WORD;
		t->token.text = value_str(v);
		return 0;
	}
	t->token.v = v;
	t->token.kind = COND_TOKEN_VALUE;
	if (place == COND_AT_TERM && value_type(v) == VALUE_ARRAY) {
		if (!is_path(v))
			return open_list(t, v);
		t->token.kind = COND_TOKEN_PATH;
	}
	return 0;
}

void cond_tokens_of_value(struct cond_tokens *t, struct value array,
			  struct weir_error *err)
{
	*t = (struct cond_tokens){.next = next, .err = err};
	open_list(t, array);
}

void cond_tokens_fini(struct cond_tokens *t)
{
	buf_fini(&t->word);
	mem_free(t->lists);
}

/* --- errors -------------------------------------------------------------- */

/* "at [2][0]: ", counted from 0 like an element in a path. */
static void put_place(const struct cond_tokens *t, char *out, size_t size)
{
	size_t len = 0;

	out[0] = '\0';
	for (uint32_t i = 0; i < t->depth && len + 16 < size; i++)
		len += (size_t)snprintf(out + len, size - len, "%s[%u]",
					i ? "" : "at ",
					t->lists[i].i ? t->lists[i].i - 1 : 0);
	if (len)
		snprintf(out + len, size - len, ": ");
}

int cond_fail_at(struct cond_tokens *t, int code, size_t at, const char *fmt,
		 ...)
{
	char message[192];
	char place[96];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(message, sizeof message, fmt, ap);
	va_end(ap);
	if (!t->depth)
		return error_at(t->err, code, t->text.p, t->text.len, at, "%s",
				message);
	put_place(t, place, sizeof place);
	return error_set(t->err, code, "%s%s", place, message);
}
