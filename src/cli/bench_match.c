/* bench_match.c - `weir bench match`: how fast are events matched?
 *
 * Interests and events are lines of files. Interests are inserted one by one
 * from their text, as the server does; events are matched from their text to a
 * list of ids. One JSON object on standard output tells what came out.
 *
 * The machine is rarely ours alone, so two rates are told: the median of three
 * runs by the clock on the wall, and the best of them in CPU time.
 */
#include "base/clock.h"
#include "base/mem.h"
#include "cli/bench_match.h"
#include "cli/verbs.h"
#include "cond/index/index.h"
#include "json/leaves.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
	RUNS = 3,
	BATCHES = 8,	    /* between two looks at the clock */
	TIMED_MAX = 200000, /* events of which the time is taken one by one */
	WARM_DEFAULT = 2000,
	SLICE = 256, /* steps of one call of expiry */
	SPARE_PAGE = 2 << 20,
	SPARE_EVERY = 8192, /* interests */
};

/* A virtual machine gets its memory from the host when it is first touched, by
 * whomever, and may return what has been free for seconds: 7 ms for a large
 * page were seen, 0.2 ms for one that was in use just now. That is no work of
 * the index, so what it may need is in use before, and given back page by page
 * as the index grows. */
struct spare {
	char *next;
	char *end;
};

struct bench {
	struct bench_files files;
	double seconds;
	uint64_t batch;
	uint64_t warm;	/* events that the index has seen before */
	uint64_t churn; /* insertions, and removals, a second meanwhile */
	bool naive;

	struct spare spare;
	struct interest_index *ix;
	struct cond **conds; /* --naive: all of them */
	struct json_leaves leaves[INTEREST_BATCH_MAX];
	int64_t now_ms; /* of the index */
};

struct result {
	double per_s, per_cpu_s;
	uint64_t matches, candidates;
	double insert_s, insert_cpu_s, remove_s, remove_cpu_s, keep_s, expire_s;
	int64_t insert_longest_ns, remove_longest_ns, expire_longest_ns;
	int64_t p50, p99, p999;
	size_t rss, checked, wrong;
	uint64_t refused, removed, expired;
};

/* The longest of many calls: a pause for whoever waits meanwhile. Time in which
 * the machine was somebody else's does not count: a long one takes no more than
 * the CPU time since the last look at that clock. Not each call is followed by
 * one, since it takes as long as a call. */
struct longest {
	int64_t ns;
	int64_t last;	/* clock_ns when the last call ended */
	int64_t looked; /* clock_ns at the last look */
	int64_t cpu;	/* clock_cpu_ns at that */
};

enum { LOOK_NS = 20000 };

static void longest_begin(struct longest *l)
{
	*l = (struct longest){.cpu = clock_cpu_ns()};
	l->last = l->looked = clock_ns();
}

static void longest_call(struct longest *l)
{
	int64_t now = clock_ns();
	int64_t ns = now - l->last;

	if (ns > l->ns || now - l->looked > LOOK_NS) {
		int64_t cpu = clock_cpu_ns();

		l->ns = MAX(l->ns, MIN(ns, cpu - l->cpu));
		l->cpu = cpu;
		now = l->looked = clock_ns();
	}
	l->last = now;
}

static void usage(FILE *out)
{
	fprintf(out,
		"usage: weir bench match --interests FILE --events FILE "
		"[OPTION ..]\n"
		"\n"
		"  --interests FILE  lines of {\"id\": N, \"cond\": "
		"CONDITION}\n"
		"  --events FILE     lines of JSON\n"
		"  --expected FILE   lines of {\"event\": I, \"count\": N, "
		"\"sum\": N}\n"
		"                    of matching ids; exit status 1 if one "
		"differs\n"
		"  --seconds S       of each of three runs (1)\n"
		"  --batch N         events that are matched at once, 1 to 16 "
		"(16)\n"
		"  --warm N          events that the index has seen before "
		"the\n"
		"                    interests come (2000)\n"
		"  --churn N         insertions and removals a second "
		"meanwhile (0)\n"
		"  --threads 1       one is all there is\n"
		"  --naive           without an index: every condition, every "
		"event\n"
		"\n"
		"Exit status: 0 fine, 1 a wrong match or an unreadable file,\n"
		"2 wrong usage.\n");
}

