/* problem.c - see problem.h. */
#include "hub/problem.h"

#include "json/write.h"

struct mapping {
	int code;
	int status;
	const char *slug;
};

static const struct mapping mappings[] = {
	{WEIR_EINVAL, 422, "invalid"},
	{WEIR_ETOOBIG, 413, "too-big"},
	{WEIR_ENOMEM, 503, "no-memory"},
	{WEIR_EOF, 502, "upstream-closed"},
	{WEIR_ECLOSED, 502, "upstream-closed"},
	{WEIR_ETIMEDOUT, 504, "timeout"},
	{WEIR_ECANCELED, 499, "cancelled"},
	{WEIR_EREFUSED, 502, "upstream-refused"},
	{WEIR_ENOTFOUND, 404, "not-found"},
	{WEIR_EEXISTS, 409, "conflict"},
	{WEIR_EDENIED, 403, "denied"},
	{WEIR_EIO, 500, "io"},
	{WEIR_EPROTO, 502, "upstream-protocol"},
	{WEIR_EUPSTREAM, 502, "upstream-status"},
	{WEIR_EBUSY, 503, "busy"},
	{WEIR_EITEM, 422, "item"},
};

struct problem problem_of(const struct weir_error *err)
{
	struct problem p = {.status = 500,
			    .slug = "internal",
			    .detail = err->message,
			    .line = err->line,
			    .column = err->column};

	for (size_t i = 0; i < ARRAY_LEN(mappings); i++) {
		if (mappings[i].code == err->code) {
			p.status = mappings[i].status;
			p.slug = mappings[i].slug;
		}
	}
	return p;
}

const char *problem_title(int status)
{
	switch (status) {
	case 400:
		return "Bad Request";
	case 401:
		return "Unauthorized";
	case 403:
		return "Forbidden";
	case 404:
		return "Not Found";
	case 405:
		return "Method Not Allowed";
	case 406:
		return "Not Acceptable";
	case 408:
		return "Request Timeout";
	case 409:
		return "Conflict";
	case 410:
		return "Gone";
	case 411:
		return "Length Required";
	case 413:
		return "Content Too Large";
	case 414:
		return "URI Too Long";
	case 415:
		return "Unsupported Media Type";
	case 417:
		return "Expectation Failed";
	case 422:
		return "Unprocessable Content";
	case 426:
		return "Upgrade Required";
	case 429:
		return "Too Many Requests";
	case 431:
		return "Request Header Fields Too Large";
	case 499:
		return "Cancelled";
	case 500:
		return "Internal Server Error";
	case 501:
		return "Not Implemented";
	case 502:
		return "Bad Gateway";
	case 503:
		return "Service Unavailable";
	case 504:
		return "Gateway Timeout";
	case 505:
		return "HTTP Version Not Supported";
	default:
		return "Error";
	}
}

void problem_write(const struct problem *p, struct buf *out)
{
	buf_printf(out,
		   "{\"type\":\"/problems/%s\",\"title\":\"%s\",\"status\":%d",
		   p->slug, problem_title(p->status), p->status);
	if (p->detail) {
		buf_append_cstr(out, ",\"detail\":");
		json_write_string(str_of(p->detail), out);
	}
	if (p->pointer) {
		buf_append_cstr(out, ",\"pointer\":");
		json_write_string(str_of(p->pointer), out);
	}
	if (p->line)
		buf_printf(out, ",\"line\":%u,\"column\":%u", p->line,
			   p->column);
	if (p->request) {
		buf_append_cstr(out, ",\"request\":");
		json_write_string(str_of(p->request), out);
	}
	buf_append_char(out, '}');
}
