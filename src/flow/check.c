/* check.c - what a text means: names to rows, arguments to parameters.
 *
 *     buffer_with_count(3, skip = 1)
 *       |                |      `-- by name
 *       `- row           `--------- by position
 *
 * Whatever can be found wrong without a running graph is found here. Programs
 * and conditions are compiled, so that a graph is built without looking at
 * text again.
 */
#include "flow/ast.h"

#include "base/mem.h"
#include "cond/cond.h"
#include "flow/flow.h"
#include "flow/program.h"
#include "flow/table.h"

struct checker {
	struct flow *f;
	struct weir_error *err;
};

/* What is defined where a stage stands. */
struct place {
	unsigned vars; /* those of blocks around */
	struct pipeline *pipeline;
};

static const char *kind_name(const struct arg *a)
{
	switch (a->kind) {
	case ARG_DURATION:
		return "a duration";
	case ARG_PATH:
		return "a path";
	case ARG_STREAM:
		return "a @stream";
	case ARG_FUNCTION:
		return "a &function";
	default:
		break;
	}
	switch (value_type(a->v)) {
	case VALUE_NULL:
		return "null";
	case VALUE_TRUE:
	case VALUE_FALSE:
		return "true or false";
	case VALUE_STRING:
		return "a string";
	case VALUE_INT:
		return "a whole number";
	default:
		return "a fraction";
	}
}

/* "take wants a whole number (count), not a string; its form is take(n)" */
static int wrong_kind(struct checker *c, const struct stage *s,
		      const struct param *p, const struct arg *a)
{
	struct buf wants = {0};
	struct buf form = {0};
	int rc;

	param_wants(p, &wants);
	op_form(s->op, &form);
	if (p->flags & TAKES_DURATION && a->kind == ARG_VALUE &&
	    value_is_number(a->v))
		rc = flow_error(c->f, c->err, a->at,
				"a duration needs a unit: %.*sms",
				STR_FMT(a->raw));
	else
		rc = flow_error(c->f, c->err, a->at,
				"%s wants %.*s (%s), not %s; its form is %.*s",
				s->op->name, STR_FMT(buf_str(&wants)), p->name,
				kind_name(a), STR_FMT(buf_str(&form)));
	buf_fini(&wants);
	buf_fini(&form);
	return rc;
}

/* An error that ends with the form of s's operator. */
#define FORM_ERROR(c, s, at, msg, ...)                                    \
	({                                                                \
		struct buf form_ = {0};                                   \
		op_form((s)->op, &form_);                                 \
		buf_append_char(&form_, '\0');                            \
		int rc_ = flow_error((c)->f, (c)->err, at,                \
				     msg "; its form is %s", __VA_ARGS__, \
				     buf_bytes(&form_));                  \
		buf_fini(&form_);                                         \
		rc_;                                                      \
	})

/* --- one argument -------------------------------------------------------- */

static int check_program(struct checker *c, struct arg *a, unsigned vars)
{
	struct weir_error inner = {0};
	int rc;

	if (a->kind == ARG_PATH) {
		a->program = program_path(a->text);
		return 0;
	}
	rc = program_compile(value_str(a->v), vars, &a->program, &inner);
	if (rc < 0)
		/* + 1: behind the quote */
		return flow_error(
			c->f, c->err,
			a->at + (inner.offset ? 1 + (uint32_t)inner.offset : 0),
			"%s", inner.message);
	return 0;
}

/* A program that gives an array. It is tried here and now, unless it asks for
 * a variable of a block. */
static int check_array(struct checker *c, struct arg *a, unsigned vars)
{
	static const struct rx_vars no_vars = {.index = -1};
	struct weir_error inner = {0};
	struct value v;
	struct rx_fn *fn;
	int rc = check_program(c, a, vars);

	if (rc < 0 || program_vars(a->program))
		return rc;
	fn = program_fn(a->program, NULL);
	rc = rx_fn_call(fn, value_null(), &no_vars, &v, &inner);
	rx_fn_unref(fn);
	if (rc < 0)
		return flow_error(c->f, c->err, a->at, "%s", inner.message);
	rc = value_type(v) == VALUE_ARRAY
		     ? 0
		     : flow_error(c->f, c->err, a->at,
				  "this program has to give an array, not %s",
				  value_type_name(v));
	value_unref(v);
	return rc;
}

static int check_condition(struct checker *c, struct arg *a)
{
	struct weir_error inner = {0};

	if (cond_parse(value_str(a->v), NULL, &a->cond, &inner) == 0)
		return 0;
	return flow_error(c->f, c->err, a->at + 1 + (uint32_t)inner.offset,
			  "%s", inner.message);
}

