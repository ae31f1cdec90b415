/* build.h - what the builders of operators work with.
 *
 *     graph    one flow_build: the flow, env, the streams it names
 *     build    one pipeline of it being built: the graph, and inside a block
 *              its $key, $index and $acc
 *
 * Blocks keep the graph; it goes with the last of them.
 */
#ifndef WEIR_FLOW_BUILD_H
#define WEIR_FLOW_BUILD_H

#include "flow/ast.h"
#include "flow/flow.h"
#include "flow/program.h"
#include "flow/table.h"
#include "rx/block.h"
#include "rx/dur.h"
#include "rx/ops.h"

struct graph {
	uint32_t refs;
	struct flow *flow;	    /* ours */
	const struct flow_env *env; /* borrowed */
	struct rx_source **streams; /* ours, one for each flow->streams */
	struct rx_fn **functions;   /* ours, one for each flow->functions */
};

struct build {
	struct graph *graph;
	struct rx_ctx *ctx;
	struct scope *scope; /* borrowed; NULL outside of blocks */
	void *inside;	     /* the hooks'; NULL outside of blocks */
};

/* All give what the rx function takes: a reference of the caller's. */

static inline bool arg_given(const struct stage *s, unsigned i)
{
	return s->args[i].kind != ARG_NONE;
}

static inline bool arg_is_stream(const struct stage *s, unsigned i)
{
	return s->args[i].kind == ARG_STREAM;
}

/* The value function, NULL when it was not given. */
struct rx_fn *arg_fn(struct build *b, const struct stage *s, unsigned i);
struct rx_source *arg_stream(struct build *b, const struct stage *s,
			     unsigned i); /* NULL when not given */
/* in (may be NULL) and the streams of the rest, as one array for mem_free. */
struct rx_source **rest_streams(struct build *b, const struct stage *s,
				struct rx_source *in, uint32_t *n);
struct rx_dur arg_dur(struct build *b, const struct stage *s, unsigned i);
struct value arg_value(const struct stage *s, unsigned i); /* null without */
int64_t arg_ms(const struct stage *s, unsigned i, int64_t fallback);
int64_t arg_int(const struct stage *s, unsigned i, int64_t fallback);
double arg_number(const struct stage *s, unsigned i, double fallback);
uint32_t arg_count(const struct stage *s, unsigned i, uint32_t fallback);
bool arg_bool(const struct stage *s, unsigned i, bool fallback);
/* The index of the word in the parameter's list; fallback when not given. */
int arg_word(const struct stage *s, unsigned i, int fallback);
/* A fitting integer for 'n runs': RX_FOREVER without, or for -1. */
uint64_t arg_runs(const struct stage *s, unsigned i);
/* The values of the rest, for mem_free; each a reference. */
struct value *rest_values(const struct stage *s);

/* What becomes of each inner stream: the block, or argument i in its place. */
struct rx_block *stage_block(struct build *b, const struct stage *s,
			     unsigned i);

/* `run` on the items of in. */
struct rx_source *build_run(struct build *b, const struct stage *s,
			    struct rx_source *in);

#endif
