/* error.c - see error.h. */
#include "base/error.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *weir_strerror(int code)
{
	switch (code) {
	case WEIR_OK:
		return "no error";
	case WEIR_EINVAL:
		return "invalid";
	case WEIR_ETOOBIG:
		return "too big";
	case WEIR_ENOMEM:
		return "out of memory";
	case WEIR_EOF:
		return "end of input";
	case WEIR_ECLOSED:
		return "connection closed";
	case WEIR_ETIMEDOUT:
		return "timed out";
	case WEIR_ECANCELED:
		return "cancelled";
	case WEIR_EAGAIN:
		return "not now";
	case WEIR_EREFUSED:
		return "connection refused";
	case WEIR_ENOTFOUND:
		return "not found";
	case WEIR_EEXISTS:
		return "exists already";
	case WEIR_EDENIED:
		return "permission denied";
	case WEIR_EIO:
		return "input/output error";
	case WEIR_EPROTO:
		return "protocol error";
	case WEIR_EUPSTREAM:
		return "upstream error";
	case WEIR_EBUSY:
		return "busy";
	case WEIR_EITEM:
		return "item error";
	default:
		return "unknown error";
	}
}

int weir_error_set(struct weir_error *err, int code, const char *fmt, ...)
{
	va_list ap;

	if (!err)
		return code;
	err->code = code;
	err->line = err->column = 0;
	err->offset = 0;
	va_start(ap, fmt);
	vsnprintf(err->message, sizeof err->message, fmt, ap);
	va_end(ap);
	return code;
}

int error_at(struct weir_error *err, int code, const char *text, size_t len,
	     size_t offset, const char *fmt, ...)
{
	va_list ap;
	uint32_t line = 1;
	uint32_t column = 1;

	if (!err)
		return code;
	if (offset > len)
		offset = len;
	for (size_t i = 0; i < offset; i++) {
		if (text[i] == '\n') {
			line++;
			column = 1;
		} else if ((text[i] & 0xC0) != 0x80) {
			column++;
		}
	}
	err->code = code;
	err->line = line;
	err->column = column;
	err->offset = offset;
	va_start(ap, fmt);
	vsnprintf(err->message, sizeof err->message, fmt, ap);
	va_end(ap);
	return code;
}

int error_from_errno(int sys_errno)
{
	switch (sys_errno) {
	case 0:
		return WEIR_OK;
	case EINVAL:
		return WEIR_EINVAL;
	case ENOMEM:
	case ENOBUFS:
		return WEIR_ENOMEM;
	case EAGAIN:
	case EINTR:
		return WEIR_EAGAIN;
	case ECONNREFUSED:
		return WEIR_EREFUSED;
	case ECONNRESET:
	case EPIPE:
	case ENOTCONN:
	case ESHUTDOWN:
	case ECONNABORTED:
		return WEIR_ECLOSED;
	case ETIMEDOUT:
		return WEIR_ETIMEDOUT;
	case ENOENT:
	case ENOTDIR:
		return WEIR_ENOTFOUND;
	case EEXIST:
	case EADDRINUSE:
		return WEIR_EEXISTS;
	case EACCES:
	case EPERM:
		return WEIR_EDENIED;
	case EMFILE:
	case ENFILE:
	case EBUSY:
		return WEIR_EBUSY;
	default:
		return WEIR_EIO;
	}
}

int error_sys(struct weir_error *err, int sys_errno, const char *tried, ...)
{
	const char *said = strerror(sys_errno);
	/* In the midst of a line; but "RPC ..." stays as it is. */
	bool lower = said[0] && islower((unsigned char)said[1]);
	char what[WEIR_ERROR_MESSAGE_MAX];
	va_list ap;

	va_start(ap, tried);
	vsnprintf(what, sizeof what, tried, ap);
	va_end(ap);
	return error_set(err, error_from_errno(sys_errno), "%s: %c%s", what,
			 lower ? tolower((unsigned char)said[0]) : said[0],
			 said[0] ? said + 1 : "");
}

#define SHOWN_BEFORE 60 /* bytes of the line shown before the place */
#define SHOWN_MAX    76

void error_render(const struct weir_error *err, const char *name,
		  const char *text, size_t len, struct buf *out)
{
	if (name)
		buf_printf(out, "%s:", name);
	if (!err->line) {
		buf_printf(out, "%s%s\n", name ? " " : "", err->message);
		return;
	}
	buf_printf(out, "%u:%u: %s\n", err->line, err->column, err->message);

	size_t at = MIN(err->offset, len);
	size_t from = at;

	while (from > 0 && text[from - 1] != '\n' && at - from < SHOWN_BEFORE)
		from--;
	while (from < at && (text[from] & 0xC0) == 0x80)
		from++; /* not in the middle of a character */

	size_t to = at;

	while (to < len && text[to] != '\n' && to - from < SHOWN_MAX)
		to++;
	while (to > at && to < len && (text[to] & 0xC0) == 0x80)
		to--;
	for (size_t i = from; i < to; i++)
		buf_append_char(out,
				(unsigned char)text[i] < ' ' ? ' ' : text[i]);
	buf_append_char(out, '\n');
	for (size_t i = from; i < at; i++)
		if ((text[i] & 0xC0) != 0x80)
			buf_append_char(out, ' ');
	buf_append_cstr(out, "^\n");
}
