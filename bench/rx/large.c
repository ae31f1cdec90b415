/* large.c - a million of everything: groups, inner streams, timers.
 *
 *     bench_rx_large [N]
 *
 * A line a case: bytes that malloc gave out for each unit alive (the item or
 * key itself, a number, takes none of its own), and CPU time to open each, to
 * push an item into each of those that are open, to let all of their timers
 * ring, and to close each.
 */
#include "base/clock.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/util.h"
#include "rx/op.h"
#include "rx/panes.h"
#include "rx/subject.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

static struct rx_ctx ctx;
static int64_t units;

static size_t bytes_alive(void)
{
	struct mallinfo2 m = mallinfo2();

	return m.uordblks + m.hblkhd;
}

/* --- timers alone --------------------------------------------------------- */

static uint64_t rung;

static void on_ring(struct rx_timer *t)
{
	rung++;
}

/* As often as a stage would: at odd times, in no order. */
static int64_t some_time(int64_t i)
{
	return rx_sched_now_ms(ctx.sched) + 1000 + i * 7919 % units;
}

static double each(int64_t began_ns)
{
	return (double)(clock_cpu_ns() - began_ns) / (double)units;
}

static void measure_timers(void)
{
	struct rx_timer *timers = mem_zalloc((size_t)units * sizeof *timers);
	double start, again, stop, ring;
	int64_t began;

	began = clock_cpu_ns();
	for (int64_t i = 0; i < units; i++)
		rx_timer_start(ctx.sched, &timers[i], some_time(i), on_ring);
	start = each(began);
	began = clock_cpu_ns();
	for (int64_t i = 0; i < units; i++)
		rx_timer_start(ctx.sched, &timers[i], some_time(i + 1),
			       on_ring);
	again = each(began);
	began = clock_cpu_ns();
	rx_sched_advance(ctx.sched, some_time(0) + units);
	ring = each(began);
	for (int64_t i = 0; i < units; i++)
		rx_timer_start(ctx.sched, &timers[i], some_time(i), on_ring);
	began = clock_cpu_ns();
	for (int64_t i = 0; i < units; i++)
		rx_timer_stop(ctx.sched, &timers[i * 7919 % units]);
	stop = each(began);
	printf("%-40s start %.0f, start anew %.0f, ring %.0f, stop %.0f ns; "
	       "%zu bytes\n",
	       "timers", start, again, ring, stop,
	       sizeof *timers + sizeof(void *));
	mem_free(timers);
}

/* --- streams -------------------------------------------------------------- */

typedef struct rx_source *(*build_fn)(struct rx_source *in);

struct block {
	struct rx_block block;
	build_fn build;
};

static struct rx_source *block_build(struct rx_block *b,
				     const struct rx_inner *in,
				     struct weir_error *err)
{
	return CONTAINER_OF(b, struct block, block)->build(in->source);
}

static void keep(struct rx_block *b)
{
}

static const struct rx_block_ops block_ops = {block_build, keep};

static struct rx_source *itself(struct rx_source *in)
{
	return in;
}

static struct rx_source *debounced(struct rx_source *in)
{
	return rx_debounce(in, 1000);
}

static struct rx_source *buffered(struct rx_source *in)
{
	return rx_buffer_with_time(in, 1000, 1000, 0);
}

static struct rx_source *timed(struct rx_source *in)
{
	rx_source_unref(in);
	return rx_timer_source(&ctx, 1000, -1);
}

static struct rx_source *in_groups(struct rx_source *in, struct rx_block *block)
{
	return rx_group_by(in, NULL, NULL, block,
			   (struct rx_group_by_opts){.max_groups =
							     (uint32_t)units});
}

static struct rx_source *side_by_side(struct rx_source *in,
				      struct rx_block *block)
{
	return rx_flat_map(in, block, 0, (uint32_t)units);
}

static const struct scene {
	const char *name;
	struct rx_source *(*make)(struct rx_source *in, struct rx_block *block);
	build_fn build;
	bool again; /* an item into each that is open makes sense */
} scenes[] = {
	{"group_by { as_observable }", in_groups, itself, true},
	{"group_by { debounce }", in_groups, debounced, true},
	{"group_by { buffer_with_time }", in_groups, buffered, true},
	{"flat_map { timer }", side_by_side, timed, false},
};

static uint64_t heard;

static void on_next(struct rx_observer *o, struct value v)
{
	heard++;
}

static void on_error(struct rx_observer *o, const struct weir_error *err)
{
	fprintf(stderr, "bench_rx_large: %s\n", err->message);
	exit(1);
}

static void on_done(struct rx_observer *o)
{
}

static const struct rx_observer_ops counting = {on_next, on_error, on_done};

static double push_all(struct rx_observer *to)
{
	int64_t began = clock_cpu_ns();

	for (int64_t i = 0; i < units; i++)
		rx_next(to, value_int(i));
	return each(began);
}

static void measure(const struct scene *scene)
{
	struct block block = {{&block_ops, 1}, scene->build};
	struct rx_subject *in = rx_subject_create(&ctx);
	struct rx_observer *to = rx_subject_observer(in);
	struct rx_observer counter = {&counting};
	struct rx_source *src =
		scene->make(rx_subject_source(in), rx_block_ref(&block.block));
	struct rx_sub *sub;
	size_t before = bytes_alive();
	double open, again, ring, close;
	int64_t began;

	rx_subscribe(src, &counter, &sub);
	rx_source_unref(src);
	open = push_all(to);

	double bytes = (double)(bytes_alive() - before) / (double)units;

	again = scene->again ? push_all(to) : 0;
	began = clock_cpu_ns();
	rx_sched_advance(ctx.sched, rx_sched_now_ms(ctx.sched) + 1000);
	ring = each(began);
	began = clock_cpu_ns();
	rx_sub_cancel(sub);
	rx_sched_advance(ctx.sched, rx_sched_now_ms(ctx.sched));
	close = each(began);
	rx_subject_destroy(in);
	slab_thread_fini(); /* nothing is alive: the next begins anew */
	printf("%-40s %4.0f bytes; open %.0f, push %.0f, ring %.0f, close %.0f "
	       "ns\n",
	       scene->name, bytes, open, again, ring, close);
}

int main(int argc, char **argv)
{
	units = argc > 1 ? atoll(argv[1]) : 1000000;
	hash_init();
	ctx.sched = rx_sched_create_virtual();
	printf("%lld of each\n", (long long)units);
	measure_timers();
	for (size_t i = 0; i < ARRAY_LEN(scenes); i++)
		measure(&scenes[i]);
	printf("struct sizes: rx_sub %zu, rx_source %zu, rx_inlet %zu, "
	       "rx_pane %zu, rx_timer %zu\n",
	       sizeof(struct rx_sub), sizeof(struct rx_source),
	       sizeof(struct rx_inlet), sizeof(struct rx_pane),
	       sizeof(struct rx_timer));
	rx_sched_destroy(ctx.sched);
	return 0;
}
