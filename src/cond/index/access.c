/* access.c - see access.h.
 *
 * First the atoms of a pack are gathered, each with the second predicates that
 * its entry may carry: atoms on one path that stand beside it, or beside a
 * group around it, in an AND. If such a one is false, the condition is not
 * true by way of this atom, and whatever else makes it true has a key of its
 * own.
 */
#include "cond/index/access.h"

#include "base/mem.h"

#include <math.h>

enum {
	TESTS = 2,	   /* of a kind that are kept */
	GRAM_STARTS = 64,  /* parts of a needle that are compared */
	WINDOW_ATOMS = 16, /* children of an AND that may be bounds of one */
	GRAM_KINDS = 3,
};

/* A look at a posting, in looks at a condition. */
#define LOOK 0.3

/* A look at text is dearer than one at a value: it reads all of it. */
#define GRAM_WEIGHT 4

struct test {
	uint64_t operand;
	uint32_t test; /* 0: none */
	uint32_t atom;
};

struct access_tests {
	struct test eq[TESTS];
	struct test range[TESTS];
};

struct access_atom {
	struct pack_node node;
	struct access_tests tests;
	struct test own; /* its range */
};

/* detail: of CONTAINS, STARTS and ENDS 1 + 4 offset + kind of the gram; of a
 * lower bound 1 + number of the atom that is the upper one; of BETWEEN 1. 0:
 * by the values, or by being there. */
struct access_item {
	uint32_t atom;
	uint32_t detail;
};

void access_fini(struct access *x)
{
	mem_free(x->atoms);
	mem_free(x->items);
	mem_free(x->keys);
}

static void *room(void *array, uint32_t n, uint32_t *cap, size_t size)
{
	if (n < *cap)
		return array;
	*cap = *cap ? *cap * 2 : 16;
	return mem_realloc(array, *cap * size);
}

/* --- second predicates ------------------------------------------------- */

static bool order_of(const struct pack_literal *l, uint64_t *out)
{
	if (l->type >= VALUE_INT && l->type <= VALUE_DOUBLE) {
		*out = order_number(l->type, l->i);
		return true;
	}
	return false;
}

/* What an atom says about its path, as a look at one number. */
static struct test test_of(const struct pack_node *n, uint32_t atom)
{
	struct pack_literal l;
	struct test t = {.atom = atom};
	bool least = n->code == PACK_GT || n->code == PACK_GE ||
		     n->code == PACK_BETWEEN;
	enum test_op op;

	if (n->scope != PACK_PATH || n->negated || n->code < PACK_EQ ||
	    n->code == PACK_NE || n->code > PACK_BETWEEN)
		return t;
	pack_literal(n->inside, &l);
	if (n->code == PACK_EQ) {
		if (l.type == VALUE_NULL)
			return t;
		op = TEST_EQ;
		t.operand = pack_literal_hash(&l);
	} else if (order_of(&l, &t.operand)) {
		op = least ? TEST_AT_LEAST : TEST_AT_MOST;
	} else if (l.type == VALUE_STRING) {
		op = least ? TEST_STRING_AT_LEAST : TEST_STRING_AT_MOST;
		t.operand = order_string(l.p, l.len);
	} else {
		return t;
	}
	t.test = test_make(n->path, op);
	return t;
}

static void keep(struct test tests[TESTS], struct test t)
{
	for (int i = 0; i < TESTS; i++) {
		if (!tests[i].test) {
			tests[i] = t;
			return;
		}
	}
}

static void keep_test(struct access_tests *tests, struct test t)
{
	if (t.test)
		keep(test_op(t.test) == TEST_EQ ? tests->eq : tests->range, t);
}

static const uint8_t *gather(struct access *x, const uint8_t *p,
			     const struct access_tests *around);

static void gather_group(struct access *x, const struct pack_node *group,
			 const struct access_tests *around)
{
	struct access_tests tests = {0};
	const uint8_t *p;
	struct pack_node n;
	uint32_t atom = x->atoms_n;

	if (group->code == PACK_AND) {
		for (p = group->inside; p < group->end; p = n.end) {
			pack_read(p, &n);
			/* Atoms come before groups, so they are numbered one
			 * after the other; but for opaque ones. */
			if (pack_is_group(n.code))
				break;
			if (n.code == PACK_OPAQUE) {
				atom += n.scope != 0;
				continue;
			}
			keep_test(&tests, test_of(&n, atom++));
		}
	}
	for (int i = 0; i < TESTS; i++) {
		keep_test(&tests, around->eq[i]);
		keep_test(&tests, around->range[i]);
	}
	for (p = group->inside; p < group->end;)
		p = gather(x, p, &tests);
}