/* "level of log is 'info' or 'warn', not 'worn'; did you mean 'warn'?" */
static int check_word(struct checker *c, const struct stage *s,
		      const struct param *p, const struct arg *a)
{
	struct str word = value_str(a->v);
	const char *list[PARAM_WORDS_MAX + 1] = {0};
	struct buf wants = {0};
	char *words, *save, *next;
	int rc;

	if (param_word(p, word) >= 0)
		return 0;
	words = mem_strndup(p->words, strlen(p->words));
	next = strtok_r(words, " ", &save);
	for (unsigned n = 0; next && n < PARAM_WORDS_MAX; n++) {
		list[n] = next;
		next = strtok_r(NULL, " ", &save);
	}

	const char *meant = str_nearest(word, list);

	param_wants(p, &wants);
	rc = flow_error(c->f, c->err, a->at,
			"%s of %s is %.*s, not '%.*s'%s%s%s", p->name,
			s->op->name, STR_FMT(buf_str(&wants)),
			(int)MIN(word.len, 40), word.p,
			meant ? "; did you mean '" : "", meant ? meant : "",
			meant ? "'?" : "");
	buf_fini(&wants);
	mem_free(words);
	return rc;
}

static int check_string(struct checker *c, const struct stage *s,
			const struct param *p, struct arg *a, unsigned vars)
{
	if (p->flags & TAKES_PROGRAM)
		return check_program(c, a, vars);
	if (p->flags & TAKES_ARRAY)
		return check_array(c, a, vars);
	if (p->flags & TAKES_CONDITION)
		return check_condition(c, a);
	if (p->flags & TAKES_KEY)
		a->program = program_member(value_str(a->v));
	if (p->flags & TAKES_WORD)
		return check_word(c, s, p, a);
	if (p->flags & (TAKES_VALUE | TAKES_TEXT | TAKES_KEY))
		return 0;
	return wrong_kind(c, s, p, a);
}

static int check_number(struct checker *c, const struct stage *s,
			const struct param *p, const struct arg *a)
{
	if (p->flags & TAKES_VALUE)
		return 0;
	if (!(p->flags & TAKES_NUMBER) &&
	    (!(p->flags & (TAKES_COUNT | TAKES_INT)) ||
	     value_type(a->v) != VALUE_INT))
		return wrong_kind(c, s, p, a);
	if (p->flags & TAKES_NUMBER && value_to_double(a->v) < 0)
		return flow_error(c->f, c->err, a->at,
				  "%s of %s cannot be below 0", p->name,
				  s->op->name);
	if (p->flags & TAKES_COUNT && (a->v.i < 0 || a->v.i > UINT32_MAX))
		return flow_error(c->f, c->err, a->at,
				  "%s of %s is between %d and 4294967295",
				  p->name, s->op->name,
				  p->flags & PARAM_POSITIVE ? 1 : 0);
	if (p->flags & PARAM_POSITIVE && value_to_double(a->v) == 0)
		return flow_error(c->f, c->err, a->at, "%s of %s cannot be 0",
				  p->name, s->op->name);
	return 0;
}

static int check_literal(struct checker *c, const struct stage *s,
			 const struct param *p, struct arg *a, unsigned vars)
{
	switch (value_type(a->v)) {
	case VALUE_STRING:
		return check_string(c, s, p, a, vars);
	case VALUE_NULL:
		if (p->flags & (TAKES_VALUE | TAKES_NULL))
			return 0;
		break;
	case VALUE_TRUE:
	case VALUE_FALSE:
		if (p->flags & (TAKES_VALUE | TAKES_BOOL))
			return 0;
		break;
	default:
		return check_number(c, s, p, a);
	}
	return wrong_kind(c, s, p, a);
}

static void note_mention(struct mention **list, uint32_t *n, struct arg *a)
{
	uint32_t i = 0;

	while (i < *n && !str_eq((*list)[i].name, a->text))
		i++;
	a->mention = i;
	if (i < *n)
		return;
	*list = mem_realloc(*list, (i + 1) * sizeof **list);
	(*list)[(*n)++] = (struct mention){a->text, a->at};
}

