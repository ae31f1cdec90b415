/* match.c - events against all interests.
 *
 *     leaves -> keys -> filter -> table -> candidates -> conditions -> owners
 *
 * Each step waits for memory of its own that no cache of a core holds: 110 to
 * 220 ns, where all else that there is to do for an event takes as long as two
 * of them. So each step is done for all events of a batch before the next
 * begins, and asks for the memory of the next while it goes.
 */
#include "cond/index/internal.h"

#include "base/mem.h"

#include <assert.h>
#include <string.h>

enum {
	COND_BYTES = 48,     /* of a condition, mostly */
	FEW = 16,	     /* entries that are all looked at */
	SAMPLE_FIRST = 1024, /* events that are all counted */
	SAMPLE_EVERY = 512,  /* of those after them; a power of two */
	KEPT_MAX = 1 << 16,  /* keys whose memory is kept for the next event */
};

void match_fini(struct match_scratch *m)
{
	for (int i = 0; i < INTEREST_BATCH_MAX; i++) {
		mem_free(m->events[i].keys);
		mem_free(m->events[i].places);
		mem_free(m->events[i].candidates);
		mem_free(m->events[i].met);
	}
	mem_free(m->seen);
	mem_free(m->matches);
	mem_free(m->texts);
	mem_free(m->folded);
	mem_free(m->fold_bytes);
}

/* --- memory ------------------------------------------------------------ */

void *match_grown(void *array, uint32_t *cap, uint32_t need, size_t size)
{
	*cap = MAX(*cap * 2, need + 64);
	return mem_realloc(array, *cap * size);
}

static inline void need_candidates(struct match_event *e, uint32_t more)
{
	if (UNLIKELY(e->candidates_n + more > e->candidates_cap))
		e->candidates = match_grown(e->candidates, &e->candidates_cap,
					    e->candidates_n + more,
					    sizeof *e->candidates);
}

/* --- postings ---------------------------------------------------------- */

static inline void add_candidate(struct interest_index *ix,
				 struct match_event *e, uint32_t cond,
				 const struct match_key *by)
{
	const char *block = arena_at(&ix->arena, cond);

	need_candidates(e, 1);
	/* It begins anywhere in a line, and most of it may be in the next. */
	__builtin_prefetch(block);
	__builtin_prefetch(block + COND_BYTES);
	e->candidates[e->candidates_n++] =
		(struct match_candidate){by->where, cond};
}

/* The entries with a test that the event passes are those from low to high.
 * False: none. */
static bool passing(const struct interest_index *ix,
		    const struct match_event *e, uint32_t test, uint64_t *low,
		    uint64_t *high)
{
	const struct path *path = paths_at(&ix->places.paths, test_path(test));
	const struct json_leaf *l;
	enum test_op op = test_op(test);

	*low = 0;
	*high = UINT64_MAX;
	if (op == TEST_NONE)
		return true;
	if (path->stamp != e->stamp)
		return false;
	l = &e->leaves->at[path->leaf];
	switch (op) {
	case TEST_EQ:
		*low = *high = l->hash;
		return l->type < VALUE_ARRAY;
	case TEST_AT_LEAST:
		*high = order_number(l->type, l->i);
		return match_is_number(l);
	case TEST_AT_MOST:
		*low = order_number(l->type, l->i);
		return match_is_number(l);
	case TEST_STRING_AT_LEAST:
	case TEST_STRING_AT_MOST:
		if (l->type != VALUE_STRING)
			return false;
		*(op == TEST_STRING_AT_LEAST ? high : low) =
			order_string(l->p, l->len);
		return true;
	default:
		return true;
	}
}

/* A short one: all entries are looked at. */
static void visit_few(struct interest_index *ix, struct match_event *e,
		      const struct posting_entry *at, uint32_t n,
		      const struct match_key *by)
{
	uint32_t test = 0;
	uint64_t low = 0;
	uint64_t high = UINT64_MAX;
	bool passes = true;

	ix->candidates += n;
	for (uint32_t i = 0; i < n; i++) {
		if (at[i].test != test) {
			test = at[i].test;
			passes = passing(ix, e, test, &low, &high);
		}
		if (passes && at[i].operand >= low && at[i].operand <= high)
			add_candidate(ix, e, at[i].cond, by);
	}
}

