/* flow.h - the pipeline language: text to a checked pipeline to an rx graph.
 *
 *     text -- flow_parse --> struct flow -- flow_build --> struct rx_source
 *                            (immutable,     (one graph for each call;
 *                             shared)         blocks: one for each inner
 *                                             stream, without parsing)
 *
 * Everything that can be wrong in a text is found by flow_parse, with line and
 * column. Only what hangs on the surroundings (is there a stream or a function
 * of that name, does `run` make sense here) is left to flow_build.
 *
 * Threads: a flow belongs to the thread that parsed it.
 */
#ifndef WEIR_FLOW_FLOW_H
#define WEIR_FLOW_FLOW_H

#include "base/buf.h"
#include "base/error.h"
#include "rx/block.h"
#include "rx/fn.h"
#include "rx/observer.h"

#define FLOW_TEXT_MAX	64 * 1024 /* bytes */
#define FLOW_DEPTH_MAX	16	  /* blocks in blocks */
#define FLOW_STAGES_MAX 256	  /* in one text, those of blocks included */

struct flow;

/* Reads text (borrowed). Returns 0; else WEIR_EINVAL or WEIR_ETOOBIG with err
 * telling where and what was expected, and *out is NULL. */
int flow_parse(struct str text, struct flow **out, struct weir_error *err);
struct flow *flow_ref(struct flow *f);
void flow_unref(struct flow *f);

/* The text it was parsed from; for error_render. Lives as long as f. */
struct str flow_text(const struct flow *f);

/* How the first stage begins. */
enum flow_head {
	FLOW_HEAD_STAGE,  /* works on a main input */
	FLOW_HEAD_CREATE, /* makes its own items: has no main input */
	FLOW_HEAD_EITHER, /* merge(@a, @b) and the like */
};
enum flow_head flow_head(const struct flow *f);

/* What is put around the stages of a graph while it is built: meters, a
 * drawing. Stages have the numbers of flow_stage. */
struct flow_hooks {
	/* The block of stage no is built for one inner stream, itself inside
	 * of `inside` (NULL: the main pipeline). May put something around
	 * in->source. What it gives is the `inside` of all that is built in
	 * there. */
	void *(*block)(void *arg, void *inside, uint32_t no,
		       struct rx_inner *in);
	/* Takes what stage no gives; gives what stands in its place. Not called
	 * for publish and its like: the ref_count behind them is the stage. */
	struct rx_source *(*stage)(void *arg, void *inside, uint32_t no,
				   struct rx_source *src);
	void *arg;
};

/* What the graph finds around it. */
struct flow_env {
	struct rx_ctx *ctx;
	/* The stream @name: a reference of the caller's; NULL: there is none.
	 * Asked once for each name and graph. */
	struct rx_source *(*stream)(void *arg, struct str name);
	/* The value function &name, likewise. NULL: nothing around this
	 * pipeline has functions. */
	struct rx_fn *(*function)(void *arg, struct str name);
	/* `run` on one item (jobs, borrowed: an object or an array of them): a
	 * cold source of the parts. NULL: `run` is an error here. */
	struct rx_source *(*run)(void *arg, struct rx_ctx *ctx,
				 struct value jobs);
	void *arg;
	const struct flow_hooks *hooks; /* borrowed like env; may be NULL */
};

/* Makes the graph of f.
 *
 * env   borrowed for as long as anything of the graph lives
 * main  the input, taken also on error; NULL: f begins by itself
 * out   one reference of the caller's
 */
int flow_build(struct flow *f, const struct flow_env *env,
	       struct rx_source *main, struct rx_source **out,
	       struct weir_error *err);

/* Appends the stages with their resolved parameters as a JSON array:
 * [{"stage":"take","args":{"count":3}}, ...]; blocks under "block". With meters
 * (may be NULL) each stage has "counts": in, out, dropped, errors, held, live.
 */
struct flow_meters;
void flow_describe(const struct flow *f, const struct flow_meters *meters,
		   struct buf *out);

/* Appends the same as a tree of lines for people. */
void flow_explain(const struct flow *f, struct buf *out);

/* Appends the canonical text: it parses to the same pipeline. */
void flow_print(const struct flow *f, struct buf *out);

#endif
