/* match.c - an event against all interests.
 *
 *     leaves -> keys -> filter -> probes -> table -> candidates -> conditions
 *
 * Each step is done for the whole event before the next begins, and asks for
 * the memory of the next while it goes: the misses of the cache of one event
 * are waited for together. One after the other they would take 110 to 220 ns
 * each, which is half the time of an event.
 *
 * A key is computed only where some condition asks for one of its kind there.
 */
#include "cond/index/internal.h"

#include "base/mem.h"

#include <string.h>

enum {
	FEW = 8,	     /* candidates, among which looking back is quick */
	SAMPLE_FIRST = 1024, /* events that are all counted */
	SAMPLE_EVERY = 64,   /* of those after them; a power of two */
};

void match_fini(struct match_scratch *m)
{
	mem_free(m->probes);
	mem_free(m->candidates);
	mem_free(m->seen);
	mem_free(m->met);
	mem_free(m->path_of);
	mem_free(m->matches);
}

/* --- memory ------------------------------------------------------------ */

static void *grown(void *array, uint32_t *cap, uint32_t need, size_t size)
{
	*cap = MAX(*cap * 2, need + 64);
	return mem_realloc(array, *cap * size);
}

static inline void need_probes(struct match_scratch *m, uint32_t more)
{
	if (UNLIKELY(m->probes_n + more > m->probes_cap))
		m->probes = grown(m->probes, &m->probes_cap, m->probes_n + more,
				  sizeof *m->probes);
}

static inline void need_candidates(struct match_scratch *m, uint32_t more)
{
	if (UNLIKELY(m->candidates_n + more > m->candidates_cap))
		m->candidates =
			grown(m->candidates, &m->candidates_cap,
			      m->candidates_n + more, sizeof *m->candidates);
}

/* --- keys -------------------------------------------------------------- */

/* There is room for it. */
static inline void probe(struct interest_index *ix, uint64_t key, uint32_t leaf)
{
	struct match_scratch *m = &ix->scratch;

	key &= ix->access.key_mask;
	if (UNLIKELY(table_maybe(&ix->table, key))) {
		table_prefetch(&ix->table, key);
		m->probes[m->probes_n++] = (struct match_probe){key, leaf};
	}
}

static inline void gram_probes(struct interest_index *ix,
			       const struct json_leaf *l, uint32_t leaf)
{
	const char *p = l->p;
	uint32_t len = l->len;

	need_probes(&ix->scratch, 3 * len);
	if (ix->kinds[KEY_GRAM8])
		for (uint32_t i = 0; i + 8 <= len; i++)
			probe(ix, key_gram8(p + i), leaf);
	if (ix->kinds[KEY_GRAM4])
		for (uint32_t i = 0; i + 4 <= len; i++)
			probe(ix, key_gram4(p + i), leaf);
	if (ix->kinds[KEY_GRAM3])
		for (uint32_t i = 0; i + 3 <= len; i++)
			probe(ix, key_gram3(p + i), leaf);
}

static inline bool is_number(const struct json_leaf *l)
{
	return l->type >= VALUE_INT && l->type <= VALUE_DOUBLE;
}

/* Of a leaf at a path that some condition names. */
static inline void path_probes(struct interest_index *ix,
			       const struct json_leaf *l, uint32_t leaf,
			       const struct path *path)
{
	if (path->uses[USE_EQ])
		probe(ix, key_make(KEY_EQ, l->path, l->hash), leaf);
	if (path->uses[USE_EXISTS])
		probe(ix, key_make(KEY_EXISTS, l->path, 0), leaf);
	if (path->levels && is_number(l)) {
		uint64_t order = order_number(l->type, l->i);

		for (uint32_t left = path->levels; left; left &= left - 1) {
			uint32_t level = 2 * (uint32_t)__builtin_ctz(left);

			probe(ix, key_cell(l->path, level, order >> level),
			      leaf);
		}
	}
}

/* Of a leaf in a container whose elements or members are asked for. */
static inline void has_probes(struct interest_index *ix,
			      const struct json_leaf *l, uint64_t path,
			      uint32_t leaf)
{
	probe(ix, key_make(KEY_HAS, path, l->hash), leaf);
	probe(ix, key_make(KEY_HAS, path, l->name), leaf);
}

