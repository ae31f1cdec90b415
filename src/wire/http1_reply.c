/* http1_reply.c - see http1_reply.h. */
#include "wire/http1_reply.h"

#include "wire/chars.h"

#include <assert.h>

/* Source: the HTTP Status Code Registry of IANA. */
struct str http1_reason(int status)
{
	switch (status) {
	case 100:
		return STR("Continue");
	case 101:
		return STR("Switching Protocols");
	case 200:
		return STR("OK");
	case 201:
		return STR("Created");
	case 202:
		return STR("Accepted");
	case 204:
		return STR("No Content");
	case 206:
		return STR("Partial Content");
	case 301:
		return STR("Moved Permanently");
	case 302:
		return STR("Found");
	case 303:
		return STR("See Other");
	case 304:
		return STR("Not Modified");
	case 307:
		return STR("Temporary Redirect");
	case 308:
		return STR("Permanent Redirect");
	case 400:
		return STR("Bad Request");
	case 401:
		return STR("Unauthorized");
	case 403:
		return STR("Forbidden");
	case 404:
		return STR("Not Found");
	case 405:
		return STR("Method Not Allowed");
	case 406:
		return STR("Not Acceptable");
	case 408:
		return STR("Request Timeout");
	case 409:
		return STR("Conflict");
	case 410:
		return STR("Gone");
	case 411:
		return STR("Length Required");
	case 412:
		return STR("Precondition Failed");
	case 413:
		return STR("Content Too Large");
	case 414:
		return STR("URI Too Long");
	case 415:
		return STR("Unsupported Media Type");
	case 416:
		return STR("Range Not Satisfiable");
	case 417:
		return STR("Expectation Failed");
	case 421:
		return STR("Misdirected Request");
	case 422:
		return STR("Unprocessable Content");
	case 426:
		return STR("Upgrade Required");
	case 428:
		return STR("Precondition Required");
	case 429:
		return STR("Too Many Requests");
	case 431:
		return STR("Request Header Fields Too Large");
	case 500:
		return STR("Internal Server Error");
	case 501:
		return STR("Not Implemented");
	case 502:
		return STR("Bad Gateway");
	case 503:
		return STR("Service Unavailable");
	case 504:
		return STR("Gateway Timeout");
	case 505:
		return STR("HTTP Version Not Supported");
	default:
		return STR("");
	}
}

void http1_put_status(struct buf *out, int status)
{
	assert(status >= 100 && status <= 999);

	char digits[4] = {(char)('0' + status / 100),
			  (char)('0' + status / 10 % 10),
			  (char)('0' + status % 10), ' '};

	/* The space stands there also before an empty reason. */
	buf_append_str(out, STR("HTTP/1.1 "));
	buf_append(out, digits, sizeof digits);
	buf_append_str(out, http1_reason(status));
	buf_append_str(out, STR("\r\n"));
}

bool http1_field_valid(struct str name, struct str value)
{
	return chars_all(name, CHAR_TOKEN) &&
	       (!value.len || chars_all(value, CHAR_VALUE));
}

void http1_put_field(struct buf *out, struct str name, struct str value)
{
	buf_append_str(out, name);
	buf_append_str(out, STR(": "));
	buf_append_str(out, value);
	buf_append_str(out, STR("\r\n"));
}

size_t http1_chunk_size(char out[HTTP1_CHUNK_SIZE_MAX], size_t bytes)
{
	char digits[16];
	size_t n = 0;
	size_t len = 0;

	for (; bytes; bytes >>= 4)
		digits[n++] = "0123456789abcdef"[bytes & 15];
	while (n)
		out[len++] = digits[--n];
	out[len++] = '\r';
	out[len++] = '\n';
	return len;
}
