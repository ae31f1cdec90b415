/* print.c - a pipeline as text and as JSON, for people and for the API. */
#include "base/mem.h"
#include "flow/ast.h"
#include "flow/flow.h"
#include "flow/table.h"
#include "json/write.h"

/* Required ones by position, the others by name. */
static void print_args(const struct stage *s, struct buf *out)
{
	const char *between = "(";
	unsigned n = op_n_params(s->op);

	for (unsigned i = 0; i < n; i++) {
		const struct param *p = &s->op->params[i];

		if (p->flags & PARAM_REST)
			for (uint32_t k = 0; k < s->n_rest; k++) {
				buf_printf(out, "%s%.*s", between,
					   STR_FMT(s->rest[k].raw));
				between = ", ";
			}
		if (s->args[i].kind == ARG_NONE)
			continue;
		buf_append_cstr(out, between);
		if (p->flags & (PARAM_OPTIONAL | PARAM_NAMED))
			buf_printf(out, "%s=", p->name);
		buf_append_str(out, s->args[i].raw);
		between = ", ";
	}
	if (*between == ',')
		buf_append_char(out, ')');
}

static void print_pipeline(const struct pipeline *p, struct buf *out)
{
	for (uint32_t i = 0; i < p->n; i++) {
		const struct stage *s = &p->stages[i];

		if (i)
			buf_append_cstr(out, " | ");
		buf_append_cstr(out, s->op->name);
		print_args(s, out);
		if (s->block) {
			buf_append_cstr(out, " { ");
			print_pipeline(s->block, out);
			buf_append_cstr(out, " }");
		}
	}
}

void flow_print(const struct flow *f, struct buf *out)
{
	print_pipeline(f->main, out);
}

/* --- JSON ---------------------------------------------------------------- */

/* Literals as they are; durations, paths and streams as they are written. */
static struct value describe_arg(const struct arg *a)
{
	if (a->kind != ARG_VALUE)
		return value_string(a->raw);
	return value_ref(a->v);
}

static struct value describe_rest(const struct stage *s)
{
	struct value *all = mem_alloc((s->n_rest + 1) * sizeof *all);
	struct value v;

	for (uint32_t i = 0; i < s->n_rest; i++)
		all[i] = describe_arg(&s->rest[i]);
	v = value_array(all, s->n_rest);
	mem_free(all);
	return v;
}

static struct value describe_args(const struct stage *s)
{
	struct value pairs[2 * OP_PARAMS_MAX];
	uint32_t n = 0;

	for (unsigned i = 0; i < op_n_params(s->op); i++) {
		const struct param *p = &s->op->params[i];

		if (p->flags & PARAM_REST ? !s->n_rest
					  : s->args[i].kind == ARG_NONE)
			continue;
		pairs[2 * n] = value_cstr(p->name);
		pairs[2 * n + 1] = p->flags & PARAM_REST
					   ? describe_rest(s)
					   : describe_arg(&s->args[i]);
		n++;
	}
	return value_object(pairs, n);
}

static struct value describe_pipeline(const struct pipeline *p)
{
	struct value *stages = mem_alloc((p->n + 1) * sizeof *stages);
	struct value v;

	for (uint32_t i = 0; i < p->n; i++) {
		const struct stage *s = &p->stages[i];
		struct value pairs[6] = {value_cstr("stage"),
					 value_cstr(s->op->name),
					 value_cstr("args"), describe_args(s)};
		uint32_t n = 2;

		if (s->block) {
			pairs[4] = value_cstr("block");
			pairs[5] = describe_pipeline(s->block);
			n = 3;
		}
		stages[i] = value_object(pairs, n);
	}
	v = value_array(stages, p->n);
	mem_free(stages);
	return v;
}

void flow_describe(const struct flow *f, struct buf *out)
{
	struct value v = describe_pipeline(f->main);

	json_write(v, out);
	value_unref(v);
}