static const uint8_t *gather(struct access *x, const uint8_t *p,
			     const struct access_tests *around)
{
	struct pack_node n;
	struct access_atom *a;

	pack_read(p, &n);
	if (pack_is_group(n.code)) {
		gather_group(x, &n, around);
		return n.end;
	}
	if (n.code == PACK_OPAQUE) {
		if (n.scope)
			gather(x, n.inside, around);
		return n.end;
	}
	x->atoms = room(x->atoms, x->atoms_n, &x->atoms_cap, sizeof *a);
	a = &x->atoms[x->atoms_n];
	a->node = n;
	a->tests = *around;
	a->own = test_of(&n, x->atoms_n);
	if (test_op(a->own.test) == TEST_EQ)
		a->own = (struct test){0};
	x->atoms_n++;
	return n.end;
}

static void gather_all(struct access *x, const uint8_t *pack)
{
	static const struct access_tests none;

	x->atoms_n = 0;
	gather(x, pack, &none);
}

/* The best second predicate of an entry of atom number i: one of equality, or
 * its own range, or another's. */
static struct test best_test(const struct access *x, uint32_t i)
{
	const struct access_atom *a = &x->atoms[i];

	for (int k = 0; k < TESTS; k++)
		if (a->tests.eq[k].test && a->tests.eq[k].atom != i)
			return a->tests.eq[k];
	return a->own.test ? a->own : a->tests.range[0];
}

/* --- keys -------------------------------------------------------------- */

static void add_key(struct access *x, enum key_kind kind, uint64_t key,
		    const struct pack_node *n, const struct test *t,
		    uint32_t level)
{
	bool has_place = n->scope == PACK_PATH || n->scope == PACK_NAME;

	x->keys = room(x->keys, x->keys_n, &x->keys_cap, sizeof *x->keys);
	x->keys[x->keys_n++] = (struct access_key){
		.key = key & x->key_mask,
		.operand = t->operand,
		.test = t->test,
		.kind = kind,
		.place = has_place ? n->path : 0,
		.level = level,
		.is_name = n->scope == PACK_NAME,
	};
}

static uint64_t place_hash(const struct access *x, const struct pack_node *n)
{
	if (n->scope == PACK_PATH)
		return paths_at(&x->places->paths, n->path)->hash;
	if (n->scope == PACK_NAME)
		return paths_at(&x->places->names, n->path)->hash;
	return 0;
}

static void value_key(struct access *x, const struct pack_node *n,
		      const struct pack_literal *l, const struct test *t)
{
	static const enum key_kind kinds[] = {[PACK_PATH] = KEY_EQ,
					      [PACK_LEAF] = KEY_ANY,
					      [PACK_NAME] = KEY_NAME,
					      [PACK_META] = KEY_SOURCE};
	enum key_kind kind = kinds[n->scope];

	if (n->scope == PACK_META && n->path)
		kind = KEY_JOB;
	add_key(x, kind, key_make(kind, place_hash(x, n), pack_literal_hash(l)),
		n, t, 0);
}

static void there_key(struct access *x, const struct pack_node *n,
		      const struct test *t)
{
	enum key_kind kind = n->scope == PACK_PATH ? KEY_EXISTS : KEY_THERE;

	add_key(x, kind, key_make(kind, place_hash(x, n), 0), n, t, 0);
}

enum { LEVEL_MAX = 2 * (PATH_LEVELS - 1) };

/* The narrowest cells of which low..high needs two at most. */
static uint32_t level_of(uint64_t low, uint64_t high)
{
	uint32_t level = 0;

	while (level < LEVEL_MAX && (high >> level) - (low >> level) > 1)
		level += 2;
	return level;
}

static void cell_keys(struct access *x, const struct pack_node *n, uint64_t low,
		      uint64_t high, const struct test *t)
{
	uint64_t path = place_hash(x, n);
	uint32_t level = level_of(low, high);

	for (uint64_t c = low >> level; c <= high >> level; c++)
		add_key(x, KEY_CELL, key_cell(path, level, c), n, t, level);
}

