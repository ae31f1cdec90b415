/* values.c - see values.h. */
#include "source/values.h"

#include "base/log.h"
#include "base/mem.h"
#include "flow/program.h"

#include <stdio.h>

#define PATHS_MAX 64

static int read_path(struct source_values *v, struct value text,
		     const char *pointer, struct conf_error *e)
{
	struct weir_error err;

	if (value_type(text) != VALUE_STRING)
		return conf_fail(e, pointer, NULL,
				 "expected a path like .user.email, this is %s",
				 value_type_name(text));
	if (value_path_parse(&v->paths[v->n], value_str(text), &err) < 0)
		return conf_fail(e, pointer, NULL, "%s", err.message);
	v->n++;
	return 0;
}

static int read_paths(struct source_values *v, struct value list,
		      const char *pointer, struct conf_error *e)
{
	char at[CONF_POINTER_MAX];
	int rc = 0;

	if (!list.len || list.len > PATHS_MAX)
		return conf_fail(e, pointer, "values",
				 "values has 1 to %d paths", PATHS_MAX);
	v->paths = mem_zalloc(list.len * sizeof *v->paths);
	for (uint32_t i = 0; i < list.len && rc == 0; i++) {
		snprintf(at, sizeof at, "%s/values/%u", pointer, i);
		rc = read_path(v, value_nodes(list)[i], at, e);
	}
	return rc;
}

static int read_program(struct source_values *v, struct str text,
			const char *pointer, struct conf_error *e)
{
	struct program *p;
	struct weir_error err;

	if (program_compile(text, 0, &p, &err) < 0)
		return conf_fail(e, pointer, "values", "%s", err.message);
	v->program = program_fn(p, NULL);
	program_unref(p);
	return 0;
}

int source_values_read(struct source_values *v, struct value conf,
		       const char *pointer, struct conf_error *e)
{
	switch (value_type(conf)) {
	case VALUE_ARRAY:
		return read_paths(v, conf, pointer, e);
	case VALUE_STRING:
		return read_program(v, value_str(conf), pointer, e);
	default:
		return conf_fail(e, pointer, "values",
				 "values is a list of paths or a program: "
				 "[.id, .user.email]");
	}
}

void source_values_fini(struct source_values *v)
{
	for (uint32_t i = 0; i < v->n; i++)
		value_path_fini(&v->paths[i]);
	mem_free(v->paths);
	rx_fn_unref(v->program);
	*v = (struct source_values){0};
}

/* o (taken) with v (taken) where the steps from i on lead to. */
static struct value put(struct value o, const struct value_path *p, uint32_t i,
			struct value v)
{
	struct value inner;
	struct value out;

	if (i == p->n) {
		value_unref(o);
		return v;
	}
	if (value_type(o) != VALUE_OBJECT) {
		value_unref(o);
		o = value_object(NULL, 0);
	}
	inner = value_ref(value_get(o, p->steps[i].name));
	out = value_with(o, p->steps[i].name, put(inner, p, i + 1, v));
	value_unref(o);
	return out;
}

bool source_values_pick(const struct source_values *v, struct value data,
			struct value *out)
{
	static const struct rx_vars no_vars = {.index = -1};
	struct weir_error err;
	struct value found;

	if (!v->n && !v->program)
		return false;
	*out = value_null();
	if (v->program) {
		if (rx_fn_call(v->program, data, &no_vars, out, &err) < 0)
			trace("values: %s", err.message);
		return true;
	}
	for (uint32_t i = 0; i < v->n; i++)
		if (value_path_find(&v->paths[i], data, &found))
			*out = put(*out, &v->paths[i], 0, value_ref(found));
	return true;
}
