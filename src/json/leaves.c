/* leaves.c - the leaf reader.
 *
 * The grammar is that of parse.c once more, with other actions: nothing is
 * copied and nothing is moved, a value is an entry as soon as it is read. What
 * both share is in scan.h.
 *
 * Where a string ends is known only after load, compare, mask and count, and
 * the next step waits for it: these 17 cycles a string, one after the other,
 * are what the time of a small document is made of. But the documents of a
 * stream resemble each other. So the length of each name is guessed to be
 * what it was the last time at that depth and place, and compared: the branch
 * predictor then goes on before the length is known. A wrong guess costs a
 * mispredicted branch until the predictor has learned not to trust it.
 */
#include "json/leaves.h"

#include "base/mem.h"
#include "json/parse.h"
#include "json/scan.h"
#include "value/number.h"

#include <assert.h>
#include <string.h>

enum {
	LEAVES_FIRST = 64, /* entries of the first allocation */
	FRAMES_FIRST = 16,
	FILTERED_MAX = 32, /* members whose names are checked one by one */
	DROPPED = 0x80,	   /* in the type, until compact: its name came again */
};

struct json_leaf_frame {
	uint64_t path;
	uint64_t seen[4]; /* filter over the names so far; 256 bits */
	uint32_t entry;
	uint32_t n; /* members, or elements, so far */
	char closer;
};

/* What the grammar works with; copied back to the leaves at the end. */
struct reader {
	struct json_scan scan;
	struct json_leaves *l;
	uint32_t depth;
	bool repeated; /* some entry is marked dropped */
};

void json_leaves_fini(struct json_leaves *l)
{
	mem_free(l->at);
	mem_free(l->frames);
	mem_free(l->table);
	mem_free(l->decoded);
	*l = (struct json_leaves){.max = l->max};
}

/* --- hashes ------------------------------------------------------------ */

uint64_t json_name_hash(struct str name)
{
	int64_t index = -1;

	if (name.len && name.p[0] >= '0' && name.p[0] <= '9')
		index = value_step_index(name);
	return index >= 0 ? json_index_hash((uint32_t)index)
			  : hash_bytes(name.p, name.len);
}

uint64_t json_path_hash(const struct value_path *p)
{
	uint64_t path = json_path_root();

	for (uint32_t i = 0; i < p->n; i++)
		path = json_path_step(path, json_name_hash(p->steps[i].name));
	return path;
}

/* The len bytes behind skip ones of the 16 at p, as two words; zeros follow.
 * skip + len is 15 at most. */
INLINE void load_masked(const char *p, size_t skip, size_t len, uint64_t *a,
			uint64_t *b)
{
	/* From 16 - len on: len bytes of ones, then zeros. */
	static const unsigned char ones[32] = {255, 255, 255, 255, 255, 255,
					       255, 255, 255, 255, 255, 255,
					       255, 255, 255, 255};
	uint64_t mask[2];
	uint64_t word[2];
	unsigned __int128 both;

	memcpy(mask, ones + 16 - len, sizeof mask);
	memcpy(word, p, sizeof word);
	both = ((unsigned __int128)word[1] << 64 | word[0]) >> 8 * skip;
	*a = (uint64_t)both & mask[0];
	*b = (uint64_t)(both >> 64) & mask[1];
}

/* Returns n, but as *guess when they are equal; then nobody has to wait for n.
 * The empty asm keeps the compiler from seeing that both are the same. */
INLINE size_t guessed(size_t n, uint8_t *guess)
{
	size_t g = *guess;

	if (LIKELY(g == n)) {
		__asm__ volatile("" : "+r"(g));
		return g;
	}
	*guess = (uint8_t)n;
	return n;
}

/* json_string that hashes the bytes on the way: *hash_out is hash_bytes of
 * *out. For a name, guess is not NULL, and the hash is json_name_hash. */
