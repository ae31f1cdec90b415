/* describe.c - a pipeline as it was understood: every parameter, also those
 * that were left out, and what its meters say.
 *
 *     group_by  key_mapper=.source element_mapper=. max_groups=1000000
 *     |- buffer_with_time_or_count  timespan=1s count=100
 *     `- flat_map  max_concurrent=4 max_buffer=65536
 *        `- run  max_buffer=65536
 *
 * As JSON for programs, as a tree for people.
 */
#include "base/mem.h"
#include "flow/ast.h"
#include "flow/meters.h"
#include "flow/program.h"
#include "flow/table.h"
#include "json/write.h"

/* --- parameters ------------------------------------------------------------
 */

/* Literals as they are; durations, paths and streams as they are written. */
static struct value given_arg(const struct arg *a)
{
	return a->kind == ARG_VALUE ? value_ref(a->v) : value_string(a->raw);
}

static struct value rest_args(const struct stage *s)
{
	struct value *all = mem_alloc((s->n_rest + 1) * sizeof *all);
	struct value v;

	for (uint32_t i = 0; i < s->n_rest; i++)
		all[i] = given_arg(&s->rest[i]);
	v = value_array(all, s->n_rest);
	mem_free(all);
	return v;
}

/* What holds without the argument. "n" and "d" are the same as the first
 * argument of that kind. */
static struct value fallback_arg(const struct stage *s, const struct param *p)
{
	struct str text = str_of(p->fallback);
	int64_t i;

	if (str_eq(text, STR("n")) || str_eq(text, STR("d")))
		return given_arg(&s->args[0]);
	if (str_eq(text, STR("null")))
		return value_null();
	if (str_eq(text, STR("true")) || str_eq(text, STR("false")))
		return value_bool(text.p[0] == 't');
	if (str_to_i64(text, &i) == 0)
		return value_int(i);
	return value_string(text);
}

/* The i-th parameter as it holds; false when it is not there at all. */
static bool resolved_arg(const struct stage *s, unsigned i, struct value *out)
{
	const struct param *p = &s->op->params[i];

	if (p->flags & PARAM_REST && s->n_rest)
		*out = rest_args(s);
	else if (!(p->flags & PARAM_REST) && s->args[i].kind != ARG_NONE)
		*out = given_arg(&s->args[i]);
	else if (p->fallback)
		*out = fallback_arg(s, p);
	else
		return false;
	return true;
}

/* --- JSON ------------------------------------------------------------------
 */

static struct value describe_args(const struct stage *s)
{
	struct value pairs[2 * OP_PARAMS_MAX];
	uint32_t n = 0;

	for (unsigned i = 0; i < op_n_params(s->op); i++) {
		if (!resolved_arg(s, i, &pairs[2 * n + 1]))
			continue;
		pairs[2 * n++] = value_cstr(s->op->params[i].name);
	}
	return value_object(pairs, n);
}

static struct value describe_counts(struct flow_counts c)
{
	const struct value pairs[] = {
		value_cstr("in"),      value_uint(c.in),
		value_cstr("out"),     value_uint(c.out),
		value_cstr("dropped"), value_uint(c.dropped),
		value_cstr("errors"),  value_uint(c.errors),
		value_cstr("held"),    value_uint(c.held),
		value_cstr("live"),    value_uint(c.live),
	};

	return value_object(pairs, ARRAY_LEN(pairs) / 2);
}

/* The number of the stage whose output comes into the i-th; -1: the first. */
static int stage_before(const struct pipeline *p, uint32_t i)
{
	while (i-- > 0)
		if (!(p->stages[i].op->flags & OP_CONNECTS))
			return (int)p->stages[i].no;
	return -1;
}

static struct value describe_pipeline(const struct pipeline *p,
				      const struct flow_meters *m, int around)
{
	struct value *stages = mem_alloc((p->n + 1) * sizeof *stages);
	struct value v;

	for (uint32_t i = 0; i < p->n; i++) {
		const struct stage *s = &p->stages[i];
		struct value pairs[8] = {value_cstr("stage"),
					 value_cstr(s->op->name),
					 value_cstr("args"), describe_args(s)};
		uint32_t n = 2;

		if (m && !(s->op->flags & OP_CONNECTS)) {
			pairs[2 * n] = value_cstr("counts");
			pairs[2 * n++ + 1] = describe_counts(flow_meters_read(
				m, s->no, stage_before(p, i), around));
		}
		if (s->block) {
			pairs[2 * n] = value_cstr("block");
			pairs[2 * n++ + 1] =
				describe_pipeline(s->block, m, (int)s->no);
		}
		stages[i] = value_object(pairs, n);
	}
	v = value_array(stages, p->n);
	mem_free(stages);
	return v;
}

void flow_describe(const struct flow *f, const struct flow_meters *m,
		   struct buf *out)
{
	struct value v = describe_pipeline(f->main, m, -1);

	json_write(v, out);
	value_unref(v);
}

/* --- a tree ----------------------------------------------------------------
 */

static void explain_value(struct value v, const struct arg *a, struct buf *out)
{
	if (a && a->kind == ARG_VALUE)
		buf_append_str(out, a->raw); /* with the quotes it had */
	else if (value_type(v) == VALUE_STRING)
		buf_append_str(out, value_str(v));
	else
		json_write(v, out);
	if (a && a->program && !program_is_native(a->program))
		buf_append_cstr(out, " (libjq)");
}

static void explain_stage(const struct stage *s, struct buf *out)
{
	buf_append_cstr(out, s->op->name);
	for (unsigned i = 0; i < op_n_params(s->op); i++) {
		const struct param *p = &s->op->params[i];
		const struct arg *a = NULL;
		struct value v;

		if (!resolved_arg(s, i, &v))
			continue;
		if (!(p->flags & PARAM_REST) && s->args[i].kind != ARG_NONE)
			a = &s->args[i];
		buf_printf(out, "  %s=", p->name);
		explain_value(v, a, out);
		value_unref(v);
	}
	buf_append_char(out, '\n');
}

static void explain_pipeline(const struct pipeline *p, struct buf *indent,
			     struct buf *out)
{
	for (uint32_t i = 0; i < p->n; i++) {
		const struct stage *s = &p->stages[i];
		bool last = i + 1 == p->n;
		size_t before = buf_len(indent);

		buf_append_str(out, buf_str(indent));
		buf_append_cstr(out, last ? "└─ " : "├─ ");
		explain_stage(s, out);
		if (!s->block)
			continue;
		buf_append_cstr(indent, last ? "   " : "│  ");
		explain_pipeline(s->block, indent, out);
		buf_truncate(indent, before);
	}
}

void flow_explain(const struct flow *f, struct buf *out)
{
	struct buf indent = {0};

	explain_pipeline(f->main, &indent, out);
	buf_fini(&indent);
}
