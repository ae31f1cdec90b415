/* access_choose.c - the cheapest access set of a condition; see access.h.
 *
 * What a set costs is what one entry more costs: the share of events that have
 * its key, from the sketch, by the share of those in which its second predicate
 * holds. That others are behind the same key costs nothing, since their entries
 * are passed over in the order of tests; but as long as few events have been
 * seen, it is a hint that the key is a common one.
 */
#include "cond/index/access_atoms.h"

#include <math.h>
#include <string.h>

enum {
	GRAM_STARTS = 64,  /* parts of a needle that are compared */
	WINDOW_ATOMS = 16, /* children of an AND that may be bounds of one */
};

/* A look at a posting, in looks at a condition. */
#define LOOK 0.3

/* A look at text is dearer than one at a value: it reads all of it. */
#define GRAM_WEIGHT 4

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

static bool looks_at_text(const struct pack_node *n)
{
	return n->code == PACK_CONTAINS || n->code == PACK_STARTS ||
	       n->code == PACK_ENDS || access_has_parts(n);
}

/* Of the item's keys. */
static double item_cost(const struct access *x, const struct access_item *item)
{
	double cost = 0;

	for (uint32_t i = 0; i < item->keys_n; i++)
		cost += key_cost(x, &x->keys[item->keys + i]);
	if (looks_at_text(&x->atoms[item->atom].node))
		cost *= GRAM_WEIGHT;
	return cost;
}

/* What share_of will look at. */
static void prefetch(const struct access *x, uint64_t key)
{
	__builtin_prefetch(sketch_counter(x->sketch, key));
	table_prefetch_filter(x->table, key);
}

/* The rarest part of the needle: 1 + 4 offset + kind, or 0 for a needle that
 * has no part. */
static uint32_t best_gram(const struct access *x, struct str needle)
{
	double least = INFINITY;
	uint64_t keys[GRAM_STARTS];
	uint32_t starts;
	uint32_t best = 0;
	uint32_t kind = 0;

	while (kind < ACCESS_GRAM_KINDS &&
	       needle.len < access_grams[kind].bytes)
		kind++;
	if (kind == ACCESS_GRAM_KINDS)
		return 0;
	starts = (uint32_t)MIN(needle.len - access_grams[kind].bytes + 1,
			       (size_t)GRAM_STARTS);
	for (uint32_t i = 0; i < starts; i++) {
		keys[i] =
			access_gram_key((int)kind, needle.p + i) & x->key_mask;
		prefetch(x, keys[i]);
	}
	for (uint32_t i = 0; i < starts; i++)
		if (table_maybe(x->table, keys[i]))
			table_prefetch(x->table, keys[i]);
	for (uint32_t i = 0; i < starts; i++) {
		double cost = share_of(x, access_grams[kind].kind, keys[i], 0);

		if (cost < least) {
			least = cost;
			best = 1 + 4 * i + kind;
		}
	}
	return best;
}

/* --- choice ------------------------------------------------------------ */

/* Adds an item, and tells what it costs. */
static double add_item(struct access *x, uint32_t atom, uint32_t detail)
{
	struct access_item item = {atom, detail, x->atoms[atom].keys,
				   x->atoms[atom].keys_n};

	if (!item.keys_n) {
		item.keys = x->keys_n;
		access_item_keys(x, atom, detail);
		item.keys_n = x->keys_n - item.keys;
	}
	x->items = access_room(x->items, x->items_n, &x->items_cap,
			       sizeof *x->items);
	x->items[x->items_n++] = item;
	return item_cost(x, &item);
}

/* Null is what a missing value counts as. */
static bool wants_null(const struct pack_node *n)
{
	const uint8_t *p = n->inside;
	struct pack_literal l;

	if (n->scope != PACK_PATH && n->scope != PACK_META)
		return false;
	if (n->code == PACK_EQ)
		return *p == VALUE_NULL;
	while (p < n->inside + n->literals) {
		p = pack_literal(p, &l);
		if (l.type == VALUE_NULL)
			return true;
	}
	return false;
}

/* Is it filed by its values, if at all? */
static bool by_values(const struct pack_node *n)
{
	return (n->code == PACK_EQ || n->code == PACK_IN) && !n->negated &&
	       !wants_null(n);
}

void access_prepare(struct access *x, const uint8_t *pack)
{
	access_gather(x, pack);
	x->keys_n = 0;
	for (uint32_t i = 0; i < x->atoms_n; i++) {
		struct access_atom *a = &x->atoms[i];

		a->keys = x->keys_n;
		if (by_values(&a->node))
			access_item_keys(x, i, 0);
		a->keys_n = x->keys_n - a->keys;
		for (uint32_t k = a->keys; k < x->keys_n; k++) {
			prefetch(x, x->keys[k].key);
			table_prefetch(x->table, x->keys[k].key);
		}
	}
}

