/* property_test.c - the index against evaluating every condition, at random.
 *
 * A run is a list of steps: interests come, go, are replaced, kept alive, end;
 * events are matched, and must meet exactly the interests that a plain list
 * says. The same steps are done with keys of which few bits count, so that
 * conditions that have nothing to do with each other share their postings.
 *
 * Of a run that fails steps are taken away, and conditions are replaced by
 * their parts, as long as it goes on failing; what is left is shown.
 */
#include "cond/index/index.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

enum {
	RUNS = 24,
	STEPS = 1200,
	LIVE_MAX = 400, /* interests at a time */
};

enum step_kind { INSERT, REMOVE, REPLACE, KEEP_ALIVE, PASS, MATCH };

struct step {
	enum step_kind kind;
	uint32_t which; /* of the live ones, by remainder */
	int64_t ms;
	char *text; /* ours */
};

/* --- chance ------------------------------------------------------------ */

static uint64_t seed;

static uint32_t chance(uint32_t below)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(seed >> 33) % below;
}

static const char *one_of(const char *const *words)
{
	uint32_t n = 0;

	while (words[n])
		n++;
	return words[chance(n)];
}

static const char *const scalars[] = {"0",
				      "1",
				      "2",
				      "3.5",
				      "-1",
				      "true",
				      "null",
				      "\"x\"",
				      "\"red\"",
				      "\"blue\"",
				      "\"1\"",
				      "\"\"",
				      "1e3",
				      "2.0",
				      "\"abcd\"",
				      "\"redblue\"",
				      "\"ablue\"",
				      "9007199254740993",
				      "18446744073709551615",
				      "\"joe@doe.com said so\"",
				      "\"RedBlue\"",
				      "\"ABCD: Joe@Doe.com\"",
				      "\"\xC3\x84rger, \xC8\xBA\xC8\xBA "
				      "\xE2\x84\xAA"
				      "elvin\"",
				      "\"ann and joe@doe.com\"",
				      "1000",
				      "7",
				      "12",
				      NULL};

static const char *const keys[] = {"a", "b", "c", "tags", "0", "red", NULL};

static void put_document(struct buf *out, int depth)
{
	uint32_t n = chance(4);
	uint32_t kind = depth ? chance(10) : 6;

	if (depth > 3 || kind < 6) {
		buf_append_cstr(out, one_of(scalars));
		return;
	}
	buf_append_char(out, kind < 8 ? '{' : '[');
	for (uint32_t i = 0; i < n + !depth; i++) {
		if (i)
			buf_append_char(out, ',');
		if (kind < 8)
			buf_printf(out, "\"%s\":", one_of(keys));
		put_document(out, depth + 1);
	}
	buf_append_char(out, kind < 8 ? '}' : ']');
}

static void put_atom(struct buf *out)
{
	static const char *const places[] = {
		"a",	"b",   "c",    "tags",	  "a.b",    "a.0",   "tags.0",
		"b.c",	"*",   "**.a", "**.tags", "**.b.c", "a.*.b", "@source",
		"@job", "red", "a",    "b",	  "c",	    "*",     NULL};
	static const char *const words[] = {"0",
					    "1",
					    "2",
					    "3.5",
					    "-1",
					    "true",
					    "None",
					    "x",
					    "red",
					    "blue",
					    "\"1\"",
					    "\"\"",
					    "1000",
					    "2",
					    "abcd",
					    "redblue",
					    "lue",
					    "edbl",
					    "joe@doe.com",
					    "\"joe@doe.com said\"",
					    "JOE@",
					    "EDBLU",
					    "abcd",
					    "\xC3\xA4rg",
					    "\xC8\xBA",
					    "kelVin",
					    "9007199254740993",
					    "9007199254740992",
					    "7",
					    "12",
					    "s1",
					    "re",
					    "oe@",
					    NULL};
	static const char *const ops[] = {"eq",
					  "eq",
					  "eq",
					  "ne",
					  "gt",
					  "ge",
					  "lt",
					  "le",
					  "contains",
					  "contains",
					  "startswith",
					  "endswith",
					  "icontains",
					  "icontains",
					  "icontains",
					  "ieq",
					  "istartswith",
					  "iendswith",
					  "mod",
					  "rev gt",
					  "rev contains",
					  "rev icontains",
					  NULL};
	static const char *const patterns[] = {
		"(red|a.*)b.*",
		".*blue",
		".*(joe|ann)@doe[.]com.*",
		"[aA][bB]c.*",
		"(red|blue|abcd)+",
		"[^b]*(lue)?",
		"(ab)?(red){1,2}(blue)*",
		".*oe@doe.*( so|ann)?",
		"(.|e)*dblu(e|x+)",
		".*\\p{Lu}e.*[.]com",
		".*(a|b|c|d|e|f)[.](com|org) said.*",
		NULL};
	const char *place = one_of(places);

	switch (chance(12)) {
	case 0:
		buf_append_cstr(out, place);
		return;
	case 1:
		buf_printf(out, "%s exists", place);
		return;
	case 2:
		buf_printf(out, "%s between [%u %u]", place, chance(4),
			   chance(8));
		return;
	case 3:
		buf_printf(out, "%s in [%s %s]", place, one_of(words),
			   one_of(words));
		return;
	case 4:
		buf_printf(out, "%s ge %u and %s lt %u", place, chance(6),
			   place, chance(12));
		return;
	case 5:
		buf_printf(out, "%s matches \"%s\"", place, one_of(patterns));
		return;
	default:
		buf_printf(out, "%s %s %s", place, one_of(ops), one_of(words));
	}
}

