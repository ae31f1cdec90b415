/* yaml.c - see yaml.h. */
#include "app/yaml.h"

#include "base/mem.h"

#include <libfyaml.h>
#include <stdlib.h>
#include <string.h>

/* Aliases may multiply a small text: what they make is bounded. */
#define NODES_MAX 100000
#define DEPTH_MAX 64

struct yaml {
	struct fy_document *doc; /* NULL: blanks and comments only */
	char *text;		 /* ours; the document points into it */
	struct value value;
};

struct reader {
	struct str text;
	uint32_t nodes;
	struct weir_error *err;
};

/* Where a node begins; a collection begins where its first scalar does. */
static const struct fy_mark *mark_of(struct fy_node *n)
{
	void *iter = NULL;
	struct fy_token *t;

	for (int depth = 0; n && depth < DEPTH_MAX; depth++, iter = NULL) {
		if (fy_node_get_type(n) == FYNT_SCALAR) {
			t = fy_node_get_scalar_token(n);
			return t ? fy_token_start_mark(t) : NULL;
		}
		if (fy_node_get_type(n) == FYNT_SEQUENCE) {
			n = fy_node_sequence_iterate(n, &iter);
		} else {
			struct fy_node_pair *pair =
				fy_node_mapping_iterate(n, &iter);

			n = pair ? fy_node_pair_key(pair) : NULL;
		}
	}
	return NULL;
}

static int fail_at(struct reader *r, struct fy_node *n, const char *what)
{
	const struct fy_mark *m = mark_of(n);

	return error_at(r->err, WEIR_EINVAL, r->text.p, r->text.len,
			m ? m->input_pos : 0, "%s", what);
}

static struct fy_node *root_of(const struct yaml *y)
{
	return y->doc ? fy_document_root(y->doc) : NULL;
}

/* --- to a value ------------------------------------------------------------
 */

static struct value plain_scalar(struct str s)
{
	int64_t i;
	uint64_t u;
	double d;

	if (!s.len || str_eq(s, STR("null")) || str_eq(s, STR("~")))
		return value_null();
	if (str_eq(s, STR("true")))
		return value_bool(true);
	if (str_eq(s, STR("false")))
		return value_bool(false);
	if (str_to_i64(s, &i) == 0)
		return value_int(i);
	if (str_to_u64(s, &u) == 0)
		return value_uint(u);
	if (((s.p[0] >= '0' && s.p[0] <= '9') || s.p[0] == '-') &&
	    str_to_double(s, &d) == 0)
		return value_double(d);
	return value_string(s);
}

static int read_node(struct reader *r, struct fy_node *n, int depth,
		     struct value *out);

static int read_scalar(struct reader *r, struct fy_node *n, struct value *out)
{
	size_t len = 0;
	const char *p = fy_node_get_scalar(n, &len);
	struct str s = str_from(p ? p : "", p ? len : 0);

	if (str_utf8_valid(s) != s.len)
		return fail_at(r, n, "this is no valid UTF-8");
	if (fy_node_get_style(n) == FYNS_PLAIN)
		*out = plain_scalar(s);
	else
		*out = value_string(s);
	return 0;
}

static void drop(struct value *items, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		value_unref(items[i]);
	mem_free(items);
}

static int read_sequence(struct reader *r, struct fy_node *n, int depth,
			 struct value *out)
{
	struct value *items = NULL;
	struct fy_node *kid;
	void *iter = NULL;
	uint32_t count = 0;

	while ((kid = fy_node_sequence_iterate(n, &iter))) {
		items = mem_realloc(items, (count + 1) * sizeof *items);
		if (read_node(r, kid, depth + 1, &items[count]) < 0) {
			drop(items, count);
			return WEIR_EINVAL;
		}
		count++;
	}
	*out = value_array(items, count);
	mem_free(items);
	return 0;
}

static int read_mapping(struct reader *r, struct fy_node *n, int depth,
			struct value *out)
{
	struct value *pairs = NULL;
	struct fy_node_pair *pair;
	void *iter = NULL;
	uint32_t count = 0;

	while ((pair = fy_node_mapping_iterate(n, &iter))) {
		struct fy_node *key = fy_node_pair_key(pair);
		size_t len = 0;
		const char *name =
			key && !fy_node_is_alias(key) &&
					fy_node_get_type(key) == FYNT_SCALAR
				? fy_node_get_scalar(key, &len)
				: NULL;

		if (!name || str_utf8_valid(str_from(name, len)) != len) {
			drop(pairs, count);
			return fail_at(r, n, "a key must be a string");
		}
		pairs = mem_realloc(pairs, (count + 2) * sizeof *pairs);
		pairs[count] = value_string(str_from(name, len));
		if (read_node(r, fy_node_pair_value(pair), depth + 1,
			      &pairs[count + 1]) < 0) {
			drop(pairs, count + 1);
			return WEIR_EINVAL;
		}
		count += 2;
	}
	*out = value_object(pairs, count / 2);
	mem_free(pairs);
	return 0;
}

static int read_node(struct reader *r, struct fy_node *n, int depth,
		     struct value *out)
{
	*out = value_null();
	if (!n)
		return 0;
	if (++r->nodes > NODES_MAX)
		return fail_at(r, n, "too many nodes (aliases of aliases?)");
	if (depth > DEPTH_MAX)
		return fail_at(r, n, "nested too deeply");
	if (fy_node_is_alias(n)) {
		struct fy_node *target = fy_node_resolve_alias(n);

		if (!target)
			return fail_at(r, n, "this alias has no anchor");
		return read_node(r, target, depth + 1, out);
	}
	switch (fy_node_get_type(n)) {
	case FYNT_SCALAR:
		return read_scalar(r, n, out);
	case FYNT_SEQUENCE:
		return read_sequence(r, n, depth, out);
	case FYNT_MAPPING:
		return read_mapping(r, n, depth, out);
	}
	return 0;
}

