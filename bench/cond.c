/* cond.c - what does a condition cost, beside reading the document?
 *
 *     bench_cond [SECONDS A CASE]
 *
 * One line a condition: ns a document for the evaluation alone, over a flat
 * document and over a tree, and MB/s of reading and asking together, beside
 * reading alone. The documents are events of 300 bytes, made here.
 */
#include "base/clock.h"
#include "base/mem.h"
#include "cond/cond.h"
#include "json/leaves.h"
#include "json/parse.h"

#include <stdio.h>
#include <stdlib.h>

enum { EVENTS = 2000, ROUNDS = 5 };

static const char *const conditions[] = {
	"temp gt 30 and site eq vie-7",
	"type eq order and [total gt 100 or customer.vip] and not express",
	"* eq joe@doe.com",
	"* contains joe@doe",
	"* icontains joe@doe",
	"**.email eq joe@doe.com",
	"tags.* in [a b c d e f]",
	"user.email startswith joe",
	"user.email matches \"joe[0-9]+@.*\"",
	"ip cidr 10.0.0.0/8",
	"id mod 10",
};

struct event {
	struct str text;
	struct value v;
};

static struct event events[EVENTS];
static size_t total;
static uint64_t sink; /* keeps the compiler from dropping work */

static uint32_t random_below(uint32_t n)
{
	static uint64_t seed = 88172645463325252U;

	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)((seed >> 32) * n >> 32);
}

static void make_events(struct buf *text)
{
	static const char *const types[] = {"order", "sensor", "audit"};
	size_t starts[EVENTS + 1];
	struct weir_error err;

	for (int i = 0; i < EVENTS; i++) {
		starts[i] = buf_len(text);
		buf_printf(text,
			   "{\"id\":%u,\"type\":\"%s\",\"site\":\"vie-%u\","
			   "\"temp\":%u.%u,\"total\":%u,\"customer\":{\"vip\":"
			   "%s,\"name\":\"customer %u\"},\"user\":{\"email\":"
			   "\"user%u@example.org\"},\"ip\":\"10.%u.0.1\","
			   "\"tags\":[\"x\",\"y\",\"z\"],\"text\":\"the gauge "
			   "of the river has reached its limit at %u\"}",
			   random_below(1000000), types[random_below(3)],
			   random_below(20), random_below(60), random_below(10),
			   random_below(500),
			   random_below(10) ? "false" : "true",
			   random_below(100000), random_below(100000),
			   random_below(256), random_below(1000));
	}
	starts[EVENTS] = buf_len(text);
	total = buf_len(text);
	for (int i = 0; i < EVENTS; i++) {
		events[i].text = str_from(buf_bytes(text) + starts[i],
					  starts[i + 1] - starts[i]);
		if (json_parse(events[i].text, &events[i].v, &err) < 0)
			abort();
	}
}

enum what { READ, READ_AND_ASK, ASK_TREE };

/* The best of some rounds, in ns a document. */
static double measure(enum what what, const struct cond *c,
		      struct json_leaves *l, double seconds)
{
	double best = 1e18;

	for (int round = 0; round < ROUNDS; round++) {
		int64_t begin = clock_cpu_ns();
		int64_t end = begin + (int64_t)(seconds * 1e9 / ROUNDS);
		uint64_t n = 0;
		int64_t now;

		do {
			for (int i = 0; i < EVENTS; i++) {
				if (what == ASK_TREE) {
					sink += cond_eval(c, events[i].v, NULL);
					continue;
				}
				json_leaves_read(l, events[i].text, NULL);
				sink += l->n;
				if (what == READ_AND_ASK)
					sink += cond_eval_leaves(c, l, NULL);
			}
			n += EVENTS;
			now = clock_cpu_ns();
		} while (now < end);
		if ((double)(now - begin) / (double)n < best)
			best = (double)(now - begin) / (double)n;
	}
	return best;
}

int main(int argc, char **argv)
{
	double seconds = argc > 1 ? atof(argv[1]) : 0.5;
	struct json_leaves l = {0};
	struct weir_error err;
	struct buf text = {0};
	double mb, read;

	make_events(&text);
	mb = (double)total / EVENTS * 1e3;
	read = measure(READ, NULL, &l, seconds);
	printf("cond read                                     %6.0f ns "
	       "%6.0f MB/s\n",
	       read, mb / read);
	for (size_t i = 0; i < ARRAY_LEN(conditions); i++) {
		struct cond *c;
		double both, tree;

		if (cond_parse(str_of(conditions[i]), NULL, &c, &err) < 0)
			abort();
		both = measure(READ_AND_ASK, c, &l, seconds);
		tree = measure(ASK_TREE, c, &l, seconds);
		printf("cond %-40.40s %6.0f ns %6.0f MB/s  tree %4.0f ns\n",
		       conditions[i], both - read, mb / both, tree);
		cond_unref(c);
	}
	for (int i = 0; i < EVENTS; i++)
		value_unref(events[i].v);
	json_leaves_fini(&l);
	buf_fini(&text);
	return sink == 42;
}
