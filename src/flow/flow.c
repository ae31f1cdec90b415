/* flow.c - the life of a parsed pipeline. */
#include "flow/flow.h"

#include "base/mem.h"
#include "cond/cond.h"
#include "flow/ast.h"
#include "flow/program.h"
#include "flow/table.h"

void arg_fini(struct arg *a)
{
	value_unref(a->v);
	program_unref(a->program);
	cond_unref(a->cond);
}

static void stage_fini(struct stage *s)
{
	for (uint32_t i = 0; i < s->n_given; i++)
		arg_fini(&s->given[i]);
	for (unsigned i = 0; s->args && i < op_n_params(s->op); i++)
		arg_fini(&s->args[i]);
	for (uint32_t i = 0; i < s->n_rest; i++)
		arg_fini(&s->rest[i]);
	mem_free(s->given);
	mem_free(s->args);
	mem_free(s->rest);
	pipeline_destroy(s->block);
}

void pipeline_destroy(struct pipeline *p)
{
	if (!p)
		return;
	for (uint32_t i = 0; i < p->n; i++)
		stage_fini(&p->stages[i]);
	mem_free(p->stages);
	mem_free(p);
}

int flow_parse(struct str text, struct flow **out, struct weir_error *err)
{
	struct flow *f;
	int rc;

	*out = NULL;
	if (text.len > FLOW_TEXT_MAX)
		return error_set(err, WEIR_ETOOBIG,
				 "a pipeline has at most %d bytes",
				 FLOW_TEXT_MAX);
	f = mem_zalloc(sizeof *f);
	f->refs = 1;
	f->text = str_from(mem_strndup(text.p, text.len), text.len);
	rc = flow_parse_text(f, err);
	if (rc == 0)
		rc = flow_check(f, err);
	if (rc < 0)
		flow_unref(f);
	else
		*out = f;
	return rc;
}

struct flow *flow_ref(struct flow *f)
{
	f->refs++;
	return f;
}

void flow_unref(struct flow *f)
{
	if (!f || --f->refs)
		return;
	pipeline_destroy(f->main);
	mem_free(f->streams);
	mem_free(f->functions);
	mem_free((char *)f->text.p);
	mem_free(f);
}

struct str flow_text(const struct flow *f)
{
	return f->text;
}
