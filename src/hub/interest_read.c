/* interest_read.c - an interest as a client writes it.
 *
 *     {"name": "joe", "where": "* contains joe@doe.com", "for": "10s"}
 *     {"name": "joe", "value": "joe@doe.com"}      short for * eq "joe@doe.com"
 */
#include "base/mem.h"
#include "hub/edge.h"
#include "hub/interest.h"
#include "json/write.h"

#include <string.h>

/* As long as a shape is meant to be. */
#define EVERY_MAX_MS ((int64_t)3600 * 1000)

struct written {
	char *name;
	char *where;
	struct value value;
	int64_t for_ms;
	int64_t every_ms;
	int keep;
	char *key;
};

static const char *const keeps[] = {"latest", "first", NULL};

static const struct conf_field fields[] = {
	{"name", CONF_STRING, offsetof(struct written, name)},
	{"where", CONF_STRING, offsetof(struct written, where)},
	{"value", CONF_VALUE, offsetof(struct written, value)},
	{"for", CONF_DURATION, offsetof(struct written, for_ms), .min = 1},
	{"every", CONF_DURATION, offsetof(struct written, every_ms), .min = 1,
	 .max = EVERY_MAX_MS},
	{"keep", CONF_CHOICE, offsetof(struct written, keep), .choices = keeps},
	{"key", CONF_STRING, offsetof(struct written, key)},
	{0},
};

void hub_interest_spec_fini(struct hub_interest_spec *spec)
{
	mem_free(spec->name);
	mem_free(spec->text);
	mem_free(spec->pace.key);
	cond_unref(spec->where);
	*spec = (struct hub_interest_spec){0};
}

static int check_name(struct str name, const char *pointer,
		      struct conf_error *e)
{
	bool fine = name.len && name.len <= HUB_INTEREST_NAME_MAX &&
		    str_utf8_valid(name) == name.len;

	for (size_t i = 0; i < name.len && fine; i++)
		fine = (unsigned char)name.p[i] > ' ' && name.p[i] != '/' &&
		       name.p[i] != 0x7F;
	if (fine)
		return 0;
	return conf_fail(e, pointer, "name",
			 "an interest's name has 1 to %d bytes, without spaces "
			 "and slashes",
			 HUB_INTEREST_NAME_MAX);
}

/* In quotes everything is itself, but the quote. With both kinds of them in it,
 * s needs the structured form, where str: keeps it a string. */
static void put_string(struct str s, struct buf *out)
{
	bool dquote = s.len && memchr(s.p, '"', s.len);
	bool squote = s.len && memchr(s.p, '\'', s.len);
	struct buf text = {0};

	if (!dquote || !squote) {
		char quote = dquote ? '\'' : '"';

		buf_printf(out, "* eq %c", quote);
		buf_append_str(out, s);
		buf_append_char(out, quote);
		return;
	}
	buf_append_cstr(&text, "str:");
	buf_append_str(&text, s);
	buf_append_cstr(out, "[\"*\",\"eq\",");
	json_write_string(buf_str(&text), out);
	buf_append_char(out, ']');
	buf_fini(&text);
}

/* {"value": x} as a condition. */
static int value_condition(struct value v, const char *pointer, struct buf *out,
			   struct conf_error *e)
{
	switch (value_type(v)) {
	case VALUE_STRING:
		if (memchr(value_str(v).p, '\0', value_str(v).len))
			return conf_fail(e, pointer, "value",
					 "value contains a NUL byte");
		put_string(value_str(v), out);
		return 0;
	case VALUE_ARRAY:
	case VALUE_OBJECT:
		return conf_fail(e, pointer, "value",
				 "value is %s: expected a string, a number, "
				 "true or false",
				 value_type_name(v));
	default:
		buf_append_cstr(out, "* eq ");
		json_write(v, out);
		return 0;
	}
}

int hub_interest_where(struct str text, struct hub_interest_spec *out,
		       struct weir_error *err)
{
	int rc;

	*out = (struct hub_interest_spec){0};
	if (!text.len)
		return 0;
	rc = cond_parse(text, &cond_rules_client, &out->where, err);
	if (rc == 0)
		out->text = mem_strndup(text.p, text.len);
	return rc;
}

static int read_condition(const struct written *w, const char *pointer,
			  struct hub_interest_spec *out, struct conf_error *e)
{
	struct buf text = {0};
	struct weir_error err;
	bool has_value = value_type(w->value) != VALUE_NULL;
	int rc = 0;

	if (w->where && has_value)
		return conf_fail(e, pointer, "value",
				 "an interest has where or value, not both");
	if (has_value)
		rc = value_condition(w->value, pointer, &text, e);
	else if (w->where)
		buf_append_cstr(&text, w->where);
	else
		rc = conf_fail(e, pointer, NULL,
			       "an interest needs where or value: "
			       "{\"where\": \"total gt 100\"}");
	if (rc == 0 && !str_trim(buf_str(&text)).len)
		rc = conf_fail(e, pointer, "where",
			       "expected a condition, like total gt 100");
	if (rc == 0 && hub_interest_where(buf_str(&text), out, &err) < 0) {
		rc = conf_fail(e, pointer, has_value ? "value" : "where", "%s",
			       err.message);
		e->err = err;
	}
	buf_fini(&text);
	return rc;
}

static int read_shape(const struct written *w, const char *pointer,
		      struct conf_error *e)
{
	struct value_path path;
	struct weir_error err;

	if (!w->every_ms && w->key)
		return conf_fail(e, pointer, "key",
				 "key goes with every: \"every\": \"2s\"");
	if (!w->key)
		return 0;
	if (value_path_parse(&path, str_of(w->key), &err) < 0)
		return conf_fail(e, pointer, "key", "%s", err.message);
	value_path_fini(&path);
	return 0;
}

int hub_interest_read(struct hub_edge *edge, struct value conf, struct str name,
		      const char *pointer, struct hub_interest_spec *out,
		      struct conf_error *e)
{
	struct written w = {0};
	int64_t max = edge->conf.interest_ms;
	int rc = conf_read(conf, pointer, fields, &w, e);

	*out = (struct hub_interest_spec){0};
	if (rc < 0)
		return rc;
	if (name.p && w.name && !str_eq(str_of(w.name), name))
		rc = conf_fail(e, pointer, "name",
			       "the address names it %.*s: leave name out",
			       STR_FMT(name));
	if (!name.p)
		name = str_of(w.name ? w.name : "");
	if (rc == 0)
		rc = check_name(name, pointer, e);
	if (rc == 0 && w.for_ms > max)
		rc = conf_fail(e, pointer, "for", "for must be at most %lld s",
			       (long long)max / 1000);
	if (rc == 0)
		rc = read_shape(&w, pointer, e);
	if (rc == 0)
		rc = read_condition(&w, pointer, out, e);
	if (rc == 0) {
		out->name = mem_strndup(name.p, name.len);
		out->for_ms = w.for_ms;
		out->pace.every_ms = w.every_ms;
		out->pace.keep = w.every_ms ? w.keep : HUB_KEEP_LATEST;
		out->pace.key = w.key;
		w.key = NULL;
	}
	conf_free(fields, &w);
	return rc;
}