static const struct {
	enum key_kind kind;
	uint32_t bytes;
} grams[GRAM_KINDS] = {{KEY_GRAM8, 8}, {KEY_GRAM4, 4}, {KEY_GRAM3, 3}};

static uint64_t gram_key(int kind, const char *p)
{
	return kind == 0   ? key_gram8(p)
	       : kind == 1 ? key_gram4(p)
			   : key_gram3(p);
}

/* The needle of CONTAINS, STARTS and ENDS; its value as an element of a list
 * in *element_out. */
static struct str needle_of(const struct pack_node *n,
			    struct pack_literal *element_out)
{
	struct pack_literal text;
	const uint8_t *p = pack_literal(n->inside, element_out);

	text = *element_out;
	if (n->code == PACK_CONTAINS)
		pack_literal(p, &text);
	return str_from(text.p, text.len);
}

/* What contains may mean beside text: an element, and a member. On a path the
 * keys say which list; of a name anything that has the value will do. */
static void element_keys(struct access *x, const struct pack_node *n,
			 struct str needle, const struct pack_literal *element,
			 const struct test *t)
{
	uint64_t path = place_hash(x, n);
	uint64_t value = pack_literal_hash(element);
	uint64_t name = json_name_hash(needle);
	struct pack_node leaf = {.scope = PACK_LEAF};

	if (n->scope == PACK_PATH) {
		add_key(x, KEY_HAS, key_make(KEY_HAS, path, value), n, t, 0);
		if (name != value)
			add_key(x, KEY_HAS, key_make(KEY_HAS, path, name), n, t,
				0);
	} else if (n->scope == PACK_NAME) {
		add_key(x, KEY_ANY, key_make(KEY_ANY, 0, value), &leaf, t, 0);
		add_key(x, KEY_THERE, key_make(KEY_THERE, name, 0), &leaf, t,
			0);
	}
}

static void text_keys(struct access *x, const struct pack_node *n,
		      uint32_t detail, const struct test *t)
{
	struct pack_literal element;
	struct str needle = needle_of(n, &element);
	uint32_t kind = (detail - 1) & 3;

	add_key(x, grams[kind].kind,
		gram_key((int)kind, needle.p + ((detail - 1) >> 2)), n, t, 0);
	if (n->code == PACK_CONTAINS)
		element_keys(x, n, needle, &element, t);
}

/* The bounds of a window: of BETWEEN, or of two atoms. */
static bool bounds(const struct pack_node *low, const struct pack_node *high,
		   uint64_t *low_out, uint64_t *high_out)
{
	struct pack_literal a;
	struct pack_literal b;
	const uint8_t *p = pack_literal(low->inside, &a);

	pack_literal(low->code == PACK_BETWEEN ? p : high->inside, &b);
	return order_of(&a, low_out) && order_of(&b, high_out) &&
	       *low_out <= *high_out;
}

static void item_keys(struct access *x, struct access_item item)
{
	const struct pack_node *n = &x->atoms[item.atom].node;
	const uint8_t *p = n->inside;
	const uint8_t *end = p + n->literals;
	struct test t = best_test(x, item.atom);
	struct pack_literal l;
	uint64_t low;
	uint64_t high;

	switch (n->code) {
	case PACK_EQ:
	case PACK_IN:
		while (p < end) {
			p = pack_literal(p, &l);
			value_key(x, n, &l, &t);
		}
		return;
	case PACK_CONTAINS:
	case PACK_STARTS:
	case PACK_ENDS:
		if (item.detail) {
			text_keys(x, n, item.detail, &t);
			return;
		}
		break;
	default:
		if (item.detail &&
		    bounds(n, &x->atoms[item.detail - 1].node, &low, &high)) {
			cell_keys(x, n, low, high, &t);
			return;
		}
	}
	there_key(x, n, &t);
}

void access_derive(struct access *x, const uint8_t *pack, const uint8_t *list,
		   uint32_t list_bytes)
{
	const uint8_t *end = list + list_bytes;
	uint64_t atom;
	uint64_t detail;

	x->keys_n = 0;
	gather_all(x, pack);
	while (list < end) {
		list = pack_varint(list, &atom);
		list = pack_varint(list, &detail);
		item_keys(x, (struct access_item){(uint32_t)atom,
						  (uint32_t)detail});
	}
}

/* --- cost -------------------------------------------------------------- */

