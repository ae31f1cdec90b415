/* json.c - how fast is JSON read and written, on one core?
 *
 *     bench_json [SECONDS A CASE [READER]]      such as: bench_json 2 leaves
 *
 * One line a case: what, over which documents, ns a document, MB/s. The
 * documents are made here from a fixed seed; there are thousands of different
 * small ones, since the same one again and again teaches the branch predictor
 * by heart. A case is run several times, the best run counts (time is that of
 * this process, so others on the machine disturb caches only).
 *
 * simdjson, where it is installed, is the yardstick: its DOM parser, with and
 * without a visit to every leaf. It hands out no hashes and no paths.
 */
#include "base/clock.h"
#include "base/mem.h"
#include "json/leaves.h"
#include "json/parse.h"
#include "json/write.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if WEIR_BENCH_SIMDJSON
/* json_simdjson.cpp; each returns the number of leaves, or 0 for an error. */
void *yardstick_create(void);
size_t yardstick_parse(void *parser, const char *text, size_t len);
size_t yardstick_leaves(void *parser, const char *text, size_t len);
void yardstick_destroy(void *parser);
#endif

enum { ROUNDS = 7, PAD = 64 };

static uint64_t seed = 88172645463325252U;
static uint64_t sink; /* keeps the compiler from dropping work */

static uint32_t random_below(uint32_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)((seed >> 32) * n >> 32);
}

/* --- documents --------------------------------------------------------- */

struct corpus {
	const char *name;
	struct buf bytes; /* all documents, each with PAD bytes behind it */
	size_t *starts;
	size_t *lens;
	size_t n;
	size_t total; /* bytes of documents */
};

static const char *const words[] = {"river",	"gauge",   "the",     "of",
				    "overflow", "sensor",  "north",   "a",
				    "is",	"limit",   "valve",   "reached",
				    "by",	"morning", "warning", "pump",
				    "station",	"lowered", "again",   "in"};

static void put_text(struct buf *b, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		buf_printf(b, "%s%s", i ? " " : "",
			   words[random_below(ARRAY_LEN(words))]);
}

/* About 300 bytes, 13 leaves: what a sensor or a shop sends. */
static void put_event(struct buf *b)
{
	static const char *const kinds[] = {"order", "reading", "alarm",
					    "login"};

	buf_printf(b,
		   "{\"id\":\"ev-%08u\",\"type\":\"%s\",\"status\":\"%s\","
		   "\"site\":\"site-%u\",\"dev\":{\"id\":\"dev-%u\","
		   "\"fw\":\"2.%u\"},\"user\":{\"id\":%u,"
		   "\"mail\":\"user%u@example.com\"},\"temp\":%d.%02u,"
		   "\"price\":%u.%02u,\"ref\":%u,\"tags\":[\"t%u\",\"t%u\"],"
		   "\"msg\":\"",
		   random_below(100000000), kinds[random_below(4)],
		   random_below(3) ? "open" : "closed", random_below(500),
		   random_below(100000), random_below(30),
		   random_below(1000000), random_below(1000000),
		   (int)random_below(80) - 20, random_below(100),
		   random_below(1000), random_below(100),
		   random_below(100000000), random_below(300),
		   random_below(300));
	put_text(b, 9);
	buf_append_cstr(b, "\"}");
}

/* About 2 KB, 5 levels: an order with its lines. */
static void put_order(struct buf *b)
{
	buf_printf(b,
		   "{\"order\":{\"number\":%u,\"placed\":"
		   "\"2026-11-%02uT%02u:%02u:00.000Z\",\"customer\":{"
		   "\"id\":%u,\"name\":\"",
		   random_below(1000000), 1 + random_below(28),
		   random_below(24), random_below(60), random_below(1000000));
	put_text(b, 2);
	buf_printf(b,
		   "\",\"mail\":\"user%u@example.com\",\"address\":{"
		   "\"street\":\"Hauptstra\xC3\x9F"
		   "e %u\",\"zip\":\"%05u\",\"geo\":{\"lat\":%u.%06u,"
		   "\"lon\":%u.%06u}}},\"vip\":%s,\"coupon\":null},"
		   "\"lines\":[",
		   random_below(1000000), random_below(200),
		   random_below(99999), random_below(90), random_below(1000000),
		   random_below(180), random_below(1000000),
		   random_below(2) ? "true" : "false");
	for (uint32_t i = 0; i < 9; i++) {
		buf_printf(b,
			   "%s{\"sku\":\"A-%06u\",\"qty\":%u,\"price\":{"
			   "\"net\":%u.%02u,\"currency\":\"EUR\"},"
			   "\"gift\":false,\"options\":[%u,%u],\"note\":\"",
			   i ? "," : "", random_below(1000000),
			   1 + random_below(9), random_below(1000),
			   random_below(100), random_below(50),
			   random_below(50));
		put_text(b, random_below(8));
		buf_append_cstr(b, random_below(8) ? "\"}" : "\\n\"}");
	}
	buf_append_cstr(b, "]}");
}

