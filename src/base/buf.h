/* buf.h - bytes that grow at the end and are consumed at the front.
 *
 *     data[start .. end)  is what it holds
 *
 * All zero is an empty buffer. The bytes move when it grows.
 */
#ifndef WEIR_BASE_BUF_H
#define WEIR_BASE_BUF_H

#include "base/str.h"
#include "base/util.h"

struct buf {
	char *data; /* ours; NULL while nothing was ever put in */
	size_t start;
	size_t end;
	size_t cap;
};

void buf_fini(struct buf *b); /* frees; b is empty and usable afterwards */

static inline size_t buf_len(const struct buf *b)
{
	return b->end - b->start;
}

static inline char *buf_bytes(const struct buf *b)
{
	return b->data + b->start;
}

static inline struct str buf_str(const struct buf *b)
{
	return str_from(b->data ? b->data + b->start : "", buf_len(b));
}

/* Makes room for bytes more and returns where they go; buf_commit says how
 * many were written. */
char *buf_reserve(struct buf *b, size_t bytes);

static inline void buf_commit(struct buf *b, size_t bytes)
{
	b->end += bytes;
}

void buf_append(struct buf *b, const void *p, size_t bytes);
void buf_append_str(struct buf *b, struct str s);
static inline void buf_append_char(struct buf *b, char c)
{
	if (UNLIKELY(b->end == b->cap))
		buf_reserve(b, 1);
	b->data[b->end++] = c;
}
void buf_append_cstr(struct buf *b, const char *s);
void buf_append_i64(struct buf *b, int64_t n);
void buf_append_u64(struct buf *b, uint64_t n);
void buf_printf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Drops bytes at the front. */
void buf_consume(struct buf *b, size_t bytes);
void buf_clear(struct buf *b); /* keeps the memory */
/* Drops what is behind the first bytes, which must be there. */
static inline void buf_truncate(struct buf *b, size_t bytes)
{
	b->end = b->start + bytes;
}

/* The held bytes as a NUL-terminated string in memory of the caller
 * (mem_free); b is empty afterwards. */
char *buf_take_cstr(struct buf *b);

#endif
