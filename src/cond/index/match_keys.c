/* match_keys.c - the keys of an event, and which of them the filter lets
 * through.
 *
 * A key is computed only where some condition asks for one of its kind there.
 * Those of parts of text, by far the most, are in match_grams.c.
 */
#include "cond/index/sieve.h"

#include "base/mem.h"
#include "cond/fold.h"

/* --- leaves ------------------------------------------------------------ */

/* Of leaves wherever they are. */
static void keys_anywhere(struct interest_index *ix, struct match_event *e)
{
	const struct json_leaf *at = e->leaves->at;
	const uint32_t n = e->leaves->n;
	bool any = ix->kinds[KEY_ANY];
	bool named = ix->kinds[KEY_NAME];
	bool there = ix->kinds[KEY_THERE];
	struct sieve s = sieve_begin(ix, e, 3 * n);

	for (uint32_t i = 0; any && i < n; i++)
		sieve_key(&s, key_make(KEY_ANY, 0, at[i].hash),
			  match_where(i, MATCH_NO_TEXT),
			  at[i].type < VALUE_ARRAY);
	for (uint32_t i = 0; named && i < n; i++)
		sieve_key(&s, key_make(KEY_NAME, at[i].name, at[i].hash),
			  match_where(i, MATCH_NO_TEXT),
			  at[i].type < VALUE_ARRAY);
	for (uint32_t i = 0; there && i < n; i++)
		sieve_key(&s, key_make(KEY_THERE, at[i].name, 0),
			  match_where(i, MATCH_NO_TEXT), true);
	sieve_end(ix, e, &s);
}

/* Of a leaf at a path that some condition names. */
static inline void path_keys(struct sieve *s, const struct json_leaf *l,
			     uint64_t where, const struct path *path)
{
	if (path->uses[USE_EQ])
		sieve_key(s, key_make(KEY_EQ, l->path, l->hash), where, true);
	if (path->uses[USE_EXISTS])
		sieve_key(s, key_make(KEY_EXISTS, l->path, 0), where, true);
	if (path->levels && match_is_number(l)) {
		uint64_t order = order_number(l->type, l->i);

		for (uint32_t left = path->levels; left; left &= left - 1) {
			uint32_t level = 2 * (uint32_t)__builtin_ctz(left);

			sieve_key(s, key_cell(l->path, level, order >> level),
				  where, true);
		}
	}
}

static void keys_at_paths(struct interest_index *ix, struct match_event *e)
{
	const struct json_leaves *leaves = e->leaves;
	const struct paths *paths = &ix->places.paths;
	struct sieve s = sieve_begin(ix, e, (2 + PATH_LEVELS) * leaves->n);
	struct match_place *place;

	if (e->places_cap < leaves->n)
		e->places = match_grown(e->places, &e->places_cap, leaves->n,
					sizeof *e->places);
	place = e->places;
	for (uint32_t i = 0; i < leaves->n; i++) {
		const struct json_leaf *l = &leaves->at[i];
		uint32_t path = paths_find(paths, l->path);

		if (!path)
			continue;
		*place++ = (struct match_place){path, i};
		path_keys(&s, l, match_where(i, MATCH_NO_TEXT),
			  paths_at(paths, path));
	}
	e->places_n = (uint32_t)(place - e->places);
	sieve_end(ix, e, &s);
}

/* Of what is in a container whose elements or members are asked for. */
static void keys_inside(struct interest_index *ix, struct match_event *e)
{
	const struct json_leaf *at = e->leaves->at;
	struct sieve s = sieve_begin(ix, e, 2 * e->leaves->n);

	for (uint32_t k = 0; k < e->places_n; k++) {
		uint32_t in = e->places[k].leaf;
		uint32_t next;

		if (at[in].type < VALUE_ARRAY ||
		    !paths_at(&ix->places.paths, e->places[k].path)
			     ->uses[USE_HAS])
			continue;
		for (uint32_t i = in + 1; i < at[in].end; i = next) {
			next = at[i].type < VALUE_ARRAY ? i + 1 : at[i].end;
			sieve_key(&s,
				  key_make(KEY_HAS, at[in].path, at[i].hash),
				  match_where(i, MATCH_NO_TEXT), true);
			sieve_key(&s,
				  key_make(KEY_HAS, at[in].path, at[i].name),
				  match_where(i, MATCH_NO_TEXT), true);
		}
	}
	sieve_end(ix, e, &s);
}

