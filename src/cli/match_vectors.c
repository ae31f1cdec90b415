/* match_vectors.c - `weir match --vectors`: conditions against documents.
 *
 *     {"id", "cond", "data"}                one vector a line on stdin
 *     {"id", "got": true|false|"error"}     its answer on stdout
 */
#include "cli/match.h"
#include "cond/cond.h"
#include "json/leaves.h"
#include "json/parse.h"
#include "json/write.h"

#include <stdio.h>

/* The text of a member of the root; numbers are then as they were written. */
static struct str member_text(const struct json_leaves *l, struct str name)
{
	uint64_t hash = json_name_hash(name);
	uint32_t end = l->n && l->at[0].type == VALUE_OBJECT ? l->at[0].end : 0;

	for (uint32_t i = 1; i < end;) {
		const struct json_leaf *leaf = &l->at[i];

		if (leaf->name == hash) {
			/* A string's text is without its quotes. */
			bool quoted = leaf->type == VALUE_STRING;

			return str_from(leaf->p - quoted,
					leaf->len + 2 * quoted);
		}
		i = leaf->type >= VALUE_ARRAY ? leaf->end : i + 1;
	}
	return (struct str){0};
}

static const char *answer(struct value cond, struct str data)
{
	struct json_leaves document = {0};
	struct weir_error err;
	const char *got = "\"error\"";
	struct cond *c;

	if (cond_parse_value(cond, NULL, &c, &err) < 0)
		return got;
	if (json_leaves_read(&document, data, &err) == 0)
		got = cond_eval_leaves(c, &document, NULL) ? "true" : "false";
	json_leaves_fini(&document);
	cond_unref(c);
	return got;
}

static bool run_vector(struct str line, struct buf *out)
{
	struct json_leaves l = {0};
	struct weir_error err;
	struct value v;

	if (json_parse(line, &v, &err) < 0) {
		fprintf(stderr, "weir match: column %u: %s\n", err.column,
			err.message);
		return false;
	}
	json_leaves_read(&l, line, &err);
	buf_append_cstr(out, "{\"id\":");
	json_write(value_get(v, STR("id")), out);
	buf_printf(out, ",\"got\":%s}\n",
		   answer(value_get(v, STR("cond")),
			  member_text(&l, STR("data"))));
	json_leaves_fini(&l);
	value_unref(v);
	return true;
}

int match_vectors(void)
{
	struct match_input in = {0};
	struct buf out = {0};
	struct str line;
	int status = 0;

	while (match_next_line(&in, &line))
		if (line.len && !run_vector(line, &out))
			status = 2;
	if (!match_write(&out) || in.sys_errno)
		status = 2;
	buf_fini(&in.buf);
	buf_fini(&out);
	return status;
}
