/* parts.c - see parts.h. */
#include "source/parts.h"

#include "json/parse.h"

#include <stdio.h>

#define SHOWN_MAX 60 /* bytes of a bad line that are shown */

static bool looks_like_json(struct str line)
{
	return line.p[0] == '{' || line.p[0] == '[';
}

static int bad_line(struct source_run *r, uint32_t i, struct str line,
		    const char *where, uint64_t nr, const char *what)
{
	struct weir_error err;
	size_t shown = str_utf8_valid(
		str_from(line.p, MIN(line.len, (size_t)SHOWN_MAX)));

	error_set(&err, WEIR_EINVAL, "%s: line %llu: %s: %.*s%s", where,
		  (unsigned long long)nr, what, (int)shown, line.p,
		  shown < line.len ? "..." : "");
	source_warn(r, i, &err);
	return 0;
}

int parts_emit_line(struct source_run *r, uint32_t i, struct str line,
		    enum line_format format, const char *where, uint64_t nr)
{
	struct weir_error err;
	struct value v;
	struct str bare = str_trim(line);

	if (!bare.len)
		return 0;
	if (format == LINE_JSON ||
	    (format == LINE_AUTO && looks_like_json(bare))) {
		if (json_parse(bare, &v, &err) == 0)
			return source_emit(r, i, v);
		if (format == LINE_JSON) {
			char what[WEIR_ERROR_MESSAGE_MAX + 32];

			snprintf(what, sizeof what,
				 "invalid JSON, column %u: %s", err.column,
				 err.message);
			return bad_line(r, i, line, where, nr, what);
		}
	}
	if (str_utf8_valid(line) != line.len)
		return bad_line(r, i, line, where, nr, "invalid UTF-8");
	return source_emit(r, i, value_string(line));
}

void parts_warn_long(struct source_run *r, uint32_t i, const char *where,
		     uint64_t nr, size_t max)
{
	struct weir_error err;

	error_set(&err, WEIR_ETOOBIG,
		  "%s: line %llu is longer than %zu bytes and was passed over",
		  where, (unsigned long long)nr, max);
	source_warn(r, i, &err);
}
