/* index.c - interests come and go; match.c has the events. */
#include "cond/index/internal.h"

#include "base/mem.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

/* --- the index --------------------------------------------------------- */

static void access_init(struct interest_index *ix, struct access *x)
{
	*x = (struct access){.places = &ix->places,
			     .table = &ix->table,
			     .sketch = &ix->sketch,
			     .key_mask = UINT64_MAX};
}

void interest_index_limit(struct interest_index *ix,
			  const struct interest_limits *limits)
{
	ix->limits = *limits;
	if (!ix->limits.interests_max)
		ix->limits.interests_max = INTEREST_MAX_DEFAULT;
	if (!ix->limits.conditions_max)
		ix->limits.conditions_max = INTEREST_MAX_DEFAULT;
	if (!ix->limits.linear_max)
		ix->limits.linear_max = INTEREST_LINEAR_MAX_DEFAULT;
}

struct interest_index *interest_index_create(
	const struct interest_limits *limits, int64_t now_ms)
{
	struct interest_index *ix = mem_zalloc(sizeof *ix);
	static const struct interest_limits defaults;

	interest_index_limit(ix, limits ? limits : &defaults);
	arena_init(&ix->arena);
	table_init(&ix->table);
	pack_places_init(&ix->places);
	sketch_init(&ix->sketch);
	shared_init(&ix->shared, &ix->arena);
	index_interests_init(&ix->interests, now_ms);
	access_init(ix, &ix->access);
	access_init(ix, &ix->other);
	for (size_t i = 0; i < ARRAY_LEN(ix->grams); i++)
		ix->grams[i] = mem_zalloc(sizeof *ix->grams[i]);
	return ix;
}

void interest_index_destroy(struct interest_index *ix)
{
	if (!ix)
		return;
	match_fini(&ix->scratch);
	for (size_t i = 0; i < ARRAY_LEN(ix->grams); i++)
		mem_free(ix->grams[i]);
	mem_free(ix->residual);
	buf_fini(&ix->pack);
	buf_fini(&ix->list);
	access_fini(&ix->access);
	access_fini(&ix->other);
	index_interests_fini(&ix->interests);
	shared_fini(&ix->shared);
	sketch_fini(&ix->sketch);
	pack_places_fini(&ix->places);
	table_fini(&ix->table);
	arena_fini(&ix->arena);
	mem_free(ix);
}

void interest_index_weaken(struct interest_index *ix, uint64_t key_mask)
{
	assert(!ix->interests.n);
	ix->access.key_mask = ix->other.key_mask = key_mask;
}

void interest_index_figures(const struct interest_index *ix,
			    struct interest_figures *out)
{
	*out = (struct interest_figures){
		.interests = ix->interests.n,
		.conditions = ix->shared.n,
		.linear = ix->linear,
		.keys = ix->table.keys,
		.bytes =
			ix->arena.used + table_bytes(&ix->table) +
			paths_bytes(&ix->places.paths) +
			paths_bytes(&ix->places.names) +
			sketch_bytes(&ix->sketch) + shared_bytes(&ix->shared) +
			(uint64_t)ix->interests.last * sizeof(struct interest) +
			ix->residual_cap * sizeof(uint32_t),
		.events = ix->events,
		.candidates = ix->candidates,
		.matches = ix->matches,
	};
}

/* --- filing a condition ------------------------------------------------ */

/* Counts what leads through a place, so that only that is computed. */
static void use(struct interest_index *ix, const struct access_key *k, int by)
{
	static const uint8_t uses[KEY_KINDS] = {
		[KEY_EQ] = USE_EQ,	  [KEY_NAME] = USE_EQ,
		[KEY_HAS] = USE_HAS,	  [KEY_EXISTS] = USE_EXISTS,
		[KEY_THERE] = USE_EXISTS, [KEY_GRAM8] = USE_GRAMS,
		[KEY_GRAM4] = USE_GRAMS,  [KEY_GRAM3] = USE_GRAMS,
		[KEY_CELL] = PATH_USES,
	};
	struct paths *paths =
		k->is_name ? &ix->places.names : &ix->places.paths;
	bool gram = k->kind >= KEY_GRAM8 && k->kind <= KEY_GRAM3;

	ix->kinds[k->kind] += (uint32_t)by;
	if (gram)
		few_count(ix->grams[k->kind - KEY_GRAM8], k->key, by);
	if (gram && k->is_name)
		ix->name_grams += (uint32_t)by;
	if (gram && !k->place)
		ix->any_grams += (uint32_t)by;
	if (k->folded)
		ix->folded_grams += (uint32_t)by;
	if (!k->place)
		return;
	if (k->kind != KEY_CELL)
		paths_at(paths, k->place)->uses[uses[k->kind]] += (uint32_t)by;
	else if (by > 0)
		paths_use_level(paths, k->place, k->level);
	else
		paths_leave_level(paths, k->place, k->level);
}

