/* write.c - value to text. An explicit stack, since built values may nest
 * deeper than the parser allows. */
#include "json/write.h"

#include "json/number.h"
#include "json/scan.h"
#include "value/stack.h"

#define FRAMES_LOCAL 24

/* --- strings ----------------------------------------------------------- */

static char *put_escape(char *to, unsigned char c)
{
	static const char hex[] = "0123456789abcdef";

	*to++ = '\\';
	switch (c) {
	case '"':
	case '\\':
		*to++ = (char)c;
		return to;
	case '\b':
		*to++ = 'b';
		return to;
	case '\f':
		*to++ = 'f';
		return to;
	case '\n':
		*to++ = 'n';
		return to;
	case '\r':
		*to++ = 'r';
		return to;
	case '\t':
		*to++ = 't';
		return to;
	default:
		memcpy(to, "u00", 3);
		to[3] = hex[c >> 4];
		to[4] = hex[c & 15];
		return to + 5;
	}
}

static bool must_escape(char c)
{
	return (unsigned char)c < ' ' || c == '"' || c == '\\';
}

/* Bit i: byte i of the 16 at p has to be escaped. */
#ifdef __SSE2__
INLINE uint32_t escapes16(const char *p)
{
	__m128i v = _mm_loadu_si128((const __m128i *)p);
	__m128i quote = _mm_cmpeq_epi8(v, _mm_set1_epi8('"'));
	__m128i slash = _mm_cmpeq_epi8(v, _mm_set1_epi8('\\'));
	/* Unsigned: below a blank is what the maximum of 31 leaves at 31. */
	__m128i low = _mm_cmpeq_epi8(_mm_max_epu8(v, _mm_set1_epi8(31)),
	                             _mm_set1_epi8(31));

	return (uint32_t)_mm_movemask_epi8(
	        _mm_or_si128(_mm_or_si128(quote, slash), low));
}
#else
INLINE uint32_t escapes16(const char *p)
{
	uint32_t hits = json_special16(p);
	uint32_t left = hits;

	/* Bytes from 0x80 up are special to the reader only. */
	for (; left; left &= left - 1)
		if (!must_escape(p[__builtin_ctz(left)]))
			hits &= ~(left & -left);
	return hits;
}
#endif

/* Bytes of s from `from` on that need no escape. */
static size_t plain_run(struct str s, size_t from)
{
	size_t i = from;

	for (; s.len - i >= 16; i += 16) {
		uint32_t escapes = escapes16(s.p + i);

		if (escapes)
			return i + (size_t)__builtin_ctz(escapes) - from;
	}
	while (i < s.len && !must_escape(s.p[i]))
		i++;
	return i - from;
}

void json_write_string(struct str s, struct buf *out)
{
	size_t done = 0;

	buf_append_char(out, '"');
	for (;;) {
		size_t run = plain_run(s, done);
		/* Room for an escape and the closing quote as well. */
		char *to = buf_reserve(out, run + 7);
		char *begin = to;

		if (run)
			memcpy(to, s.p + done, run);
		to += run;
		done += run;
		if (done == s.len) {
			*to++ = '"';
			buf_commit(out, (size_t)(to - begin));
			return;
		}
		to = put_escape(to, (unsigned char)s.p[done++]);
		buf_commit(out, (size_t)(to - begin));
	}
}

/* --- values ------------------------------------------------------------ */

struct frame {
	struct value v;
	uint32_t i; /* the next element or member */
};

static void write_double(double d, struct buf *out)
{
	char *to = buf_reserve(out, JSON_DOUBLE_MAX);

	buf_commit(out, json_format_double(d, to));
}

/* Writes a scalar, or opens a container. */
static void write_begin(struct value v, struct buf *out)
{
	switch (value_type(v)) {
	case VALUE_NULL:
		buf_append(out, "null", 4);
		break;
	case VALUE_FALSE:
		buf_append(out, "false", 5);
		break;
	case VALUE_TRUE:
		buf_append(out, "true", 4);
		break;
	case VALUE_INT:
		buf_append_i64(out, v.i);
		break;
	case VALUE_UINT:
		buf_append_u64(out, v.u);
		break;
	case VALUE_DOUBLE:
		write_double(v.d, out);
		break;
	case VALUE_STRING:
		json_write_string(value_str(v), out);
		break;
	case VALUE_ARRAY:
		buf_append_char(out, '[');
		break;
	case VALUE_OBJECT:
		buf_append_char(out, '{');
		break;
	}
}

static void write_end(struct value v, struct buf *out)
{
	buf_append_char(out, value_type(v) == VALUE_OBJECT ? '}' : ']');
}

static void break_line(uint32_t level, struct buf *out)
{
	size_t blanks = 2 * (size_t)level;
	char *to = buf_reserve(out, 1 + blanks);

	to[0] = '\n';
	memset(to + 1, ' ', blanks);
	buf_commit(out, 1 + blanks);
}

static void write_all(struct value v, bool pretty, struct buf *out)
{
	struct frame local[FRAMES_LOCAL];
	struct value_stack s = VALUE_STACK(local);

	for (;;) {
		write_begin(v, out);

		struct frame *top;

		if (value_len(v)) {
			top = value_stack_push(&s, sizeof *top);
			*top = (struct frame){v, 0};
		} else if (value_type(v) >= VALUE_ARRAY) {
			write_end(v, out);
		}
		for (; s.n; s.n--) {
			top = (struct frame *)s.frames + s.n - 1;
			if (top->i < top->v.len)
				break;
			if (pretty)
				break_line(s.n - 1, out);
			write_end(top->v, out);
		}
		if (!s.n)
			break;
		if (top->i)
			buf_append_char(out, ',');
		if (pretty)
			break_line(s.n, out);

		const struct value *nodes = value_nodes(top->v);
		uint64_t i = top->i++;

		if (value_type(top->v) == VALUE_OBJECT) {
			json_write_string(value_str(nodes[2 * i]), out);
			buf_append_char(out, ':');
			if (pretty)
				buf_append_char(out, ' ');
			v = nodes[2 * i + 1];
		} else {
			v = nodes[i];
		}
	}
	value_stack_fini(&s);
}

void json_write(struct value v, struct buf *out)
{
	write_all(v, false, out);
}

void json_write_pretty(struct value v, struct buf *out)
{
	write_all(v, true, out);
}
