/* fiber.c - what do fibers cost?
 *
 *     switch      two fibers that yield to each other, one way
 *     spawn+join  a fiber that does nothing, from the pool
 *     chan        one pointer through a channel of 64, both ends
 *     sleeping    resident bytes of 100,000 fibers that sleep
 */
#include "base/clock.h"
#include "base/util.h"
#include "fiber/fiber.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define ROUNDS	 7 /* the best one counts: others use this machine, too */
#define SWITCHES 5000000
#define SPAWNS	 500000
#define ITEMS	 2000000
#define SLEEPERS 100000

static void report(const char *what, int64_t from_ns, double operations)
{
	printf("fiber %-12s %8.1f ns\n", what,
	       (double)(clock_ns() - from_ns) / operations);
}

/* ns for all operations of a round */
typedef int64_t (*measure_fn)(struct fiber_pool *p);

static void report_best(const char *what, struct fiber_pool *p, measure_fn fn,
			double operations)
{
	int64_t best = INT64_MAX;

	for (int i = 0; i < ROUNDS; i++)
		best = MIN(best, fn(p));
	printf("fiber %-12s %8.1f ns\n", what, (double)best / operations);
}

static int yield_often(void *arg)
{
	for (int i = 0; i < SWITCHES / 2; i++)
		fiber_yield();
	return 0;
}

static int64_t measure_switch(struct fiber_pool *p)
{
	int64_t from = clock_ns();
	struct fiber *a = fiber_spawn(p, "a", yield_often, NULL);
	struct fiber *b = fiber_spawn(p, "b", yield_often, NULL);

	fiber_join(a, NULL, CLOCK_NEVER);
	fiber_join(b, NULL, CLOCK_NEVER);
	return clock_ns() - from;
}

static int nothing(void *arg)
{
	return 0;
}

static int64_t measure_spawn(struct fiber_pool *p)
{
	int64_t from = clock_ns();

	for (int i = 0; i < SPAWNS; i++)
		fiber_join(fiber_spawn(p, "n", nothing, NULL), NULL,
			   CLOCK_NEVER);
	return clock_ns() - from;
}

static int send_items(void *arg)
{
	for (int i = 0; i < ITEMS; i++)
		fiber_chan_send(arg, arg, CLOCK_NEVER);
	return 0;
}

static int64_t measure_chan(struct fiber_pool *p)
{
	struct fiber_chan *c = fiber_chan_create(64);
	int64_t from = clock_ns();
	struct fiber *f = fiber_spawn(p, "sender", send_items, c);
	void *item;

	for (int i = 0; i < ITEMS; i++)
		fiber_chan_recv(c, &item, CLOCK_NEVER);
	fiber_join(f, NULL, CLOCK_NEVER);
	from = clock_ns() - from;
	fiber_chan_destroy(c);
	return from;
}

/* A line of /proc/self/status, in KiB. */
static long status_kib(const char *form)
{
	FILE *in = fopen("/proc/self/status", "re");
	char line[256];
	long kib = 0;

	while (in && fgets(line, sizeof line, in))
		if (sscanf(line, form, &kib) == 1)
			break;
	if (in)
		fclose(in);
	return kib;
}

static int sleep_long(void *arg)
{
	return fiber_sleep(3600000);
}

static void measure_sleeping(struct fiber_pool *p)
{
	struct fiber **f = calloc(SLEEPERS, sizeof(struct fiber *));
	int64_t from = clock_ns();
	long rss = status_kib("VmRSS: %ld"), pte = status_kib("VmPTE: %ld");

	for (int i = 0; i < SLEEPERS; i++) {
		f[i] = fiber_spawn(p, "s", sleep_long, NULL);
		if (!f[i])
			exit(1);
	}
	fiber_sleep(1);
	report("sleeping", from, SLEEPERS);
	printf("fiber sleeping     %8ld MiB resident, %ld MiB of page tables, "
	       "%u without guard page\n",
	       (status_kib("VmRSS: %ld") - rss) / 1024,
	       (status_kib("VmPTE: %ld") - pte) / 1024,
	       fiber_stats(p).unguarded_stacks);
	from = clock_ns();
	for (int i = 0; i < SLEEPERS; i++)
		fiber_cancel(f[i]);
	for (int i = 0; i < SLEEPERS; i++)
		fiber_join(f[i], NULL, CLOCK_NEVER);
	report("cancel+join", from, SLEEPERS);
	printf("fiber afterwards   %8ld MiB resident, %u stacks mapped\n",
	       (status_kib("VmRSS: %ld") - rss) / 1024,
	       fiber_stats(p).mapped_stacks);
	free(f);
}

static int measure(void *arg)
{
	struct fiber_pool *p = fiber_pool_here();

	report_best("switch", p, measure_switch, SWITCHES);
	report_best("spawn+join", p, measure_spawn, SPAWNS);
	report_best("chan", p, measure_chan, ITEMS);
	measure_sleeping(p);
	loop_stop(arg);
	return 0;
}

int main(void)
{
	struct loop *l = loop_create();
	struct fiber_pool *p = fiber_pool_create(l);

	fiber_detach(fiber_spawn(p, "measure", measure, l));
	loop_run(l);
	fiber_pool_destroy(p);
	loop_destroy(l);
	return 0;
}