/* --- memory ------------------------------------------------------------ */

static void spare_init(struct spare *s, size_t interests)
{
	size_t bytes = (interests / SPARE_EVERY + 1) * SPARE_PAGE;
	char *p = mmap(NULL, bytes + SPARE_PAGE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	*s = (struct spare){0};
	if (p == MAP_FAILED)
		return;
	s->next = p + (-(uintptr_t)p & (SPARE_PAGE - 1));
	s->end = s->next + bytes;
	madvise(s->next, bytes, MADV_HUGEPAGE);
	for (p = s->next; p < s->end; p += sysconf(_SC_PAGESIZE))
		*p = 1;
}

static void spare_give(struct spare *s, size_t bytes)
{
	bytes = MIN(bytes, (size_t)(s->end - s->next));
	if (bytes)
		munmap(s->next, bytes);
	s->next += bytes;
}

/* --- interests --------------------------------------------------------- */

static int parse(const struct wish *w, struct cond **out,
		 struct weir_error *err)
{
	if (value_type(w->cond) == VALUE_STRING)
		return cond_parse(value_str(w->cond), NULL, out, err);
	return cond_parse_value(w->cond, NULL, out, err);
}

/* From text, through the call that everybody uses. */
static int insert(struct bench *b, struct wish *w, struct weir_error *err)
{
	struct cond *c;
	int rc = parse(w, &c, err);

	if (rc < 0)
		return rc;
	rc = interest_index_insert(b->ix, c, b->now_ms + 3600 * 1000, w->number,
				   &w->id, NULL, err);
	cond_unref(c);
	return rc;
}

static int insert_all(struct bench *b, struct result *r)
{
	int64_t cpu = clock_cpu_ns();
	int64_t start = clock_ns();
	struct longest longest;
	struct weir_error err;

	longest_begin(&longest);
	for (size_t i = 0; i < b->files.wishes_n; i++) {
		if (i % SPARE_EVERY == 0)
			spare_give(&b->spare, SPARE_PAGE);
		int rc = b->naive ? parse(&b->files.wishes[i], &b->conds[i],
					  &err)
				  : insert(b, &b->files.wishes[i], &err);

		if (rc == WEIR_EBUSY)
			r->refused++;
		else if (rc < 0)
			return bench_complain(b->files.interests, i,
					      err.message);
		longest_call(&longest);
	}
	r->insert_longest_ns = longest.ns;
	r->insert_s = (double)b->files.wishes_n * 1e9 /
		      (double)(longest.last - start);
	r->insert_cpu_s = (double)b->files.wishes_n * 1e9 /
			  (double)(clock_cpu_ns() - cpu);
	return 0;
}

/* --- events ------------------------------------------------------------ */

static void match_naive(struct bench *b, struct str event, struct answer *out)
{
	struct weir_error err;

	*out = (struct answer){0};
	if (json_leaves_read(&b->leaves[0], event, &err) < 0)
		return;
	for (size_t i = 0; i < b->files.wishes_n; i++) {
		if (cond_eval_leaves(b->conds[i], &b->leaves[0], NULL)) {
			out->sum += b->files.wishes[i].number;
			out->count++;
		}
	}
}

/* Matches n lines from line at on, at most a batch; out has n. */
static void match(struct bench *b, size_t at, uint32_t n, struct answer *out)
{
	struct interest_event events[INTEREST_BATCH_MAX] = {0};
	struct weir_error err;

	for (uint32_t i = 0; i < n; i++) {
		if (b->naive) {
			match_naive(b, b->files.lines[at + i], &out[i]);
			continue;
		}
		json_leaves_read(&b->leaves[i], b->files.lines[at + i], &err);
		events[i].leaves = &b->leaves[i];
	}
	if (b->naive)
		return;
	interest_index_match(b->ix, events, n);
	for (uint32_t i = 0; i < n; i++) {
		out[i] = (struct answer){.count = events[i].n};
		for (size_t k = 0; k < events[i].n; k++)
			out[i].sum += events[i].matches[k].user;
	}
}

static void check(struct bench *b, struct result *r)
{
	struct answer found;

	for (size_t i = 0; i < b->files.answers_n; i++) {
		const struct answer *a = &b->files.answers[i];

		match(b, a->event, 1, &found);
		if (found.count != a->count || found.sum != a->sum) {
			fprintf(stderr,
				"weir bench: event %" PRIu64 ": %" PRIu64
				" matches, sum %" PRIu64 "; expected %" PRIu64
				", sum %" PRIu64 "\n",
				a->event, found.count, found.sum, a->count,
				a->sum);
			r->wrong++;
		}
		r->checked++;
	}
}

/* One pass over the file. */
static void count_matches(struct bench *b, struct result *r)
{
	struct interest_figures before = {0};
	struct interest_figures after = {0};
	size_t n =
		b->naive ? MIN(b->files.lines_n, (size_t)20) : b->files.lines_n;
	struct answer found;

	if (!b->naive)
		interest_index_figures(b->ix, &before);
	for (size_t i = 0; i < n; i++) {
		match(b, i, 1, &found);
		r->matches += found.count;
	}
	if (!b->naive)
		interest_index_figures(b->ix, &after);
	r->candidates = after.candidates - before.candidates;
}

/* As many removals and insertions as are due after so long. */
static uint64_t churn(struct bench *b, double seconds, uint64_t done)
{
	struct weir_error err;
	uint64_t due = (uint64_t)(seconds * (double)b->churn);

	for (; done < due; done++) {
		struct wish *w =
			&b->files.wishes[done * 7919 % b->files.wishes_n];

		if (w->id)
			interest_index_remove(b->ix, w->id);
		w->id = 0;
		insert(b, w, &err);
	}
	return done;
}

static void run(struct bench *b, double *wall_out, double *cpu_out)
{
	int64_t start = clock_ns();
	int64_t cpu = clock_cpu_ns();
	int64_t now = start;
	uint64_t events = 0;
	uint64_t churned = 0;
	struct answer found[INTEREST_BATCH_MAX];
	size_t at = 0;

	while ((double)(now - start) < b->seconds * 1e9) {
		for (int k = 0; k < BATCHES; k++) {
			uint32_t n =
				(uint32_t)MIN(b->batch, b->files.lines_n - at);

			match(b, at, n, found);
			at = at + n < b->files.lines_n ? at + n : 0;
			events += n;
		}
		now = clock_ns();
		if (b->churn)
			churned =
				churn(b, (double)(now - start) / 1e9, churned);
	}
	*wall_out = (double)events * 1e9 / (double)(now - start);
	*cpu_out = (double)events * 1e9 / (double)(clock_cpu_ns() - cpu);
}

static int by_size(const void *a, const void *b)
{
	const int64_t *x = a;
	const int64_t *y = b;

	return (*x > *y) - (*x < *y);
}

static void time_one_by_one(struct bench *b, struct result *r)
{
	size_t n = MIN(b->files.lines_n, (size_t)TIMED_MAX);
	int64_t *ns = mem_alloc(n * sizeof *ns);
	struct answer found;

	for (size_t i = 0; i < n; i++) {
		int64_t start = clock_ns();

		match(b, i, 1, &found);
		ns[i] = clock_ns() - start;
	}
	qsort(ns, n, sizeof *ns, by_size);
	r->p50 = ns[n / 2];
	r->p99 = ns[n * 99 / 100];
	r->p999 = ns[n * 999 / 1000];
	mem_free(ns);
}

static int by_rate(const void *a, const void *b)
{
	const double *x = a;
	const double *y = b;

	return (*x > *y) - (*x < *y);
}

static void match_all(struct bench *b, struct result *r)
{
	double wall[RUNS];
	double cpu[RUNS];

	check(b, r);
	count_matches(b, r);
	for (int i = 0; i < RUNS; i++)
		run(b, &wall[i], &cpu[i]);
	qsort(wall, RUNS, sizeof wall[0], by_rate);
	qsort(cpu, RUNS, sizeof cpu[0], by_rate);
	r->per_s = wall[RUNS / 2];
	r->per_cpu_s = cpu[RUNS - 1];
	if (!b->naive)
		time_one_by_one(b, r);
}

/* --- the end of interests ---------------------------------------------- */

static void count_ended(uint64_t id, uint64_t user, void *ctx)
{
	++*(uint64_t *)ctx;
}

/* Half of them, in another order than they came in. */
static void remove_half(struct bench *b, struct result *r)
{
	size_t n = b->files.wishes_n;
	int64_t cpu = clock_cpu_ns();
	int64_t start = clock_ns();
	struct longest longest;

	longest_begin(&longest);
	for (size_t i = 0; i < n / 2; i++) {
		/* An odd prime that does not divide n meets each once. */
		struct wish *w =
			&b->files.wishes[i * (n % 7368787 ? 7368787 : 1) % n];

		if (w->id && interest_index_remove(b->ix, w->id) == 0)
			r->removed++;
		w->id = 0;
		longest_call(&longest);
	}
	r->remove_longest_ns = longest.ns;
	r->remove_cpu_s =
		(double)r->removed * 1e9 / (double)(clock_cpu_ns() - cpu);
	r->remove_s = (double)r->removed * 1e9 / (double)(longest.last - start);
}

/* The rest is kept alive, then ends all at once. */
static void end_rest(struct bench *b, struct result *r)
{
	int64_t start = clock_ns();
	uint64_t kept = 0;
	struct longest longest;

	for (size_t i = 0; i < b->files.wishes_n; i++)
		kept += b->files.wishes[i].id &&
			interest_index_keep_alive(b->ix, b->files.wishes[i].id,
						  b->now_ms + 7200 * 1000) == 0;
	r->keep_s = (double)kept * 1e9 / (double)(clock_ns() - start);
	/* The hand of the wheel goes there first; this is not measured. */
	while (interest_index_expire(b->ix, b->now_ms + 7199 * 1000, SLICE,
				     count_ended, &r->expired))
		;
	start = clock_ns();
	longest_begin(&longest);
	while (interest_index_expire(b->ix, b->now_ms + 7201 * 1000, SLICE,
				     count_ended, &r->expired))
		longest_call(&longest);
	longest_call(&longest);
	r->expire_longest_ns = longest.ns;
	r->expire_s = (double)r->expired * 1e9 / (double)(longest.last - start);
}

/* --- all of it --------------------------------------------------------- */

/* Without files that are mapped, such as the program itself. */
static size_t resident_bytes(void)
{
	FILE *f = fopen("/proc/self/statm", "r");
	size_t pages = 0;
	size_t mapped = 0;

	if (!f)
		return 0;
	if (fscanf(f, "%*s %zu %zu", &pages, &mapped) != 2)
		pages = mapped = 0;
	fclose(f);
	return (pages - mapped) * (size_t)sysconf(_SC_PAGESIZE);
}

static void print(const struct bench *b, const struct result *r,
		  const struct interest_figures *f)
{
	double n = (double)b->files.wishes_n;
	double events = (double)(b->naive ? MIN(b->files.lines_n, (size_t)20)
					  : b->files.lines_n);

	printf("{\"events_per_s\": %.0f, \"events_per_cpu_s\": %.0f, "
	       "\"matches\": %" PRIu64 ", \"matches_per_event\": %.3f",
	       r->per_s, r->per_cpu_s, r->matches, (double)r->matches / events);
	if (b->naive) {
		printf(", \"ns_a_condition\": %.2f", 1e9 / r->per_cpu_s / n);
	} else {
		printf(", \"candidates_per_event\": %.2f, "
		       "\"linear_interests\": %" PRIu64
		       ", \"conditions\": %" PRIu64 ", \"keys\": %" PRIu64
		       ", \"refused\": %" PRIu64 ", ",
		       (double)r->candidates / events, f->linear, f->conditions,
		       f->keys, r->refused);
		printf("\"bytes_per_interest\": %.1f, "
		       "\"bytes_accounted\": %.1f, \"insert_per_s\": %.0f, "
		       "\"insert_per_cpu_s\": %.0f, \"remove_per_s\": %.0f, "
		       "\"remove_per_cpu_s\": %.0f, "
		       "\"keep_alive_per_s\": %.0f, "
		       "\"expire_per_s\": %.0f, ",
		       (double)r->rss / n, (double)f->bytes / n, r->insert_s,
		       r->insert_cpu_s, r->remove_s, r->remove_cpu_s, r->keep_s,
		       r->expire_s);
		printf("\"insert_longest_us\": %.0f, "
		       "\"remove_longest_us\": %.0f, "
		       "\"expire_longest_us\": %.0f, "
		       "\"longest_pause_us\": %.0f, \"p50_ns\": %" PRId64
		       ", \"p99_ns\": %" PRId64 ", \"p999_ns\": %" PRId64,
		       (double)r->insert_longest_ns / 1e3,
		       (double)r->remove_longest_ns / 1e3,
		       (double)r->expire_longest_ns / 1e3,
		       (double)MAX(MAX(r->insert_longest_ns,
				       r->remove_longest_ns),
				   r->expire_longest_ns) /
			       1e3,
		       r->p50, r->p99, r->p999);
	}
	printf(", \"checked\": %zu, \"wrong\": %zu}\n", r->checked, r->wrong);
}

static int measure(struct bench *b)
{
	struct result r = {0};
	struct interest_figures f = {0};
	struct answer found;
	size_t before;

	before = resident_bytes();
	spare_init(&b->spare, b->files.wishes_n);
	b->conds = b->naive ? mem_zalloc(b->files.wishes_n * sizeof *b->conds)
			    : NULL;
	b->ix = b->naive ? NULL : interest_index_create(NULL, b->now_ms);
	for (uint64_t i = 0; !b->naive && i < b->warm; i++)
		match(b, i % b->files.lines_n, 1, &found);
	if (insert_all(b, &r) < 0)
		return 1;
	spare_give(&b->spare, SIZE_MAX);
	r.rss = resident_bytes() - before;
	if (b->ix)
		interest_index_figures(b->ix, &f);
	match_all(b, &r);
	if (b->ix) {
		remove_half(b, &r);
		end_rest(b, &r);
	}
	print(b, &r, &f);
	return r.wrong || fflush(stdout) != 0;
}

static void fini(struct bench *b)
{
	for (size_t i = 0; b->conds && i < b->files.wishes_n; i++)
		cond_unref(b->conds[i]);
	interest_index_destroy(b->ix);
	for (int i = 0; i < INTEREST_BATCH_MAX; i++)
		json_leaves_fini(&b->leaves[i]);
	mem_free(b->conds);
	bench_files_fini(&b->files);
}

/* --- arguments --------------------------------------------------------- */

static bool read_number(const char *word, double *out)
{
	char *end;

	*out = strtod(word, &end);
	return *word && !*end && *out >= 0 && *out < 1e15;
}

static bool read_option(struct bench *b, const char *name, const char *word)
{
	double n = 0;

	if (!strcmp(name, "--interests"))
		b->files.interests = word;
	else if (!strcmp(name, "--events"))
		b->files.events = word;
	else if (!strcmp(name, "--expected"))
		b->files.expected = word;
	else if (!read_number(word, &n))
		return false;
	else if (!strcmp(name, "--seconds"))
		b->seconds = n;
	else if (!strcmp(name, "--batch"))
		b->batch = (uint64_t)MIN(MAX(n, 1), INTEREST_BATCH_MAX);
	else if (!strcmp(name, "--warm"))
		b->warm = (uint64_t)n;
	else if (!strcmp(name, "--churn"))
		b->churn = (uint64_t)n;
	else
		return !strcmp(name, "--threads") && n == 1;
	return true;
}

int verb_bench(int argc, char **argv)
{
	struct bench b = {.seconds = 1,
			  .batch = INTEREST_BATCH_MAX,
			  .warm = WARM_DEFAULT};
	int status = 0;

	if (argc > 1 && !strcmp(argv[argc - 1], "--help")) {
		usage(stdout);
		return 0;
	}
	if (argc < 2 || strcmp(argv[1], "match"))
		status = 2;
	for (int i = 2; i < argc && status == 0; i++) {
		if (!strcmp(argv[i], "--naive")) {
			b.naive = true;
		} else if (i + 1 == argc ||
			   !read_option(&b, argv[i], argv[i + 1])) {
			fprintf(stderr, "weir bench: what is '%s'?\n", argv[i]);
			status = 2;
		} else {
			i++;
		}
	}
	if (status || !b.files.interests || !b.files.events) {
		usage(stderr);
		return 2;
	}
	status = bench_files_read(&b.files) < 0 || measure(&b) != 0;
	fini(&b);
	return status;
}
