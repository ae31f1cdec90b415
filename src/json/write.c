/* write.c - value to text. An explicit stack, since built values may nest
 * deeper than the parser allows. */
#include "json/write.h"

#include "json/number.h"
#include "json/scan.h"
#include "value/stack.h"

#define FRAMES_LOCAL 24

/* What is written goes through p; room() makes sure of space first, so that the
 * rest is plain stores. */
struct writer {
	char *p;
	char *end;
	struct buf *out;
};

static void begin(struct writer *w, struct buf *out)
{
	w->out = out;
	w->p = buf_reserve(out, 64);
	w->end = out->data + out->cap;
}

static void end(struct writer *w)
{
	buf_commit(w->out, (size_t)(w->p - w->out->data) - w->out->end);
}

static __attribute__((noinline)) void more_room(struct writer *w, size_t bytes)
{
	end(w);
	w->p = buf_reserve(w->out, bytes);
	w->end = w->out->data + w->out->cap;
}

INLINE void room(struct writer *w, size_t bytes)
{
	if (UNLIKELY((size_t)(w->end - w->p) < bytes))
		more_room(w, bytes);
}

/* --- strings ----------------------------------------------------------- */

static void put_escape(struct writer *w, unsigned char c)
{
	static const char hex[] = "0123456789abcdef";
	static const char letter[] = "btn_fr"; /* of 8 to 13; 11 has none */

	*w->p++ = '\\';
	if (c == '"' || c == '\\') {
		*w->p++ = (char)c;
	} else if (c >= '\b' && c <= '\r' && c != '\v') {
		*w->p++ = letter[c - '\b'];
	} else {
		memcpy(w->p, "u00", 3);
		w->p[3] = hex[c >> 4];
		w->p[4] = hex[c & 15];
		w->p += 5;
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

/* Has one of the 8 bytes of v to be escaped? */
INLINE bool escapes8(uint64_t v)
{
	const uint64_t ones = 0x0101010101010101;
	uint64_t quote = v ^ '"' * ones;
	uint64_t slash = v ^ '\\' * ones;

	return ((((v - ' ' * ones) & ~v) | ((quote - ones) & ~quote) |
		 ((slash - ones) & ~slash)) &
		0x80 * ones) != 0;
}

/* The last n < 16 bytes of a string, if none has to be escaped. */
INLINE bool put_plain_tail(struct writer *w, const char *p, size_t n)
{
	uint64_t a;
	uint64_t b;
	uint32_t c;
	uint32_t d;

	if (n >= 8) {
		memcpy(&a, p, 8);
		memcpy(&b, p + n - 8, 8);
		memcpy(w->p, &a, 8);
		memcpy(w->p + n - 8, &b, 8);
		return !escapes8(a) && !escapes8(b);
	}
	if (n >= 4) {
		memcpy(&c, p, 4);
		memcpy(&d, p + n - 4, 4);
		memcpy(w->p, &c, 4);
		memcpy(w->p + n - 4, &d, 4);
		return !escapes8(c | (uint64_t)d << 32);
	}
	for (size_t i = 0; i < n; i++) {
		w->p[i] = p[i];
		if (must_escape(p[i]))
			return false;
	}
	return true;
}

static void put_string(struct writer *w, struct str s)
{
	const char *p = s.p;
	size_t left = s.len;

	room(w, left + 24);
	*w->p++ = '"';
	while (left >= 16) {
		uint32_t escapes = escapes16(p);
		size_t n = escapes ? (size_t)__builtin_ctz(escapes) : 16;

		memcpy(w->p, p, 16); /* as if there were none */
		w->p += n;
		p += n;
		left -= n;
		if (UNLIKELY(escapes)) {
			put_escape(w, (unsigned char)*p++);
			left--;
			room(w, left + 24);
		}
	}
	if (LIKELY(put_plain_tail(w, p, left))) {
		w->p += left;
		*w->p++ = '"';
		return;
	}
	room(w, 6 * left + 1);
	for (; left; left--, p++) {
		if (must_escape(*p))
			put_escape(w, (unsigned char)*p);
		else
			*w->p++ = *p;
	}
	*w->p++ = '"';
}

void json_write_string(struct str s, struct buf *out)
{
	struct writer w;

	begin(&w, out);
	put_string(&w, s);
	end(&w);
}

/* --- values ------------------------------------------------------------ */

struct frame {
	struct value v;
	uint32_t i; /* the next element or member */
};

enum { SCALAR_MAX = 40 }; /* bytes of any scalar but a string */

INLINE void put(struct writer *w, const char *text, size_t len)
{
	memcpy(w->p, text, len);
	w->p += len;
}

static void put_integer(struct writer *w, uint64_t n, bool negative)
{
	char *to = w->p;

	if (negative)
		*to++ = '-';
	w->p = to + json_format_u64(n, to);
}

/* Writes a scalar, or opens a container. */
static void put_begin(struct writer *w, struct value v)
{
	room(w, SCALAR_MAX);
	switch (value_type(v)) {
	case VALUE_NULL:
		put(w, "null", 4);
		break;
	case VALUE_FALSE:
		put(w, "false", 5);
		break;
	case VALUE_TRUE:
		put(w, "true", 4);
		break;
	case VALUE_INT:
		put_integer(w, v.i < 0 ? 0 - v.u : v.u, v.i < 0);
		break;
	case VALUE_UINT:
		put_integer(w, v.u, false);
		break;
	case VALUE_DOUBLE:
		w->p += json_format_double(v.d, w->p);
		break;
	case VALUE_STRING:
		put_string(w, value_str(v));
		break;
	case VALUE_ARRAY:
		*w->p++ = '[';
		break;
	case VALUE_OBJECT:
		*w->p++ = '{';
		break;
	}
}

static void put_end(struct writer *w, struct value v)
{
	room(w, 1);
	*w->p++ = value_type(v) == VALUE_OBJECT ? '}' : ']';
}

static void break_line(struct writer *w, uint32_t level)
{
	size_t blanks = 2 * (size_t)level;

	room(w, 1 + blanks);
	*w->p++ = '\n';
	memset(w->p, ' ', blanks);
	w->p += blanks;
}

INLINE void write_all(struct value v, bool pretty, struct buf *out)
{
	struct frame local[FRAMES_LOCAL];
	struct value_stack s = VALUE_STACK(local);
	struct writer w;

	begin(&w, out);
	for (;;) {
		put_begin(&w, v);

		struct frame *top;

		if (value_len(v)) {
			top = value_stack_push(&s, sizeof *top);
			*top = (struct frame){v, 0};
		} else if (value_type(v) >= VALUE_ARRAY) {
			put_end(&w, v);
		}
		for (; s.n; s.n--) {
			top = (struct frame *)s.frames + s.n - 1;
			if (top->i < top->v.len)
				break;
			if (pretty)
				break_line(&w, s.n - 1);
			put_end(&w, top->v);
		}
		if (!s.n)
			break;
		room(&w, 1);
		if (top->i)
			*w.p++ = ',';
		if (pretty)
			break_line(&w, s.n);

		const struct value *nodes = value_nodes(top->v);
		uint64_t i = top->i++;

		if (value_type(top->v) == VALUE_OBJECT) {
			put_string(&w, value_str(nodes[2 * i]));
			room(&w, 2);
			*w.p++ = ':';
			if (pretty)
				*w.p++ = ' ';
			v = nodes[2 * i + 1];
		} else {
			v = nodes[i];
		}
	}
	end(&w);
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