/* About 300 bytes that resemble none before: members of any name and kind. */
static void put_odd(struct buf *b)
{
	buf_append_cstr(b, "{\"id\":0");
	for (int i = 0; i < 14; i++) {
		buf_printf(b,
			   ",\"%s%u\":", words[random_below(ARRAY_LEN(words))],
			   random_below(1U << random_below(12)));
		switch (random_below(4)) {
		case 0:
			buf_printf(b, "%u", random_below(1000000));
			break;
		case 1:
			buf_printf(b, "{\"%s\":true}",
				   words[random_below(ARRAY_LEN(words))]);
			break;
		default:
			buf_append_char(b, '"');
			put_text(b, random_below(4));
			buf_append_char(b, '"');
		}
	}
	buf_append_char(b, '}');
}

static void put_array(struct buf *b)
{
	buf_append_char(b, '[');
	for (int i = 0; i < 330; i++) {
		if (i)
			buf_append_char(b, ',');
		put_event(b);
	}
	buf_append_char(b, ']');
}

static void put_numbers(struct buf *b)
{
	buf_append_char(b, '[');
	for (int i = 0; i < 2000; i++)
		buf_printf(b, "%s%u.%09u", i ? "," : "", random_below(1000),
			   random_below(1000000000));
	buf_append_char(b, ']');
}

static void make(struct corpus *c, const char *name, size_t n,
		 void (*put)(struct buf *b))
{
	*c = (struct corpus){.name = name, .n = n};
	c->starts = mem_alloc(n * sizeof *c->starts);
	c->lens = mem_alloc(n * sizeof *c->lens);
	for (size_t i = 0; i < n; i++) {
		c->starts[i] = buf_len(&c->bytes);
		put(&c->bytes);
		c->lens[i] = buf_len(&c->bytes) - c->starts[i];
		c->total += c->lens[i];
		memset(buf_reserve(&c->bytes, PAD), ' ', PAD);
		buf_commit(&c->bytes, PAD);
	}
}

/* The same documents with indents. */
static void make_pretty(struct corpus *c, const char *name,
			const struct corpus *from)
{
	*c = (struct corpus){.name = name, .n = from->n};
	c->starts = mem_alloc(c->n * sizeof *c->starts);
	c->lens = mem_alloc(c->n * sizeof *c->lens);
	for (size_t i = 0; i < c->n; i++) {
		struct value v;

		json_parse(str_from(buf_bytes(&from->bytes) + from->starts[i],
				    from->lens[i]),
			   &v, NULL);
		c->starts[i] = buf_len(&c->bytes);
		json_write_pretty(v, &c->bytes);
		value_unref(v);
		c->lens[i] = buf_len(&c->bytes) - c->starts[i];
		c->total += c->lens[i];
		memset(buf_reserve(&c->bytes, PAD), ' ', PAD);
		buf_commit(&c->bytes, PAD);
	}
}

static void drop(struct corpus *c)
{
	buf_fini(&c->bytes);
	mem_free(c->starts);
	mem_free(c->lens);
}

/* --- cases ------------------------------------------------------------- */

static const char *only; /* the reader to measure; NULL: all */
static struct json_leaves leaves;
static struct value *parsed;
static struct buf written;
static void *yardstick;

static void run_leaves(const struct corpus *c, size_t i)
{
	struct str text =
		str_from(buf_bytes(&c->bytes) + c->starts[i], c->lens[i]);
	struct weir_error err;

	if (json_leaves_read(&leaves, text, &err) < 0) {
		fprintf(stderr, "bench_json: %s\n", err.message);
		exit(1);
	}
	sink += leaves.at[leaves.n - 1].hash;
}