static inline void keys_of_leaves(struct interest_index *ix,
				  const struct json_leaves *leaves)
{
	struct match_scratch *m = &ix->scratch;
	bool paths = ix->places.paths.in_use;
	bool has = ix->kinds[KEY_HAS];

	for (uint32_t i = 0; i < leaves->n; i++) {
		const struct json_leaf *l = &leaves->at[i];
		bool scalar = l->type < VALUE_ARRAY;
		bool grams = ix->any_grams;

		need_probes(m, 8 + PATH_LEVELS);
		if (scalar && ix->kinds[KEY_ANY])
			probe(ix, key_make(KEY_ANY, 0, l->hash), i);
		if (scalar && ix->kinds[KEY_NAME])
			probe(ix, key_make(KEY_NAME, l->name, l->hash), i);
		if (ix->kinds[KEY_THERE])
			probe(ix, key_make(KEY_THERE, l->name, 0), i);
		if (paths) {
			uint32_t id = paths_find(&ix->places.paths, l->path);
			struct path *path = paths_at(&ix->places.paths, id);

			if (has)
				m->path_of[i] = id;
			if (id) {
				path->stamp = m->stamp;
				path->leaf = i;
				path_probes(ix, l, i, path);
				grams |= path->uses[USE_GRAMS] != 0;
			}
		}
		if (has && l->parent != JSON_NO_PARENT) {
			const struct path *in = paths_at(&ix->places.paths,
							 m->path_of[l->parent]);

			if (in->uses[USE_HAS])
				has_probes(ix, l, leaves->at[l->parent].path,
					   i);
		}
		if (l->type != VALUE_STRING)
			continue;
		if (ix->name_grams && !grams) {
			uint32_t id = paths_find(&ix->places.names, l->name);

			grams = paths_at(&ix->places.names, id)
					->uses[USE_GRAMS] != 0;
		}
		if (grams)
			gram_probes(ix, l, i);
	}
}

static void keys_of_meta(struct interest_index *ix,
			 const struct cond_meta *meta)
{
	struct str s = meta->source;

	need_probes(&ix->scratch, 2);
	if (ix->kinds[KEY_SOURCE])
		probe(ix, key_make(KEY_SOURCE, 0, hash_bytes(s.p, s.len)), 0);
	s = meta->job;
	if (ix->kinds[KEY_JOB])
		probe(ix, key_make(KEY_JOB, 0, hash_bytes(s.p, s.len)), 0);
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

static inline void add_candidate(struct interest_index *ix, uint32_t cond,
				 uint32_t leaf)
{
	struct match_scratch *m = &ix->scratch;

	need_candidates(m, 1);
	__builtin_prefetch(arena_at(&ix->arena, cond));
	m->candidates[m->candidates_n++] = (struct match_candidate){cond, leaf};
}

/* The entries with a test that the event passes are those from low to high.
 * False: none. */
static bool passing(const struct interest_index *ix,
		    const struct json_leaves *leaves, uint32_t test,
		    uint64_t *low, uint64_t *high)
{
	const struct path *path = paths_at(&ix->places.paths, test_path(test));
	const struct json_leaf *l;
	enum test_op op = test_op(test);

	*low = 0;
	*high = UINT64_MAX;
	if (op == TEST_NONE)
		return true;
	if (path->stamp != ix->scratch.stamp)
		return false;
	l = &leaves->at[path->leaf];
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
static void visit_few(struct interest_index *ix,
		      const struct json_leaves *leaves,
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
			passes = passing(ix, leaves, test, &low, &high);
		}
		if (passes && at[i].operand >= low && at[i].operand <= high)
			add_candidate(ix, at[i].cond, leaf);
	}
}

