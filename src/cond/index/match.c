/* match.c - events against all interests.
 *
 *     leaves -> keys -> filter -> table -> candidates -> conditions -> owners
 *
 * Each step waits for memory of its own that no cache of a core holds: 110 to
 * 220 ns, where all else that there is to do for an event takes as long as two
 * of them. So each step is done for all events of a batch before the next
 * begins, and asks for the memory of the next while it goes.
 *
 * A key is computed only where some condition asks for one of its kind there.
 */
#include "cond/index/internal.h"

#include "base/mem.h"

#include <assert.h>
#include <string.h>

enum {
	FEW = 8,	     /* candidates, among which looking back is quick */
	SAMPLE_FIRST = 1024, /* events that are all counted */
	SAMPLE_EVERY = 64,   /* of those after them; a power of two */
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
	mem_free(m->path_of);
}

/* --- memory ------------------------------------------------------------ */

static void *grown(void *array, uint32_t *cap, uint32_t need, size_t size)
{
	*cap = MAX(*cap * 2, need + 64);
	return mem_realloc(array, *cap * size);
}

static inline void need_keys(struct match_event *e, uint32_t more)
{
	if (UNLIKELY(e->keys_n + more > e->keys_cap))
		e->keys = grown(e->keys, &e->keys_cap, e->keys_n + more,
				sizeof *e->keys);
}

static inline void need_candidates(struct match_event *e, uint32_t more)
{
	if (UNLIKELY(e->candidates_n + more > e->candidates_cap))
		e->candidates =
			grown(e->candidates, &e->candidates_cap,
			      e->candidates_n + more, sizeof *e->candidates);
}

/* --- keys -------------------------------------------------------------- */

/* There is room for it. */
static inline void add_key(struct interest_index *ix, struct match_event *e,
			   uint64_t key, uint32_t leaf)
{
	key &= ix->access.key_mask;
	table_prefetch_filter(&ix->table, key);
	e->keys[e->keys_n++] = (struct match_key){key, leaf};
}

static inline bool is_number(const struct json_leaf *l)
{
	return l->type >= VALUE_INT && l->type <= VALUE_DOUBLE;
}

/* Of a leaf at a path that some condition names. */
static inline void path_keys(struct interest_index *ix, struct match_event *e,
			     const struct json_leaf *l, uint32_t leaf,
			     const struct path *path)
{
	if (path->uses[USE_EQ])
		add_key(ix, e, key_make(KEY_EQ, l->path, l->hash), leaf);
	if (path->uses[USE_EXISTS])
		add_key(ix, e, key_make(KEY_EXISTS, l->path, 0), leaf);
	if (path->levels && is_number(l)) {
		uint64_t order = order_number(l->type, l->i);

		for (uint32_t left = path->levels; left; left &= left - 1) {
			uint32_t level = 2 * (uint32_t)__builtin_ctz(left);

			add_key(ix, e, key_cell(l->path, level, order >> level),
				leaf);
		}
	}
}

/* Of a leaf in a container whose elements or members are asked for. */
static inline void has_keys(struct interest_index *ix, struct match_event *e,
			    const struct json_leaf *l, uint32_t leaf)
{
	uint32_t in = ix->scratch.path_of[l->parent];
	uint64_t path = e->leaves->at[l->parent].path;

	if (!paths_at(&ix->places.paths, in)->uses[USE_HAS])
		return;
	add_key(ix, e, key_make(KEY_HAS, path, l->hash), leaf);
	add_key(ix, e, key_make(KEY_HAS, path, l->name), leaf);
}

