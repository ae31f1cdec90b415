/* leaves.c - the leaf reader.
 *
 * The grammar is that of parse.c once more, with other actions: nothing is
 * copied and nothing is moved, a value is an entry as soon as it is read. What
 * both share is in scan.h.
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

/* Two words of 16 bytes, of which len count: the others become zero. */
INLINE void load_masked(const char *p, size_t len, uint64_t *a, uint64_t *b)
{
	/* From here 16 - len on: len bytes of ones, then zeros. */
	static const unsigned char ones[32] = {255, 255, 255, 255, 255, 255,
	                                       255, 255, 255, 255, 255, 255,
	                                       255, 255, 255, 255};
	uint64_t mask[2];
	uint64_t word[2];

	memcpy(mask, ones + 16 - len, sizeof mask);
	memcpy(word, p, sizeof word);
	*a = word[0] & mask[0];
	*b = word[1] & mask[1];
}

/* hash_bytes of bytes in the text: mostly without a branch on their number. */
INLINE uint64_t hash_text(const struct json_scan *s, const char *p, size_t len)
{
	uint64_t h = hash_begin(len);
	uint64_t a;
	uint64_t b;

	if (UNLIKELY(s->limit - p < (ptrdiff_t)len + 16))
		return hash_bytes(p, len);
	for (; len > 16; len -= 16, p += 16) {
		memcpy(&a, p, sizeof a);
		memcpy(&b, p + 8, sizeof b);
		h = hash_step(h, a, b);
	}
	load_masked(p, len, &a, &b);
	return hash_end(h, a, b);
}

