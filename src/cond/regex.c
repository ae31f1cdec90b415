/* regex.c - runs a regular expression over a text.
 *
 *     text        a         b         b
 *     places   {0} -> {2,3,5} -> {2,3,5} -> {2,3,5}    numbers of instructions
 *     state     0  ->    1    ->    1    ->    1
 *
 * The machine is in a set of places of the program at once, so each character
 * is looked at once. A set that was met gets a number, a state, and where it
 * leads by which class of characters is remembered: then a character costs two
 * loads. There is room for few states. When it is full, all are forgotten
 * and learned again, which happens at most once for as many characters; so the
 * worst text costs its length times the program's, and no more memory.
 *
 * Classes are those characters that no instruction tells apart. Of the first
 * 128 each has its class in a table. The others fall into intervals between
 * the bounds of all sets; with categories, an interval times 30.
 */
#include "cond/regex.h"

#include "base/hash.h"
#include "base/mem.h"
#include "cond/regex_program.h"
#include "cond/unicode.h"

#include <stdlib.h>
#include <string.h>

enum {
	TABLE_BYTES = 8192, /* about; of what is remembered */
	STATES_LEAST = 8,
	STATES_MOST = 128,
	CLASSES_MOST = 512,
	CATEGORIES = 30,
	UNKNOWN = 0, /* in the table: not yet learned */
	START = 1,   /* the state before the first character */
};

struct cond_regex {
	uint32_t refs;
	struct regex_program program;
	uint8_t ascii[128];   /* class of each */
	uint32_t *bounds;     /* ours: where an interval begins, ascending */
	uint32_t n_bounds;    /* the first is 128 */
	uint32_t first_other; /* class of the first interval */
	uint32_t n_classes;   /* that are remembered */
	bool by_category;
	uint32_t words;	   /* 64-bit words of a set of places */
	uint32_t n_states; /* known; state 0 is no state */
	uint32_t max_states;
	uint64_t *places; /* ours: words for each state */
	uint16_t *table;  /* ours: state, class -> state or UNKNOWN */
	uint32_t *hashes; /* ours: of the places of each state */
	bool *accepts;	  /* ours: by state */
	uint64_t *next;	  /* ours: the set that is being made */
	uint32_t *stack;  /* ours: places to follow */
};

/* --- classes ----------------------------------------------------------- */

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a;
	uint32_t y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static void find_intervals(struct cond_regex *r)
{
	const struct regex_program *p = &r->program;
	uint32_t *b =
		mem_alloc((1 + 2 * ((size_t)p->n_ranges + p->n)) * sizeof *b);
	uint32_t n = 0;

	b[n++] = 128;
	for (uint32_t i = 0; i < p->n_ranges; i++) {
		b[n++] = MAX(p->ranges[i].first, 128u);
		b[n++] = MAX(p->ranges[i].last + 1, 128u);
	}
	for (uint32_t i = 0; i < p->n; i++)
		if (p->ins[i].op == REGEX_CHAR && p->ins[i].x >= 128) {
			b[n++] = p->ins[i].x;
			b[n++] = p->ins[i].x + 1;
		}
	qsort(b, n, sizeof *b, by_number);
	for (uint32_t i = 0; i < n; i++)
		if (!r->n_bounds || b[r->n_bounds - 1] != b[i])
			b[r->n_bounds++] = b[i];
	r->bounds = b;
	for (uint32_t i = 0; i < p->n_sets; i++)
		r->by_category |= p->sets[i].categories != 0;
}

static bool same_class(const struct regex_program *p, uint32_t a, uint32_t b)
{
	for (uint32_t i = 0; i < p->n_sets; i++)
		if (regex_set_has(p, &p->sets[i], a) !=
		    regex_set_has(p, &p->sets[i], b))
			return false;
	return true;
}

