/* ast.h - a pipeline as it was written, and as it was understood.
 *
 *     parse.c   text to pipeline, stage, arg: knows the grammar only
 *     check.c   names to rows of the table, args to their parameters,
 *               programs compiled: after it no text is looked at again
 *
 * Every node knows where in the text it stood.
 */
#ifndef WEIR_FLOW_AST_H
#define WEIR_FLOW_AST_H

#include "base/error.h"
#include "base/str.h"
#include "value/value.h"

struct op;
struct program;
struct cond;

enum arg_kind {
	ARG_NONE,     /* an optional parameter that was not given */
	ARG_VALUE,    /* number, string, true, false, null */
	ARG_DURATION, /* ms */
	ARG_PATH,     /* text is .a.b */
	ARG_STREAM,   /* text is the name, without the @ */
	ARG_FUNCTION, /* text is the name, without the & */
};

struct arg {
	enum arg_kind kind;
	struct str name; /* empty: by position */
	struct str raw;	 /* as written, quotes included; borrowed */
	struct str text; /* borrowed */
	struct value v;	 /* ARG_VALUE: ours */
	int64_t ms;	 /* ARG_DURATION */
	uint32_t at;
	uint32_t name_at;

	/* Found by the check, ours: */
	struct program *program; /* a value function, or NULL */
	struct cond *cond;	 /* of where(), or NULL */
	uint32_t mention;	 /* ARG_STREAM, ARG_FUNCTION: index in
				  * flow.streams, flow.functions */
};

struct pipeline;

struct stage {
	struct str name; /* borrowed from the text */
	struct str head; /* as written, without the block; borrowed */
	uint32_t at;
	uint32_t no; /* in order of writing, blocks included, from 0 */
	struct pipeline *block; /* NULL without one */
	uint32_t block_at;

	/* As written; moved out by the check. */
	struct arg *given;
	uint32_t n_given;

	/* Found by the check: */
	const struct op *op;
	struct arg *args; /* one for each parameter of op but the rest */
	struct arg *rest; /* of a parameter that takes many */
	uint32_t n_rest;
};

struct pipeline {
	struct stage *stages;
	uint32_t n;
	bool scoped; /* some program in it asks for a variable of around */
};

struct mention {
	struct str name; /* borrowed from the text */
	uint32_t at;
};

struct flow {
	uint32_t refs;
	struct str text; /* ours */
	struct pipeline *main;
	uint32_t n_stages;	   /* blocks included */
	struct mention *streams;   /* each @name once; ours */
	struct mention *functions; /* each &name once; ours */
	uint32_t n_streams;
	uint32_t n_functions;
	bool runs; /* there is a `run`, the first at run_at */
	uint32_t run_at;
};

/* Grammar only. */
int flow_parse_text(struct flow *f, struct weir_error *err);
/* Meaning. */
int flow_check(struct flow *f, struct weir_error *err);

void pipeline_destroy(struct pipeline *p);
void arg_fini(struct arg *a);

/* error_at in f's text. */
#define flow_error(f, err, at, ...) \
	error_at(err, WEIR_EINVAL, (f)->text.p, (f)->text.len, at, __VA_ARGS__)

#endif