static void put_cond(struct buf *out, int depth)
{
	static const char *const joints[] = {"and", "and", "and", "or",
					     "or",  "xor", NULL};
	const char *joint = one_of(joints);
	uint32_t n = 2 + chance(3);
	bool negated;

	if (depth > 2 || chance(10) < 4) {
		put_atom(out);
		return;
	}
	for (uint32_t i = 0; i < n; i++) {
		if (i)
			buf_printf(out, " %s ", joint);
		negated = !chance(5);
		buf_append_cstr(out, negated ? "[not [" : "[");
		put_cond(out, depth + 1);
		buf_append_cstr(out, negated ? "]]" : "]");
	}
}

static struct step random_step(void)
{
	static const uint8_t kinds[] = {INSERT, INSERT,	 INSERT,     INSERT,
					REMOVE, REPLACE, KEEP_ALIVE, PASS,
					MATCH,	MATCH,	 MATCH};
	struct step s = {.kind = kinds[chance(sizeof kinds)]};
	struct buf text = {0};

	s.which = chance(1u << 30);
	s.ms = s.kind == PASS ? chance(40) : 1 + chance(20) * chance(400);
	if (s.kind == PASS && !chance(20))
		s.ms = chance(3000);
	if (s.kind == MATCH)
		put_document(&text, 0);
	else
		put_cond(&text, 0);
	s.text = buf_take_cstr(&text);
	return s;
}

/* --- the plain list ---------------------------------------------------- */

struct live {
	struct cond *cond;
	uint64_t id;
	uint64_t user;
	int64_t deadline_ms;
	bool seen;
};

struct world {
	struct interest_index *ix;
	struct live live[LIVE_MAX];
	uint32_t n;
	int64_t now_ms;
	uint64_t users;
	struct json_leaves leaves[INTEREST_BATCH_MAX]; /* the last events */
	uint32_t events;
	uint64_t pairs;
	char why[256];
};

static const struct cond_meta metas[] = {
	{.source = {"s1", 2}, .job = {"red", 3}},
	{.source = {"x", 1}, .job = {"12", 2}},
};

static struct cond *parse(const char *text)
{
	struct weir_error err;
	struct cond *c;

	if (cond_parse(str_of(text), NULL, &c, &err) < 0)
		fail_msg("%s: %s", text, err.message);
	return c;
}

static void forget(struct world *w, uint32_t i)
{
	cond_unref(w->live[i].cond);
	w->live[i] = w->live[--w->n];
}

static bool wrong(struct world *w, const char *why, uint64_t id)
{
	snprintf(w->why, sizeof w->why, "%s (interest %llu)", why,
		 (unsigned long long)id);
	return false;
}

static void on_ended(uint64_t id, uint64_t user, void *ctx)
{
	struct world *w = ctx;

	for (uint32_t i = 0; i < w->n; i++) {
		if (w->live[i].id != id)
			continue;
		if (w->live[i].user != user ||
		    w->live[i].deadline_ms > w->now_ms)
			wrong(w, "ended too early", id);
		forget(w, i);
		return;
	}
	wrong(w, "ended, but was not there", id);
}

/* Ends to 10 ms, so both sides count in them. */
static int64_t rounded(int64_t ms)
{
	return (ms + 9) / 10 * 10;
}

static bool expire(struct world *w, int64_t ms)
{
	w->now_ms += ms;
	/* A part of the work now, so that some is left while events come. */
	interest_index_expire(w->ix, w->now_ms, chance(50), on_ended, w);
	return !w->why[0];
}

static bool is_over(const struct world *w, const struct live *l)
{
	return l->deadline_ms <= w->now_ms / 10 * 10;
}