/* Is the last item's key the same as one of those from mark on? */
static bool is_known(const struct access *x, uint32_t mark)
{
	const struct access_item *last = &x->items[x->items_n - 1];

	for (; mark + 1 < x->items_n; mark++)
		if (x->keys[x->items[mark].keys].key == x->keys[last->keys].key)
			return true;
	return false;
}

/* An item for each part, unless two share the rarest of what is in them. */
static double choose_parts(struct access *x, uint32_t atom)
{
	const struct pack_node *n = &x->atoms[atom].node;
	const uint8_t *p = n->inside;
	uint32_t mark = x->items_n;
	struct pack_literal l;
	double sum = 0;

	while (p < n->end) {
		uint32_t part;
		double cost;

		p = pack_literal(p, &l);
		part = (uint32_t)((const uint8_t *)l.p - n->inside);
		cost = add_item(x, atom,
				4 * part + best_gram(x, str_from(l.p, l.len)));
		if (is_known(x, mark))
			x->items_n--;
		else
			sum += cost;
	}
	return sum;
}

static double choose_atom(struct access *x, uint32_t atom)
{
	const struct pack_node *n = &x->atoms[atom].node;
	struct pack_literal element;
	bool has_place = n->scope == PACK_PATH || n->scope == PACK_NAME;
	uint32_t detail = 0;

	if (n->negated)
		return INFINITY;
	switch (n->code) {
	case PACK_FALSE:
		return 0;
	case PACK_TRUE:
		return INFINITY;
	case PACK_EQ:
	case PACK_IN:
		if (!by_values(n))
			return INFINITY;
		break;
	case PACK_CONTAINS:
	case PACK_STARTS:
	case PACK_ENDS:
		detail = best_gram(x, access_needle(n, &element));
		if (!detail && !has_place)
			return INFINITY;
		break;
	case PACK_PARTS:
	case PACK_FOLDED_PARTS:
		return choose_parts(x, atom);
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
	return add_item(x, atom, detail);
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

			if (is_bound(b, false) && a->path == b->path &&
			    access_bounds(a, b, &low, &high))
				least = cheaper(x, mark, added, least,
						add_item(x, i, 1 + k));
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
		bool group = pack_is_group(pack_code_at(p));
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

	if (!pack_is_group(pack_code_at(*p)) &&
	    pack_code_at(*p) != PACK_OPAQUE) {
		*p = x->atoms[*atom].node.end;
		return choose_atom(x, (*atom)++);
	}
	pack_read(*p, &n);
	*p = n.end;
	if (n.code == PACK_OPAQUE)
		return n.scope ? choose_atom(x, (*atom)++) : INFINITY;
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

/* Of all keys that were looked at x->keys keeps those of the items. */
static void keep_chosen(struct access *x)
{
	struct access_key *keys = x->keys;
	uint32_t cap = x->keys_cap;
	uint32_t n = 0;

	for (uint32_t i = 0; i < x->items_n; i++) {
		const struct access_item *item = &x->items[i];

		for (uint32_t k = 0; k < item->keys_n; k++) {
			x->chosen = access_room(x->chosen, n, &x->chosen_cap,
						sizeof *x->chosen);
			x->chosen[n++] = keys[item->keys + k];
		}
	}
	x->keys = x->chosen;
	x->keys_cap = x->chosen_cap;
	x->keys_n = n;
	x->chosen = keys;
	x->chosen_cap = cap;
}

double access_choose(struct access *x, const uint8_t *pack,
		     struct buf *list_out)
{
	uint32_t atom = 0;
	double cost;

	x->items_n = 0;
	cost = choose(x, &pack, &atom);
	for (uint32_t i = 0; i < x->items_n; i++) {
		pack_write_varint(list_out, x->items[i].atom);
		pack_write_varint(list_out, x->items[i].detail);
	}
	keep_chosen(x);
	return cost;
}

double access_cost(struct access *x, const uint8_t *pack, const uint8_t *list,
		   uint32_t list_bytes)
{
	const uint8_t *end = list + list_bytes;
	double cost = 0;
	uint64_t atom;
	uint64_t detail;

	access_gather(x, pack);
	x->keys_n = 0;
	x->items_n = 0;
	while (list < end) {
		list = pack_varint(list, &atom);
		list = pack_varint(list, &detail);
		cost += add_item(x, (uint32_t)atom, (uint32_t)detail);
	}
	return cost;
}
