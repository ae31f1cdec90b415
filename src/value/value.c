/* value.c - blocks, and making values from parts.
 *
 * Small blocks come from the free lists of the thread: an item that lives for
 * one turn of a pipeline costs no malloc.
 *
 * A block is freed without recursion: built values may nest as deep as memory
 * allows, a fiber's stack does not. A dead block that still holds others waits
 * in a list that is threaded through its own count, which nobody needs now.
 */
#include "value/value.h"

#include "base/log.h"
#include "base/mem.h"
#include "value/object.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(sizeof(struct value) == 16, "two registers");
_Static_assert(sizeof(struct value_block) == 16, "nodes behind it are aligned");

struct value_block *value_block_try_new(uint32_t bytes)
{
	struct value_block *b =
		bytes <= SLAB_MAX ? slab_alloc(bytes) : mem_try_alloc(bytes);

	assert(bytes >= sizeof *b);
	if (b)
		*b = (struct value_block){.refs = 1,
					  .bytes = bytes,
					  .nodes_off = bytes};
	return b;
}

static void release(struct value_block *b, uint32_t bytes)
{
	if (bytes <= SLAB_MAX)
		slab_free(b, bytes);
	else
		mem_free(b);
}

struct value_block *value_block_try_resize(struct value_block *b,
					   uint32_t bytes)
{
	struct value_block *moved;

	if (b->bytes > SLAB_MAX && bytes > SLAB_MAX) {
		moved = mem_try_realloc(b, bytes);
		if (!moved)
			return NULL;
	} else {
		moved = value_block_try_new(bytes);
		if (!moved)
			return NULL;
		memcpy(moved, b, MIN(bytes, b->bytes));
		release(b, b->bytes);
	}
	moved->bytes = moved->nodes_off = bytes;
	return moved;
}

/* A dead block with foreign nodes; it lies over refs and flags. */
struct dead {
	struct value_block *next;
};

_Static_assert(sizeof(struct dead) <= offsetof(struct value_block, bytes),
	       "the link leaves bytes and nodes_off alone");

static struct value_block *bury(struct value_block *b,
				struct value_block *graves)
{
	if (!(b->flags & BLOCK_FOREIGN)) {
		release(b, b->bytes);
		return graves;
	}
	memcpy(b, &(struct dead){graves}, sizeof(struct dead));
	return b;
}

void value_block_free(struct value_block *b)
{
	struct value_block *graves = bury(b, NULL);

	while (graves) {
		struct dead link;

		b = graves;
		memcpy(&link, b, sizeof link);
		graves = link.next;

		struct value *v = (struct value *)((char *)b + b->nodes_off);
		struct value *end = (struct value *)((char *)b + b->bytes);

		for (; v < end; v++) {
			struct value_block *other = value_block(*v);

			if (other && other != b && --other->refs == 0)
				graves = bury(other, graves);
		}
		release(b, b->bytes);
	}
}

/* For what the program builds itself: it is there, or the process ends. */
static struct value_block *new_block(uint64_t bytes)
{
	struct value_block *b = bytes <= UINT32_MAX
					? value_block_try_new((uint32_t)bytes)
					: NULL;

	if (UNLIKELY(!b)) {
		log_error("out of memory: a value of %llu bytes",
			  (unsigned long long)bytes);
		abort();
	}
	return b;
}

struct value value_uint(uint64_t u)
{
	if (u <= INT64_MAX)
		return value_int((int64_t)u);
	return (struct value){.tag = VALUE_UINT, .u = u};
}

struct value value_double(double d)
{
	if (!isfinite(d))
		return value_null();
	return (struct value){.tag = VALUE_DOUBLE, .d = d};
}

/* The value of len elements, members or bytes at off in b; takes b. */
static struct value in_block(struct value_block *b, enum value_type type,
			     uint32_t len, uint32_t off)
{
	struct value v = {.tag = (uintptr_t)b | type};

	v.len = len;
	v.off = off;
	return v;
}

struct value value_string(struct str s)
{
	if (!s.len)
		return in_block(NULL, VALUE_STRING, 0, 0);

	struct value_block *b = new_block(sizeof *b + (uint64_t)s.len);

	memcpy(b + 1, s.p, s.len);
	return in_block(b, VALUE_STRING, (uint32_t)s.len, sizeof *b);
}

struct value value_cstr(const char *s)
{
	return value_string(str_of(s));
}

struct value value_array(const struct value *elements, uint32_t n)
{
	if (!n)
		return in_block(NULL, VALUE_ARRAY, 0, 0);

	struct value_block *b =
		new_block(sizeof *b + (uint64_t)n * sizeof *elements);
	struct value *nodes = (struct value *)(b + 1);
	uintptr_t blocks = 0;

