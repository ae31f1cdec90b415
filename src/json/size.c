/* size.c - how long the text of a value is, without writing it.
 *
 * Strings are read through for what has to be escaped, integers are measured
 * by comparing. Only a double is really formatted: no cheaper way tells how
 * many digits the shortest form takes. An explicit stack, as in write.c.
 */
#include "json/number.h"
#include "json/write.h"

#include "value/stack.h"

#define FRAMES_LOCAL 24

struct frame {
	struct value v;
	uint32_t i; /* the next node: of an object the names count as well */
};

static size_t string_size(struct str s)
{
	size_t size = s.len + 2;

	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c == '"' || c == '\\')
			size++;
		else if (c < ' ') /* \b \t \n \f \r, or \u00xx */
			size += c >= '\b' && c <= '\r' && c != '\v' ? 1 : 5;
	}
	return size;
}

static size_t digits(uint64_t n)
{
	size_t size = 1;

	for (; n >= 10; n /= 10)
		size++;
	return size;
}

/* Of containers the brackets, commas and colons only. */
static size_t size_alone(struct value v)
{
	char text[JSON_DOUBLE_MAX];

	switch (value_type(v)) {
	case VALUE_FALSE:
		return 5;
	case VALUE_INT:
		return v.i < 0 ? 1 + digits(0 - v.u) : digits(v.u);
	case VALUE_UINT:
		return digits(v.u);
	case VALUE_DOUBLE:
		return json_format_double(v.d, text);
	case VALUE_STRING:
		return string_size(value_str(v));
	case VALUE_ARRAY:
		return v.len ? 1 + (size_t)v.len : 2;
	case VALUE_OBJECT:
		return v.len ? 1 + 2 * (size_t)v.len : 2;
	default: /* null, true */
		return 4;
	}
}

static uint64_t n_nodes(struct value v)
{
	return value_type(v) == VALUE_OBJECT ? 2 * (uint64_t)v.len
					     : value_len(v);
}

size_t json_size(struct value v)
{
	struct frame local[FRAMES_LOCAL];
	struct value_stack s = VALUE_STACK(local);
	size_t size = 0;

	for (;;) {
		struct frame *top;

		size += size_alone(v);
		if (value_len(v)) {
			top = value_stack_push(&s, sizeof *top);
			*top = (struct frame){v, 0};
		}
		for (; s.n; s.n--) {
			top = (struct frame *)s.frames + s.n - 1;
			if (top->i < n_nodes(top->v))
				break;
		}
		if (!s.n)
			break;
		v = value_nodes(top->v)[top->i++];
	}
	value_stack_fini(&s);
	return size;
}