/* --- parsing
 * ------------------------------------------------------------------ */

/* The first error; false when there was none. */
static bool report(struct fy_diag *diag, struct str text,
		   struct weir_error *err)
{
	void *iter = NULL;
	struct fy_diag_error *e = fy_diag_errors_iterate(diag, &iter);
	size_t offset = 0;

	if (!e)
		return false;
	for (int line = 1; line < e->line && offset < text.len; offset++)
		line += text.p[offset] == '\n';
	offset += e->column > 1 ? (size_t)e->column - 1 : 0;
	error_at(err, WEIR_EINVAL, text.p, text.len, offset, "%s", e->msg);
	return true;
}

/* A line of three dashes behind something else begins a second document, which
 * would never be read. At the start of a line it can mean nothing else. */
static int check_single(struct str text, struct weir_error *err)
{
	struct str rest = text;
	bool begun = false;

	while (rest.p) {
		struct str line = str_cut(&rest, '\n');
		bool marks = str_starts(line, STR("---")) &&
			     (line.len == 3 || strchr(" \t\r", line.p[3]));

		if (marks && begun)
			return error_at(err, WEIR_EINVAL, text.p, text.len,
					(size_t)(line.p - text.p),
					"a second document begins here: a "
					"configuration is a single one");
		line = str_trim(line);
		begun |= line.len && line.p[0] != '#' && line.p[0] != '%';
	}
	return 0;
}

struct yaml *yaml_parse(struct str text, struct weir_error *err)
{
	struct fy_diag_cfg diag_cfg;
	/* Aliases are resolved here, where what they make is counted: libfyaml
	 * would copy, and a text of a few lines could take all memory. */
	struct fy_parse_cfg cfg = {.flags = FYPCF_QUIET};
	struct yaml *y = mem_zalloc(sizeof *y);
	struct reader r = {.text = text, .err = err};

	if (check_single(text, err) < 0) {
		mem_free(y);
		return NULL;
	}
	fy_diag_cfg_default(&diag_cfg);
	diag_cfg.fp = NULL;
	cfg.diag = fy_diag_create(&diag_cfg);
	fy_diag_set_collect_errors(cfg.diag, true);
	y->text = mem_strndup(text.p, text.len);
	y->doc = fy_document_build_from_string(&cfg, y->text, text.len);
	/* For blanks and comments there is neither a document nor an error. */
	if (report(cfg.diag, text, err))
		goto fail;
	if (read_node(&r, root_of(y), 0, &y->value) < 0)
		goto fail;
	fy_diag_destroy(cfg.diag);
	return y;

fail:
	fy_diag_destroy(cfg.diag);
	yaml_destroy(y);
	return NULL;
}

void yaml_destroy(struct yaml *y)
{
	if (!y)
		return;
	fy_document_destroy(y->doc);
	value_unref(y->value);
	mem_free(y->text);
	mem_free(y);
}

struct value yaml_value(const struct yaml *y)
{
	return y->value;
}

/* --- places
 * -------------------------------------------------------------------- */

/* One step of a JSON pointer, unescaped into buf. */
static struct str next_step(const char **pointer, char *buf, size_t cap)
{
	size_t n = 0;
	const char *p = *pointer + 1;

	for (; *p && *p != '/'; p++) {
		char c = *p;

		if (c == '~' && (p[1] == '0' || p[1] == '1'))
			c = *++p == '0' ? '~' : '/';
		if (n < cap)
			buf[n++] = c;
	}
	*pointer = p;
	return str_from(buf, n);
}

static struct fy_node_pair *pair_named(struct fy_node *n, struct str name)
{
	struct fy_node_pair *pair;
	void *iter = NULL;

	while ((pair = fy_node_mapping_iterate(n, &iter))) {
		size_t len = 0;
		const char *key =
			fy_node_get_scalar(fy_node_pair_key(pair), &len);

		if (key && str_eq(str_from(key, len), name))
			return pair;
	}
	return NULL;
}

void yaml_where(const struct yaml *y, const char *pointer, bool at_key,
		uint32_t *line_out, uint32_t *column_out)
{
	struct fy_node *n = root_of(y);
	struct fy_node *key = NULL;
	char buf[256];

	*line_out = *column_out = 0;
	while (n && *pointer == '/') {
		struct str step = next_step(&pointer, buf, sizeof buf);
		int64_t index;

		if (fy_node_is_alias(n))
			n = fy_node_resolve_alias(n);

		key = NULL;
		if (fy_node_get_type(n) == FYNT_MAPPING) {
			struct fy_node_pair *pair = pair_named(n, step);

			key = pair ? fy_node_pair_key(pair) : NULL;
			n = pair ? fy_node_pair_value(pair) : NULL;
			if (key && !n)
				n = key;
		} else if (fy_node_get_type(n) == FYNT_SEQUENCE &&
			   str_to_i64(step, &index) == 0 && index < INT32_MAX) {
			n = fy_node_sequence_get_by_index(n, (int)index);
		} else {
			n = NULL;
		}
	}
	/* A collection is best found by its name. */
	if (key && n && (at_key || fy_node_get_type(n) != FYNT_SCALAR))
		n = key;

	const struct fy_mark *m = mark_of(n);

	if (!m)
		return;
	*line_out = (uint32_t)m->line + 1;
	*column_out = (uint32_t)m->column + 1;
}