INLINE const char *hashed_string(struct json_scan *s, const char *p,
				 uint8_t *guess, struct str *out,
				 uint64_t *hash_out)
{
	const char *begin = p;
	uint64_t h = hash_begin();
	uint64_t a;
	uint64_t b;
	struct str rest; /* so that out can stay in registers */

	/* A name that begins with a digit may be an index. */
	if (guess && UNLIKELY((unsigned char)(*p - '0') <= 9))
		goto slow;
	while (LIKELY(p <= s->safe)) {
		uint32_t special = json_special16(p);

		if (LIKELY(special)) {
			size_t n = (size_t)__builtin_ctz(special);

			if (UNLIKELY(p[n] != '"'))
				break;
			if (guess)
				n = guessed(n, guess);
			load_masked(p, 0, n, &a, &b);
			p += n;
			*out = str_from(begin, (size_t)(p - begin));
			*hash_out = hash_end(h, a, b, out->len);
			return p + 1;
		}
		memcpy(&a, p, sizeof a);
		memcpy(&b, p + 8, sizeof b);
		h = hash_step(h, a, b);
		p += 16;
	}
	/* Near the end of the text, which may be inside of a block. */
	if (LIKELY(p > s->safe && p - s->safe < 16)) {
		size_t skip = (size_t)(p - s->safe);
		uint32_t special = json_special16(s->safe) >> skip;
		size_t n = special ? (size_t)__builtin_ctz(special) : 0;

		if (LIKELY(special && p[n] == '"')) {
			load_masked(s->safe, skip, n, &a, &b);
			p += n;
			*out = str_from(begin, (size_t)(p - begin));
			*hash_out = hash_end(h, a, b, out->len);
			return p + 1;
		}
	}
slow:
	p = json_string_rest(s, begin, p, &rest);
	*out = rest;
	if (LIKELY(p))
		*hash_out = guess ? json_name_hash(rest)
				  : hash_bytes(rest.p, rest.len);
	return p;
}

INLINE uint64_t hash_number(struct value v)
{
	if (LIKELY(value_type(v) == VALUE_INT))
		return value_hash_i64(v.i);
	return value_type(v) == VALUE_DOUBLE ? value_hash_double(v.d)
					     : value_hash_u64(v.u);
}

/* --- memory ------------------------------------------------------------ */

/* Makes *array twice as large (or first elements). False: no memory. */
static bool grow(void *array, uint32_t *cap, uint32_t first, size_t size)
{
	void *old;
	uint64_t larger = *cap ? (uint64_t)*cap * 2 : first;

	memcpy(&old, array, sizeof old);

	void *grown = larger <= UINT32_MAX ? mem_try_realloc(old, larger * size)
					   : NULL;

	if (!grown)
		return false;
	memcpy(array, &grown, sizeof grown);
	*cap = (uint32_t)larger;
	return true;
}

/* Behind the last entry there is room for. */
static struct json_leaf *leaves_end(const struct json_leaves *l)
{
	return l->at + (l->max ? MIN(l->max, l->cap) : l->cap);
}

/* Makes room for entries more; p is where the next one begins. Returns where
 * it goes, NULL with the fault set. */
static struct json_leaf *more_leaves(struct reader *r, struct json_leaf *leaf,
				     const char *p)
{
	struct json_leaves *l = r->l;
	size_t n = l->at ? (size_t)(leaf - l->at) : 0;
	enum json_fault fault = JSON_FAULT_NONE;

	if (l->max && l->cap >= l->max)
		fault = JSON_FAULT_LEAVES;
	else if (!grow(&l->at, &l->cap, LEAVES_FIRST, sizeof *l->at))
		fault = JSON_FAULT_MEMORY;
	if (fault)
		json_fail(&r->scan, p, fault);
	return fault ? NULL : l->at + n;
}

/* --- repeated names ---------------------------------------------------- */

static uint32_t next_sibling(const struct json_leaf *at, uint32_t entry)
{
	bool container = (at[entry].type & ~DROPPED) >= VALUE_ARRAY;

	return container ? at[entry].end : entry + 1;
}

/* Drops the member called name among those from the first to the end. */
static void drop_member(struct reader *r, uint32_t first, uint32_t end,
			uint64_t name)
{
	struct json_leaf *at = r->l->at;

	for (uint32_t i = first; i < end; i = next_sibling(at, i)) {
		if (at[i].name == name && !(at[i].type & DROPPED)) {
			at[i].type |= DROPPED;
			r->repeated = true;
			return;
		}
	}
}

/* Checks all members of a big object. */
static bool drop_members(struct reader *r, uint32_t first, uint32_t end,
			 uint32_t n)
{
	struct json_leaves *l = r->l;
	uint32_t slots = 4 * FILTERED_MAX;

	while (slots < 2 * (uint64_t)n)
		slots *= 2;
	while (l->table_cap < slots)
		if (!grow(&l->table, &l->table_cap, slots, sizeof *l->table))
			return false;
	memset(l->table, 0, slots * sizeof *l->table);
	for (uint32_t i = first; i < end; i = next_sibling(l->at, i)) {
		uint64_t name = l->at[i].name;
		uint32_t slot = (uint32_t)name & (slots - 1);

		/* Entry 0 is the root, so 0 is an empty slot. */
		while (l->table[slot] && l->at[l->table[slot]].name != name)
			slot = (slot + 1) & (slots - 1);
		if (l->table[slot]) {
			l->at[l->table[slot]].type |= DROPPED;
			r->repeated = true;
		}
		l->table[slot] = i;
	}
	return true;
}