/* All but parts of text. */
static void keys_of_leaves(struct interest_index *ix, struct match_event *e)
{
	struct match_scratch *m = &ix->scratch;
	const struct json_leaves *leaves = e->leaves;
	bool any = ix->kinds[KEY_ANY];
	bool named = ix->kinds[KEY_NAME];
	bool there = ix->kinds[KEY_THERE];
	bool has = ix->kinds[KEY_HAS];
	bool paths = ix->places.paths.in_use;

	if (m->path_of_cap < leaves->n)
		m->path_of = grown(m->path_of, &m->path_of_cap, leaves->n,
				   sizeof *m->path_of);
	if (e->places_cap < leaves->n)
		e->places = grown(e->places, &e->places_cap, leaves->n,
				  sizeof *e->places);
	for (uint32_t i = 0; i < leaves->n; i++) {
		const struct json_leaf *l = &leaves->at[i];
		bool scalar = l->type < VALUE_ARRAY;
		uint32_t path;

		need_keys(e, 8 + PATH_LEVELS);
		if (scalar && any)
			add_key(ix, e, key_make(KEY_ANY, 0, l->hash), i);
		if (scalar && named)
			add_key(ix, e, key_make(KEY_NAME, l->name, l->hash), i);
		if (there)
			add_key(ix, e, key_make(KEY_THERE, l->name, 0), i);
		if (!paths)
			continue;
		path = paths_find(&ix->places.paths, l->path);
		m->path_of[i] = path;
		if (path) {
			e->places[e->places_n++] =
				(struct match_place){path, i};
			path_keys(ix, e, l, i,
				  paths_at(&ix->places.paths, path));
		}
		if (has && l->parent != JSON_NO_PARENT)
			has_keys(ix, e, l, i);
	}
}

static void keys_of_meta(struct interest_index *ix, struct match_event *e)
{
	struct str source = e->meta->source;
	struct str job = e->meta->job;

	need_keys(e, 2);
	if (ix->kinds[KEY_SOURCE])
		add_key(ix, e,
			key_make(KEY_SOURCE, 0,
				 hash_bytes(source.p, source.len)),
			0);
	if (ix->kinds[KEY_JOB])
		add_key(ix, e, key_make(KEY_JOB, 0, hash_bytes(job.p, job.len)),
			0);
}

/* --- the filter -------------------------------------------------------- */

static void filter_keys(struct interest_index *ix, struct match_event *e)
{
	uint32_t n = e->keys_n;

	e->keys_n = 0;
	for (uint32_t i = 0; i < n; i++) {
		struct match_key k = e->keys[i];

		if (UNLIKELY(table_maybe(&ix->table, k.key))) {
			table_prefetch(&ix->table, k.key);
			e->keys[e->keys_n++] = k;
		}
	}
}

/* Looks at every place of a text: most of the time of an event goes by here
 * where parts of text are asked for. So the table is copied into registers, and
 * each key is stored, but stays only if the filter lets it through: no branch
 * to mispredict. */
static inline __attribute__((always_inline)) void filter_grams(
	struct interest_index *ix, struct match_event *e, uint32_t leaf,
	uint32_t bytes, uint64_t (*gram)(const char *))
{
	const struct table t = ix->table;
	const char *p = e->leaves->at[leaf].p;
	const uint32_t len = e->leaves->at[leaf].len;
	const uint64_t mask = ix->access.key_mask;
	struct match_key *out = e->keys + e->keys_n;

	for (uint32_t i = 0; i + bytes <= len; i++) {
		uint64_t key = gram(p + i) & mask;

		*out = (struct match_key){key, leaf};
		out += table_maybe(&t, key);
	}
	for (struct match_key *k = e->keys + e->keys_n; k < out; k++)
		table_prefetch(&t, k->key);
	e->keys_n = (uint32_t)(out - e->keys);
}

static void grams_of(struct interest_index *ix, struct match_event *e,
		     uint32_t leaf)
{
	need_keys(e, 3 * e->leaves->at[leaf].len + 1);
	if (ix->kinds[KEY_GRAM8])
		filter_grams(ix, e, leaf, 8, key_gram8);
	if (ix->kinds[KEY_GRAM4])
		filter_grams(ix, e, leaf, 4, key_gram4);
	if (ix->kinds[KEY_GRAM3])
		filter_grams(ix, e, leaf, 3, key_gram3);
}

static void grams_of_leaves(struct interest_index *ix, struct match_event *e)
{
	const struct json_leaves *leaves = e->leaves;
	const struct paths *names = &ix->places.names;

	if (!ix->any_grams) {
		/* Of some paths only, or some names. */
		for (uint32_t i = 0; i < e->places_n; i++) {
			const struct match_place *at = &e->places[i];
			const struct path *path =
				paths_at(&ix->places.paths, at->path);

			if (path->uses[USE_GRAMS] &&
			    leaves->at[at->leaf].type == VALUE_STRING)
				grams_of(ix, e, at->leaf);
		}
		if (!ix->name_grams)
			return;
	}
	for (uint32_t i = 0; i < leaves->n; i++) {
		const struct json_leaf *l = &leaves->at[i];

		if (l->type == VALUE_STRING &&
		    (ix->any_grams ||
		     paths_at(names, paths_find(names, l->name))
			     ->uses[USE_GRAMS]))
			grams_of(ix, e, i);
	}
}