/* What share of events to expect a key in of which little is known. */
static const double expected[KEY_KINDS] = {
	[KEY_EQ] = 0.002,   [KEY_ANY] = 0.001,	 [KEY_NAME] = 0.002,
	[KEY_HAS] = 0.0005, [KEY_EXISTS] = 0.5,	 [KEY_THERE] = 0.3,
	[KEY_CELL] = 0.001, [KEY_GRAM8] = 0.001, [KEY_GRAM4] = 0.005,
	[KEY_GRAM3] = 0.02, [KEY_SOURCE] = 0.05, [KEY_JOB] = 0.01,
};

/* Cells of 2^52 values are those of one power of two of a double. */
static double expected_in_cell(uint32_t level)
{
	return level >= 50 ? 0.4 : level >= 44 ? 0.03 : expected[KEY_CELL];
}

/* The share of events that have the key. How many conditions want it says
 * something as long as no event has been seen. */
static double share_of(const struct access *x, enum key_kind kind, uint64_t key,
		       uint32_t level)
{
	double expect =
		kind == KEY_CELL ? expected_in_cell(level) : expected[kind];
	const struct table_slot *s = table_find(x->table, key);

	expect *= 1 + (s ? s->n : 0);
	return sketch_share(x->sketch, key, expect < 1 ? expect : 1);
}

/* The share of events with the key in which an entry's second predicate holds,
 * too, if the two have nothing to do with each other. */
static double let_through(const struct access *x, uint64_t operand,
			  uint32_t test)
{
	uint64_t path;

	if (test_op(test) == TEST_NONE)
		return 1;
	if (test_op(test) != TEST_EQ)
		return 0.5;
	path = paths_at(&x->places->paths, test_path(test))->hash;
	return sketch_share(x->sketch,
			    key_make(KEY_EQ, path, operand) & x->key_mask,
			    0.25);
}

/* What one entry more behind the key costs: a look at the posting, and at the
 * condition. */
static double key_cost(const struct access *x, const struct access_key *k)
{
	return share_of(x, k->kind, k->key, k->level) *
	       (LOOK + let_through(x, k->operand, k->test));
}

/* Of the keys that the item has. */
static double item_cost(struct access *x, struct access_item item)
{
	double cost = 0;

	x->keys_n = 0;
	item_keys(x, item);
	for (uint32_t i = 0; i < x->keys_n; i++)
		cost += key_cost(x, &x->keys[i]);
	return cost;
}

/* The rarest part of the needle: 1 + 4 offset + kind, or 0 for a needle that
 * has no part. */
static uint32_t best_gram(const struct access *x, const struct pack_node *n)
{
	struct pack_literal element;
	struct str needle = needle_of(n, &element);
	double least = INFINITY;
	uint32_t best = 0;
	uint32_t kind = 0;

	while (kind < GRAM_KINDS && needle.len < grams[kind].bytes)
		kind++;
	if (kind == GRAM_KINDS)
		return 0;
	for (uint32_t i = 0;
	     i + grams[kind].bytes <= needle.len && i < GRAM_STARTS; i++) {
		double cost = share_of(x, grams[kind].kind,
				       gram_key((int)kind, needle.p + i) &
					       x->key_mask,
				       0);

		if (cost < least) {
			least = cost;
			best = 1 + 4 * i + kind;
		}
	}
	return best;
}

/* --- choice ------------------------------------------------------------ */

static void add_item(struct access *x, uint32_t atom, uint32_t detail)
{
	x->items = room(x->items, x->items_n, &x->items_cap, sizeof *x->items);
	x->items[x->items_n++] = (struct access_item){atom, detail};
}

/* Null is what a missing value counts as. */
static bool wants_null(const struct pack_node *n)
{
	const uint8_t *p = n->inside;
	struct pack_literal l;

	if (n->scope != PACK_PATH && n->scope != PACK_META)
		return false;
	while (p < n->inside + n->literals) {
		p = pack_literal(p, &l);
		if (l.type == VALUE_NULL)
			return true;
	}
	return false;
}

