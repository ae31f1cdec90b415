/* build.c - a checked pipeline to a graph of rx operators.
 *
 *     of(1, 2) | flat_map { delay(10ms) }
 *
 *     graph --- pipe_block --- build() for each item: rx_delay(just(item))
 *
 * A block is built anew for each inner stream, from rows and arguments that
 * were resolved long ago: a few allocations a stage, no text, no programs.
 */
#include "flow/build.h"

#include "base/mem.h"

/* --- graph --------------------------------------------------------------- */

static struct graph *graph_ref(struct graph *g)
{
	g->refs++;
	return g;
}

static void graph_unref(struct graph *g)
{
	if (--g->refs)
		return;
	for (uint32_t i = 0; i < g->flow->n_streams; i++)
		rx_source_unref(g->streams[i]);
	for (uint32_t i = 0; i < g->flow->n_functions; i++)
		rx_fn_unref(g->functions[i]);
	mem_free(g->streams);
	mem_free(g->functions);
	flow_unref(g->flow);
	mem_free(g);
}

/* What publish gives is only for the ref_count behind it: both are one stage.
 */
static struct rx_source *hooked(struct build *b, const struct stage *s,
				struct rx_source *src)
{
	const struct flow_hooks *hooks = b->graph->env->hooks;

	if (s->op->flags & OP_CONNECTS)
		return src;
	return hooks ? hooks->stage(hooks->arg, b->inside, s->no, src) : src;
}

/* Takes in, or NULL. */
static struct rx_source *build_pipeline(struct build *b,
					const struct pipeline *p, uint32_t from,
					struct rx_source *in)
{
	if (p->stages[0].op->flags & OP_CREATES) {
		rx_source_unref(in);
		in = NULL;
	}
	for (uint32_t i = from; i < p->n; i++)
		in = hooked(b, &p->stages[i],
			    p->stages[i].op->build(b, &p->stages[i], in));
	return in;
}

/* --- blocks -------------------------------------------------------------- */

struct pipe_block {
	struct rx_block base;
	struct graph *graph;	  /* ours */
	const struct pipeline *p; /* the graph's flow's */
	struct scope *around;	  /* ours; NULL without */
	void *inside;		  /* of the stage it belongs to */
	uint32_t no;		  /* of that stage */
	bool runs_item;		  /* { run ... } on just(item) */
};

static struct rx_source *pipe_block_build(struct rx_block *block,
					  const struct rx_inner *in,
					  struct weir_error *err)
{
	struct pipe_block *pb = CONTAINER_OF(block, struct pipe_block, base);
	const struct flow_env *env = pb->graph->env;
	struct scope *scope =
		pb->p->scoped ? scope_create(pb->around, in) : NULL;
	struct build b = {pb->graph, env->ctx, scope, pb->inside};
	struct rx_inner entered = *in;

	if (env->hooks)
		b.inside = env->hooks->block(env->hooks->arg, pb->inside,
					     pb->no, &entered);

	struct rx_source *src = entered.source;

	if (pb->runs_item) {
		/* No stage for a queue that one item never enters. */
		rx_source_unref(src);
		src = hooked(&b, &pb->p->stages[0],
			     env->run(env->arg, env->ctx, in->item));
	}
	src = build_pipeline(&b, pb->p, pb->runs_item, src);
	scope_unref(scope);
	return src;
}

static void pipe_block_destroy(struct rx_block *block)
{
	struct pipe_block *pb = CONTAINER_OF(block, struct pipe_block, base);

	graph_unref(pb->graph);
	scope_unref(pb->around);
	mem_free(pb);
}

static const struct rx_block_ops pipe_block_ops = {pipe_block_build,
						   pipe_block_destroy};

static struct rx_block *pipe_block_create(struct build *b,
					  const struct stage *s)
{
	struct pipe_block *pb = mem_alloc(sizeof *pb);

	*pb = (struct pipe_block){{&pipe_block_ops, 1},
				  graph_ref(b->graph),
				  s->block,
				  b->scope,
				  b->inside,
				  s->no,
				  s->op->flags & OP_BLOCK_ITEM &&
					  s->block->stages[0].op->flags &
						  OP_RUN};
	if (pb->around)
		pb->around->refs++;
	return &pb->base;
}

/* flat_map(@b): every item subscribes the same stream. */
struct stream_block {
	struct rx_block base;
	struct rx_source *stream; /* ours */
};

static struct rx_source *stream_block_build(struct rx_block *block,
					    const struct rx_inner *in,
					    struct weir_error *err)
{
	rx_source_unref(in->source);
	return rx_source_ref(
		CONTAINER_OF(block, struct stream_block, base)->stream);
}

static void stream_block_destroy(struct rx_block *block)
{
	struct stream_block *sb =
		CONTAINER_OF(block, struct stream_block, base);

	rx_source_unref(sb->stream);
	mem_free(sb);
}