/* --- the sample -------------------------------------------------------- */

static void count_key(struct interest_index *ix, uint64_t key)
{
	sketch_count(&ix->sketch, key & ix->access.key_mask);
}

/* Counts the keys that conditions may choose from, asked for or not. */
static void count_keys(struct interest_index *ix,
		       const struct json_leaves *leaves)
{
	sketch_event(&ix->sketch);
	for (uint32_t i = 0; i < leaves->n; i++) {
		const struct json_leaf *l = &leaves->at[i];

		count_key(ix, key_make(KEY_EXISTS, l->path, 0));
		count_key(ix, key_make(KEY_THERE, l->name, 0));
		if (l->type >= VALUE_ARRAY)
			continue;
		count_key(ix, key_make(KEY_EQ, l->path, l->hash));
		count_key(ix, key_make(KEY_ANY, 0, l->hash));
		count_key(ix, key_make(KEY_NAME, l->name, l->hash));
		if (l->type != VALUE_STRING)
			continue;
		for (uint32_t k = 0; k + 8 <= l->len; k++)
			count_key(ix, key_gram8(l->p + k));
		for (uint32_t k = 0; k + 4 <= l->len; k++)
			count_key(ix, key_gram4(l->p + k));
	}
}

/* --- postings ---------------------------------------------------------- */

static inline void add_candidate(struct interest_index *ix,
				 struct match_event *e, uint32_t cond,
				 uint32_t leaf)
{
	need_candidates(e, 1);
	__builtin_prefetch(arena_at(&ix->arena, cond));
	e->candidates[e->candidates_n++] = (struct match_candidate){cond, leaf};
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
		return is_number(l);
	case TEST_AT_MOST:
		*low = order_number(l->type, l->i);
		return is_number(l);
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
		      const struct posting_entry *at, uint32_t n, uint32_t leaf)
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
			add_candidate(ix, e, at[i].cond, leaf);
	}
}

/* The entries from low to high, which have one test. */
static void visit_run(struct interest_index *ix, struct match_event *e,
		      const struct posting_dir *d,
		      const struct posting_entry *low,
		      const struct posting_entry *high, uint32_t leaf)
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
			add_candidate(ix, e, at[i].cond, leaf);
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
		       const struct posting_dir *d, uint32_t leaf)
{
	uint32_t test = d->parts[0].first.test;

	do {
		struct posting_entry low = {.test = test};
		struct posting_entry high = {.test = test, .cond = UINT32_MAX};

		if (passing(ix, e, test, &low.operand, &high.operand))
			visit_run(ix, e, d, &low, &high, leaf);
	} while (next_test(ix, d, &test));
}

static void visit(struct interest_index *ix, struct match_event *e,
		  const struct table_slot *s, uint32_t leaf)
{
	struct {
		struct posting_dir dir;
		struct posting_part part;
	} whole;
	const struct posting_entry *at;

	if (s->n > POSTING_BLOCK) {
		visit_many(ix, e, arena_at(&ix->arena, s->ref), leaf);
		return;
	}
	at = posting_entries(&ix->arena, s->ref);
	if (s->n <= 2 * FEW) {
		visit_few(ix, e, at, s->n, leaf);
		return;
	}
	whole.dir.n = whole.dir.cap = 1;
	whole.part = (struct posting_part){at[0], s->ref, s->n};
	visit_many(ix, e, &whole.dir, leaf);
}

/* Conditions that are alone behind a key are candidates; of other keys the
 * postings are asked for, and the keys kept. */
static void look_up(struct interest_index *ix, struct match_event *e)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < e->keys_n; i++) {
		const struct match_key k = e->keys[i];
		const struct table_slot *s = table_find(&ix->table, k.key);

		if (!s)
			continue;
		if (s->n == 1) {
			ix->candidates++;
			add_candidate(ix, e, s->ref, k.leaf);
			continue;
		}
		__builtin_prefetch(arena_at(&ix->arena, s->ref));
		e->keys[kept++] = k;
	}
	e->keys_n = kept;
	for (uint32_t i = 0; i < ix->residual_n; i++)
		add_candidate(ix, e, ix->residual[i], 0);
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
		visit(ix, e, table_find(&ix->table, e->keys[i].key),
		      e->keys[i].leaf);
}

