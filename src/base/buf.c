/* buf.c - see buf.h. Grows by doubling; room at the front is used first. */
#include "base/buf.h"

#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void buf_fini(struct buf *b)
{
	mem_free(b->data);
	*b = (struct buf){0};
}

char *buf_reserve(struct buf *b, size_t bytes)
{
	if (LIKELY(b->cap - b->end >= bytes) && b->data)
		return b->data + b->end;

	size_t len = buf_len(b);

	if (b->start && b->cap - len >= bytes && b->start >= len / 2) {
		memmove(b->data, b->data + b->start, len);
	} else {
		size_t cap = MAX(b->cap, (size_t)64);

		while (cap - len < bytes)
			cap *= 2;
		if (b->start) {
			char *data = mem_alloc(cap);

			memcpy(data, b->data + b->start, len);
			mem_free(b->data);
			b->data = data;
		} else {
			b->data = mem_realloc(b->data, cap);
		}
		b->cap = cap;
	}
	b->start = 0;
	b->end = len;
	return b->data + b->end;
}

void buf_append(struct buf *b, const void *p, size_t bytes)
{
	if (!bytes)
		return;
	memcpy(buf_reserve(b, bytes), p, bytes);
	b->end += bytes;
}

void buf_append_str(struct buf *b, struct str s)
{
	buf_append(b, s.p, s.len);
}

void buf_append_cstr(struct buf *b, const char *s)
{
	buf_append(b, s, strlen(s));
}

void buf_append_u64(struct buf *b, uint64_t n)
{
	char digits[20];
	size_t at = sizeof digits;

	do {
		digits[--at] = (char)('0' + n % 10);
		n /= 10;
	} while (n);
	buf_append(b, digits + at, sizeof digits - at);
}

void buf_append_i64(struct buf *b, int64_t n)
{
	if (n < 0) {
		buf_append_char(b, '-');
		buf_append_u64(b, 0 - (uint64_t)n);
	} else {
		buf_append_u64(b, (uint64_t)n);
	}
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	va_list again;

	va_start(ap, fmt);
	va_copy(again, ap);

	char *at = buf_reserve(b, 128);
	int n = vsnprintf(at, b->cap - b->end, fmt, ap);

	va_end(ap);
	if (n > 0 && (size_t)n >= b->cap - b->end) {
		at = buf_reserve(b, (size_t)n + 1);
		vsnprintf(at, (size_t)n + 1, fmt, again);
	}
	if (n > 0)
		b->end += (size_t)n;
	va_end(again);
}

void buf_consume(struct buf *b, size_t bytes)
{
	b->start += bytes;
	if (b->start == b->end)
		b->start = b->end = 0;
}

void buf_clear(struct buf *b)
{
	b->start = b->end = 0;
}

char *buf_take_cstr(struct buf *b)
{
	buf_append_char(b, '\0');
	if (b->start)
		memmove(b->data, b->data + b->start, buf_len(b));

	char *s = b->data;

	*b = (struct buf){0};
	return s;
}