/* Moves the entries together over those that were dropped, with all that is
 * inside of them. */
static void compact(struct json_leaves *l)
{
	struct json_leaf_frame *open = l->frames;
	uint32_t depth = 0;
	uint32_t kept = 0;

	for (uint32_t i = 0; i < l->n;) {
		const struct json_leaf *leaf = &l->at[i];

		/* Here n is the old end of the container, entry its new
		 * place. */
		while (depth && i >= open[depth - 1].n)
			l->at[open[--depth].entry].end = kept;
		if (leaf->type & DROPPED) {
			i = next_sibling(l->at, i);
			continue;
		}
		l->at[kept] = *leaf;
		l->at[kept].parent =
			depth ? open[depth - 1].entry : JSON_NO_PARENT;
		if (l->at[kept].type >= VALUE_ARRAY) {
			open[depth].n = l->at[kept].end;
			open[depth++].entry = kept;
		}
		kept++;
		i++;
	}
	while (depth)
		l->at[open[--depth].entry].end = kept;
	l->n = kept;
}

/* --- the grammar ------------------------------------------------------- */

/* The innermost open container is r->l->frames[r->depth - 1]. Its entry, where
 * the value goes on whose container it is, closer and so on are asked for every
 * value: so the loop keeps what it can in locals. Returns NULL with the fault
 * set, else the end. */
static const char *read_text(struct reader *r)
{
	struct json_scan *s = &r->scan;
	struct json_leaves *l = r->l;
	struct json_leaf_frame *f = NULL; /* the innermost open container */
	struct json_leaf *leaf = l->at;	  /* the next entry */
	struct json_leaf *leaf_end = leaves_end(l);
	const char *p = s->p;
	const char *begin;
	uint64_t path = json_path_root();
	uint64_t name = 0;
	uint32_t parent = JSON_NO_PARENT;
	struct str string;
	struct value number;
	enum value_type word;

value:
	if (UNLIKELY(leaf == leaf_end)) {
		leaf = more_leaves(r, leaf, p);
		if (!leaf)
			return NULL;
		leaf_end = leaves_end(l);
	}
	leaf->path = path;
	leaf->name = name;
	leaf->parent = parent;
	begin = p;
	if (LIKELY(*p == '"')) {
		p = hashed_string(s, p + 1, NULL, &string, &leaf->hash);
		if (UNLIKELY(!p))
			return NULL;
		leaf->type = VALUE_STRING;
		leaf->p = string.p;
		leaf->len = (uint32_t)string.len;
		goto have;
	}
	if ((unsigned char)(*p - '0') <= 9 || *p == '-') {
		p = json_number(s, p, &number);
		if (UNLIKELY(!p))
			return NULL;
		leaf->type = (uint8_t)value_type(number);
		leaf->i = number.i;
		leaf->hash = hash_number(number);
		leaf->p = begin;
		leaf->len = (uint32_t)(p - begin);
		goto have;
	}
	switch (*p) {
	case '{':
	case '[':
		goto open;
	case 't':
		word = VALUE_TRUE;
		if (UNLIKELY(!json_word(p, "true", 4)))
			return json_fail(s, p, JSON_FAULT_VALUE);
		p += 4;
		break;
	case 'f':
		word = VALUE_FALSE;
		if (UNLIKELY(!json_word(p, "false", 5)))
			return json_fail(s, p, JSON_FAULT_VALUE);
		p += 5;
		break;
	case 'n':
		word = VALUE_NULL;
		if (UNLIKELY(!json_word(p, "null", 4)))
			return json_fail(s, p, JSON_FAULT_VALUE);
		p += 4;
		break;
	default:
		return json_fail(s, p, JSON_FAULT_VALUE);
	}
	leaf->type = (uint8_t)word;
	leaf->hash = value_hash_literal(word);
	leaf->p = begin;
	leaf->len = (uint32_t)(p - begin);

have:
	leaf++;
	if (UNLIKELY(!f))
		goto finish;
next:
	if (UNLIKELY(*p != ',')) {
		p = json_skip(s, p);
		if (*p != ',')
			goto close;
	}
	p = json_skip(s, p + 1);
	if (f->closer == ']')
		goto element;
	if (UNLIKELY(*p != '"'))
		return json_fail(s, p, JSON_FAULT_NAME);

member:
	p = hashed_string(s, p + 1,
			  &l->name_lens[(uint8_t)(r->depth * 32 + f->n)],
			  &string, &name);
	if (UNLIKELY(!p))
		return NULL;
	path = json_path_step(f->path, name);
	if (LIKELY(f->n++ < FILTERED_MAX)) {
		uint64_t *filter = &f->seen[name >> 62];
		uint64_t seen = *filter;

		*filter = seen | (uint64_t)1 << (name & 63);
		if (UNLIKELY(*filter == seen))
			drop_member(r, parent + 1, (uint32_t)(leaf - l->at),
				    name);
	}
	if (UNLIKELY(*p != ':')) {
		p = json_skip(s, p);
		if (*p != ':')
			return json_fail(s, p, JSON_FAULT_COLON);
	}
	p = json_skip(s, p + 1);
	goto value;

element:
	name = json_index_hash(f->n++);
	path = json_path_step(f->path, name);
	goto value;

open:
	if (UNLIKELY(r->depth >= s->depth_max))
		return json_fail(s, p, JSON_FAULT_DEPTH);
	if (UNLIKELY(r->depth == l->frames_cap) &&
	    !grow(&l->frames, &l->frames_cap, FRAMES_FIRST, sizeof *f))
		return json_fail(s, p, JSON_FAULT_MEMORY);
	f = &l->frames[r->depth++];
	parent = (uint32_t)(leaf - l->at);
	/* Field by field: of an initializer or memset gcc 12 makes `rep stos`,
	 * which costs as much as five members. */
	f->path = path;
	f->seen[0] = f->seen[1] = f->seen[2] = f->seen[3] = 0;
	f->entry = parent;
	f->n = 0;
	f->closer = *p == '{' ? '}' : ']';
	leaf->type = *p == '{' ? VALUE_OBJECT : VALUE_ARRAY;
	leaf->hash = 0;
	leaf->p = p;
	leaf++;
	p = json_skip(s, p + 1);
	if (UNLIKELY(*p == f->closer))
		goto close;
	if (f->closer == ']')
		goto element;
	if (UNLIKELY(*p != '"'))
		return json_fail(s, p, JSON_FAULT_FIRST_NAME);
	goto member;

close:
	if (UNLIKELY(*p != f->closer))
		goto unfinished;
	p++;
	l->at[parent].end = (uint32_t)(leaf - l->at);
	l->at[parent].len = (uint32_t)(p - l->at[parent].p);
	if (UNLIKELY(f->n > FILTERED_MAX && f->closer == '}') &&
	    !drop_members(r, parent + 1, l->at[parent].end, f->n))
		return json_fail(s, p, JSON_FAULT_MEMORY);
	if (--r->depth == 0)
		goto finish;
	f--;
	parent = f->entry;
	/* Only here the text can be at its end: see scan.h. */
	if (LIKELY(p != s->end))
		goto next;

unfinished:
	return json_fail(s, p,
			 f->closer == '}' ? JSON_FAULT_MEMBER_END
					  : JSON_FAULT_ELEMENT_END);

finish:
	if (UNLIKELY(p != s->end))
		return json_fail(s, json_skip(s, p), JSON_FAULT_BEHIND);
	l->n = (uint32_t)(leaf - l->at);
	return p;
}

