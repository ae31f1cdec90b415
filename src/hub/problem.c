/* problem.c - see problem.h. */
#include "hub/problem.h"

#include "json/write.h"
#include "wire/http1_reply.h"

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
	struct str reason = http1_reason(status); /* literals */

	if (status == 499) /* in no registry: what a cancelled job ends with */
		return "Cancelled";
	return reason.len ? reason.p : "Error";
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