/* Does one event of a batch meet those that it should? */
static bool check(struct world *w, const struct interest_event *e)
{
	for (uint32_t i = 0; i < w->n; i++)
		w->live[i].seen = false;
	for (size_t k = 0; k < e->n; k++) {
		const struct interest_match *found = &e->matches[k];
		uint32_t i = 0;

		while (i < w->n && w->live[i].id != found->id)
			i++;
		if (i == w->n || w->live[i].seen ||
		    w->live[i].user != found->user)
			return wrong(w, "matched, and is not there", found->id);
		w->live[i].seen = true;
	}
	for (uint32_t i = 0; i < w->n; i++) {
		bool should =
			!is_over(w, &w->live[i]) &&
			cond_eval_leaves(w->live[i].cond, e->leaves, e->meta);

		if (should != w->live[i].seen)
			return wrong(w,
				     should ? "should match"
					    : "should not match",
				     w->live[i].id);
	}
	w->pairs += w->n;
	return true;
}

/* The event, and some before it once more. */
static bool match(struct world *w, const struct step *s)
{
	struct interest_event events[INTEREST_BATCH_MAX] = {0};
	uint32_t n = MIN(1 + s->which % 4, w->events + 1);
	uint32_t last = w->events++;

	assert_int_equal(json_leaves_read(&w->leaves[last % INTEREST_BATCH_MAX],
					  str_of(s->text), NULL),
			 0);
	for (uint32_t i = 0; i < n; i++) {
		uint32_t kind = (s->which + i) % 3;

		events[i].leaves = &w->leaves[(last - i) % INTEREST_BATCH_MAX];
		events[i].meta = kind < 2 ? &metas[kind] : NULL;
	}
	interest_index_match(w->ix, events, n);
	for (uint32_t i = 0; i < n; i++)
		if (!check(w, &events[i]))
			return false;
	return true;
}

static bool insert(struct world *w, const struct step *s)
{
	struct live *l = &w->live[w->n];

	if (w->n == LIVE_MAX)
		return true;
	l->cond = parse(s->text);
	l->user = ++w->users;
	l->deadline_ms = rounded(w->now_ms + s->ms);
	if (s->which % 16 == 0)
		l->deadline_ms = INTEREST_NO_END;
	if (interest_index_insert(w->ix, l->cond, l->deadline_ms, l->user,
				  &l->id, NULL, NULL) < 0) {
		cond_unref(l->cond);
		return true;
	}
	w->n++;
	return true;
}

/* Interests that are over, but have not been taken out, are not found. */
static bool change(struct world *w, const struct step *s)
{
	struct live *l;
	struct cond *c = NULL;
	int rc;

	if (!w->n)
		return true;
	l = &w->live[s->which % w->n];
	switch (s->kind) {
	case REMOVE:
		rc = interest_index_remove(w->ix, l->id);
		break;
	case KEEP_ALIVE:
		rc = interest_index_keep_alive(w->ix, l->id,
					       rounded(w->now_ms + s->ms));
		break;
	default:
		c = parse(s->text);
		rc = interest_index_replace(w->ix, l->id, c, NULL, NULL);
	}
	if (rc == WEIR_EDENIED) {
		cond_unref(c);
		return true;
	}
	if ((rc == 0) == is_over(w, l))
		return wrong(w, rc ? "was not found" : "should have ended",
			     l->id);
	if (rc == 0 && s->kind == REMOVE)
		forget(w, s->which % w->n);
	else if (rc == 0 && s->kind == KEEP_ALIVE)
		l->deadline_ms = rounded(w->now_ms + s->ms);
	if (rc == 0 && c) {
		cond_unref(l->cond);
		l->cond = c;
	} else {
		cond_unref(c);
	}
	return true;
}

static bool take(struct world *w, const struct step *s)
{
	switch (s->kind) {
	case INSERT:
		return insert(w, s);
	case PASS:
		return expire(w, s->ms);
	case MATCH:
		return match(w, s);
	default:
		return change(w, s);
	}
}

/* Ends everything: nothing may be left of it. */
static bool wind_up(struct world *w)
{
	struct interest_figures f;

	w->now_ms += 20000;
	while (interest_index_expire(w->ix, w->now_ms, 1000000, on_ended, w))
		;
	while (w->n) {
		if (interest_index_remove(w->ix, w->live[0].id) < 0)
			return wrong(w, "was lost", w->live[0].id);
		forget(w, 0);
	}
	interest_index_figures(w->ix, &f);
	if (f.interests || f.conditions || f.keys || f.linear)
		return wrong(w, "something is left at the end", f.keys);
	return !w->why[0];
}

/* Returns whether all went well. */
static bool run(const struct step *steps, size_t n, uint64_t mask,
		struct world *w)
{
	const struct interest_limits limits = {.linear_max = 60};
	uint64_t before = seed;
	bool fine = true;