static void find_classes(struct cond_regex *r)
{
	const struct regex_program *p = &r->program;
	bool alone[128] = {false}; /* asked for by itself */
	uint32_t example[128];
	uint32_t n = 0;

	for (uint32_t i = 0; i < p->n; i++)
		if (p->ins[i].op == REGEX_CHAR && p->ins[i].x < 128)
			alone[p->ins[i].x] = true;
	for (uint32_t cp = 0; cp < 128; cp++) {
		uint32_t c = alone[cp] ? n : 0;

		while (c < n &&
		       (alone[example[c]] || !same_class(p, example[c], cp)))
			c++;
		if (c == n)
			example[n++] = cp;
		r->ascii[cp] = (uint8_t)c;
	}
	find_intervals(r);
	r->first_other = n;
	r->n_classes = MIN((uint64_t)CLASSES_MOST,
			   n + (uint64_t)r->n_bounds *
					   (r->by_category ? CATEGORIES : 1));
}

/* Of cp from 128 on; one that is not remembered is n_classes or above. */
static uint32_t class_of_other(const struct cond_regex *r, uint32_t cp)
{
	uint32_t low = 0;
	uint32_t high = r->n_bounds;

	while (high - low > 1) {
		uint32_t middle = (low + high) / 2;

		if (r->bounds[middle] <= cp)
			low = middle;
		else
			high = middle;
	}
	if (r->by_category)
		low = low * CATEGORIES + unicode_category(cp);
	return r->first_other + low;
}

/* --- sets of places ---------------------------------------------------- */

static bool has_place(const uint64_t *set, uint32_t place)
{
	return set[place / 64] >> (place % 64) & 1;
}

/* Adds place, and where it leads without a character. */
static void follow(struct cond_regex *r, uint64_t *set, uint32_t place)
{
	uint32_t n = 0;

	r->stack[n++] = place;
	while (n) {
		uint32_t at = r->stack[--n];
		const struct regex_ins *ins = &r->program.ins[at];

		if (has_place(set, at))
			continue;
		set[at / 64] |= (uint64_t)1 << (at % 64);
		if (ins->op == REGEX_SPLIT)
			r->stack[n++] = ins->y;
		if (ins->op == REGEX_SPLIT || ins->op == REGEX_JUMP)
			r->stack[n++] = ins->x;
	}
}

static bool takes(const struct cond_regex *r, const struct regex_ins *ins,
		  uint32_t cp)
{
	if (ins->op == REGEX_CHAR)
		return ins->x == cp;
	return ins->op == REGEX_SET &&
	       regex_set_has(&r->program, &r->program.sets[ins->x], cp);
}

static uint64_t *places_of(const struct cond_regex *r, uint32_t state)
{
	return r->places + (size_t)state * r->words;
}

/* r->next becomes where cp leads from the places of state. */
static void step(struct cond_regex *r, uint32_t state, uint32_t cp)
{
	const uint64_t *set = places_of(r, state);

	memset(r->next, 0, r->words * sizeof *r->next);
	for (uint32_t i = 0; i < r->words; i++)
		for (uint64_t bits = set[i]; bits; bits &= bits - 1) {
			uint32_t place =
				i * 64 + (uint32_t)__builtin_ctzll(bits);

			if (takes(r, &r->program.ins[place], cp))
				follow(r, r->next, place + 1);
		}
}

/* --- states ------------------------------------------------------------ */

/* All but the first one. */
static void forget(struct cond_regex *r)
{
	r->n_states = START + 1;
	memset(r->table, UNKNOWN,
	       (size_t)r->max_states * r->n_classes * sizeof *r->table);
}

static uint32_t hash_of(const struct cond_regex *r, const uint64_t *set)
{
	uint64_t h = hash_begin();

	for (uint32_t i = 0; i < r->words; i++)
		h = hash_mix(h ^ set[i], hash_key[1]);
	return (uint32_t)h;
}