/* The entries from low to high, which have one test. */
static void visit_run(struct interest_index *ix, struct match_event *e,
		      const struct posting_dir *d,
		      const struct posting_entry *low,
		      const struct posting_entry *high,
		      const struct match_key *by)
{
	for (uint32_t k = posting_part(d, low); k < d->n; k++) {
		const struct posting_part *part = &d->parts[k];
		const struct posting_entry *at =
			posting_entries(&ix->arena, part->block);
		uint32_t i = posting_lower(at, part->n, low);

		for (; i < part->n; i++) {
			if (posting_order(&at[i], high) > 0)
				return;
			ix->candidates++;
			add_candidate(ix, e, at[i].cond, by);
		}
	}
}

/* The test of the first entry behind all those with this one; false: there is
 * none. */
static bool next_test(const struct interest_index *ix,
		      const struct posting_dir *d, uint32_t *test)
{
	const struct posting_entry last = {UINT64_MAX, *test, UINT32_MAX};

	for (uint32_t k = posting_part(d, &last); k < d->n; k++) {
		const struct posting_part *part = &d->parts[k];
		const struct posting_entry *at =
			posting_entries(&ix->arena, part->block);
		uint32_t i = posting_lower(at, part->n, &last);

		if (i < part->n) {
			*test = at[i].test;
			return true;
		}
	}
	return false;
}

static void visit_many(struct interest_index *ix, struct match_event *e,
		       const struct posting_dir *d, const struct match_key *by)
{
	uint32_t test = d->parts[0].first.test;

	do {
		struct posting_entry low = {.test = test};
		struct posting_entry high = {.test = test, .cond = UINT32_MAX};

		if (passing(ix, e, test, &low.operand, &high.operand))
			visit_run(ix, e, d, &low, &high, by);
	} while (next_test(ix, d, &test));
}

static void visit(struct interest_index *ix, struct match_event *e,
		  const struct table_slot *s, const struct match_key *by)
{
	/* A directory of one part. */
	_Alignas(struct posting_part) char
		whole[sizeof(struct posting_dir) + sizeof(struct posting_part)];
	struct posting_dir *d = (struct posting_dir *)whole;
	const struct posting_entry *at;

	if (s->n > POSTING_BLOCK) {
		visit_many(ix, e, arena_at(&ix->arena, s->ref), by);
		return;
	}
	at = posting_entries(&ix->arena, s->ref);
	if (s->n <= FEW) {
		visit_few(ix, e, at, s->n, by);
		return;
	}
	d->n = d->cap = 1;
	d->parts[0] = (struct posting_part){at[0], s->ref, s->n};
	visit_many(ix, e, d, by);
}

/* The ends of a short one, where a search of it begins. */
static inline void prefetch_posting(const struct interest_index *ix,
				    const struct table_slot *s)
{
	const struct posting_entry *at = arena_at(&ix->arena, s->ref);

	__builtin_prefetch(at);
	if (s->n <= POSTING_BLOCK)
		__builtin_prefetch(at + s->n - 1);
}

/* Conditions that are alone behind a key are candidates; of other keys the
 * postings are asked for, and the keys kept. */
static void look_up(struct interest_index *ix, struct match_event *e)
{
	const struct match_key none = {.where = match_where(0, MATCH_NO_TEXT)};
	uint32_t kept = 0;

	for (uint32_t i = 0; i < e->keys_n; i++) {
		struct match_key k = e->keys[i];
		const struct table_slot *s = table_look_up(&ix->table, k.key);

		if (!s)
			continue;
		if (s->n == 1) {
			ix->candidates++;
			add_candidate(ix, e, s->ref, &k);
			continue;
		}
		prefetch_posting(ix, s);
		k.slot = s;
		e->keys[kept++] = k;
	}
	e->keys_n = kept;
	for (uint32_t i = 0; i < ix->residual_n; i++)
		add_candidate(ix, e, ix->residual[i], &none);
	ix->candidates += ix->residual_n;
}

