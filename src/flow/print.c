/* print.c - a pipeline as text again. */
#include "flow/ast.h"
#include "flow/flow.h"
#include "flow/table.h"

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
