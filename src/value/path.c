/* path.c - compiled paths: read once, then walked without looking at text. */
#include "value/value.h"

#include "base/mem.h"

#include <string.h>

/* More steps than any document may be deep are a mistake. */
#define PATH_STEPS_MAX 512

int64_t value_step_index(struct str name)
{
	uint64_t n;

	if (name.len > 10 || (name.len > 1 && name.p[0] == '0') ||
	    str_to_u64(name, &n) < 0 || n > UINT32_MAX)
		return -1;
	return (int64_t)n;
}

static uint32_t count_steps(struct str text)
{
	uint32_t n = 1;

	for (size_t i = 0; i < text.len; i++)
		n += text.p[i] == '.';
	return n;
}

int value_path_parse(struct value_path *p, struct str text,
		     struct weir_error *err)
{
	struct str rest = text;

	*p = (struct value_path){0};
	if (rest.len && rest.p[0] == '.')
		rest = str_from(rest.p + 1, rest.len - 1);
	if (!rest.len)
		return 0;
	if (count_steps(rest) > PATH_STEPS_MAX)
		return error_at(err, WEIR_ETOOBIG, text.p, text.len, 0,
				"a path has at most %d steps", PATH_STEPS_MAX);

	p->text = mem_strndup(rest.p, rest.len);
	p->steps = mem_alloc(count_steps(rest) * sizeof *p->steps);

	struct str left = str_from(p->text, rest.len);

	while (left.p) {
		struct str name = str_cut(&left, '.');

		if (!name.len) {
			size_t at = (size_t)(name.p - p->text) +
				    (size_t)(rest.p - text.p);

			value_path_fini(p);
			return error_at(err, WEIR_EINVAL, text.p, text.len, at,
					"expected a name behind the dot");
		}
		p->steps[p->n++] =
			(struct value_step){name, value_step_index(name)};
	}
	return 0;
}

void value_path_fini(struct value_path *p)
{
	mem_free(p->steps);
	mem_free(p->text);
	*p = (struct value_path){0};
}

bool value_path_find(const struct value_path *p, struct value v,
		     struct value *out)
{
	*out = value_null();
	for (uint32_t i = 0; i < p->n; i++) {
		const struct value_step *step = &p->steps[i];

		if (value_type(v) == VALUE_ARRAY && step->index >= 0 &&
		    step->index < (int64_t)v.len)
			v = value_nodes(v)[step->index];
		else if (!value_find(v, step->name, &v))
			return false;
	}
	*out = v;
	return true;
}
