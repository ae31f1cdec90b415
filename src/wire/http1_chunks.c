/* http1_chunks.c - one switch over the states of a chunk.
 *
 * Extensions are followed by their grammar, since a quoted value may hold what
 * would otherwise end it, and two readers must not differ about that.
 */
#include "wire/http1_chunks.h"

#include "base/error.h"
#include "base/util.h"
#include "wire/chars.h"

#define SIZE_DIGITS_MAX 16
#define SIZE_MAX_BYTES	((uint64_t)INT64_MAX)

enum {
	AT_SIZE,
	AT_BEFORE_EXT, /* white space before ';' */
	AT_EXT_NAME,   /* after ';': white space, then a name */
	AT_IN_EXT_NAME,
	AT_AFTER_EXT_NAME, /* white space before '=', ';' */
	AT_EXT_VALUE,	   /* after '=': white space, then a value */
	AT_EXT_TOKEN,
	AT_EXT_QUOTED,
	AT_EXT_ESCAPED,
	AT_AFTER_EXT, /* behind a quoted value: ';', white space or the CR */
	AT_SIZE_LF,
	AT_DATA,
	AT_DATA_CR,
	AT_DATA_LF,
	AT_TRAILER, /* a name, or the CR of the empty line */
	AT_TRAILER_NAME,
	AT_TRAILER_VALUE,
	AT_TRAILER_LF,
	AT_LAST_LF,
	AT_END,
};

static int refuse(struct http1_chunks *d, int code, const char *why)
{
	d->why = why;
	return code;
}

static int on_size(struct http1_chunks *d, char c)
{
	int digit = char_hex(c);

	if (digit >= 0) {
		if (++d->digits > SIZE_DIGITS_MAX)
			return refuse(d, WEIR_EPROTO,
				      "a chunk size has too many digits");
		d->left = d->left << 4 | (uint64_t)digit;
		return 0;
	}
	if (!d->digits)
		return refuse(d, WEIR_EPROTO, "a chunk has no size");
	if (d->left > SIZE_MAX_BYTES)
		return refuse(d, WEIR_EPROTO, "a chunk size is too large");
	if (c == '\r')
		d->state = AT_SIZE_LF;
	else if (c == ';')
		d->state = AT_EXT_NAME;
	else if (c == ' ' || c == '\t')
		d->state = AT_BEFORE_EXT;
	else
		return refuse(d, WEIR_EPROTO,
			      "a chunk size is not hexadecimal");
	return 0;
}

/* Where an extension goes on after a complete name or value; -1: nowhere. */
static int after_ext(char c, int blank)
{
	if (c == ';')
		return AT_EXT_NAME;
	if (c == '\r')
		return AT_SIZE_LF;
	if (c == ' ' || c == '\t')
		return blank;
	return -1;
}

/* The state behind c, or -1. */
static int ext_step(int state, char c)
{
	bool blank = c == ' ' || c == '\t';
	bool token = char_is(c, CHAR_TOKEN);

	switch (state) {
	case AT_BEFORE_EXT:
		return blank ? state : c == ';' ? AT_EXT_NAME : -1;
	case AT_EXT_NAME:
		return blank ? state : token ? AT_IN_EXT_NAME : -1;
	case AT_IN_EXT_NAME:
		if (token)
			return state;
		return c == '=' ? AT_EXT_VALUE
				: after_ext(c, AT_AFTER_EXT_NAME);
	case AT_AFTER_EXT_NAME:
		/* Blanks at the end of the line are not in the grammar. */
		if (c == '\r')
			return -1;
		return c == '=' ? AT_EXT_VALUE : after_ext(c, state);
	case AT_EXT_VALUE:
		if (blank)
			return state;
		return c == '"' ? AT_EXT_QUOTED : token ? AT_EXT_TOKEN : -1;
	case AT_EXT_TOKEN:
		return token ? state : after_ext(c, AT_BEFORE_EXT);
	case AT_EXT_QUOTED:
		if (c == '"')
			return AT_AFTER_EXT;
		if (c == '\\')
			return AT_EXT_ESCAPED;
		return char_is(c, CHAR_VALUE) ? state : -1;
	case AT_EXT_ESCAPED:
		return char_is(c, CHAR_VALUE) ? AT_EXT_QUOTED : -1;
	default: /* AT_AFTER_EXT */
		return after_ext(c, AT_BEFORE_EXT);
	}
}