/* The entries from low to high, which have one test. */
static void visit_run(struct interest_index *ix, const struct posting_dir *d,
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
			add_candidate(ix, at[i].cond, leaf);
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

static void visit_many(struct interest_index *ix,
		       const struct json_leaves *leaves,
		       const struct posting_dir *d, uint32_t leaf)
{
	uint32_t test = d->parts[0].first.test;

	do {
		struct posting_entry low = {.test = test};
		struct posting_entry high = {.test = test, .cond = UINT32_MAX};

		if (passing(ix, leaves, test, &low.operand, &high.operand))
			visit_run(ix, d, &low, &high, leaf);
	} while (next_test(ix, d, &test));
}

static void visit(struct interest_index *ix, const struct json_leaves *leaves,
		  const struct table_slot *s, uint32_t leaf)
{
	struct {
		struct posting_dir dir;
		struct posting_part part;
	} whole;
	const struct posting_entry *at;

	if (s->n > POSTING_BLOCK) {
		visit_many(ix, leaves, arena_at(&ix->arena, s->ref), leaf);
		return;
	}
	at = posting_entries(&ix->arena, s->ref);
	if (s->n <= 2 * FEW) {
		visit_few(ix, leaves, at, s->n, leaf);
		return;
	}
	whole.dir.n = whole.dir.cap = 1;
	whole.part = (struct posting_part){at[0], s->ref, s->n};
	visit_many(ix, leaves, &whole.dir, leaf);
}

/* Singles first, so that their memory comes while postings are read. */
static void find_candidates(struct interest_index *ix,
			    const struct json_leaves *leaves)
{
	struct match_scratch *m = &ix->scratch;
	uint32_t postings = 0;

	for (uint32_t i = 0; i < m->probes_n; i++) {
		const struct match_probe p = m->probes[i];
		const struct table_slot *s = table_find(&ix->table, p.key);

		if (!s)
			continue;
		if (s->n == 1) {
			ix->candidates++;
			add_candidate(ix, s->ref, p.leaf);
			continue;
		}
		__builtin_prefetch(arena_at(&ix->arena, s->ref));
		m->probes[postings++] = p;
	}
	for (uint32_t i = 0; i < postings; i++)
		visit(ix, leaves, table_find(&ix->table, m->probes[i].key),
		      m->probes[i].leaf);
	for (uint32_t i = 0; i < ix->residual_n; i++)
		add_candidate(ix, ix->residual[i], 0);
	ix->candidates += ix->residual_n;
}

/* --- conditions -------------------------------------------------------- */

/* Leaves each condition once. */
static void drop_repeated(struct match_scratch *m)
{
	struct match_candidate *c = m->candidates;
	uint64_t stamp = (uint64_t)m->stamp << 32;
	uint32_t kept = 0;

	if (m->candidates_n <= FEW) {
		for (uint32_t i = 0; i < m->candidates_n; i++) {
			uint32_t k = 0;

			while (k < kept && c[k].cond != c[i].cond)
				k++;
			c[k] = c[k < kept ? k : i];
			kept += k == kept;
		}
		m->candidates_n = kept;
		return;
	}
	if (m->seen_cap < 2 * m->candidates_n) {
		uint32_t cap = 64;

		while (cap < 4 * m->candidates_n)
			cap *= 2;
		mem_free(m->seen);
		m->seen = mem_zalloc(cap * sizeof *m->seen);
		m->seen_cap = cap;
	}
	for (uint32_t i = 0; i < m->candidates_n; i++) {
		uint64_t mine = stamp | c[i].cond;
		uint32_t at = (uint32_t)hash_u64(c[i].cond);

		for (;; at++) {
			uint64_t *seen = &m->seen[at & (m->seen_cap - 1)];

			if (*seen == mine)
				break;
			if (*seen >> 32 != m->stamp) {
				*seen = mine;
				c[kept++] = c[i];
				break;
			}
		}
	}
	m->candidates_n = kept;
}

static void evaluate(struct interest_index *ix,
		     const struct json_leaves *leaves,
		     const struct cond_meta *meta)
{
	struct match_scratch *m = &ix->scratch;
	struct pack_event e = {.leaves = leaves,
			       .meta = meta,
			       .places = &ix->places,
			       .stamp = m->stamp};

	if (m->met_cap < m->candidates_n)
		m->met = grown(m->met, &m->met_cap, m->candidates_n,
			       sizeof *m->met);
	m->met_n = 0;
	for (uint32_t i = 0; i < m->candidates_n; i++) {
		const struct shared_cond *c =
			shared_at(&ix->arena, m->candidates[i].cond);
		struct shared_view v;

		shared_view(c, &v);
		e.hint = m->candidates[i].leaf;
		if (v.held ? cond_eval_leaves(v.held, leaves, meta)
			   : pack_eval(v.pack, &e)) {
			m->met[m->met_n++] = m->candidates[i].cond;
			__builtin_prefetch(
				interests_at(&ix->interests, c->owners));
		}
	}
}

static void tell_owners(struct interest_index *ix)
{
	struct match_scratch *m = &ix->scratch;

	m->matches_n = 0;
	for (uint32_t i = 0; i < m->met_n; i++) {
		uint32_t first = shared_at(&ix->arena, m->met[i])->owners;
		uint32_t number = first;

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
		} while (number != first);
	}
}

/* --- the event --------------------------------------------------------- */

/* After 2^32 events what an old one left might look like this one's. */
static void next_stamp(struct interest_index *ix)
{
	struct match_scratch *m = &ix->scratch;

	if (LIKELY(++m->stamp))
		return;
	m->stamp = 1;
	for (uint32_t id = 0; id < ix->places.paths.end; id++)
		paths_at(&ix->places.paths, id)->stamp = 0;
	if (m->seen)
		memset(m->seen, 0, m->seen_cap * sizeof *m->seen);
}

size_t interest_index_match(struct interest_index *ix,
			    const struct json_leaves *l,
			    const struct cond_meta *meta,
			    const struct interest_match **out)
{
	struct match_scratch *m = &ix->scratch;

	if (UNLIKELY(ix->events < SAMPLE_FIRST ||
		     !(ix->events & (SAMPLE_EVERY - 1))))
		count_keys(ix, l);
	ix->events++;
	next_stamp(ix);
	m->probes_n = m->candidates_n = 0;
	if (m->path_of_cap < l->n)
		m->path_of = grown(m->path_of, &m->path_of_cap, l->n,
				   sizeof *m->path_of);
	keys_of_leaves(ix, l);
	if (meta)
		keys_of_meta(ix, meta);
	find_candidates(ix, l);
	drop_repeated(m);
	evaluate(ix, l, meta);
	tell_owners(ix);
	ix->matches += m->matches_n;
	*out = m->matches;
	return m->matches_n;
}
