/* rx.c - what operators cost an item, and whether they allocate for it.
 *
 * Numbers go through chains of operators with C functions in place of value
 * functions. One line a chain: ns for each item of the source, items a second
 * on this core, allocations for each.
 */
#include "base/clock.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/util.h"
#include "rx/ops.h"
#include "rx/subject.h"

#include <stdio.h>

enum { ITEMS = 4000000 };

static struct rx_ctx ctx;

/* --- value functions -------------------------------------------------------
 */

typedef struct value (*call_fn)(struct value v, struct value acc);

struct fn {
	struct rx_fn fn;
	call_fn call;
};

static int fn_call(struct rx_fn *fn, struct value v, const struct rx_vars *vars,
		   struct value *out, struct weir_error *err)
{
	*out = CONTAINER_OF(fn, struct fn, fn)->call(v, vars->acc);
	return 0;
}

static void fn_destroy(struct rx_fn *fn)
{
	mem_free(CONTAINER_OF(fn, struct fn, fn));
}

static const struct rx_fn_ops fn_ops = {fn_call, fn_destroy};

static struct rx_fn *fn_new(call_fn call)
{
	struct fn *f = mem_alloc(sizeof *f);

	f->fn = (struct rx_fn){&fn_ops, 1};
	f->call = call;
	return &f->fn;
}

static struct value twice(struct value v, struct value acc)
{
	return value_int(v.i * 2);
}

static struct value is_fourfold(struct value v, struct value acc)
{
	return value_bool(v.i % 4 == 0);
}

static struct value add(struct value v, struct value acc)
{
	return value_int(v.i + acc.i);
}

static struct value modulo_thousand(struct value v, struct value acc)
{
	return value_int(v.i % 1000);
}

/* --- blocks ----------------------------------------------------------------
 */

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
	return rx_scan(in->source, fn_new(add), true, value_int(0));
}

static void keep(struct rx_block *b)
{
}

static struct rx_block itself = {
	&(const struct rx_block_ops){build_itself, keep}, 1};
static struct rx_block sum = {&(const struct rx_block_ops){build_sum, keep}, 1};

/* --- chains ----------------------------------------------------------------
 */

static struct rx_source *take_all(struct rx_source *s)
{
	return rx_skip(s, 0);
}

static struct rx_source *map(struct rx_source *s)
{
	return rx_map(s, fn_new(twice));
}

static struct rx_source *map_filter_scan(struct rx_source *s)
{
	s = rx_filter(rx_map(s, fn_new(twice)), fn_new(is_fourfold));
	return rx_scan(s, fn_new(add), true, value_int(0));
}

static struct rx_source *eight_maps(struct rx_source *s)
{
	for (int i = 0; i < 8; i++)
		s = map(s);
	return s;
}

static struct rx_source *changed(struct rx_source *s)
{
	return rx_distinct_until_changed(s, NULL);
}

static struct rx_source *buffer_100(struct rx_source *s)
{
	return rx_buffer_with_count(s, 100, 100);
}

static struct rx_source *debounce(struct rx_source *s)
{
	return rx_debounce(s, 10);
}

static struct rx_source *delay(struct rx_source *s)
{
	return rx_delay(s, 0, ITEMS);
}

static struct rx_source *flat_map(struct rx_source *s)
{
	return rx_flat_map(s, rx_block_ref(&itself), 0, 0);
}

static struct rx_source *concat_map(struct rx_source *s)
{
	return rx_concat_map(s, rx_block_ref(&itself), 0);
}

static struct rx_source *switch_map(struct rx_source *s)
{
	return rx_switch_map(s, rx_block_ref(&itself));
}

static struct rx_source *group_by(struct rx_source *s)
{
	return rx_group_by(s, fn_new(modulo_thousand), NULL, rx_block_ref(&sum),
			   (struct rx_group_by_opts){0});
}

static struct rx_source *combine(struct rx_source *s)
{
	struct rx_source *in[] = {rx_just(&ctx, value_int(1)), s};

	return rx_combine_latest(&ctx, in, 2);
}

static const struct chain {
	const char *name;
	struct rx_source *(*make)(struct rx_source *s);
} chains[] = {
	{"(source only)", take_all},
	{"map", map},
	{"map | filter | scan", map_filter_scan},
	{"map, 8 times", eight_maps},
	{"distinct_until_changed", changed},
	{"buffer_with_count(100)", buffer_100},
	{"debounce", debounce},
	{"delay", delay},
	{"flat_map { as_observable }", flat_map},
	{"concat_map { as_observable }", concat_map},
	{"switch_map { as_observable }", switch_map},
	{"group_by(1000 keys) { scan }", group_by},
	{"combine_latest", combine},
};

/* --- measuring -------------------------------------------------------------
 */

static uint64_t heard;

static void count_next(struct rx_observer *o, struct value v)
{
	heard++;
}

static void count_error(struct rx_observer *o, const struct weir_error *err)
{
	fprintf(stderr, "  error: %s\n", err->message);
}

static void count_done(struct rx_observer *o)
{
}

static const struct rx_observer_ops count_ops = {count_next, count_error,
						 count_done};

/* Pushes as a server does: item after item, freeing now and then. */
static void run(const struct chain *chain)
{
	struct rx_subject *in = rx_subject_create(&ctx);
	struct rx_source *s = chain->make(rx_subject_source(in));
	struct rx_observer *to = rx_subject_observer(in);
	struct rx_observer counter = {&count_ops};
	struct rx_sub *sub;
	uint64_t allocs;
	int64_t began_ns;
	double ns;

	rx_subscribe(s, &counter, &sub);
	rx_source_unref(s);
	for (int i = 0; i < 10000; i++) /* what grows has grown */
		rx_next(to, value_int(i));
	rx_sched_advance(ctx.sched, rx_sched_now_ms(ctx.sched) + 1);
	allocs = mem_alloc_count();
	began_ns = clock_cpu_ns();
	for (int i = 0; i < ITEMS; i++) {
		rx_next(to, value_int(i));
		if (i % 1000 == 999)
			rx_sched_advance(ctx.sched,
					 rx_sched_now_ms(ctx.sched) + 1);
	}
	ns = (double)(clock_cpu_ns() - began_ns) / ITEMS;
	allocs = mem_alloc_count() - allocs;
	printf("%-30s %7.1f ns %8.1f M/s %8.3f allocations\n", chain->name, ns,
	       1000 / ns, (double)allocs / ITEMS);
	rx_sub_cancel(sub);
	rx_subject_destroy(in);
}

int main(void)
{
	hash_init();
	ctx.sched = rx_sched_create_virtual();
	for (size_t i = 0; i < ARRAY_LEN(chains); i++)
		run(&chains[i]);
	rx_sched_destroy(ctx.sched);
	return 0;
}