/* Of a string that began at begin in the text. */
INLINE uint64_t hash_string(const struct json_scan *s, struct str string,
                            const char *begin)
{
	if (LIKELY(string.p == begin))
		return hash_text(s, string.p, string.len);
	return hash_bytes(string.p, string.len); /* decoded elsewhere */
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

/* How many entries there may be before more_leaves has to be asked. */
static uint32_t leaves_limit(const struct json_leaves *l)
{
	return l->max ? MIN(l->max, l->cap) : l->cap;
}

/* Makes room for entries more; p is where the next one begins. */
static bool more_leaves(struct reader *r, const char *p)
{
	struct json_leaves *l = r->l;
	enum json_fault fault = JSON_FAULT_NONE;

	if (l->max && l->cap >= l->max)
		fault = JSON_FAULT_LEAVES;
	else if (!grow(&l->at, &l->cap, LEAVES_FIRST, sizeof *l->at))
		fault = JSON_FAULT_MEMORY;
	if (fault)
		json_fail(&r->scan, p, fault);
	return !fault;
}

/* --- repeated names ---------------------------------------------------- */

static uint32_t next_sibling(const struct json_leaf *at, uint32_t entry)
{
	return at[entry].type >= VALUE_ARRAY ? at[entry].end : entry + 1;
}

/* Drops the member called name among those from the first to the end. */
static void drop_member(struct reader *r, uint32_t first, uint32_t end,
                        uint64_t name)
{
	struct json_leaf *at = r->l->at;

	for (uint32_t i = first; i < end; i = next_sibling(at, i)) {
		if (at[i].name == name && !at[i].dropped) {
			at[i].dropped = true;
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
			l->at[l->table[slot]].dropped = true;
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
		if (leaf->dropped) {
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

/* Returns NULL with the fault set, else the end. */
static const char *read_text(struct reader *r)
{
	struct json_scan *s = &r->scan;
	struct json_leaves *l = r->l;
	struct json_leaf_frame *f = NULL; /* the innermost open container */
	struct json_leaf *leaf;
	const char *p = s->p;
	const char *begin;
	uint64_t path = json_path_root();
	uint64_t name = 0;
	uint32_t n = 0;
	uint32_t limit = leaves_limit(l);
	struct str string;
	struct value number;

value:
	if (UNLIKELY(n == limit)) {
		if (!more_leaves(r, p))
			return NULL;
		limit = leaves_limit(l);
	}
	leaf = &l->at[n++];
	leaf->path = path;
	leaf->name = name;
	leaf->parent = f ? f->entry : JSON_NO_PARENT;
	leaf->dropped = false;
	begin = p;
	switch (*p) {
	case '"':
		p = json_string(s, p + 1, &string);
		if (UNLIKELY(!p))
			return NULL;
		leaf->type = VALUE_STRING;
		leaf->p = string.p;
		leaf->len = (uint32_t)string.len;
		leaf->hash = hash_string(s, string, begin + 1);
		break;
	case '-':
	case '0' ... '9':
		p = json_number(s, p, &number);
		if (UNLIKELY(!p))
			return NULL;
		leaf->type = (uint8_t)value_type(number);
		leaf->i = number.i;
		leaf->hash = hash_number(number);
		leaf->p = begin;
		leaf->len = (uint32_t)(p - begin);
		break;
	case '{':
	case '[':
		goto open;
	case 't':
		if (UNLIKELY(!json_word(p, "true", 4)))
			return json_fail(s, p, JSON_FAULT_VALUE);
		leaf->type = VALUE_TRUE;
		leaf->hash = value_hash_literal(VALUE_TRUE);
		leaf->p = begin;
		leaf->len = 4;
		p += 4;
		break;
	case 'f':
		if (UNLIKELY(!json_word(p, "false", 5)))
			return json_fail(s, p, JSON_FAULT_VALUE);
		leaf->type = VALUE_FALSE;
		leaf->hash = value_hash_literal(VALUE_FALSE);
		leaf->p = begin;
		leaf->len = 5;
		p += 5;
		break;
	case 'n':
		if (UNLIKELY(!json_word(p, "null", 4)))
			return json_fail(s, p, JSON_FAULT_VALUE);
		leaf->type = VALUE_NULL;
		leaf->hash = value_hash_literal(VALUE_NULL);
		leaf->p = begin;
		leaf->len = 4;
		p += 4;
		break;
	default:
		return json_fail(s, p, JSON_FAULT_VALUE);
	}

have:
	if (!f) {
		if (UNLIKELY(p != s->end)) {
			p = json_skip(s, p);
			return json_fail(s, p, JSON_FAULT_BEHIND);
		}
		l->n = n;
		return p;
	}
	if (UNLIKELY(p == s->end))
		goto unfinished;
	p = json_skip(s, p);
	if (LIKELY(*p == ',')) {
		p = json_skip(s, p + 1);
		if (f->closer == '}') {
			if (UNLIKELY(*p != '"'))
				return json_fail(s, p, JSON_FAULT_NAME);
			goto member;
		}
		goto element;
	}
	if (UNLIKELY(*p != f->closer))
		goto unfinished;

close:
	p++;
	leaf = &l->at[f->entry];
	leaf->end = n;
	leaf->len = (uint32_t)(p - leaf->p);
	if (UNLIKELY(f->n > FILTERED_MAX && f->closer == '}') &&
	    !drop_members(r, f->entry + 1, n, f->n))
		return json_fail(s, p, JSON_FAULT_MEMORY);
	f = --r->depth ? f - 1 : NULL;
	goto have;

open:
	if (UNLIKELY(r->depth >= s->depth_max))
		return json_fail(s, p, JSON_FAULT_DEPTH);
	if (UNLIKELY(r->depth == l->frames_cap) &&
	    !grow(&l->frames, &l->frames_cap, FRAMES_FIRST, sizeof *f))
		return json_fail(s, p, JSON_FAULT_MEMORY);
	f = &l->frames[r->depth++];
	*f = (struct json_leaf_frame){.path = path,
	                              .entry = n - 1,
	                              .closer = *p == '{' ? '}' : ']'};
	leaf->type = *p == '{' ? VALUE_OBJECT : VALUE_ARRAY;
	leaf->hash = 0;
	leaf->p = p;
	p = json_skip(s, p + 1);
	if (UNLIKELY(*p == f->closer))
		goto close;
	if (f->closer == ']')
		goto element;
	if (UNLIKELY(*p != '"'))
		return json_fail(s, p, JSON_FAULT_FIRST_NAME);

member:
	begin = p + 1;
	p = json_string(s, begin, &string);
	if (UNLIKELY(!p))
		return NULL;
	if (LIKELY(string.p == begin && (unsigned char)(*begin - '0') > 9))
		name = hash_text(s, begin, string.len);
	else
		name = json_name_hash(string); /* an index, or decoded */
	path = json_path_step(f->path, name);
	if (LIKELY(f->n++ < FILTERED_MAX)) {
		uint64_t *seen = &f->seen[name >> 62];
		uint64_t bit = (uint64_t)1 << (name >> 56 & 63);

		if (UNLIKELY(*seen & bit))
			drop_member(r, f->entry + 1, n, name);
		*seen |= bit;
	}
	p = json_skip(s, p);
	if (UNLIKELY(*p != ':'))
		return json_fail(s, p, JSON_FAULT_COLON);
	p = json_skip(s, p + 1);
	goto value;

element:
	name = json_index_hash(f->n++);
	path = json_path_step(f->path, name);
	goto value;

unfinished:
	return json_fail(s, p,
	                 f->closer == '}' ? JSON_FAULT_MEMBER_END
	                                  : JSON_FAULT_ELEMENT_END);
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
