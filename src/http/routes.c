/* routes.c - see routes.h. */
#include "http/routes.h"

#include "base/mem.h"
#include "http/exchange.h"
#include "wire/url.h"

#include <stdio.h>
#include <string.h>

#define STEPS_MAX 16

struct step {
	struct str text; /* the literal, or the parameter's name; in r->text */
	bool param;
};

struct route {
	char *text;	   /* ours: "GET /a/{b}" */
	struct str method; /* in text */
	struct step steps[STEPS_MAX];
	uint32_t n;
	struct value source;
	struct value args;
	struct str source_name;
	int format;
};

struct routes {
	struct route *all;
	uint32_t n;
};

struct route_conf {
	char *source;
	int format;
	struct value args;
};

static const char *const formats[] = {"accept", "bare", "events", NULL};

enum { FORMAT_ACCEPT, FORMAT_BARE, FORMAT_EVENTS };

static const struct conf_field fields[] = {
	{"source", CONF_STRING, offsetof(struct route_conf, source),
	 .required = true},
	{"format", CONF_CHOICE, offsetof(struct route_conf, format),
	 .choices = formats},
	{"args", CONF_OBJECT, offsetof(struct route_conf, args)},
	{0},
};

static const char *const methods[] = {"GET", "POST", "PUT", "DELETE", NULL};

void routes_destroy(struct routes *r)
{
	if (!r)
		return;
	for (uint32_t i = 0; i < r->n; i++) {
		mem_free(r->all[i].text);
		value_unref(r->all[i].source);
		value_unref(r->all[i].args);
	}
	mem_free(r->all);
	mem_free(r);
}

/* "/a/{b}" into steps. */
static int read_steps(struct route *t, struct str path, const char *pointer,
		      struct conf_error *e)
{
	if (!path.len || path.p[0] != '/')
		return conf_fail(
			e, pointer, NULL,
			"a route is METHOD /path: \"GET /quotes/{id}\"");
	if (str_eq(path, STR("/v1")) || str_starts(path, STR("/v1/")))
		return conf_fail(
			e, pointer, NULL,
			"the addresses under /v1 are the server's own");
	path = str_from(path.p + 1, path.len - 1);
	while (path.p) {
		struct str s = str_cut(&path, '/');
		bool param =
			s.len > 2 && s.p[0] == '{' && s.p[s.len - 1] == '}';

		if (t->n == STEPS_MAX)
			return conf_fail(e, pointer, NULL,
					 "a route has at most %d steps",
					 STEPS_MAX);
		if (param)
			s = str_from(s.p + 1, s.len - 2);
		if (memchr(s.p, '{', s.len) || memchr(s.p, '}', s.len))
			return conf_fail(e, pointer, NULL,
					 "a parameter is a whole step: "
					 "/quotes/{id}");
		t->steps[t->n++] = (struct step){s, param};
	}
	return 0;
}

static int read_route(struct route *t, struct str key, struct value conf,
		      const char *pointer, struct conf_error *e)
{
	struct route_conf c = {0};
	char at[CONF_POINTER_MAX];
	struct str path;
	int rc;

	conf_pointer(at, pointer, key);
	t->text = mem_strndup(key.p, key.len);
	path = str_from(t->text, key.len);
	t->method = str_cut(&path, ' ');

	bool known = false;

	for (int i = 0; methods[i]; i++)
		known |= str_eq(t->method, str_of(methods[i]));
	if (!known) {
		rc = conf_fail(e, at, NULL,
			       "a route begins with GET, POST, PUT or DELETE: "
			       "\"GET /quotes/{id}\"");
		e->at_key = true;
		return rc;
	}
	rc = read_steps(t, str_trim(path), at, e);
	if (rc < 0) {
		e->at_key = true;
		return rc;
	}
	rc = conf_read(conf, at, fields, &c, e);
	if (rc < 0)
		return rc;
	t->source = value_cstr(c.source);
	t->args = value_ref(c.args);
	t->format = c.format;
	conf_free(fields, &c);
	return 0;
}

struct routes *routes_create(struct value conf, const char *pointer,
			     struct conf_error *e)
{
	struct routes *r = mem_zalloc(sizeof *r);

