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

struct interest_index *interest_index_create(
	const struct interest_limits *limits, int64_t now_ms)
{
	struct interest_index *ix = mem_zalloc(sizeof *ix);

	if (limits)
		ix->limits = *limits;
	if (!ix->limits.interests_max)
		ix->limits.interests_max = INTEREST_MAX_DEFAULT;
	if (!ix->limits.linear_max)
		ix->limits.linear_max = INTEREST_LINEAR_MAX_DEFAULT;
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
	if (!k->place)
		return;
	if (k->kind != KEY_CELL)
		paths_at(paths, k->place)->uses[uses[k->kind]] += (uint32_t)by;
	else if (by > 0)
		paths_use_level(paths, k->place, k->level);
	else
		paths_leave_level(paths, k->place, k->level);
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
	for (uint32_t i = 0; i < ix->access.keys_n; i++) {
		const struct access_key *k = &ix->access.keys[i];
		struct table_slot *s = table_add(&ix->table, k->key);
		struct posting_entry alone = {0};

		use(ix, k, 1);
		if (s->n == 1)
			alone = entry_of_alone(ix, k->key, s->ref);
		posting_add(&ix->arena, s, entry_of(k, cond), alone);
	}
}

static void remove_keys(struct interest_index *ix, uint32_t cond)
{
	for (uint32_t i = 0; i < ix->access.keys_n; i++) {
		const struct access_key *k = &ix->access.keys[i];
		struct table_slot *s = table_find(&ix->table, k->key);

		use(ix, k, -1);
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

static bool is_false(const uint8_t *pack)
{
	struct pack_node n;

	pack_read(pack, &n);
	return n.code == PACK_FALSE;
}

static void fill_report(const struct interest_index *ix,
			struct interest_report *report, double cost,
			bool linear)
{
	*report = (struct interest_report){
		.visits = isinf(cost) ? 1 : cost,
		.keys = ix->access.keys_n,
		.linear = linear,
		.never_true = !linear && !ix->access.keys_n,
	};
	for (uint32_t i = 0; i < ix->access.keys_n; i++)
		report->kinds |= 1u << ix->access.keys[i].kind;
}

/* A condition is linear if it has no key, or one by being there. Of those that
 * are in, the list says which; ix->access has its keys. */
static bool is_linear(const struct interest_index *ix, const uint8_t *pack)
{
	return ix->access.keys_n ? by_being_there(&ix->access)
				 : !is_false(pack);
}

/* Adds the condition in ix->pack, which nobody has stated before. */
static int add_cond(struct interest_index *ix, uint64_t hash, struct cond *held,
		    uint32_t *cond_out, struct interest_report *report,
		    struct weir_error *err)
{
	struct str pack = buf_str(&ix->pack);
	const uint8_t *bytes = (const uint8_t *)pack.p;
	struct str list;
	double cost;
	bool linear;

	buf_clear(&ix->list);
	cost = access_choose(&ix->access, bytes, &ix->list);
	list = buf_str(&ix->list);
	linear = is_linear(ix, bytes);
	if (linear && ix->linear >= ix->limits.linear_max)
		return error_set(err, WEIR_EBUSY,
				 "this condition is not selective, and there "
				 "are %u such already",
				 ix->linear);
	prefetch_postings(ix);
	*cond_out = shared_add(&ix->shared, hash, pack, list, held);
	sketch_fit(&ix->sketch, ix->shared.n);
	ix->linear += linear;
	if (linear && !ix->access.keys_n)
		add_residual(ix, *cond_out);
	add_keys(ix, *cond_out);
	if (report)
		fill_report(ix, report, cost, linear);
	return 0;
}

static void remove_cond(struct interest_index *ix, uint32_t cond)
{
	struct shared_view v;
	uint64_t hash;
	bool linear;

	shared_view(shared_at(&ix->arena, cond), &v);
	hash = shared_hash(str_from((const char *)v.pack, v.pack_bytes));
	shared_prefetch(&ix->shared, hash);
	access_derive(&ix->access, v.pack, v.list, v.list_bytes);
	for (uint32_t i = 0; i < ix->access.keys_n; i++) {
		table_prefetch_filter(&ix->table, ix->access.keys[i].key);
		table_prefetch(&ix->table, ix->access.keys[i].key);
	}
	linear = is_linear(ix, v.pack);
	ix->linear -= linear;
	if (linear && !ix->access.keys_n)
		remove_residual(ix, cond);
	remove_keys(ix, cond);
	pack_release(v.pack, v.pack_bytes, &ix->places);
	shared_remove(&ix->shared, hash, cond);
}

/* The condition that c is; a new one has no owner yet. */
static int find_or_add_cond(struct interest_index *ix, struct cond *c,
			    uint32_t *cond_out, struct interest_report *report,
			    struct weir_error *err)
{
	struct cond *held;
	uint64_t hash;
	int rc = 0;

	buf_clear(&ix->pack);
	held = pack_write(&ix->pack, c, &ix->places) ? NULL : c;
	hash = shared_hash(buf_str(&ix->pack));
	/* The memory for both answers of shared_find is waited for at once. */
	shared_prefetch(&ix->shared, hash);
	access_prepare(&ix->access, (const uint8_t *)buf_bytes(&ix->pack));
	*cond_out = shared_find(&ix->shared, hash, buf_str(&ix->pack), held);
	if (!*cond_out) {
		rc = add_cond(ix, hash, held, cond_out, report, err);
		if (rc == 0)
			return 0;
	} else if (report) {
		struct shared_view v;

		shared_view(shared_at(&ix->arena, *cond_out), &v);
		access_derive(&ix->access, v.pack, v.list, v.list_bytes);
		fill_report(ix, report, 0, is_linear(ix, v.pack));
		report->shared = true;
	}
	/* Whoever has the places already, or was refused. */
	pack_release((const uint8_t *)buf_bytes(&ix->pack), buf_len(&ix->pack),
		     &ix->places);
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

void interest_report_print(const struct interest_report *r, struct buf *out)
{
	static const char *const kinds[KEY_KINDS] = {
		[KEY_EQ] = "a value at a path",
		[KEY_ANY] = "a value of any leaf",
		[KEY_NAME] = "a value under a name",
		[KEY_HAS] = "an element at a path",
		[KEY_EXISTS] = "a path that is there",
		[KEY_THERE] = "a name that is there",
		[KEY_CELL] = "an interval at a path",
		[KEY_GRAM8] = "8 bytes of text",
		[KEY_GRAM4] = "4 bytes of text",
		[KEY_GRAM3] = "3 bytes of text",
		[KEY_SOURCE] = "the source",
		[KEY_JOB] = "the job",
	};
	const char *between = "indexed by ";

	if (r->never_true) {
		buf_append_cstr(out, "never true");
		return;
	}
	if (!r->keys)
		buf_append_cstr(out, "not indexed");
	for (int kind = 0; kind < KEY_KINDS; kind++) {
		if (!(r->kinds >> kind & 1))
			continue;
		buf_append_cstr(out, between);
		buf_append_cstr(out, kinds[kind]);
		between = ", ";
	}
	if (r->shared)
		buf_append_cstr(out, ", shared with others");
	else
		buf_printf(out, ", %.3g visits an event", r->visits);
	if (r->linear)
		buf_append_cstr(out, ", not selective");
}