/* The same for all keys that ix->access has. */
static void use_keys(struct interest_index *ix, int by)
{
	for (uint32_t i = 0; i < ix->access.keys_n; i++)
		use(ix, &ix->access.keys[i], by);
}

static struct posting_entry entry_of(const struct access_key *k, uint32_t cond)
{
	return (struct posting_entry){k->operand, k->test, cond};
}

/* The entry of a condition that is alone behind a key, and whose entry was
 * therefore not kept. It has no other entry there: then it were not alone. */
static struct posting_entry entry_of_alone(struct interest_index *ix,
					   uint64_t key, uint32_t cond)
{
	struct access *x = &ix->other;
	struct shared_view v;

	shared_view(shared_at(&ix->arena, cond), &v);
	access_derive(x, v.pack, v.list, v.list_bytes);
	for (uint32_t i = 0; i < x->keys_n; i++)
		if (x->keys[i].key == key)
			return entry_of(&x->keys[i], cond);
	return (struct posting_entry){.cond = cond};
}

/* Asks for what is behind the keys that ix->access has. */
static void prefetch_postings(const struct interest_index *ix)
{
	for (uint32_t i = 0; i < ix->access.keys_n; i++) {
		const struct table_slot *s =
			table_find(&ix->table, ix->access.keys[i].key);

		if (s)
			__builtin_prefetch(arena_at(&ix->arena, s->ref));
	}
}

/* Files a condition under the keys that ix->access has. */
static void add_keys(struct interest_index *ix, uint32_t cond)
{
	use_keys(ix, 1);
	for (uint32_t i = 0; i < ix->access.keys_n; i++) {
		const struct access_key *k = &ix->access.keys[i];
		struct table_slot *s = table_add(&ix->table, k->key);
		struct posting_entry alone = {0};

		if (s->n == 1)
			alone = entry_of_alone(ix, k->key, s->ref);
		posting_add(&ix->arena, s, entry_of(k, cond), alone);
	}
}

/* Takes it out from behind them. They are no longer in use. */
static void remove_keys(struct interest_index *ix, uint32_t cond)
{
	for (uint32_t i = 0; i < ix->access.keys_n; i++) {
		const struct access_key *k = &ix->access.keys[i];
		struct table_slot *s = table_find(&ix->table, k->key);

		posting_remove(&ix->arena, s, entry_of(k, cond));
		if (!s->n)
			table_remove(&ix->table, s);
	}
}

static void add_residual(struct interest_index *ix, uint32_t cond)
{
	if (ix->residual_n == ix->residual_cap) {
		ix->residual_cap = MAX(ix->residual_cap * 2, 16u);
		ix->residual =
			mem_realloc(ix->residual,
				    ix->residual_cap * sizeof *ix->residual);
	}
	ix->residual[ix->residual_n++] = cond;
}

static void remove_residual(struct interest_index *ix, uint32_t cond)
{
	uint32_t i = 0;

	while (ix->residual[i] != cond)
		i++;
	ix->residual[i] = ix->residual[--ix->residual_n];
}

/* Does being there alone lead to it? */
static bool by_being_there(const struct access *x)
{
	for (uint32_t i = 0; i < x->keys_n; i++) {
		const struct access_key *k = &x->keys[i];

		if ((k->kind == KEY_EXISTS || k->kind == KEY_THERE) &&
		    k->place && test_op(k->test) == TEST_NONE)
			return true;
	}
	return false;
}