static const struct rx_block_ops stream_block_ops = {stream_block_build,
						     stream_block_destroy};

/* flat_map(.items): the elements of the array that the function gives. */
struct array_block {
	struct rx_block base;
	struct rx_ctx *ctx;
	struct rx_fn *fn;     /* ours */
	struct scope *around; /* ours; NULL without */
	bool asks;	      /* fn looks at $key or $index */
};

static struct rx_source *array_block_build(struct rx_block *block,
					   const struct rx_inner *in,
					   struct weir_error *err)
{
	struct array_block *ab = CONTAINER_OF(block, struct array_block, base);

	struct scope *scope = ab->asks ? scope_create(ab->around, in) : NULL;
	struct rx_source *src = rx_from_fn(ab->ctx, scope_bind(ab->fn, scope),
					   value_ref(in->item));

	scope_unref(scope);
	rx_source_unref(in->source);
	return src;
}

static void array_block_destroy(struct rx_block *block)
{
	struct array_block *ab = CONTAINER_OF(block, struct array_block, base);

	rx_fn_unref(ab->fn);
	scope_unref(ab->around);
	mem_free(ab);
}

static const struct rx_block_ops array_block_ops = {array_block_build,
						    array_block_destroy};

/* The function of a, a reference of the caller's, without what is around it. */
static struct rx_fn *free_fn(struct build *b, const struct arg *a)
{
	if (a->kind == ARG_FUNCTION)
		return rx_fn_ref(b->graph->functions[a->mention]);
	return program_fn(a->program, NULL);
}

/* Nobody knows what a C function looks at. */
static bool arg_asks(const struct arg *a)
{
	return a->kind == ARG_FUNCTION || program_vars(a->program);
}

struct rx_block *stage_block(struct build *b, const struct stage *s, unsigned i)
{
	if (s->block)
		return pipe_block_create(b, s);
	if (arg_is_stream(s, i)) {
		struct stream_block *sb = mem_alloc(sizeof *sb);

		*sb = (struct stream_block){{&stream_block_ops, 1},
					    arg_stream(b, s, i)};
		return &sb->base;
	}

	struct array_block *ab = mem_alloc(sizeof *ab);

	*ab = (struct array_block){{&array_block_ops, 1},
				   b->ctx,
				   free_fn(b, &s->args[i]),
				   b->scope,
				   arg_asks(&s->args[i])};
	if (ab->around)
		ab->around->refs++;
	return &ab->base;
}

/* --- run ----------------------------------------------------------------- */

struct run_block {
	struct rx_block base;
	struct graph *graph; /* ours */
};

static struct rx_source *run_block_build(struct rx_block *block,
					 const struct rx_inner *in,
					 struct weir_error *err)
{
	const struct flow_env *env =
		CONTAINER_OF(block, struct run_block, base)->graph->env;

	rx_source_unref(in->source);
	return env->run(env->arg, env->ctx, in->item);
}

static void run_block_destroy(struct rx_block *block)
{
	struct run_block *rb = CONTAINER_OF(block, struct run_block, base);

	graph_unref(rb->graph);
	mem_free(rb);
}

static const struct rx_block_ops run_block_ops = {run_block_build,
						  run_block_destroy};

struct rx_source *build_run(struct build *b, const struct stage *s,
			    struct rx_source *in)
{
	struct run_block *rb = mem_alloc(sizeof *rb);

	*rb = (struct run_block){{&run_block_ops, 1}, graph_ref(b->graph)};
	return rx_concat_map(in, &rb->base, arg_count(s, 0, 0));
}

/* --- arguments ----------------------------------------------------------- */

struct rx_fn *arg_fn(struct build *b, const struct stage *s, unsigned i)
{
	const struct arg *a = &s->args[i];

	if (a->kind == ARG_FUNCTION)
		return scope_bind(b->graph->functions[a->mention], b->scope);
	return a->program ? program_fn(a->program, b->scope) : NULL;
}

static struct rx_source *stream_of(struct build *b, const struct arg *a)
{
	return rx_source_ref(b->graph->streams[a->mention]);
}

struct rx_source *arg_stream(struct build *b, const struct stage *s, unsigned i)
{
	return arg_is_stream(s, i) ? stream_of(b, &s->args[i]) : NULL;
}

struct rx_source **rest_streams(struct build *b, const struct stage *s,
				struct rx_source *in, uint32_t *n)
{
	struct rx_source **all = mem_alloc((s->n_rest + 1) * sizeof *all);

	*n = 0;
	if (in)
		all[(*n)++] = in;
	for (uint32_t i = 0; i < s->n_rest; i++)
		all[(*n)++] = stream_of(b, &s->rest[i]);
	return all;
}

struct rx_dur arg_dur(struct build *b, const struct stage *s, unsigned i)
{
	if (s->args[i].kind == ARG_DURATION)
		return rx_dur_ms(s->args[i].ms);
	if (s->args[i].kind == ARG_STREAM)
		return rx_dur_source(arg_stream(b, s, i));
	return rx_dur_fn(arg_fn(b, s, i));
}