static int on_ext(struct http1_chunks *d, char c)
{
	int next = ext_step(d->state, c);

	if (next < 0)
		return refuse(d, WEIR_EPROTO, "a chunk extension is malformed");
	if (++d->extension_bytes > HTTP1_CHUNK_EXTENSIONS_MAX)
		return refuse(d, WEIR_ETOOBIG,
			      "the chunk extensions are too long");
	d->state = (uint8_t)next;
	return 0;
}

static int on_trailer(struct http1_chunks *d, char c)
{
	if (++d->trailer_bytes > HTTP1_TRAILERS_MAX)
		return refuse(d, WEIR_ETOOBIG, "the trailers are too long");
	switch (d->state) {
	case AT_TRAILER:
		if (c == '\r') {
			d->state = AT_LAST_LF;
			return 0;
		}
		if (!char_is(c, CHAR_TOKEN))
			break;
		d->state = AT_TRAILER_NAME;
		return 0;
	case AT_TRAILER_NAME:
		if (c == ':')
			d->state = AT_TRAILER_VALUE;
		else if (!char_is(c, CHAR_TOKEN))
			break;
		return 0;
	case AT_TRAILER_VALUE:
		if (c == '\r')
			d->state = AT_TRAILER_LF;
		else if (!char_is(c, CHAR_VALUE))
			break;
		return 0;
	case AT_TRAILER_LF:
		if (c != '\n')
			break;
		d->state = AT_TRAILER;
		return 0;
	default: /* AT_LAST_LF */
		if (c != '\n')
			break;
		d->state = AT_END;
		return 0;
	}
	return refuse(d, WEIR_EPROTO, "a trailer is malformed");
}

/* The two bytes behind a size or behind data. */
static int on_line_end(struct http1_chunks *d, char c)
{
	switch (d->state) {
	case AT_SIZE_LF:
		if (c != '\n')
			return refuse(d, WEIR_EPROTO,
				      "a chunk size does not end in CR LF");
		d->digits = 0;
		d->state = d->left ? AT_DATA : AT_TRAILER;
		return 0;
	case AT_DATA_CR:
		if (c != '\r')
			break;
		d->state = AT_DATA_LF;
		return 0;
	default: /* AT_DATA_LF */
		if (c != '\n')
			break;
		d->state = AT_SIZE;
		return 0;
	}
	return refuse(d, WEIR_EPROTO, "a chunk does not end in CR LF");
}

static int step(struct http1_chunks *d, char c)
{
	if (d->state == AT_SIZE)
		return on_size(d, c);
	if (d->state < AT_SIZE_LF)
		return on_ext(d, c);
	if (d->state < AT_TRAILER)
		return on_line_end(d, c);
	return on_trailer(d, c);
}

int http1_chunks_next(struct http1_chunks *d, struct str *in, struct str *data)
{
	while (in->len && d->state != AT_END) {
		if (d->state == AT_DATA) {
			size_t n = (size_t)MIN((uint64_t)in->len, d->left);

			*data = str_from(in->p, n);
			*in = str_from(in->p + n, in->len - n);
			d->left -= n;
			if (!d->left)
				d->state = AT_DATA_CR;
			return HTTP1_CHUNKS_DATA;
		}

		int rc = step(d, in->p[0]);

		if (rc < 0)
			return rc;
		*in = str_from(in->p + 1, in->len - 1);
	}
	return d->state == AT_END ? HTTP1_CHUNKS_END : HTTP1_CHUNKS_MORE;
}