static int check_arg(struct checker *c, const struct stage *s,
		     const struct param *p, struct arg *a, struct place *place)
{
	unsigned vars = place->vars;

	if (s->op->flags & OP_ACC)
		vars |= VAR_ACC;
	if (s->op->flags & OP_INDEX)
		vars |= VAR_INDEX;
	switch (a->kind) {
	case ARG_VALUE: {
		int rc = check_literal(c, s, p, a, vars);

		if (rc == 0 && a->program &&
		    program_vars(a->program) & place->vars)
			place->pipeline->scoped = true;
		return rc;
	}
	case ARG_DURATION:
		if (!(p->flags & TAKES_DURATION))
			return wrong_kind(c, s, p, a);
		if (p->flags & PARAM_POSITIVE && a->ms <= 0)
			return flow_error(c->f, c->err, a->at,
					  "%s of %s cannot be 0", p->name,
					  s->op->name);
		return 0;
	case ARG_PATH:
		if (!(p->flags & (TAKES_PROGRAM | TAKES_KEY)))
			return wrong_kind(c, s, p, a);
		return check_program(c, a, vars);
	case ARG_FUNCTION:
		if (!(p->flags & (TAKES_PROGRAM | TAKES_ARRAY)))
			return wrong_kind(c, s, p, a);
		note_mention(&c->f->functions, &c->f->n_functions, a);
		/* It may look at whatever is defined here. */
		place->pipeline->scoped |= place->vars != 0;
		return 0;
	default:
		if (!(p->flags & TAKES_STREAM))
			return wrong_kind(c, s, p, a);
		note_mention(&c->f->streams, &c->f->n_streams, a);
		return 0;
	}
}

/* --- the arguments of a stage -------------------------------------------- */

/* Besides its name, a parameter answers to n, d and jq where it is the first
 * of that kind: so operators are noted. */
static int find_param(const struct op *op, struct str name)
{
	static const struct {
		const char *letter;
		unsigned flags;
	} letters[] = {{"n", TAKES_COUNT | TAKES_INT},
		       {"d", TAKES_DURATION},
		       {"jq", TAKES_PROGRAM}};
	unsigned n = op_n_params(op);

	for (unsigned i = 0; i < n; i++)
		if (str_eq(name, str_of(op->params[i].name)))
			return (int)i;
	for (size_t k = 0; k < ARRAY_LEN(letters); k++)
		for (unsigned i = 0; i < n; i++)
			if (str_eq(name, str_of(letters[k].letter)) &&
			    op->params[i].flags & letters[k].flags)
				return (int)i;
	return -1;
}

/* Which parameter the next positional argument is for; -1: there are too
 * many. */
static int next_param(const struct stage *s, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		unsigned flags = s->op->params[i].flags;

		if (flags & PARAM_REST)
			return (int)i;
		if (!(flags & PARAM_NAMED) && s->args[i].kind == ARG_NONE)
			return (int)i;
	}
	return -1;
}

static int place_arg(struct checker *c, struct stage *s, struct arg *a,
		     struct place *place)
{
	unsigned n = op_n_params(s->op);
	int i = a->name.len ? find_param(s->op, a->name) : next_param(s, n);
	struct arg *slot;

	if (i < 0 && a->name.len)
		return FORM_ERROR(c, s, a->name_at, "%s has no argument '%.*s'",
				  s->op->name, STR_FMT(a->name));
	if (i < 0)
		return n ? FORM_ERROR(c, s, a->at, "too many arguments for %s",
				      s->op->name)
			 : flow_error(c->f, c->err, a->at,
				      "%s takes no arguments", s->op->name);
	if (s->op->params[i].flags & PARAM_REST) {
		slot = &s->rest[s->n_rest++];
	} else {
		slot = &s->args[i];
		if (slot->kind != ARG_NONE)
			return flow_error(c->f, c->err, a->name_at,
					  "%s is given twice",
					  s->op->params[i].name);
	}
	*slot = *a;
	*a = (struct arg){.v = value_null()}; /* moved */
	return check_arg(c, s, &s->op->params[i], slot, place);
}

static int check_missing(struct checker *c, struct stage *s)
{
	unsigned n = op_n_params(s->op);

	for (unsigned i = 0; i < n; i++) {
		const struct param *p = &s->op->params[i];
		bool given = p->flags & PARAM_REST
				     ? s->n_rest > 0
				     : s->args[i].kind != ARG_NONE;

		if (given || p->flags & (PARAM_OPTIONAL | PARAM_NAMED))
			continue;
		if (i == 0 && s->op->flags & OP_BLOCK_OR && s->block)
			continue;
		if (s->op->flags & OP_BLOCK_OR)
			return FORM_ERROR(c, s, s->at, "%s needs a block",
					  s->op->name);

		struct buf wants = {0};
		int rc;

		param_wants(p, &wants);
		buf_append_char(&wants, '\0');
		rc = FORM_ERROR(c, s, s->at, "%s needs %s (%s)", s->op->name,
				buf_bytes(&wants), p->name);
		buf_fini(&wants);
		return rc;
	}
	return 0;
}