/* The state of the set in r->next. May forget all others. */
static uint32_t state_of_next(struct cond_regex *r)
{
	size_t bytes = r->words * sizeof *r->next;
	uint32_t hash = hash_of(r, r->next);
	uint32_t s;

	for (s = START; s < r->n_states; s++)
		if (r->hashes[s] == hash &&
		    !memcmp(places_of(r, s), r->next, bytes))
			return s;
	if (s == r->max_states) {
		forget(r);
		s = START + 1;
	}
	memcpy(places_of(r, s), r->next, bytes);
	r->hashes[s] = hash;
	r->accepts[s] = has_place(r->next, r->program.n - 1);
	r->n_states = s + 1;
	return s;
}

static uint32_t learn(struct cond_regex *r, uint32_t state, uint32_t class,
		      uint32_t cp)
{
	uint32_t known = r->n_states;
	uint32_t to;

	step(r, state, cp);
	to = state_of_next(r);
	/* Not if all was forgotten: state is then another one's number. */
	if (class < r->n_classes && r->n_states >= known)
		r->table[(size_t)state * r->n_classes + class] = (uint16_t)to;
	return to;
}

bool cond_regex_matches(struct cond_regex *r, struct str s)
{
	const char *p = s.p;
	const char *end = s.p + s.len;
	uint32_t state = START;

	while (p < end) {
		uint32_t cp = unicode_next(&p);
		uint32_t class =
			cp < 128 ? r->ascii[cp] : class_of_other(r, cp);
		uint32_t to = UNKNOWN;

		if (LIKELY(class < r->n_classes))
			to = r->table[(size_t)state * r->n_classes + class];
		if (UNLIKELY(to == UNKNOWN))
			to = learn(r, state, class, cp);
		state = to;
	}
	return r->accepts[state];
}

/* --- making ------------------------------------------------------------ */

static void make_room(struct cond_regex *r)
{
	uint32_t n = (uint32_t)(TABLE_BYTES / (2 * r->n_classes));

	r->max_states =
		MIN(MAX(n, (uint32_t)STATES_LEAST), (uint32_t)STATES_MOST);
	r->words = (r->program.n + 63) / 64;
	r->places =
		mem_alloc((size_t)r->max_states * r->words * sizeof *r->places);
	r->next = mem_alloc(r->words * sizeof *r->next);
	r->table = mem_alloc((size_t)r->max_states * r->n_classes *
			     sizeof *r->table);
	r->hashes = mem_alloc(r->max_states * sizeof *r->hashes);
	r->accepts = mem_alloc(r->max_states * sizeof *r->accepts);
	r->stack = mem_alloc((2 * (size_t)r->program.n + 2) * sizeof *r->stack);
	memset(r->places, 0, (START + 1) * r->words * sizeof *r->places);
	follow(r, places_of(r, START), 0);
	r->hashes[START] = hash_of(r, places_of(r, START));
	r->accepts[START] = has_place(places_of(r, START), r->program.n - 1);
	forget(r);
}

int cond_regex_compile(struct str text, uint32_t states_max,
		       struct cond_regex **out, struct weir_error *err)
{
	struct cond_regex *r = mem_zalloc(sizeof *r);
	int rc;

	r->program.max = states_max;
	rc = regex_program_read(&r->program, text, err);

	*out = NULL;
	r->refs = 1;
	if (rc < 0) {
		cond_regex_unref(r);
		return rc;
	}
	find_classes(r);
	make_room(r);
	*out = r;
	return 0;
}

struct cond_regex *cond_regex_ref(struct cond_regex *r)
{
	r->refs++;
	return r;
}

void cond_regex_unref(struct cond_regex *r)
{
	if (!r || --r->refs)
		return;
	regex_program_fini(&r->program);
	mem_free(r->bounds);
	mem_free(r->places);
	mem_free(r->next);
	mem_free(r->table);
	mem_free(r->hashes);
	mem_free(r->accepts);
	mem_free(r->stack);
	mem_free(r);
}

const struct regex_literals *cond_regex_literals(const struct cond_regex *r)
{
	return &r->program.literals;
}