	if (value_type(conf) == VALUE_NULL)
		return r;
	if (value_type(conf) != VALUE_OBJECT) {
		conf_fail(e, pointer, NULL,
			  "expected routes: {\"GET /path\": {source: NAME}}");
		routes_destroy(r);
		return NULL;
	}
	r->all = mem_zalloc((conf.len + 1) * sizeof *r->all);
	for (uint32_t i = 0; i < conf.len; i++) {
		const struct value *pair = value_nodes(conf) + 2 * i;

		r->n++;
		if (read_route(&r->all[i], value_str(pair[0]), pair[1], pointer,
			       e) < 0) {
			routes_destroy(r);
			return NULL;
		}
	}
	return r;
}

/* Does the path fit? literals_out: a bit a literal step, the first highest. */
static bool fits(const struct route *t, struct str path, uint32_t *literals_out)
{
	uint32_t literals = 0;

	if (!path.len)
		return false;
	path = str_from(path.p + 1, path.len - 1);
	for (uint32_t i = 0; i < t->n; i++) {
		if (!path.p)
			return false;

		struct str s = str_cut(&path, '/');

		if (t->steps[i].param) {
			if (!s.len)
				return false;
			continue;
		}
		if (!str_eq(s, t->steps[i].text))
			return false;
		literals |= (uint32_t)1 << (STEPS_MAX - i);
	}
	*literals_out = literals;
	return path.p == NULL;
}

static void add_allow(struct route_match *m, struct str method)
{
	size_t at = strlen(m->allow);

	snprintf(m->allow + at, sizeof m->allow - at, "%s%.*s%s",
		 at ? ", " : "", STR_FMT(method),
		 str_eq(method, STR("GET")) ? ", HEAD" : "");
}

struct value routes_fill(struct value job, struct value more)
{
	bool object = value_type(more) == VALUE_OBJECT;

	for (uint32_t i = 0; object && i < more.len; i++) {
		const struct value *pair = value_nodes(more) + 2 * i;
		struct value old = job;
		struct value seen;

		if (value_find(old, value_str(pair[0]), &seen))
			continue;
		job = value_with(old, value_str(pair[0]), value_ref(pair[1]));
		value_unref(old);
	}
	return job;
}

/* The query's parameters as members; what cannot be decoded is passed over. The
 * client does not choose the job's id here: it never learns it. */
static struct value with_query(struct value job, struct http_exchange *x)
{
	struct str query = http_query(x);
	struct str raw_name;
	struct str raw_value;
	struct buf name = {0};
	struct buf value = {0};

	while (url_query_next(&query, &raw_name, &raw_value)) {
		struct value old = job;
		struct value seen;

		buf_clear(&name);
		buf_clear(&value);
		if (url_query_decode(raw_name, &name) < 0 ||
		    url_query_decode(raw_value, &value) < 0 ||
		    str_eq(buf_str(&name), STR("id")) ||
		    value_find(old, buf_str(&name), &seen))
			continue;
		job = value_with(old, buf_str(&name),
				 value_string(buf_str(&value)));
		value_unref(old);
	}
	buf_fini(&name);
	buf_fini(&value);
	return job;
}

static struct value make_job(const struct route *t, struct http_exchange *x)
{
	struct value pairs[2 * (STEPS_MAX + 1)];
	uint32_t n = 0;
	struct str path = http_path(x);

	pairs[n++] = value_cstr("source");
	pairs[n++] = value_ref(t->source);
	path = str_from(path.p + 1, path.len - 1);
	for (uint32_t i = 0; i < t->n; i++) {
		struct str s = str_cut(&path, '/');

		if (!t->steps[i].param)
			continue;
		s.len = str_utf8_valid(s);
		pairs[n++] = value_string(t->steps[i].text);
		pairs[n++] = value_string(s);
	}

	struct value job = value_object(pairs, n / 2);

	return http_query(x).len ? with_query(job, x) : job;
}

void routes_match(const struct routes *r, struct http_exchange *x,
		  struct route_match *m)
{
	const struct route *best = NULL;
	uint32_t best_literals = 0;
	struct str method = http_method_name(x);

	*m = (struct route_match){.job = value_null()};
	if (str_eq(method, STR("HEAD")))
		method = STR("GET");
	for (uint32_t i = 0; i < r->n; i++) {
		const struct route *t = &r->all[i];
		uint32_t literals;

		if (!fits(t, http_path(x), &literals))
			continue;
		if (!str_eq(method, t->method)) {
			add_allow(m, t->method);
			continue;
		}
		if (!best || literals > best_literals) {
			best = t;
			best_literals = literals;
		}
	}
	if (!best)
		return;
	m->job = make_job(best, x);
	m->args = best->args;
	m->bare = best->format == FORMAT_BARE;
	m->has_format = best->format != FORMAT_ACCEPT;
}
