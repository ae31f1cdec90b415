/* match_keys.c - the keys of an event, and which of them the filter lets
 * through.
 *
 * A key is computed only where some condition asks for one of its kind there.
 */
#include "cond/index/internal.h"

#include "base/mem.h"

enum { GRAMS_AT_ONCE = 64 };

static inline void need_keys(struct match_event *e, uint32_t more)
{
	if (UNLIKELY(e->keys_n + more > e->keys_cap))
		e->keys = match_grown(e->keys, &e->keys_cap, e->keys_n + more,
				      sizeof *e->keys);
}

/* --- keys -------------------------------------------------------------- */

/* There is room for it. */
static inline void add_key(struct interest_index *ix, struct match_event *e,
			   uint64_t key, uint32_t leaf)
{
	key &= ix->access.key_mask;
	table_prefetch_filter(&ix->table, key);
	e->keys[e->keys_n++] = (struct match_key){key, leaf, MATCH_NO_TEXT};
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
	if (path->levels && match_is_number(l)) {
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
		m->path_of = match_grown(m->path_of, &m->path_of_cap, leaves->n,
					 sizeof *m->path_of);
	if (e->places_cap < leaves->n)
		e->places = match_grown(e->places, &e->places_cap, leaves->n,
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

/* Looks at every place of a text: where parts of text are asked for, most of
 * the time of an event goes by here, with waiting for the filter. What is asked
 * for by a prefetch does not hold up what comes behind it, so a run of places
 * is asked for at once. A key is stored in any case, and stays if the filter
 * lets it through: there is no branch to mispredict. */
static inline __attribute__((always_inline)) void filter_grams(
	struct interest_index *ix, struct match_event *e, uint32_t leaf,
	uint32_t bytes, uint64_t (*gram)(const char *), struct few *few)
{
	const struct table t = ix->table;
	const char *p = e->leaves->at[leaf].p;
	const uint32_t len = e->leaves->at[leaf].len;
	const uint64_t mask = ix->access.key_mask;
	struct match_key *out = e->keys + e->keys_n;
	struct match_key keys[GRAMS_AT_ONCE];
	uint32_t n;

	for (uint32_t at = 0; at + bytes <= len; at += GRAMS_AT_ONCE) {
		uint32_t end =
			MIN(len - bytes + 1 - at, (uint32_t)GRAMS_AT_ONCE);

		n = 0;
		for (uint32_t i = at; i < at + end; i++) {
			uint64_t key = gram(p + i) & mask;

			keys[n] = (struct match_key){key, leaf, i};
			if (few) {
				n += *few_cell(few, key) != 0;
				continue;
			}
			table_prefetch_filter(&t, key);
			n++;
		}
		for (uint32_t i = 0; i < n; i++) {
			*out = keys[i];
			out += table_maybe(&t, keys[i].key);
		}
	}
	for (struct match_key *k = e->keys + e->keys_n; k < out; k++)
		table_prefetch(&t, k->key);
	e->keys_n = (uint32_t)(out - e->keys);
}

static void grams_of(struct interest_index *ix, struct match_event *e,
		     uint32_t leaf)
{
	struct few *const *f = ix->grams;

	need_keys(e, 3 * e->leaves->at[leaf].len + 1);
	if (!ix->kinds[KEY_GRAM8])
		;
	else if (few_enough(f[0]))
		filter_grams(ix, e, leaf, 8, key_gram8, f[0]);
	else
		filter_grams(ix, e, leaf, 8, key_gram8, NULL);
	if (!ix->kinds[KEY_GRAM4])
		;
	else if (few_enough(f[1]))
		filter_grams(ix, e, leaf, 4, key_gram4, f[1]);
	else
		filter_grams(ix, e, leaf, 4, key_gram4, NULL);
	if (ix->kinds[KEY_GRAM3])
		filter_grams(ix, e, leaf, 3, key_gram3, f[2]);
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
void match_count(struct interest_index *ix, const struct json_leaves *leaves)
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

/* --- both steps -------------------------------------------------------- */

void match_keys(struct interest_index *ix, struct match_event *e)
{
	keys_of_leaves(ix, e);
	if (e->meta)
		keys_of_meta(ix, e);
}

void match_filter(struct interest_index *ix, struct match_event *e)
{
	filter_keys(ix, e);
	if (ix->kinds[KEY_GRAM8] || ix->kinds[KEY_GRAM4] ||
	    ix->kinds[KEY_GRAM3])
		grams_of_leaves(ix, e);
}