/* Tells the paths where this event has them; those of a batch take turns. */
static void stamp_places(struct interest_index *ix, const struct match_event *e)
{
	for (uint32_t i = 0; i < e->places_n; i++) {
		struct path *path =
			paths_at(&ix->places.paths, e->places[i].path);

		path->stamp = e->stamp;
		path->leaf = e->places[i].leaf;
	}
}

static void visit_postings(struct interest_index *ix, struct match_event *e)
{
	for (uint32_t i = 0; i < e->keys_n; i++)
		visit(ix, e, e->keys[i].slot, &e->keys[i]);
}

/* --- conditions -------------------------------------------------------- */

static void need_seen(struct match_scratch *m, uint32_t n)
{
	uint32_t cap = 64;

	if (m->seen_cap >= 2 * n)
		return;
	while (cap < 4 * n)
		cap *= 2;
	mem_free(m->seen);
	m->seen = mem_zalloc(cap * sizeof *m->seen);
	m->seen_cap = cap;
}

/* A condition may have several keys of the event, but comes once. */
static bool first_time(struct match_scratch *m, const struct match_event *e,
		       uint32_t cond)
{
	uint64_t mine = (uint64_t)e->stamp << 32 | cond;

	for (uint32_t at = cond * 0x9E3779B1u >> 4;; at++) {
		uint64_t *seen = &m->seen[at & (m->seen_cap - 1)];

		if (*seen == mine)
			return false;
		if (*seen >> 32 != e->stamp) {
			*seen = mine;
			return true;
		}
	}
}

enum answer { NO, YES, UNKNOWN };

/* Of a condition that is nothing but a needle, found by a part of it: is the
 * rest of it around that part? No other place needs to be searched: if the
 * needle is there, the part has led to it from there, too. */
static enum answer needle_around(const struct interest_index *ix,
				 const struct match_event *e,
				 const struct shared_view *v,
				 const struct match_candidate *c)
{
	const uint32_t leaf = match_leaf(c->where);
	const uint32_t at = match_byte(c->where);
	const struct json_leaf *l = &e->leaves->at[leaf];
	struct pack_literal needle;
	struct pack_node n;
	const struct path *path;
	uint32_t part;
	uint32_t begin;

	if (v->held)
		return UNKNOWN;
	pack_read(v->pack, &n);
	if (n.code < PACK_CONTAINS || n.negated || n.scope == PACK_NAME)
		return UNKNOWN;
	path = paths_at(&ix->places.paths, n.path);
	if (n.scope == PACK_PATH &&
	    (path->stamp != e->stamp || path->leaf != leaf))
		return NO;
	access_needle_part(v->pack, v->list, &needle, &part);
	begin = at - part;
	if (at < part || l->len - begin < needle.len ||
	    (n.code == PACK_STARTS && begin) ||
	    (n.code == PACK_ENDS && l->len - begin != needle.len))
		return NO;
	return memcmp(l->p + begin, needle.p, needle.len) ? NO : YES;
}

/* p is of the event. */
static inline bool is_met(struct interest_index *ix,
			  const struct match_event *e, struct pack_event *p,
			  const struct shared_cond *shared,
			  const struct match_candidate *c)
{
	struct shared_view v;

	shared_view(shared, &v);
	if (match_byte(c->where) != MATCH_NO_TEXT) {
		enum answer a = needle_around(ix, e, &v, c);

		if (a != UNKNOWN)
			return a == YES && first_time(&ix->scratch, e, c->cond);
	}
	if (!first_time(&ix->scratch, e, c->cond))
		return false;
	if (v.held)
		return cond_eval_leaves(v.held, e->leaves, e->meta);
	p->hint = match_leaf(c->where);
	return pack_eval(v.pack, p);
}

