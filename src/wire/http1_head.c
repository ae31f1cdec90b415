/* http1_head.c - one switch over the states of a head.
 *
 * Each state takes as many bytes as it can in an inner loop; a state that runs
 * out of bytes is entered again with the next ones.
 */
#include "wire/http1_head.h"

#include "base/error.h"
#include "base/util.h"
#include "wire/chars.h"

#define METHOD_MAX	32
#define EMPTY_LINES_MAX 4

enum {
	AT_START, /* empty lines, then the method */
	AT_START_LF,
	AT_METHOD,
	AT_TARGET,
	AT_VERSION,
	AT_LINE_LF, /* after the CR of the request line or of a field */
	AT_FIELD,   /* a name, or the CR of the empty line */
	AT_NAME,
	AT_OWS, /* white space before a value */
	AT_VALUE,
	AT_END_LF,
};

static int refuse(struct http1_head *h, int status, const char *why)
{
	h->status = (uint16_t)status;
	h->why = why;
	return WEIR_EPROTO;
}

/* One byte of "HTTP/1.1" and the CR behind it. */
static int on_version(struct http1_head *h, size_t k, char c)
{
	switch (k) {
	case 5:
	case 7:
		if (!char_is(c, CHAR_DIGIT))
			break;
		*(k == 5 ? &h->major : &h->minor) = (uint8_t)(c - '0');
		return 0;
	case 6:
		if (c != '.')
			break;
		return 0;
	case 8:
		if (c != '\r')
			break;
		if (h->major != 1)
			return refuse(h, 505,
				      "only HTTP/1.1 and HTTP/1.0 are spoken");
		h->state = AT_LINE_LF;
		return 0;
	default:
		if (c != "HTTP/"[k])
			break;
		return 0;
	}
	return refuse(h, 400, "the request line does not end in HTTP/1.1");
}

/* A value reaches to its last byte that is not white space. */
static void end_value(struct http1_head *h, const char *p, size_t end)
{
	struct http1_field *f = &h->fields[h->fields_len++];

	while (end > f->value_at && (p[end - 1] == ' ' || p[end - 1] == '\t'))
		end--;
	f->value_len = (uint16_t)(end - f->value_at);
}

static int begin_field(struct http1_head *h, char c, size_t i)
{
	if (c == '\r') {
		h->state = AT_END_LF;
		return 0;
	}
	if (c == ' ' || c == '\t')
		return refuse(h, 400, "a header line begins with white space");
	if (!char_is(c, CHAR_TOKEN))
		return refuse(h, 400, "a header line begins without a name");
	if (h->fields_len == HTTP1_FIELDS_MAX)
		return refuse(h, 431, "there are more than 100 headers");
	h->fields[h->fields_len].name_at = (uint16_t)i;
	h->state = AT_NAME;
	return 0;
}

static size_t skip(const char *p, size_t i, size_t end, int class)
{
	while (i < end && char_is(p[i], class))
		i++;
	return i;
}

/* The words of the request line; *i moves behind what was taken. */
static int on_request_line(struct http1_head *h, const struct http1_limits *lim,
			   const char *p, size_t *i, size_t end)
{
	switch (h->state) {
	case AT_START:
		if (p[*i] == '\r') {
			h->state = AT_START_LF;
			++*i;
			return 0;
		}
		if (!char_is(p[*i], CHAR_TOKEN))
			return refuse(h, 400, "this is not an HTTP request");
		h->method_at = (uint16_t)*i;
		h->state = AT_METHOD;
		return 0;
	case AT_START_LF:
		if (p[*i] != '\n' || ++h->empty_lines > EMPTY_LINES_MAX)
			return refuse(h, 400, "this is not an HTTP request");
		h->state = AT_START;
		++*i;
		return 0;
	case AT_METHOD:
		*i = skip(p, *i, end, CHAR_TOKEN);
		if (*i - h->method_at > METHOD_MAX)
			return refuse(h, 501, "the method is not known");
		if (*i == end)
			return 0;
		if (p[*i] != ' ')
			return refuse(h, 400, "the method is not a token");
		h->method_len = (uint16_t)(*i - h->method_at);
		h->target_at = (uint16_t)++ * i;
		h->state = AT_TARGET;
		return 0;
	default: /* AT_TARGET */
		*i = skip(p, *i, end, CHAR_VISIBLE);
		if (*i - h->target_at > lim->uri_max)
			return refuse(h, 414, "the request target is too long");
		if (*i == end)
			return 0;
		if (p[*i] != ' ' || *i == h->target_at)
			return refuse(h, 400,
				      "the request line is not METHOD TARGET "
				      "HTTP/1.1");
		h->target_len = (uint16_t)(*i - h->target_at);
		h->version_at = (uint16_t)++ * i;
		h->state = AT_VERSION;
		return 0;
	}
}

/* The parts of a header line. */
static int on_field(struct http1_head *h, const char *p, size_t *i, size_t end)
{
	struct http1_field *f = &h->fields[h->fields_len];

	switch (h->state) {
	case AT_NAME:
		*i = skip(p, *i, end, CHAR_TOKEN);
		if (*i == end)
			return 0;
		if (p[*i] != ':')
			return refuse(h, 400,
				      "a header line is not NAME: VALUE");
		f->name_len = (uint16_t)(*i - f->name_at);
		++*i;
		h->state = AT_OWS;
		return 0;
	case AT_OWS:
		if (p[*i] == ' ' || p[*i] == '\t') {
			++*i;
			return 0;
		}
		f->value_at = (uint16_t)*i;
		h->state = AT_VALUE;
		return 0;
	default: /* AT_VALUE */
		*i = skip(p, *i, end, CHAR_VALUE);
		if (*i == end)
			return 0;
		if (p[*i] != '\r')
			return refuse(h, 400,
				      "a header value has a control character");
		end_value(h, p, *i);
		++*i;
		h->state = AT_LINE_LF;
		return 0;
	}
}

int http1_head_parse(struct http1_head *h, const struct http1_limits *limits,
		     const char *bytes, size_t len)
{
	size_t end = MIN(len, (size_t)limits->head_max);
	size_t i = h->at;
	int rc = 0;

	while (i < end && rc == 0) {
		switch (h->state) {
		case AT_START:
		case AT_START_LF:
		case AT_METHOD:
		case AT_TARGET:
			rc = on_request_line(h, limits, bytes, &i, end);
			break;
		case AT_VERSION:
			rc = on_version(h, i - h->version_at, bytes[i]);
			i++;
			break;
		case AT_LINE_LF:
			if (bytes[i] != '\n')
				return refuse(h, 400, "a line has a bare CR");
			h->state = AT_FIELD;
			i++;
			break;
		case AT_FIELD:
			rc = begin_field(h, bytes[i], i);
			i++;
			break;
		case AT_END_LF:
			if (bytes[i] != '\n')
				return refuse(h, 400, "a line has a bare CR");
			return (int)(i + 1);
		default:
			rc = on_field(h, bytes, &i, end);
			break;
		}
	}
	if (rc < 0)
		return rc;
	h->at = (uint16_t)i;
	if (i < limits->head_max)
		return 0;
	if (h->state <= AT_TARGET)
		return refuse(h, 414, "the request target is too long");
	return refuse(h, 431, "the request head is too long");
}