/* Is it evaluated for every event? ix->access has its keys. */
static bool is_residual(const struct interest_index *ix, const uint8_t *pack)
{
	return !ix->access.keys_n && pack_code_at(pack) != PACK_FALSE;
}

/* What is always true is no burden: it is met as often as it is looked at. */
static bool is_linear(const struct interest_index *ix, const uint8_t *pack)
{
	return is_residual(ix, pack) ? pack_code_at(pack) != PACK_TRUE
				     : by_being_there(&ix->access);
}

/* A condition, and how it is filed, or would be. */
struct filing {
	uint64_t hash;	   /* of its pack */
	struct cond *held; /* borrowed; NULL: the pack tells all of it */
	uint32_t cond;	   /* 0: nobody has stated it before */
	struct str list;
	double cost;
	bool linear;
};

static void fill_report(const struct interest_index *ix, const struct filing *f,
			const uint8_t *pack, struct interest_report *report)
{
	*report = (struct interest_report){
		.visits = isinf(f->cost) ? 1 : f->cost,
		.keys = ix->access.keys_n,
		.linear = f->linear,
		.shared = f->cond,
		.never_true = pack_code_at(pack) == PACK_FALSE,
	};
	for (uint32_t i = 0; i < ix->access.keys_n; i++)
		report->kinds |= 1u << ix->access.keys[i].kind;
}

/* Packs c into ix->pack, whose places release_pack lets go, and finds out
 * whether somebody has stated it before. */
static void find_cond(struct interest_index *ix, struct cond *c,
		      struct filing *out)
{
	bool whole;

	buf_clear(&ix->pack);
	whole = pack_write(&ix->pack, c, &ix->places);
	*out = (struct filing){.hash = shared_hash(buf_str(&ix->pack)),
			       .held = whole ? NULL : c};
	/* The memory for both answers of shared_find is waited for at once. */
	shared_prefetch(&ix->shared, out->hash);
	access_prepare(&ix->access, (const uint8_t *)buf_bytes(&ix->pack));
	out->cond = shared_find(&ix->shared, out->hash, buf_str(&ix->pack),
				out->held);
}

static void release_pack(struct interest_index *ix)
{
	pack_release((const uint8_t *)buf_bytes(&ix->pack), buf_len(&ix->pack),
		     &ix->places);
}

/* Of f->cond, which is filed. Leaves its keys in ix->access. */
static void file_known(struct interest_index *ix, struct filing *f)
{
	struct shared_view v;

	shared_view(shared_at(&ix->arena, f->cond), &v);
	f->list = str_from((const char *)v.list, v.list_bytes);
	f->cost = access_cost(&ix->access, v.pack, v.list, v.list_bytes);
	f->linear = is_linear(ix, v.pack);
	if (is_residual(ix, v.pack))
		f->cost = INFINITY;
}

/* Of the condition in ix->pack, right after find_cond. Leaves the keys that it
 * is to have in ix->access. */
static void file_new(struct interest_index *ix, struct filing *f)
{
	const uint8_t *pack = (const uint8_t *)buf_bytes(&ix->pack);

	buf_clear(&ix->list);
	f->cost = access_choose(&ix->access, pack, &ix->list);
	f->list = buf_str(&ix->list);
	f->linear = is_linear(ix, pack);
}

/* Is there room for a condition that nobody has stated before? */
static int check_room(const struct interest_index *ix, const struct filing *f,
		      struct weir_error *err)
{
	if (ix->shared.n >= ix->limits.conditions_max)
		return error_set(err, WEIR_EBUSY,
				 "there are %u different conditions, no more "
				 "are taken now",
				 ix->limits.conditions_max);
	if (f->linear && ix->linear >= ix->limits.linear_max)
		return error_set(err, WEIR_EDENIED,
				 "this condition is not selective, and there "
				 "are %u such already",
				 ix->linear);
	return 0;
}

/* Adds the condition in ix->pack. */
static uint32_t add_cond(struct interest_index *ix, const struct filing *f)
{
	struct str pack = buf_str(&ix->pack);
	uint32_t cond;

	prefetch_postings(ix);
	cond = shared_add(&ix->shared, f->hash, pack, f->list, f->held);
	sketch_fit(&ix->sketch, ix->shared.n);
	ix->linear += f->linear;
	if (is_residual(ix, (const uint8_t *)pack.p))
		add_residual(ix, cond);
	add_keys(ix, cond);
	return cond;
}