	memset(w, 0, sizeof *w);
	w->ix = interest_index_create(&limits, 0);
	interest_index_weaken(w->ix, mask);
	seed = n;
	for (size_t i = 0; i < n && fine; i++)
		fine = take(w, &steps[i]);
	if (fine)
		fine = wind_up(w);
	while (w->n)
		forget(w, 0);
	interest_index_destroy(w->ix);
	for (int i = 0; i < INTEREST_BATCH_MAX; i++)
		json_leaves_fini(&w->leaves[i]);
	seed = before;
	return fine;
}

/* --- what is left of a failure ----------------------------------------- */

/* Takes away runs of steps, long ones first. */
static size_t fewer(struct step *steps, size_t n, uint64_t mask,
		    struct world *w)
{
	struct step *some = mem_alloc(n * sizeof *some);

	for (size_t len = n / 2; len; len /= 2) {
		for (size_t at = 0; at + len <= n;) {
			memcpy(some, steps, at * sizeof *some);
			memcpy(some + at, steps + at + len,
			       (n - at - len) * sizeof *some);
			if (run(some, n - len, mask, w)) {
				at += len;
				continue;
			}
			n -= len;
			memcpy(steps, some, n * sizeof *some);
		}
	}
	mem_free(some);
	return n;
}

/* The part of a condition in the bracket that opens at i. */
static char *part_of(const char *text, size_t i)
{
	int depth = 0;
	size_t end = i;

	do {
		depth += text[end] == '[';
		depth -= text[end] == ']';
		end++;
	} while (depth && text[end]);
	return mem_strndup(text + i + 1, end - i - 2);
}

/* Puts parts of conditions in their places. */
static void smaller(struct step *steps, size_t n, uint64_t mask,
		    struct world *w)
{
	struct cond *c;

	for (size_t k = 0; k < n; k++) {
		char *text = steps[k].text;

		for (size_t i = 0; steps[k].kind != MATCH && text[i]; i++) {
			char *part;

			if (text[i] != '[')
				continue;
			part = part_of(text, i);
			steps[k].text = part;
			if (cond_parse(str_of(part), NULL, &c, NULL) == 0) {
				cond_unref(c);
				if (!run(steps, n, mask, w)) {
					text = part;
					i = (size_t)-1;
					continue;
				}
			}
			steps[k].text = text;
			mem_free(part);
		}
	}
}

static void show(struct step *steps, size_t n, uint64_t mask)
{
	static const char *const names[] = {"insert",	  "remove", "replace",
					    "keep alive", "pass",   "match"};
	struct world *w = mem_alloc(sizeof *w);

	n = fewer(steps, n, mask, w);
	smaller(steps, n, mask, w);
	n = fewer(steps, n, mask, w);
	run(steps, n, mask, w);
	for (size_t i = 0; i < n; i++)
		print_error("%-10s %10u %5d ms  %s\n", names[steps[i].kind],
			    steps[i].which, (int)steps[i].ms, steps[i].text);
	fail_msg("%s, keys masked by %llx", w->why, (unsigned long long)mask);
}

/* --- the tests --------------------------------------------------------- */

static void agree(uint64_t first_seed, uint64_t mask, int runs)
{
	struct step *steps = mem_alloc(STEPS * sizeof *steps);
	char *texts[STEPS];
	struct world *w = mem_alloc(sizeof *w);
	uint64_t pairs = 0;

	for (int r = 0; r < runs; r++) {
		seed = first_seed + (uint64_t)r;
		for (int i = 0; i < STEPS; i++) {
			steps[i] = random_step();
			texts[i] = steps[i].text;
		}
		if (!run(steps, STEPS, mask, w))
			show(steps, STEPS, mask);
		pairs += w->pairs;
		for (int i = 0; i < STEPS; i++)
			mem_free(texts[i]);
	}
	print_message("%llu pairs\n", (unsigned long long)pairs);
	mem_free(steps);
	mem_free(w);
}

static void index_agrees_with_a_plain_list(void **state)
{
	agree(1, UINT64_MAX, RUNS);
}

static void index_agrees_when_all_keys_collide(void **state)
{
	agree(1000, 0, RUNS / 6);
}

static void index_agrees_when_places_collide(void **state)
{
	agree(2000, (uint64_t)7 << 50, RUNS / 6);
}

static void index_agrees_when_filters_collide(void **state)
{
	agree(3000, 31, RUNS / 6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(index_agrees_with_a_plain_list),
		cmocka_unit_test(index_agrees_when_all_keys_collide),
		cmocka_unit_test(index_agrees_when_places_collide),
		cmocka_unit_test(index_agrees_when_filters_collide),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
