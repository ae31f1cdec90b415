/* access.c - see access.h.
 *
 * First the atoms of a pack are gathered, each with the second predicates that
 * its entry may carry: atoms on one path that stand beside it, or beside a
 * group around it, in an AND. If such a one is false, the condition is not
 * true by way of this atom, and whatever else makes it true has a key of its
 * own.
 */
#include "cond/index/access_atoms.h"

#include "base/mem.h"

void access_fini(struct access *x)
{
	mem_free(x->atoms);
	mem_free(x->tests);
	mem_free(x->items);
	mem_free(x->keys);
	mem_free(x->chosen);
}

void *access_room(void *array, uint32_t n, uint32_t *cap, size_t size)
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
static struct test test_of(const struct access_atom *a, uint32_t atom)
{
	const struct pack_node *n = &a->node;
	struct pack_literal l;
	struct test t = {.atom = atom};
	bool least = n->code == PACK_GT || n->code == PACK_GE ||
		     n->code == PACK_BETWEEN;
	enum test_op op;

	if (n->scope != PACK_PATH || n->negated || n->code < PACK_EQ ||
	    n->code == PACK_NE || n->code > PACK_BETWEEN)
		return t;
	if (n->code == PACK_EQ) {
		if (*n->inside == VALUE_NULL)
			return t;
		t.operand = a->value;
		t.test = test_make(n->path, TEST_EQ);
		return t;
	}
	pack_literal(n->inside, &l);
	if (order_of(&l, &t.operand)) {
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

static void keep(struct test tests[ACCESS_TESTS], struct test t)
{
	for (int i = 0; i < ACCESS_TESTS; i++) {
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

/* --- atoms ------------------------------------------------------------- */

static struct test add_atom(struct access *x, const struct pack_node *n,
			    uint32_t around)
{
	uint32_t number = x->atoms_n;
	struct access_atom *a;
	struct pack_literal l;
	struct test t;

	x->atoms = access_room(x->atoms, number, &x->atoms_cap, sizeof *a);
	a = &x->atoms[x->atoms_n++];
	a->node = *n;
	a->value = 0;
	a->keys = a->keys_n = 0;
	if (n->code == PACK_EQ) {
		pack_literal(n->inside, &l);
		a->value = pack_literal_hash(&l);
	}
	a->tests = around;
	t = test_of(a, number);
	a->own = test_op(t.test) == TEST_EQ ? (struct test){0} : t;
	return t;
}

/* The tests of an AND, and those around it, as those of its atoms. Returns
 * their number. */
static uint32_t join_tests(struct access *x, struct access_tests *own,
			   uint32_t first, uint32_t around)
{
	uint32_t number = x->tests_n;

	for (int i = 0; i < ACCESS_TESTS; i++) {
		keep_test(own, x->tests[around].eq[i]);
		keep_test(own, x->tests[around].range[i]);
	}
	x->tests = access_room(x->tests, number, &x->tests_cap, sizeof *own);
	x->tests[x->tests_n++] = *own;
	for (uint32_t i = first; i < x->atoms_n; i++)
		x->atoms[i].tests = number;
	return number;
}

/* around: the number of the tests that hold around it. */
static void gather(struct access *x, const struct pack_node *group,
		   uint32_t around)
{
	struct access_tests own = {0};
	uint32_t first = x->atoms_n;
	const uint8_t *p = group->inside;
	struct pack_node n;

	/* Atoms come before groups. */
	for (; p < group->end; p = n.end) {
		pack_read(p, &n);
		if (pack_is_group(n.code))
			break;
		if (n.code != PACK_OPAQUE) {
			keep_test(&own, add_atom(x, &n, around));
			continue;
		}
		if (n.scope) {
			pack_read(n.inside, &n);
			add_atom(x, &n, around);
		}
	}
	if (group->code == PACK_AND)
		around = join_tests(x, &own, first, around);
	for (; p < group->end; p = n.end) {
		pack_read(p, &n);
		gather(x, &n, around);
	}
}

void access_gather(struct access *x, const uint8_t *pack)
{
	struct pack_node all = {.code = PACK_OR, .inside = pack};
	struct pack_node root;

	pack_read(pack, &root);
	all.end = root.end;
	x->atoms_n = 0;
	x->tests = access_room(x->tests, 0, &x->tests_cap, sizeof *x->tests);
	x->tests[0] = (struct access_tests){0};
	x->tests_n = 1;
	gather(x, pack_is_group(root.code) ? &root : &all, 0);
}

/* The best second predicate of an entry of atom number i: one of equality, or
 * its own range, or another's. */
static struct test best_test(const struct access *x, uint32_t i)
{
	const struct access_atom *a = &x->atoms[i];
	const struct access_tests *tests = &x->tests[a->tests];

	for (int k = 0; k < ACCESS_TESTS; k++)
		if (tests->eq[k].test && tests->eq[k].atom != i)
			return tests->eq[k];
	return a->own.test ? a->own : tests->range[0];
}

/* --- keys -------------------------------------------------------------- */

static void add_key(struct access *x, enum key_kind kind, uint64_t key,
		    const struct pack_node *n, const struct test *t,
		    uint32_t level)
{
	bool has_place = n->scope == PACK_PATH || n->scope == PACK_NAME;

	x->keys =
		access_room(x->keys, x->keys_n, &x->keys_cap, sizeof *x->keys);
	x->keys[x->keys_n++] = (struct access_key){
		.key = key & x->key_mask,
		.operand = t->operand,
		.test = t->test,
		.kind = kind,
		.place = has_place ? n->path : 0,
		.level = level,
		.is_name = n->scope == PACK_NAME,
		.folded = n->code == PACK_FOLDED_PARTS,
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
		      uint64_t value, const struct test *t)
{
	static const enum key_kind kinds[] = {[PACK_PATH] = KEY_EQ,
					      [PACK_LEAF] = KEY_ANY,
					      [PACK_NAME] = KEY_NAME,
					      [PACK_META] = KEY_SOURCE};
	enum key_kind kind = kinds[n->scope];

	if (n->scope == PACK_META && n->path)
		kind = KEY_JOB;
	add_key(x, kind, key_make(kind, place_hash(x, n), value), n, t, 0);
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

const struct access_gram access_grams[ACCESS_GRAM_KINDS] = {{KEY_GRAM8, 8},
							    {KEY_GRAM4, 4},
							    {KEY_GRAM3, 3}};

uint64_t access_gram_key(int kind, const char *p)
{
	return kind == 0   ? key_gram8(p)
	       : kind == 1 ? key_gram4(p)
			   : key_gram3(p);
}

/* The needle of CONTAINS, STARTS and ENDS; its value as an element of a list
 * in *element_out. */
struct str access_needle(const struct pack_node *n,
			 struct pack_literal *element_out)
{
	struct pack_literal text;
	const uint8_t *p = pack_literal(n->inside, element_out);

	text = *element_out;
	if (n->code == PACK_CONTAINS)
		pack_literal(p, &text);
	return str_from(text.p, text.len);
}

void access_needle_part(const uint8_t *pack, const uint8_t *list,
			struct pack_literal *needle_out, uint32_t *part_out)
{
	struct pack_literal element;
	struct pack_node n;
	struct str needle;
	uint64_t detail;

	pack_read(pack, &n);
	needle = access_needle(&n, &element);
	*needle_out = (struct pack_literal){.type = VALUE_STRING,
					    .len = (uint32_t)needle.len,
					    .p = needle.p};
	pack_varint(list + 1, &detail); /* behind the number of the atom, 0 */
	*part_out = (uint32_t)(detail - 1) >> 2;
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
	struct str needle = access_needle(n, &element);
	uint32_t kind = (detail - 1) & 3;

	add_key(x, access_grams[kind].kind,
		access_gram_key((int)kind, needle.p + ((detail - 1) >> 2)), n,
		t, 0);
	if (n->code == PACK_CONTAINS)
		element_keys(x, n, needle, &element, t);
}

/* One of the parts. */
static void part_key(struct access *x, const struct pack_node *n,
		     uint32_t detail, const struct test *t)
{
	const char *p = (const char *)n->inside + ((detail - 1) >> 2);
	uint32_t kind = (detail - 1) & 3;

	add_key(x, access_grams[kind].kind, access_gram_key((int)kind, p), n, t,
		0);
}

/* The bounds of a window: of BETWEEN, or of two atoms. */
bool access_bounds(const struct pack_node *low, const struct pack_node *high,
		   uint64_t *low_out, uint64_t *high_out)
{
	struct pack_literal a;
	struct pack_literal b;
	const uint8_t *p = pack_literal(low->inside, &a);

	pack_literal(low->code == PACK_BETWEEN ? p : high->inside, &b);
	return order_of(&a, low_out) && order_of(&b, high_out) &&
	       *low_out <= *high_out;
}

void access_item_keys(struct access *x, uint32_t atom, uint32_t detail)
{
	const struct pack_node *n = &x->atoms[atom].node;
	const uint8_t *p = n->inside;
	const uint8_t *end = p + n->literals;
	struct test t = best_test(x, atom);
	struct pack_literal l;
	uint64_t low;
	uint64_t high;

	switch (n->code) {
	case PACK_EQ:
		value_key(x, n, x->atoms[atom].value, &t);
		return;
	case PACK_IN:
		while (p < end) {
			p = pack_literal(p, &l);
			value_key(x, n, pack_literal_hash(&l), &t);
		}
		return;
	case PACK_CONTAINS:
	case PACK_STARTS:
	case PACK_ENDS:
		if (detail) {
			text_keys(x, n, detail, &t);
			return;
		}
		break;
	case PACK_PARTS:
	case PACK_FOLDED_PARTS:
		part_key(x, n, detail, &t);
		return;
	default:
		if (detail &&
		    access_bounds(n, &x->atoms[detail - 1].node, &low, &high)) {
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
	access_gather(x, pack);
	while (list < end) {
		list = pack_varint(list, &atom);
		list = pack_varint(list, &detail);
		access_item_keys(x, (uint32_t)atom, (uint32_t)detail);
	}
}