static void remove_cond(struct interest_index *ix, uint32_t cond)
{
	struct shared_view v;
	uint64_t hash;

	shared_view(shared_at(&ix->arena, cond), &v);
	hash = shared_hash(str_from((const char *)v.pack, v.pack_bytes));
	shared_prefetch(&ix->shared, hash);
	access_derive(&ix->access, v.pack, v.list, v.list_bytes);
	for (uint32_t i = 0; i < ix->access.keys_n; i++) {
		table_prefetch_filter(&ix->table, ix->access.keys[i].key);
		table_prefetch(&ix->table, ix->access.keys[i].key);
	}
	ix->linear -= is_linear(ix, v.pack);
	if (is_residual(ix, v.pack))
		remove_residual(ix, cond);
	prefetch_postings(ix);
	use_keys(ix, -1);
	pack_release(v.pack, v.pack_bytes, &ix->places);
	shared_remove(&ix->shared, hash, cond);
	remove_keys(ix, cond); /* last: its memory is waited for meanwhile */
}

/* The condition that c is; a new one has no owner yet. */
static int find_or_add_cond(struct interest_index *ix, struct cond *c,
			    uint32_t *cond_out, struct interest_report *report,
			    struct weir_error *err)
{
	struct filing f;
	int rc = 0;

	find_cond(ix, c, &f);
	*cond_out = f.cond;
	if (!f.cond) {
		file_new(ix, &f);
		rc = check_room(ix, &f, err);
		if (rc == 0)
			*cond_out = add_cond(ix, &f);
	} else {
		release_pack(ix); /* whoever stated it has the places */
		if (report)
			file_known(ix, &f);
	}
	if (rc < 0)
		release_pack(ix);
	else if (report)
		fill_report(ix, &f, (const uint8_t *)buf_bytes(&ix->pack),
			    report);
	return rc;
}

/* --- owners ------------------------------------------------------------ */

static void join(struct interest_index *ix, uint32_t number, uint32_t cond)
{
	struct shared_cond *c = shared_at(&ix->arena, cond);
	struct interest *i = index_interests_at(&ix->interests, number);
	struct interest *first;

	i->cond = cond;
	i->next = i->prev = number;
	if (c->owners) {
		first = index_interests_at(&ix->interests, c->owners);
		i->next = c->owners;
		i->prev = first->prev;
		index_interests_at(&ix->interests, first->prev)->next = number;
		first->prev = number;
	} else {
		c->owners = number;
	}
}

static void leave(struct interest_index *ix, uint32_t number)
{
	struct interest *i = index_interests_at(&ix->interests, number);
	struct shared_cond *c = shared_at(&ix->arena, i->cond);

	if (i->next == number) {
		remove_cond(ix, i->cond);
		return;
	}
	index_interests_at(&ix->interests, i->prev)->next = i->next;
	index_interests_at(&ix->interests, i->next)->prev = i->prev;
	if (c->owners == number)
		c->owners = i->next;
}

static void drop(struct interest_index *ix, uint32_t number)
{
	index_interests_prefetch(&ix->interests, number);
	leave(ix, number);
	index_interests_remove(&ix->interests, number);
}

/* The number of an interest that has not ended, or 0. */
static uint32_t find_alive(const struct interest_index *ix, uint64_t id)
{
	uint32_t number = index_interests_find(&ix->interests, id);

	if (number &&
	    !index_interests_alive(&ix->interests,
				   index_interests_at(&ix->interests, number)))
		return 0;
	return number;
}

static uint32_t end_of(const struct interest_index *ix, int64_t deadline_ms)
{
	if (deadline_ms == INTEREST_NO_END)
		return INTERESTS_NEVER;
	return index_interests_tick(&ix->interests, deadline_ms);
}

/* --- calls ------------------------------------------------------------- */