static double choose_atom(struct access *x, uint32_t atom)
{
	const struct pack_node *n = &x->atoms[atom].node;
	bool has_place = n->scope == PACK_PATH || n->scope == PACK_NAME;
	uint32_t detail = 0;
	double weight = 1;

	if (n->negated)
		return INFINITY;
	switch (n->code) {
	case PACK_FALSE:
		return 0;
	case PACK_TRUE:
		return INFINITY;
	case PACK_EQ:
	case PACK_IN:
		if (wants_null(n))
			return INFINITY;
		break;
	case PACK_CONTAINS:
	case PACK_STARTS:
	case PACK_ENDS:
		detail = best_gram(x, n);
		weight = GRAM_WEIGHT;
		if (!detail && !has_place)
			return INFINITY;
		break;
	case PACK_NE:
		/* On a path it is true of what is not there. */
		if (n->scope != PACK_NAME)
			return INFINITY;
		break;
	case PACK_BETWEEN:
		detail = n->scope == PACK_PATH;
		if (!has_place)
			return INFINITY;
		break;
	default:
		if (!has_place)
			return INFINITY;
		break;
	}
	add_item(x, atom, detail);
	return weight * item_cost(x, (struct access_item){atom, detail});
}

static double choose(struct access *x, const uint8_t **p, uint32_t *atom);

/* Replaces the items from mark on by the new ones at the end, if those cost
 * less; else drops these. */
static double cheaper(struct access *x, uint32_t mark, uint32_t added,
		      double before, double cost)
{
	uint32_t n = x->items_n - added;

	if (cost >= before) {
		x->items_n = added;
		return before;
	}
	memmove(x->items + mark, x->items + added, n * sizeof *x->items);
	x->items_n = mark + n;
	return cost;
}

static bool is_bound(const struct pack_node *n, bool lower)
{
	if (n->scope != PACK_PATH || n->negated)
		return false;
	return lower ? n->code == PACK_GE || n->code == PACK_GT
		     : n->code == PACK_LE || n->code == PACK_LT;
}

/* Two of the atoms from first to end that are the bounds of one window. */
static double choose_window(struct access *x, uint32_t first, uint32_t end,
			    uint32_t mark, double least)
{
	uint64_t low;
	uint64_t high;

	end = MIN(end, first + WINDOW_ATOMS);
	for (uint32_t i = first; i < end; i++) {
		const struct pack_node *a = &x->atoms[i].node;

		for (uint32_t k = first; is_bound(a, true) && k < end; k++) {
			const struct pack_node *b = &x->atoms[k].node;
			uint32_t added = x->items_n;

			if (!is_bound(b, false) || a->path != b->path ||
			    !bounds(a, b, &low, &high))
				continue;
			add_item(x, i, 1 + k);
			least = cheaper(x, mark, added, least,
					item_cost(x, x->items[added]));
		}
	}
	return least;
}

static double choose_and(struct access *x, const struct pack_node *n,
			 uint32_t *atom)
{
	const uint8_t *p = n->inside;
	uint32_t mark = x->items_n;
	uint32_t first = *atom;
	uint32_t last = first;
	double least = INFINITY;

	while (p < n->end) {
		uint32_t added = x->items_n;
		bool group = pack_is_group((enum pack_code)(*p & 31));
		double cost = choose(x, &p, atom);

		if (!group)
			last = *atom;
		least = cheaper(x, mark, added, least, cost);
	}
	return choose_window(x, first, last, mark, least);
}

static double choose(struct access *x, const uint8_t **p, uint32_t *atom)
{
	struct pack_node n;
	uint32_t mark = x->items_n;
	double sum = 0;

	pack_read(*p, &n);
	*p = n.end;
	if (n.code == PACK_OPAQUE) {
		const uint8_t *weaker = n.inside;

		return n.scope ? choose(x, &weaker, atom) : INFINITY;
	}
	if (!pack_is_group(n.code))
		return choose_atom(x, (*atom)++);
	if (n.code == PACK_AND) {
		sum = choose_and(x, &n, atom);
	} else {
		for (const uint8_t *inner = n.inside; inner < n.end;)
			sum += choose(x, &inner, atom);
	}
	if (n.negated)
		sum = INFINITY;
	if (isinf(sum))
		x->items_n = mark;
	return sum;
}

double access_choose(struct access *x, const uint8_t *pack,
		     struct buf *list_out)
{
	uint32_t atom = 0;
	double cost;

	x->items_n = 0;
	gather_all(x, pack);
	cost = choose(x, &pack, &atom);
	for (uint32_t i = 0; i < x->items_n; i++) {
		pack_write_varint(list_out, x->items[i].atom);
		pack_write_varint(list_out, x->items[i].detail);
	}
	return cost;
}