/* The text was scanned in a copy: what points into it is moved to the text. */
static void leave_copy(struct json_leaves *l, const struct json_scan *s)
{
	uintptr_t from = (uintptr_t)s->base;
	uintptr_t len = (uintptr_t)s->end - from;

	for (uint32_t i = 0; i < l->n; i++) {
		uintptr_t at = (uintptr_t)l->at[i].p - from;

		if (at <= len)
			l->at[i].p = s->text.p + at;
	}
}

static bool reserve_decoded(struct json_leaves *l, size_t bytes)
{
	if (l->decoded_cap >= bytes)
		return true;
	mem_free(l->decoded);
	l->decoded = mem_try_alloc(bytes);
	l->decoded_cap = l->decoded ? bytes : 0;
	return l->decoded != NULL;
}

int json_leaves_read(struct json_leaves *l, struct str text,
		     struct weir_error *err)
{
	struct reader r;
	int rc;

	l->n = 0;
	rc = json_scan_begin(&r.scan, text, JSON_DEPTH_MAX, err);
	if (rc < 0)
		return rc;
	r.l = l;
	r.depth = 0;
	r.repeated = false;
	/* Decoded strings are never longer than their text. */
	if (!reserve_decoded(l, text.len))
		json_fail(&r.scan, r.scan.base, JSON_FAULT_MEMORY);
	r.scan.scratch = l->decoded;
	if (r.scan.fault || !read_text(&r)) {
		l->n = 0;
		rc = json_scan_error(&r.scan, err);
	} else {
		if (UNLIKELY(r.scan.base != r.scan.text.p))
			leave_copy(l, &r.scan);
		if (UNLIKELY(r.repeated))
			compact(l);
	}
	json_scan_end(&r.scan);
	return rc;
}