int interest_index_insert(struct interest_index *ix, struct cond *c,
			  int64_t deadline_ms, uint64_t user, uint64_t *id_out,
			  struct interest_report *report,
			  struct weir_error *err)
{
	uint32_t end = end_of(ix, deadline_ms);
	uint32_t number;
	uint32_t cond;
	int rc;

	*id_out = 0;
	if (end <= ix->interests.now)
		return error_set(err, WEIR_ETIMEDOUT,
				 "the interest has ended before it began");
	if (ix->interests.n >= ix->limits.interests_max)
		return error_set(err, WEIR_EBUSY, "there are %u interests",
				 ix->interests.n);
	rc = find_or_add_cond(ix, c, &cond, report, err);
	if (rc < 0)
		return rc;
	number = index_interests_add(&ix->interests, user, end);
	join(ix, number, cond);
	*id_out = index_interests_id(&ix->interests, number);
	return 0;
}

int interest_index_remove(struct interest_index *ix, uint64_t id)
{
	uint32_t number = find_alive(ix, id);

	if (!number)
		return WEIR_ENOTFOUND;
	drop(ix, number);
	return 0;
}

int interest_index_replace(struct interest_index *ix, uint64_t id,
			   struct cond *c, struct interest_report *report,
			   struct weir_error *err)
{
	uint32_t number = find_alive(ix, id);
	uint32_t cond;
	int rc;

	if (!number)
		return error_set(err, WEIR_ENOTFOUND,
				 "there is no such interest");
	rc = find_or_add_cond(ix, c, &cond, report, err);
	if (rc < 0 || cond == index_interests_at(&ix->interests, number)->cond)
		return rc;
	leave(ix, number);
	join(ix, number, cond);
	return 0;
}

int interest_index_keep_alive(struct interest_index *ix, uint64_t id,
			      int64_t deadline_ms)
{
	uint32_t number = find_alive(ix, id);

	if (!number)
		return WEIR_ENOTFOUND;
	index_interests_keep(&ix->interests, number, end_of(ix, deadline_ms));
	return 0;
}

bool interest_index_expire(struct interest_index *ix, int64_t now_ms,
			   uint32_t budget, interest_ended_fn fn, void *ctx)
{
	uint32_t number;

	index_interests_set_now(&ix->interests, now_ms);
	while ((number = index_interests_ended(&ix->interests, &budget))) {
		uint64_t id = index_interests_id(&ix->interests, number);
		uint64_t user =
			index_interests_at(&ix->interests, number)->user;

		drop(ix, number);
		if (fn)
			fn(id, user, ctx);
	}
	return !budget;
}

bool interest_index_work(struct interest_index *ix, uint32_t budget)
{
	return sketch_work(&ix->sketch, budget) == budget;
}

int interest_index_ask(struct interest_index *ix, struct cond *c,
		       struct interest_report *report, struct buf *by_out,
		       struct weir_error *err)
{
	const uint8_t *pack;
	struct filing f;
	int rc = 0;

	find_cond(ix, c, &f);
	if (f.cond) {
		file_known(ix, &f);
	} else {
		file_new(ix, &f);
		rc = check_room(ix, &f, err);
	}
	pack = (const uint8_t *)buf_bytes(&ix->pack);
	fill_report(ix, &f, pack, report);
	if (by_out)
		report_list(c, pack, f.list, by_out);
	release_pack(ix);
	return rc;
}

bool interest_index_next(struct interest_index *ix, uint32_t *at,
			 uint32_t *budget, uint64_t *user_out,
			 struct interest_report *report)
{
	struct filing f = {0};

	*at = MAX(*at, (uint32_t)INTERESTS_FIRST);
	while (*at < ix->interests.last && *budget) {
		uint32_t number = (*at)++;
		const struct interest *i =
			index_interests_at(&ix->interests, number);
		struct shared_view v;

		--*budget;
		/* Of those with one condition, the first of the ring. */
		if (!(i->generation & 1) ||
		    shared_at(&ix->arena, i->cond)->owners != number ||
		    !index_interests_alive(&ix->interests, i))
			continue;
		shared_view(shared_at(&ix->arena, i->cond), &v);
		f.cond = i->cond;
		file_known(ix, &f);
		fill_report(ix, &f, v.pack, report);
		*user_out = i->user;
		return true;
	}
	return false;
}