struct value arg_value(const struct stage *s, unsigned i)
{
	return value_ref(s->args[i].v);
}

int64_t arg_ms(const struct stage *s, unsigned i, int64_t fallback)
{
	return arg_given(s, i) ? s->args[i].ms : fallback;
}

int64_t arg_int(const struct stage *s, unsigned i, int64_t fallback)
{
	return value_type(s->args[i].v) == VALUE_INT ? s->args[i].v.i
						     : fallback;
}

double arg_number(const struct stage *s, unsigned i, double fallback)
{
	return arg_given(s, i) ? value_to_double(s->args[i].v) : fallback;
}

uint32_t arg_count(const struct stage *s, unsigned i, uint32_t fallback)
{
	return (uint32_t)arg_int(s, i, fallback);
}

int arg_word(const struct stage *s, unsigned i, int fallback)
{
	return arg_given(s, i)
		       ? param_word(&s->op->params[i], value_str(s->args[i].v))
		       : fallback;
}

uint64_t arg_runs(const struct stage *s, unsigned i)
{
	int64_t n = arg_int(s, i, -1);

	return n < 0 ? RX_FOREVER : (uint64_t)n;
}

struct value *rest_values(const struct stage *s)
{
	struct value *all = mem_alloc((s->n_rest + 1) * sizeof *all);

	for (uint32_t i = 0; i < s->n_rest; i++)
		all[i] = value_ref(s->rest[i].v);
	return all;
}

bool arg_bool(const struct stage *s, unsigned i, bool fallback)
{
	return arg_given(s, i) ? value_truthy(s->args[i].v) : fallback;
}

/* --- the whole ----------------------------------------------------------- */

enum flow_head flow_head(const struct flow *f)
{
	const struct stage *s = &f->main->stages[0];

	if (s->op->flags & OP_CREATES)
		return FLOW_HEAD_CREATE;
	return s->op->flags & OP_COMBINES && s->n_rest ? FLOW_HEAD_EITHER
						       : FLOW_HEAD_STAGE;
}

static int check_surroundings(struct flow *f, const struct flow_env *env,
			      struct rx_source *main, struct weir_error *err)
{
	const struct stage *s = &f->main->stages[0];

	if (f->runs && !env->run)
		return flow_error(f, err, f->run_at,
				  "run has no sources to run jobs at here");
	if (main && flow_head(f) == FLOW_HEAD_CREATE)
		return flow_error(f, err, s->at,
				  "%s begins a stream, but this pipeline has "
				  "an input already",
				  s->op->name);
	if (!main && flow_head(f) == FLOW_HEAD_STAGE)
		return flow_error(f, err, s->at,
				  "%s works on an input, and there is none: "
				  "begin with of, interval, merge(@a, @b) ...",
				  s->op->name);
	return 0;
}

static int resolve_streams(struct graph *g, struct weir_error *err)
{
	struct flow *f = g->flow;

	for (uint32_t i = 0; i < f->n_streams; i++) {
		struct str name = f->streams[i].name;

		if (g->env->stream)
			g->streams[i] = g->env->stream(g->env->arg, name);
		if (!g->streams[i])
			return flow_error(f, err, f->streams[i].at,
					  "there is no stream @%.*s",
					  (int)MIN(name.len, 64), name.p);
	}
	return 0;
}

static int resolve_functions(struct graph *g, struct weir_error *err)
{
	const struct flow_env *env = g->env;
	struct flow *f = g->flow;

	for (uint32_t i = 0; i < f->n_functions; i++) {
		struct str name = f->functions[i].name;

		if (env->function)
			g->functions[i] = env->function(env->arg, name);
		if (!g->functions[i])
			return flow_error(f, err, f->functions[i].at,
					  "there is no function &%.*s%s",
					  (int)MIN(name.len, 64), name.p,
					  env->function
						  ? ""
						  : ": only a program that "
						    "embeds weir has some");
	}
	return 0;
}

int flow_build(struct flow *f, const struct flow_env *env,
	       struct rx_source *main, struct rx_source **out,
	       struct weir_error *err)
{
	struct graph *g = mem_zalloc(sizeof *g);
	int rc;

	g->refs = 1;
	g->flow = flow_ref(f);
	g->env = env;
	g->streams = mem_zalloc((f->n_streams + 1) * sizeof *g->streams);
	g->functions = mem_zalloc((f->n_functions + 1) * sizeof *g->functions);
	rc = check_surroundings(f, env, main, err);
	if (rc == 0)
		rc = resolve_streams(g, err);
	if (rc == 0)
		rc = resolve_functions(g, err);
	if (rc == 0) {
		struct build b = {g, env->ctx, NULL, NULL};

		*out = build_pipeline(&b, f->main, 0, main);
	} else {
		rx_source_unref(main);
	}
	graph_unref(g);
	return rc;
}
