/* set.c - the sources of a configuration, by name. */
#include "base/mem.h"
#include "source/source.h"

#include <string.h>

static const struct source_ops *const kinds[] = {
	&source_echo, &source_timer, &source_tail,
	&source_http, &source_push,  &source_handler,
};

/* A source of that kind, not yet configured, with one reference. */
static struct source *new_source(const struct source_ops *ops, struct str name,
				 const struct source_env *env)
{
	struct source *s = mem_zalloc(ops->bytes);

	s->ops = ops;
	s->refs = 1;
	s->name = mem_strndup(name.p, name.len);
	s->env = env;
	return s;
}

void source_unref(struct source *s)
{
	if (!s || --s->refs)
		return;
	if (s->ops->destroy)
		s->ops->destroy(s);
	source_values_fini(&s->values);
	rx_keys_clear(&s->shared);
	mem_free(s->name);
	mem_free(s);
}

void source_set_init(struct source_set *set, const struct source_env *env)
{
	*set = (struct source_set){.env = env};
}

void source_set_fini(struct source_set *set)
{
	MAP_FOREACH (slot, &set->by_name)
		source_unref(slot->value);
	map_fini(&set->by_name);
}

struct source *source_set_find(const struct source_set *set, struct str name)
{
	return map_get(&set->by_name, name);
}

const char *source_set_nearest(const struct source_set *set, struct str name)
{
	const char **names = mem_zalloc((set->by_name.len + 1) * sizeof *names);
	const char *near;
	size_t n = 0;

	MAP_FOREACH (slot, &set->by_name)
		names[n++] = ((struct source *)slot->value)->name;
	near = str_nearest(name, names);
	mem_free(names);
	return near;
}

/* Takes s. */
static void add(struct source_set *set, struct source *s)
{
	source_unref(map_put(&set->by_name, str_of(s->name), s));
}

/* What all kinds understand. */
static bool is_common(struct str key)
{
	return str_eq(key, STR("kind")) || str_eq(key, STR("values")) ||
	       str_eq(key, STR("share"));
}

/* conf without what all kinds understand. */
static struct value without_common(struct value conf)
{
	struct value *pairs = mem_alloc(conf.len * 2 * sizeof *pairs);
	uint32_t n = 0;

	for (uint32_t i = 0; i < conf.len; i++) {
		const struct value *pair = value_nodes(conf) + 2 * i;

		if (is_common(value_str(pair[0])))
			continue;
		pairs[n++] = value_ref(pair[0]);
		pairs[n++] = value_ref(pair[1]);
	}

	struct value rest = value_object(pairs, n / 2);

	mem_free(pairs);
	return rest;
}

static const struct source_ops *kind_of(struct value conf, const char *pointer,
					struct conf_error *e)
{
	const char *names[ARRAY_LEN(kinds) + 1] = {0};
	struct value kind = value_get(conf, STR("kind"));

	if (value_type(conf) != VALUE_OBJECT) {
		conf_fail(e, pointer, NULL,
			  "a source is an object: expected {kind: timer, ...}");
		return NULL;
	}
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		names[i] = kinds[i]->kind;
		if (str_eq(value_str(kind), str_of(kinds[i]->kind)))
			return kinds[i];
	}
	if (value_type(kind) != VALUE_STRING) {
		conf_fail(e, pointer, NULL,
			  "kind is missing: echo, timer, tail, http, push or "
			  "handler");
		return NULL;
	}

	const char *near = str_nearest(value_str(kind), names);

	if (near)
		conf_fail(e, pointer, "kind",
			  "unknown kind '%.*s': did you mean '%s'?",
			  STR_FMT(value_str(kind)), near);
	else
		conf_fail(e, pointer, "kind",
			  "unknown kind '%.*s': echo, timer, tail, http, "
			  "push or handler",
			  STR_FMT(value_str(kind)));
	return NULL;
}

/* share: true, false or live. */
static int read_share(struct source *s, struct value v, const char *pointer,
		      struct conf_error *e)
{
	if (value_is_bool(v))
		s->share = value_truthy(v) ? SOURCE_WHOLE : SOURCE_ALONE;
	else if (str_eq(value_str(v), STR("live")))
		s->share = SOURCE_LIVE;
	else
		return conf_fail(e, pointer, "share",
				 "share must be true, false or live");
	if (!s->ops->run)
		return conf_fail(e, pointer, "share",
				 "a source of kind %s takes no jobs, there is "
				 "nothing to share",
				 s->ops->kind);
	return 0;
}

static int read_common(struct source *s, struct value conf, const char *pointer,
		       struct conf_error *e)
{
	struct value v;
	int rc = 0;

	if (value_find(conf, STR("values"), &v))
		rc = source_values_read(&s->values, v, pointer, e);
	if (rc == 0 && value_find(conf, STR("share"), &v))
		rc = read_share(s, v, pointer, e);
	return rc;
}

static int read_one(struct source_set *set, struct str name, struct value conf,
		    const char *pointer, struct conf_error *e)
{
	char at[CONF_POINTER_MAX];
	const struct source_ops *ops;

	conf_pointer(at, pointer, name);
	if (!name.len || memchr(name.p, '\0', name.len) || name.len > 64)
		return conf_fail(e, at, NULL,
				 "a source's name has 1 to 64 characters");
	ops = kind_of(conf, at, e);
	if (!ops)
		return WEIR_EINVAL;

	struct source *s = new_source(ops, name, set->env);
	struct value rest = without_common(conf);
	int rc = ops->configure(s, rest, at, e);

	if (rc == 0)
		rc = read_common(s, conf, at, e);

	value_unref(rest);
	if (rc < 0) {
		source_unref(s);
		return rc;
	}
	add(set, s);
	return 0;
}

int source_set_read(struct source_set *set, struct value conf,
		    const char *pointer, struct conf_error *e)
{
	struct source_set fresh;
	int rc = 0;

	if (value_type(conf) == VALUE_NULL)
		return 0;
	if (value_type(conf) != VALUE_OBJECT)
		return conf_fail(
			e, pointer, NULL,
			"expected sources by name: {NAME: {kind: ..}}");
	source_set_init(&fresh, set->env);
	for (uint32_t i = 0; i < conf.len && rc == 0; i++) {
		const struct value *pair = value_nodes(conf) + 2 * i;

		rc = read_one(&fresh, value_str(pair[0]), pair[1], pointer, e);
	}
	if (rc < 0) {
		source_set_fini(&fresh);
		return rc;
	}
	MAP_FOREACH (slot, &fresh.by_name)
		add(set, source_ref(slot->value));
	source_set_fini(&fresh);
	return 0;
}