static void run_parse(const struct corpus *c, size_t i)
{
	struct value v;

	if (json_parse(str_from(buf_bytes(&c->bytes) + c->starts[i],
				c->lens[i]),
		       &v, NULL) < 0)
		exit(1);
	sink += value_len(v);
	value_unref(v);
}

static void run_write(const struct corpus *c, size_t i)
{
	buf_clear(&written);
	json_write(parsed[i], &written);
	sink += buf_len(&written);
}

#if WEIR_BENCH_SIMDJSON
static void run_yardstick_parse(const struct corpus *c, size_t i)
{
	if (!yardstick_parse(yardstick, buf_bytes(&c->bytes) + c->starts[i],
			     c->lens[i]))
		exit(1);
}

static void run_yardstick_leaves(const struct corpus *c, size_t i)
{
	size_t n =
		yardstick_leaves(yardstick, buf_bytes(&c->bytes) + c->starts[i],
				 c->lens[i]);

	if (!n)
		exit(1);
	sink += n;
}
#endif

struct race {
	const char *name;
	void (*run)(const struct corpus *c, size_t i);
	double best_ns; /* a document */
};

/* All cases take turns, so that a busy moment of the machine hits all. */
static void race(const struct corpus *c, struct race *cases, size_t n,
		 double seconds)
{
	double slice = seconds * 1e9 / ROUNDS;

	for (int round = 0; round < ROUNDS; round++) {
		for (size_t k = 0; k < n; k++) {
			if (only && strcmp(only, cases[k].name))
				continue;

			int64_t began = clock_cpu_ns();
			int64_t now = began;
			size_t docs = 0;

			while ((double)(now - began) < slice || docs == 0) {
				for (size_t i = 0; i < c->n; i++)
					cases[k].run(c, i);
				docs += c->n;
				now = clock_cpu_ns();
			}

			double ns = (double)(now - began) / (double)docs;

			if (round == 0 || ns < cases[k].best_ns)
				cases[k].best_ns = ns;
		}
	}
	for (size_t k = 0; k < n; k++)
		if (cases[k].best_ns > 0)
			printf("%-26s %-20s %10.0f ns/doc %7.0f MB/s\n",
			       cases[k].name, c->name, cases[k].best_ns,
			       (double)c->total / (double)c->n /
				       cases[k].best_ns * 1e3);
}

static void measure(struct corpus *c, double seconds)
{
	struct race cases[] = {
		{"leaves", run_leaves, 0},
		{"parse", run_parse, 0},
		{"write", run_write, 0},
#if WEIR_BENCH_SIMDJSON
		{"simdjson DOM", run_yardstick_parse, 0},
		{"simdjson DOM, all leaves", run_yardstick_leaves, 0},
#endif
	};

	parsed = mem_alloc(c->n * sizeof *parsed);
	for (size_t i = 0; i < c->n; i++)
		json_parse(str_from(buf_bytes(&c->bytes) + c->starts[i],
				    c->lens[i]),
			   &parsed[i], NULL);
	race(c, cases, ARRAY_LEN(cases), seconds);
	for (size_t i = 0; i < c->n; i++)
		value_unref(parsed[i]);
	mem_free(parsed);
	drop(c);
}

int main(int argc, char **argv)
{
	double seconds = argc > 1 ? atof(argv[1]) : 1;
	struct corpus c;
	struct corpus pretty;

	only = argc > 2 ? argv[2] : NULL;
	hash_init();
#if WEIR_BENCH_SIMDJSON
	yardstick = yardstick_create();
#endif
	make(&c, "event, 300 B", 4000, put_event);
	measure(&c, seconds);
	make(&c, "odd, 300 B", 4000, put_odd);
	measure(&c, seconds);
	make(&c, "order, 2 KB", 600, put_order);
	make_pretty(&pretty, "order, indented", &c);
	measure(&c, seconds);
	measure(&pretty, seconds);
	make(&c, "array, 100 KB", 10, put_array);
	measure(&c, seconds);
	make(&c, "numbers, 26 KB", 20, put_numbers);
	measure(&c, seconds);
#if WEIR_BENCH_SIMDJSON
	yardstick_destroy(yardstick);
#endif
	json_leaves_fini(&leaves);
	buf_fini(&written);
	return sink == 1; /* never; but the compiler cannot know */
}