	b->nodes_off = sizeof *b;
	for (uint32_t i = 0; i < n; i++) {
		nodes[i] = elements[i];
		blocks |= elements[i].tag & ~VALUE_TAG_MASK;
	}
	if (blocks)
		b->flags = BLOCK_FOREIGN;
	return in_block(b, VALUE_ARRAY, n, sizeof *b);
}

static void drop(struct value v)
{
	value_unref(v);
}

/* Lays out an object of n members; takes the values, borrows the keys. The
 * value at pairs[2 i + 1] belongs to the key at pairs[2 i]. */
static struct value build_object(const struct value *pairs, uint32_t n)
{
	uint64_t key_bytes = 0;
	uint64_t n_nodes = value_object_nodes(n);

	if (!n)
		return in_block(NULL, VALUE_OBJECT, 0, 0);
	for (uint32_t i = 0; i < n; i++) {
		assert(value_type(pairs[2 * i]) == VALUE_STRING);
		key_bytes += pairs[2 * i].len;
	}
	key_bytes = (key_bytes + 15) & ~(uint64_t)15;

	struct value_block *b =
		new_block(sizeof *b + key_bytes + n_nodes * sizeof *pairs);
	uint32_t off = sizeof *b;
	struct value *nodes = (struct value *)((char *)b + off + key_bytes);
	uintptr_t blocks = 0;

	for (uint32_t i = 0; i < n; i++) {
		struct str key = value_str(pairs[2 * i]);

		memcpy((char *)b + off, key.p, key.len);
		nodes[2 * i] =
			in_block(b, VALUE_STRING, (uint32_t)key.len, off);
		nodes[2 * i + 1] = pairs[2 * i + 1];
		blocks |= pairs[2 * i + 1].tag & ~VALUE_TAG_MASK;
		off += (uint32_t)key.len;
	}
	n = value_object_finish((char *)b, nodes, n, drop);
	for (uint64_t i = value_object_nodes(n); i < n_nodes; i++)
		nodes[i] = value_null(); /* repeated names left them unused */
	b->nodes_off = (uint32_t)((char *)nodes - (char *)b);
	if (blocks)
		b->flags = BLOCK_FOREIGN;
	return in_block(b, VALUE_OBJECT, n, b->nodes_off);
}

struct value value_object(const struct value *pairs, uint32_t n)
{
	struct value o = build_object(pairs, n);

	for (uint32_t i = 0; i < n; i++)
		value_unref(pairs[2 * i]);
	return o;
}

struct value value_with(struct value o, struct str key, struct value v)
{
	uint32_t n = value_len(o);
	const struct value *old = value_nodes(o);
	struct value *pairs;

	assert(value_type(o) == VALUE_OBJECT);
	pairs = mem_alloc(((uint64_t)n + 1) * 2 * sizeof *pairs);
	if (n)
		memcpy(pairs, old, 2 * (uint64_t)n * sizeof *pairs);
	for (uint32_t i = 0; i < n; i++)
		value_ref(pairs[2 * i + 1]);
	pairs[2 * n] = value_string(key);
	pairs[2 * n + 1] = v;

	struct value with = build_object(pairs, n + 1);

	value_unref(pairs[2 * n]);
	mem_free(pairs);
	return with;
}

struct value value_at(struct value v, int64_t index)
{
	if (value_type(v) != VALUE_ARRAY)
		return value_null();
	if (index < 0)
		index += v.len;
	if (index < 0 || index >= (int64_t)v.len)
		return value_null();
	return value_nodes(v)[index];
}

double value_to_double(struct value v)
{
	switch (value_type(v)) {
	case VALUE_INT:
		return (double)v.i;
	case VALUE_UINT:
		return (double)v.u;
	case VALUE_DOUBLE:
		return v.d;
	default:
		return 0;
	}
}

bool value_to_i64(struct value v, int64_t *out)
{
	if (value_type(v) == VALUE_INT) {
		*out = v.i;
		return true;
	}
	/* 2^63 itself does not fit; both bounds are exact doubles. */
	if (value_type(v) != VALUE_DOUBLE || v.d < -0x1p63 || v.d >= 0x1p63 ||
	    v.d != trunc(v.d))
		return false;
	*out = (int64_t)v.d;
	return true;
}

const char *value_type_name(struct value v)
{
	switch (value_type(v)) {
	case VALUE_NULL:
		return "null";
	case VALUE_FALSE:
	case VALUE_TRUE:
		return "boolean";
	case VALUE_INT:
	case VALUE_UINT:
	case VALUE_DOUBLE:
		return "number";
	case VALUE_STRING:
		return "string";
	case VALUE_ARRAY:
		return "array";
	case VALUE_OBJECT:
		return "object";
	}
	return "nothing";
}