static void evaluate(struct interest_index *ix, struct match_event *e)
{
	struct pack_event p = {.leaves = e->leaves,
			       .meta = e->meta,
			       .places = &ix->places,
			       .stamp = e->stamp};
	uint32_t *met;

	need_seen(&ix->scratch, e->candidates_n);
	if (e->met_cap < e->candidates_n)
		e->met = match_grown(e->met, &e->met_cap, e->candidates_n,
				     sizeof *e->met);
	met = e->met;
	for (uint32_t i = 0; i < e->candidates_n; i++) {
		const struct match_candidate *c = &e->candidates[i];
		const struct shared_cond *shared =
			shared_at(&ix->arena, c->cond);

		if (!is_met(ix, e, &p, shared, c))
			continue;
		*met++ = shared->owners;
		__builtin_prefetch(
			index_interests_at(&ix->interests, shared->owners));
	}
	e->met_n = (uint32_t)(met - e->met);
}

static void tell_owners(struct interest_index *ix, const struct match_event *e)
{
	struct match_scratch *m = &ix->scratch;

	for (uint32_t i = 0; i < e->met_n; i++) {
		uint32_t number = e->met[i];

		do {
			const struct interest *o =
				index_interests_at(&ix->interests, number);

			__builtin_prefetch(
				index_interests_at(&ix->interests, o->next));
			if (m->matches_n == m->matches_cap)
				m->matches =
					match_grown(m->matches, &m->matches_cap,
						    m->matches_n,
						    sizeof *m->matches);
			if (index_interests_alive(&ix->interests, o))
				m->matches[m->matches_n++] =
					(struct interest_match){
						index_interests_id(
							&ix->interests, number),
						o->user};
			number = o->next;
		} while (number != e->met[i]);
	}
}

/* --- events ------------------------------------------------------------ */

/* After 2^32 events what an old one left might look like this one's. */
static uint32_t next_stamp(struct interest_index *ix)
{
	struct match_scratch *m = &ix->scratch;

	if (UNLIKELY(!++m->stamp)) {
		m->stamp = 1;
		for (uint32_t id = 0; id < ix->places.paths.end; id++)
			paths_at(&ix->places.paths, id)->stamp = 0;
		if (m->seen)
			memset(m->seen, 0, m->seen_cap * sizeof *m->seen);
	}
	return m->stamp;
}

/* A long text has a key for each of its bytes, and they shall not be kept for
 * ever. */
static void trim(struct match_event *e)
{
	if (LIKELY(e->keys_cap <= KEPT_MAX))
		return;
	mem_free(e->keys);
	e->keys = NULL;
	e->keys_cap = 0;
}

static void begin(struct interest_index *ix, struct match_event *e,
		  const struct interest_event *event)
{
	if (UNLIKELY(ix->events < SAMPLE_FIRST ||
		     !(ix->events & (SAMPLE_EVERY - 1))))
		match_count(ix, event->leaves);
	ix->events++;
	trim(e);
	e->leaves = event->leaves;
	e->meta = event->meta;
	e->keys_n = e->places_n = e->candidates_n = e->met_n = 0;
	e->stamp = next_stamp(ix);
}

void interest_index_match(struct interest_index *ix,
			  struct interest_event *events, uint32_t n)
{
	struct match_scratch *m = &ix->scratch;
	struct match_event *e = m->events;

	assert(n <= INTEREST_BATCH_MAX);
	for (uint32_t i = 0; i < n; i++) {
		begin(ix, &e[i], &events[i]);
		match_keys(ix, &e[i]);
	}
	for (uint32_t i = 0; i < n; i++)
		look_up(ix, &e[i]);
	for (uint32_t i = 0; i < n; i++) {
		stamp_places(ix, &e[i]);
		visit_postings(ix, &e[i]);
	}
	for (uint32_t i = 0; i < n; i++) {
		stamp_places(ix, &e[i]);
		evaluate(ix, &e[i]);
	}
	m->matches_n = 0;
	for (uint32_t i = 0; i < n; i++) {
		uint32_t before = m->matches_n;

		tell_owners(ix, &e[i]);
		events[i].n = m->matches_n - before;
	}
	ix->matches += m->matches_n;
	events[0].matches = m->matches;
	for (uint32_t i = 1; i < n; i++)
		events[i].matches = events[i - 1].matches + events[i - 1].n;
}
