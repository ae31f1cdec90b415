/* chains.c - what operators cost an item, and whether they allocate for it.
 *
 *     bench_rx [FORM [ITEMS [CHAIN]]]
 *
 * Numbers 0, 1, 2 ... are pushed through chains of operators. FORM says what
 * stands in place of value functions:
 *
 *     c        C functions
 *     native   jq programs that weir compiles itself; the chain is its text
 *     libjq    the same, written so that libjq has to run them
 *
 * One JSON line a chain: ns of CPU time for each item pushed, allocations for
 * each, and a checksum of what comes out of 10,000 items, by which peer_*
 * (the same chains elsewhere) is compared. run.py makes a table of them.
 */
#include "base/clock.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/util.h"
#include "flow/flow.h"
#include "rx/ops.h"
#include "rx/subject.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHECKED = 10000, INPUTS_MAX = 2 };

static struct rx_ctx ctx;

/* --- value functions ------------------------------------------------------
 * Each with a table of its own, as an embedding program would have it.
 */

#define FUNCTION(name, result)                                                \
	static int name##_call(struct rx_fn *fn, struct value v,              \
			       const struct rx_vars *vars, struct value *out, \
			       struct weir_error *err)                        \
	{                                                                     \
		*out = result;                                                \
		return 0;                                                     \
	}                                                                     \
	static const struct rx_fn_ops name = {name##_call, fn_destroy};

static void fn_destroy(struct rx_fn *fn)
{
	mem_free(fn);
}

FUNCTION(twice, value_int(v.i * 2))
FUNCTION(is_fourfold, value_bool(v.i % 4 == 0))
FUNCTION(add, value_int(v.i + vars->acc.i))
FUNCTION(modulo_hundred, value_int(v.i % 100))
FUNCTION(even_part, value_int(v.i - v.i % 2))

static struct rx_fn *fn_new(const struct rx_fn_ops *fn_ops)
{
	struct rx_fn *fn = mem_alloc(sizeof *fn);

	*fn = (struct rx_fn){fn_ops, 1};
	return fn;
}

/* --- blocks --------------------------------------------------------------- */

static struct rx_source *build_itself(struct rx_block *b,
				      const struct rx_inner *in,
				      struct weir_error *err)
{
	return in->source;
}

static struct rx_source *build_sum(struct rx_block *b,
				   const struct rx_inner *in,
				   struct weir_error *err)
{
	return rx_scan(in->source, fn_new(&add), true, value_int(0));
}

static void keep(struct rx_block *b)
{
}

static struct rx_block itself = {
	&(const struct rx_block_ops){build_itself, keep}, 1};
static struct rx_block sum = {&(const struct rx_block_ops){build_sum, keep}, 1};

/* --- chains ---------------------------------------------------------------
 * Each takes its inputs.
 */

static struct rx_source *map(struct rx_source *const *in)
{
	return rx_map(in[0], fn_new(&twice));
}

static struct rx_source *map_filter_scan(struct rx_source *const *in)
{
	struct rx_source *s = rx_filter(map(in), fn_new(&is_fourfold));

	return rx_scan(s, fn_new(&add), true, value_int(0));
}

static struct rx_source *skip_take(struct rx_source *const *in)
{
	return rx_take(rx_skip(in[0], 10), 1000000000);
}

static struct rx_source *changed(struct rx_source *const *in)
{
	return rx_distinct_until_changed(in[0], fn_new(&even_part));
}

static struct rx_source *buffer(struct rx_source *const *in)
{
	return rx_buffer_with_count(in[0], 100, 100);
}

static struct rx_source *debounce(struct rx_source *const *in)
{
	return rx_debounce(in[0], 3600000);
}

static struct rx_source *flat_map(struct rx_source *const *in)
{
	return rx_flat_map(in[0], rx_block_ref(&itself), 0, 0);
}

static struct rx_source *switch_map(struct rx_source *const *in)
{
	return rx_switch_map(in[0], rx_block_ref(&itself));
}

static struct rx_source *group_by(struct rx_source *const *in)
{
	return rx_group_by(in[0], fn_new(&modulo_hundred), NULL,
			   rx_block_ref(&sum), (struct rx_group_by_opts){0});
}

static struct rx_source *merge(struct rx_source *const *in)
{
	return rx_merge(&ctx, in, 2);
}

static struct rx_source *zip(struct rx_source *const *in)
{
	return rx_zip(&ctx, in, 2, 0);
}

static struct rx_source *with_latest_from(struct rx_source *const *in)
{
	return rx_with_latest_from(&ctx, in, 2);
}

static const struct chain {
	const char *name;
	unsigned n_inputs; /* pushed into in turn */
	struct rx_source *(*make)(struct rx_source *const *in);
	const char *native;
	const char *libjq; /* NULL: there is nothing for libjq to run */
} chains[] = {
	{"map", 1, map, "map('. * 2')", "map('. * 2 | floor')"},
	{"map | filter | scan", 1, map_filter_scan,
	 "map('. * 2') | filter('. % 4 == 0') | scan('$acc + .', 0)",
	 "map('. * 2 | floor') | filter('. % 4 | floor == 0')"
	 " | scan('$acc + . | floor', 0)"},
	{"skip | take", 1, skip_take, "skip(10) | take(1000000000)", NULL},
	{"distinct_until_changed", 1, changed,
	 "distinct_until_changed('. - . % 2')",
	 "distinct_until_changed('. - . % 2 | floor')"},
	{"debounce", 1, debounce, "debounce(1h)", NULL},
	{"buffer_with_count(100)", 1, buffer, "buffer_with_count(100)", NULL},
	{"flat_map(just)", 1, flat_map, "flat_map { as_observable }", NULL},
	{"switch_map(just)", 1, switch_map, "switch_map { as_observable }",
	 NULL},
	{"group_by(100 keys) | scan", 1, group_by,
	 "group_by('. % 100') { scan('$acc + .', 0) }",
	 "group_by('. % 100 | floor') { scan('$acc + . | floor', 0) }"},
	{"merge", 2, merge, "merge(@b)", NULL},
	{"zip", 2, zip, "zip(@b)", NULL},
	{"with_latest_from", 2, with_latest_from, "with_latest_from(@b)", NULL},
};

/* --- measuring ------------------------------------------------------------ */

struct counter {
	struct rx_observer observer;
	uint64_t heard;
	int64_t checksum;
};

static int64_t number_of(struct value v)
{
	int64_t n = 0;

	if (value_type(v) != VALUE_ARRAY) {
		value_to_i64(v, &n);
		return n;
	}
	for (uint32_t i = 0; i < value_len(v); i++)
		n += number_of(value_nodes(v)[i]);
	return n;
}

static void count_next(struct rx_observer *o, struct value v)
{
	CONTAINER_OF(o, struct counter, observer)->heard++;
}

/* Knows the order, too. Stays below 2^53: JavaScript has to come to the same.
 */
static void check_next(struct rx_observer *o, struct value v)
{
	struct counter *c = CONTAINER_OF(o, struct counter, observer);

	c->heard++;
	c->checksum = (c->checksum * 31 + number_of(v)) % 1000003;
}

static void on_error(struct rx_observer *o, const struct weir_error *err)
{
	fprintf(stderr, "bench_rx: %s\n", err->message);
	exit(1);
}

static void on_done(struct rx_observer *o)
{
}

static const struct rx_observer_ops counting = {count_next, on_error, on_done};
static const struct rx_observer_ops checking = {check_next, on_error, on_done};

struct rig {
	struct rx_subject *in[INPUTS_MAX];
	struct rx_observer *to[INPUTS_MAX];
	struct flow_env env;
	struct counter counter;
	struct rx_sub *sub;
};

static struct rx_source *find_stream(void *arg, struct str name)
{
	return rx_subject_source(((struct rig *)arg)->in[1]);
}

static struct rx_source *from_text(struct rig *r, const char *text,
				   struct rx_source *main)
{
	struct rx_source *src;
	struct weir_error err;
	struct flow *f;

	r->env =
		(struct flow_env){.ctx = &ctx, .stream = find_stream, .arg = r};
	if (flow_parse(str_of(text), &f, &err) < 0 ||
	    flow_build(f, &r->env, main, &src, &err) < 0) {
		fprintf(stderr, "bench_rx: %s: %s\n", text, err.message);
		exit(1);
	}
	flow_unref(f);
	return src;
}

static void rig_open(struct rig *r, const struct chain *chain, const char *text,
		     const struct rx_observer_ops *ops)
{
	struct rx_source *in[INPUTS_MAX];
	struct rx_source *src;

	*r = (struct rig){.counter = {.observer = {ops}}};
	for (unsigned i = 0; i < chain->n_inputs; i++) {
		r->in[i] = rx_subject_create(&ctx);
		r->to[i] = rx_subject_observer(r->in[i]);
		in[i] = rx_subject_source(r->in[i]);
	}
	if (text) {
		src = from_text(r, text, in[0]);
		if (chain->n_inputs == 2)
			rx_source_unref(in[1]);
	} else {
		src = chain->make(in);
	}
	rx_subscribe(src, &r->counter.observer, &r->sub);
	rx_source_unref(src);
}

/* As a server does: item after item, freeing now and then. */
static void rig_push(struct rig *r, unsigned n_inputs, int64_t n)
{
	struct rx_observer *even = r->to[0];
	struct rx_observer *odd = r->to[n_inputs - 1];

	for (int64_t i = 0; i < n; i += 2) {
		rx_next(even, value_int(i));
		rx_next(odd, value_int(i + 1));
		if (i % 1000 == 0)
			rx_sched_advance(ctx.sched,
					 rx_sched_now_ms(ctx.sched) + 1);
	}
}

static void rig_close(struct rig *r)
{
	rx_sub_cancel(r->sub);
	for (unsigned i = 0; i < INPUTS_MAX; i++)
		rx_subject_destroy(r->in[i]);
	rx_sched_advance(ctx.sched, rx_sched_now_ms(ctx.sched));
}

static int64_t checksum_of(const struct chain *chain, const char *text)
{
	struct rig r;

	rig_open(&r, chain, text, &checking);
	rig_push(&r, chain->n_inputs, CHECKED);
	for (unsigned i = 0; i < chain->n_inputs; i++)
		rx_done(r.to[i]);
	rig_close(&r);
	return r.counter.checksum;
}

static void run(const struct chain *chain, const char *form, int64_t items)
{
	const char *text = strcmp(form, "native") == 0	? chain->native
			   : strcmp(form, "libjq") == 0 ? chain->libjq
							: NULL;
	struct rig r;
	int64_t began_ns;
	uint64_t allocs;
	double ns;

	if (!text && strcmp(form, "c") != 0)
		return;
	rig_open(&r, chain, text, &counting);
	rig_push(&r, chain->n_inputs, CHECKED); /* what grows has grown */
	allocs = mem_alloc_count();
	began_ns = clock_cpu_ns();
	rig_push(&r, chain->n_inputs, items);
	ns = (double)(clock_cpu_ns() - began_ns) / (double)items;
	allocs = mem_alloc_count() - allocs;
	rig_close(&r);
	printf("{\"who\": \"weir, %s\", \"chain\": \"%s\", \"ns\": %.2f, "
	       "\"allocations\": %.3f, \"checksum\": %lld}\n",
	       form, chain->name, ns, (double)allocs / (double)items,
	       (long long)checksum_of(chain, text));
	fflush(stdout);
}

int main(int argc, char **argv)
{
	const char *form = argc > 1 ? argv[1] : "c";
	int64_t items = argc > 2 ? atoll(argv[2]) : 4000000;

	hash_init();
	ctx.sched = rx_sched_create_virtual();
	for (size_t i = 0; i < ARRAY_LEN(chains); i++)
		if (argc < 4 || strcmp(argv[3], chains[i].name) == 0)
			run(&chains[i], form, items);
	rx_sched_destroy(ctx.sched);
	return 0;
}
