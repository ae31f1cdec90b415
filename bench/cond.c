/* cond.c - what does a condition cost, beside reading the document?
 *
 *     bench_cond [SECONDS A CASE]
 *
 * One line a condition: ns a document for asking a flat document, and for
 * asking a tree; on top what it takes to read a document into a flat one. The
 * documents are events of 260 bytes, made here. Time is that of this process,
 * the best round counts.
 */
#include "base/clock.h"
#include "base/mem.h"
#include "cond/cond.h"
#include "json/leaves.h"
#include "json/parse.h"

#include <stdio.h>
#include <stdlib.h>

enum { EVENTS = 200, ROUNDS = 9 };

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
	struct json_leaves leaves;
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
		if (json_parse(events[i].text, &events[i].v, &err) < 0 ||
		    json_leaves_read(&events[i].leaves, events[i].text, &err) <
			    0)
			abort();
	}
}

enum what { READ, ASK_LEAVES, ASK_TREE };

static void once(enum what what, const struct cond *c, struct json_leaves *l)
{
	for (struct event *e = events; e < events + EVENTS; e++) {
		switch (what) {
		case READ:
			json_leaves_read(l, e->text, NULL);
			sink += l->n;
			break;
		case ASK_LEAVES:
			sink += cond_eval_leaves(c, &e->leaves, NULL);
			break;
		case ASK_TREE:
			sink += cond_eval(c, e->v, NULL);
			break;
		}
	}
}

/* The best of some rounds, in ns a document. */
static double measure(enum what what, const struct cond *c, double seconds)
{
	struct json_leaves l = {0};
	double best = 1e18;

	for (int round = 0; round < ROUNDS; round++) {
		int64_t begin = clock_cpu_ns();
		int64_t end = begin + (int64_t)(seconds * 1e9 / ROUNDS);
		uint64_t n = 0;
		int64_t now;

		do {
			for (int i = 0; i < 50; i++)
				once(what, c, &l);
			n += 50 * EVENTS;
			now = clock_cpu_ns();
		} while (now < end);
		if ((double)(now - begin) / (double)n < best)
			best = (double)(now - begin) / (double)n;
	}
	json_leaves_fini(&l);
	return best;
}

int main(int argc, char **argv)
{
	double seconds = argc > 1 ? atof(argv[1]) : 0.3;
	struct weir_error err;
	struct buf text = {0};
	double read;

	make_events(&text);
	read = measure(READ, NULL, seconds);
	printf("cond read a document into leaves                "
	       "%6.1f ns, %.0f MB/s\n",
	       read, (double)total / EVENTS * 1e3 / read);
	for (size_t i = 0; i < ARRAY_LEN(conditions); i++) {
		struct cond *c;

		if (cond_parse(str_of(conditions[i]), NULL, &c, &err) < 0)
			abort();
		printf("cond %-42.42s %6.1f ns, tree %6.1f ns\n", conditions[i],
		       measure(ASK_LEAVES, c, seconds),
		       measure(ASK_TREE, c, seconds));
		cond_unref(c);
	}
	for (int i = 0; i < EVENTS; i++) {
		value_unref(events[i].v);
		json_leaves_fini(&events[i].leaves);
	}
	buf_fini(&text);
	return sink == 42;
}