static int check_args(struct checker *c, struct stage *s, struct place *place)
{
	unsigned n = op_n_params(s->op);

	s->args = mem_zalloc((n + 1) * sizeof *s->args);
	s->rest = mem_zalloc((s->n_given + 1) * sizeof *s->rest);
	for (uint32_t i = 0; i < s->n_given; i++) {
		int rc = place_arg(c, s, &s->given[i], place);

		if (rc < 0)
			return rc;
	}
	return check_missing(c, s);
}

/* --- stages and blocks --------------------------------------------------- */

static int check_pipeline(struct checker *c, struct pipeline *p, unsigned vars);

static int check_block(struct checker *c, struct stage *s, struct place *place)
{
	unsigned vars = place->vars;
	int rc;

	if (!s->block) {
		if (s->op->flags & OP_BLOCK)
			return FORM_ERROR(c, s, s->at, "%s needs a block",
					  s->op->name);
		return 0;
	}
	if (!(s->op->flags & (OP_BLOCK | OP_BLOCK_OR | OP_BLOCK_MAY)))
		return FORM_ERROR(c, s, s->block_at, "%s takes no block",
				  s->op->name);
	if (s->op->flags & OP_BLOCK_OR && s->args[0].kind != ARG_NONE)
		return flow_error(c->f, c->err, s->block_at,
				  "%s has an argument in place of a block "
				  "already",
				  s->op->name);
	if (s->op->flags & OP_BLOCK_INDEX)
		vars |= VAR_INDEX;
	if (s->op->flags & OP_BLOCK_KEY)
		vars |= VAR_KEY;
	if (s->op->flags & OP_BLOCK_ACC)
		vars |= VAR_ACC;
	rc = check_pipeline(c, s->block, vars);
	/* What an inner block asks for, the outer one has to keep. */
	place->pipeline->scoped |= s->block->scoped;
	return rc;
}

static int check_position(struct checker *c, const struct pipeline *p,
			  uint32_t i)
{
	const struct stage *s = &p->stages[i];
	const struct stage *before = i ? s - 1 : NULL;
	const struct stage *after = i + 1 < p->n ? s + 1 : NULL;

	if (s->op->flags & OP_CREATES && i)
		return flow_error(c->f, c->err, s->at,
				  "%s begins a stream: it can only stand first",
				  s->op->name);
	if (s->op->flags & OP_CONNECTS &&
	    (!after || (!str_eq(after->name, STR("ref_count")) &&
			!str_eq(after->name, STR("auto_connect")))))
		return flow_error(c->f, c->err, s->at,
				  "%s needs a ref_count or auto_connect behind "
				  "it: %s | ref_count",
				  s->op->name, s->op->name);
	if (s->op->flags & OP_REF_COUNT &&
	    (!before || !(before->op->flags & OP_CONNECTS)))
		return flow_error(
			c->f, c->err, s->at,
			"%s stands behind publish, publish_value or replay "
			"only; share is both",
			s->op->name);
	return 0;
}

static int check_stage(struct checker *c, struct pipeline *p, uint32_t i,
		       unsigned vars)
{
	struct stage *s = &p->stages[i];
	struct place place = {.vars = vars, .pipeline = p};
	const char *near;
	int rc;

	s->op = op_find(s->name);
	if (!s->op) {
		near = op_nearest(s->name);
		if (near)
			return flow_error(c->f, c->err, s->at,
					  "no operator '%.*s'; did you mean "
					  "'%s'?",
					  (int)MIN(s->name.len, 40), s->name.p,
					  near);
		return flow_error(c->f, c->err, s->at, "no operator '%.*s'",
				  (int)MIN(s->name.len, 40), s->name.p);
	}
	rc = check_position(c, p, i);
	if (rc == 0)
		rc = check_args(c, s, &place);
	if (rc == 0)
		rc = check_block(c, s, &place);
	if (rc == 0 && s->op->check) {
		struct weir_error inner = {0};

		if (s->op->check(s, &inner) < 0)
			rc = flow_error(c->f, c->err, s->at, "%s",
					inner.message);
	}
	if (rc == 0 && s->op->flags & OP_RUN && !c->f->runs) {
		c->f->runs = true;
		c->f->run_at = s->at;
	}
	return rc;
}

static int check_pipeline(struct checker *c, struct pipeline *p, unsigned vars)
{
	for (uint32_t i = 0; i < p->n; i++) {
		int rc = check_stage(c, p, i, vars);

		if (rc < 0)
			return rc;
	}
	return 0;
}

int flow_check(struct flow *f, struct weir_error *err)
{
	struct checker c = {f, err};

	return check_pipeline(&c, f->main, 0);
}