static void keys_of_meta(struct interest_index *ix, struct match_event *e)
{
	struct str source = e->meta->source;
	struct str job = e->meta->job;
	struct sieve s = sieve_begin(ix, e, 2);

	if (ix->kinds[KEY_SOURCE])
		sieve_key(&s,
			  key_make(KEY_SOURCE, 0,
				   hash_bytes(source.p, source.len)),
			  match_where(0, MATCH_NO_TEXT), true);
	if (ix->kinds[KEY_JOB])
		sieve_key(&s, key_make(KEY_JOB, 0, hash_bytes(job.p, job.len)),
			  match_where(0, MATCH_NO_TEXT), true);
	sieve_end(ix, e, &s);
}

/* --- texts ------------------------------------------------------------- */

/* The leaves whose text is looked at, to m->texts. Returns how many. */
static uint32_t find_texts(struct interest_index *ix,
			   const struct match_event *e)
{
	struct match_scratch *m = &ix->scratch;
	const struct json_leaves *leaves = e->leaves;
	const struct paths *names = &ix->places.names;
	const struct match_place *place = e->places;
	const struct match_place *end = place + e->places_n;
	uint32_t n = 0;

	if (m->texts_cap < leaves->n)
		m->texts = match_grown(m->texts, &m->texts_cap, leaves->n,
				       sizeof *m->texts);
	for (uint32_t i = 0; i < leaves->n; i++) {
		const struct json_leaf *l = &leaves->at[i];
		bool asked = ix->any_grams;

		if (place < end && place->leaf == i)
			asked |= paths_at(&ix->places.paths, place++->path)
					 ->uses[USE_GRAMS] != 0;
		if (!asked && ix->name_grams)
			asked = paths_at(names, paths_find(names, l->name))
					->uses[USE_GRAMS] != 0;
		m->texts[n] = i;
		n += asked && l->type == VALUE_STRING;
	}
	return n;
}

/* Of so many texts, m->texts, keeps those that folding changes, and folds them.
 * Returns how many. */
static uint32_t fold_texts(struct interest_index *ix,
			   const struct json_leaves *leaves, uint32_t texts)
{
	struct match_scratch *m = &ix->scratch;
	uint32_t bytes = 0;
	uint32_t n = 0;
	char *out;

	for (uint32_t k = 0; k < texts; k++) {
		const struct json_leaf *l = &leaves->at[m->texts[k]];

		if (!cond_fold_changes(str_from(l->p, l->len)))
			continue;
		m->texts[n++] = m->texts[k];
		bytes += COND_FOLD_BYTES(l->len);
	}
	if (m->folded_cap < leaves->n)
		m->folded = match_grown(m->folded, &m->folded_cap, leaves->n,
					sizeof *m->folded);
	if (m->fold_bytes_cap < bytes)
		m->fold_bytes = match_grown(m->fold_bytes, &m->fold_bytes_cap,
					    bytes, 1);
	out = m->fold_bytes;
	for (uint32_t k = 0; k < n; k++) {
		const struct json_leaf *l = &leaves->at[m->texts[k]];
		struct json_leaf *f = &m->folded[m->texts[k]];

		f->p = out;
		f->len = (uint32_t)cond_fold_copy(str_from(l->p, l->len), out);
		out += f->len;
	}
	return n;
}

/* Texts as they are, and once more folded, if some needle is. The two share
 * their keys, so what folding does not change is looked at once. */
static void keys_of_texts(struct interest_index *ix, struct match_event *e)
{
	uint32_t texts = find_texts(ix, e);
	uint32_t before;

	match_grams(ix, e, e->leaves->at, texts);
	if (!ix->folded_grams)
		return;
	before = e->keys_n;
	texts = fold_texts(ix, e->leaves, texts);
	match_grams(ix, e, ix->scratch.folded, texts);
	/* A place in the folded text is none in the text. */
	for (uint32_t i = before; i < e->keys_n; i++)
		e->keys[i].where = match_where(match_leaf(e->keys[i].where),
					       MATCH_NO_TEXT);
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

/* --- all of them ------------------------------------------------------- */

void match_keys(struct interest_index *ix, struct match_event *e)
{
	keys_anywhere(ix, e);
	if (ix->places.paths.in_use)
		keys_at_paths(ix, e);
	if (ix->kinds[KEY_HAS])
		keys_inside(ix, e);
	if (e->meta && (ix->kinds[KEY_SOURCE] || ix->kinds[KEY_JOB]))
		keys_of_meta(ix, e);
	if (ix->kinds[KEY_GRAM8] || ix->kinds[KEY_GRAM4] ||
	    ix->kinds[KEY_GRAM3])
		keys_of_texts(ix, e);
}