/* --- conditions -------------------------------------------------------- */

/* Leaves each condition once. */
static void drop_repeated(struct match_scratch *m, struct match_event *e)
{
	struct match_candidate *c = e->candidates;
	uint64_t stamp = (uint64_t)e->stamp << 32;
	uint32_t kept = 0;

	if (e->candidates_n <= FEW) {
		for (uint32_t i = 0; i < e->candidates_n; i++) {
			uint32_t k = 0;

			while (k < kept && c[k].cond != c[i].cond)
				k++;
			c[k] = c[k < kept ? k : i];
			kept += k == kept;
		}
		e->candidates_n = kept;
		return;
	}
	if (m->seen_cap < 2 * e->candidates_n) {
		uint32_t cap = 64;

		while (cap < 4 * e->candidates_n)
			cap *= 2;
		mem_free(m->seen);
		m->seen = mem_zalloc(cap * sizeof *m->seen);
		m->seen_cap = cap;
	}
	for (uint32_t i = 0; i < e->candidates_n; i++) {
		uint64_t mine = stamp | c[i].cond;
		uint32_t at = (uint32_t)hash_u64(c[i].cond);

		for (;; at++) {
			uint64_t *seen = &m->seen[at & (m->seen_cap - 1)];

			if (*seen == mine)
				break;
			if (*seen >> 32 != e->stamp) {
				*seen = mine;
				c[kept++] = c[i];
				break;
			}
		}
	}
	e->candidates_n = kept;
}

static void evaluate(struct interest_index *ix, struct match_event *e)
{
	struct pack_event p = {.leaves = e->leaves,
			       .meta = e->meta,
			       .places = &ix->places,
			       .stamp = e->stamp};

	if (e->met_cap < e->candidates_n)
		e->met = grown(e->met, &e->met_cap, e->candidates_n,
			       sizeof *e->met);
	for (uint32_t i = 0; i < e->candidates_n; i++) {
		const struct shared_cond *c =
			shared_at(&ix->arena, e->candidates[i].cond);
		struct shared_view v;

		shared_view(c, &v);
		p.hint = e->candidates[i].leaf;
		if (v.held ? cond_eval_leaves(v.held, e->leaves, e->meta)
			   : pack_eval(v.pack, &p)) {
			e->met[e->met_n++] = c->owners;
			__builtin_prefetch(
				interests_at(&ix->interests, c->owners));
		}
	}
}

static void tell_owners(struct interest_index *ix, const struct match_event *e)
{
	struct match_scratch *m = &ix->scratch;

	for (uint32_t i = 0; i < e->met_n; i++) {
		uint32_t number = e->met[i];

		do {
			const struct interest *o =
				interests_at(&ix->interests, number);

			__builtin_prefetch(
				interests_at(&ix->interests, o->next));
			if (m->matches_n == m->matches_cap)
				m->matches =
					grown(m->matches, &m->matches_cap,
					      m->matches_n, sizeof *m->matches);
			if (interests_alive(&ix->interests, o))
				m->matches[m->matches_n++] =
					(struct interest_match){
						interests_id(&ix->interests,
							     number),
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

static void begin(struct interest_index *ix, struct match_event *e,
		  const struct interest_event *event)
{
	if (UNLIKELY(ix->events < SAMPLE_FIRST ||
		     !(ix->events & (SAMPLE_EVERY - 1))))
		count_keys(ix, event->leaves);
	ix->events++;
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
	bool grams = ix->kinds[KEY_GRAM8] || ix->kinds[KEY_GRAM4] ||
		     ix->kinds[KEY_GRAM3];

	assert(n <= INTEREST_BATCH_MAX);
	for (uint32_t i = 0; i < n; i++) {
		begin(ix, &e[i], &events[i]);
		keys_of_leaves(ix, &e[i]);
		if (e[i].meta)
			keys_of_meta(ix, &e[i]);
	}
	for (uint32_t i = 0; i < n; i++) {
		filter_keys(ix, &e[i]);
		if (grams)
			grams_of_leaves(ix, &e[i]);
	}
	for (uint32_t i = 0; i < n; i++)
		look_up(ix, &e[i]);
	for (uint32_t i = 0; i < n; i++) {
		stamp_places(ix, &e[i]);
		visit_postings(ix, &e[i]);
		drop_repeated(m, &e[i]);
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
