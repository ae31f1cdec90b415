/* value.h - the immutable JSON value.
 *
 * A struct value is 16 bytes and is passed by value, in two registers. Null,
 * booleans and numbers live in it. Strings, arrays and objects point into a
 * block: one allocation that holds a whole parsed document, or one string, or
 * one array or object built here.
 *
 *     struct value        block
 *     +-----------+       +------------------------------------------+
 *     | tag|block ------->| refs | text ... nodes (struct value) ... |
 *     | len | off --------|---------------------^                    |
 *     +-----------+       +------------------------------------------+
 *
 * off is where in the block the bytes or the nodes begin. So any piece of a
 * document is a value at once, without a copy, and holds the whole document
 * alive by one count. Nodes that point into their own block are not counted;
 * nodes that point into another block are, and BLOCK_FOREIGN says that there
 * are some.
 *
 * Ownership: a function that takes a struct value borrows it unless it says
 * otherwise. value_ref shares. Values without a block need no ref but bear it.
 *
 * Threads: the count is not atomic; a value stays on the thread that made it.
 */
#ifndef WEIR_VALUE_VALUE_H
#define WEIR_VALUE_VALUE_H

#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

enum value_type {
	VALUE_NULL,
	VALUE_FALSE,
	VALUE_TRUE,
	VALUE_INT,    /* int64_t */
	VALUE_UINT,   /* uint64_t above INT64_MAX only */
	VALUE_DOUBLE, /* finite */
	VALUE_STRING, /* UTF-8, may contain NUL */
	VALUE_ARRAY,
	VALUE_OBJECT,
};

struct value {
	uintptr_t tag; /* block | enum value_type */
	union {
		int64_t i;
		uint64_t u;
		double d;
		struct {
			uint32_t len; /* bytes, elements, members */
			uint32_t off; /* from the start of the block */
		};
	};
};

enum { BLOCK_FOREIGN = 1 };

/* Aligned to 16, so that the tag has room for the type. */
struct value_block {
	uint32_t refs;
	uint32_t flags;
	uint32_t bytes;	    /* of the whole block, header included */
	uint32_t nodes_off; /* nodes from here to bytes: what is unreffed with
			     * the block when BLOCK_FOREIGN is set */
};

#define VALUE_TAG_MASK ((uintptr_t)15)

static inline enum value_type value_type(struct value v)
{
	return (enum value_type)(v.tag & VALUE_TAG_MASK);
}

static inline struct value_block *value_block(struct value v)
{
	return (struct value_block *)(v.tag & ~VALUE_TAG_MASK);
}

void value_block_free(struct value_block *b); /* refs has reached 0 */

static inline struct value value_ref(struct value v)
{
	struct value_block *b = value_block(v);

	if (b)
		b->refs++;
	return v;
}

static inline void value_unref(struct value v)
{
	struct value_block *b = value_block(v);

	if (b && --b->refs == 0)
		value_block_free(b);
}

/* --- making ------------------------------------------------------------ */

static inline struct value value_null(void)
{
	return (struct value){.tag = VALUE_NULL, .i = 0};
}

static inline struct value value_bool(bool b)
{
	return (struct value){.tag = b ? VALUE_TRUE : VALUE_FALSE, .i = 0};
}

static inline struct value value_int(int64_t i)
{
	return (struct value){.tag = VALUE_INT, .i = i};
}

struct value value_uint(uint64_t u); /* VALUE_INT where it fits */

/* d must be finite (else null, as in JavaScript). Stays VALUE_DOUBLE. */
struct value value_double(double d);

/* Copies s, which must be valid UTF-8. */
struct value value_string(struct str s);
struct value value_cstr(const char *s);

/* Takes the elements. */
struct value value_array(const struct value *elements, uint32_t n);

/* pairs: key, value, key, value ... n members, so 2 n values; keys are
 * strings. Takes all of them. Of members with one name the last wins, at the
 * place of the first. */
struct value value_object(const struct value *pairs, uint32_t n);

/* A new object like o (an object, borrowed) with member key set to v (taken);
 * key is copied. */
struct value value_with(struct value o, struct str key, struct value v);

/* An unfinished block of bytes, for the parser and others that lay out their
 * nodes themselves (value/object.h says how an object lies in it). refs is 1,
 * nodes_off is bytes. NULL when there is no memory for it. */
struct value_block *value_block_try_new(uint32_t bytes);

/* Makes an unfinished block larger or smaller; it may move. NULL: there is no
 * memory, b is untouched. nodes_off is set to bytes. */
struct value_block *value_block_try_resize(struct value_block *b,
					   uint32_t bytes);

/* --- reading ----------------------------------------------------------- */

static inline bool value_is_number(struct value v)
{
	return value_type(v) >= VALUE_INT && value_type(v) <= VALUE_DOUBLE;
}

static inline bool value_is_bool(struct value v)
{
	return value_type(v) == VALUE_TRUE || value_type(v) == VALUE_FALSE;
}

/* The bytes of a string; empty for anything else. Borrowed from v's block. */
static inline struct str value_str(struct value v)
{
	if (value_type(v) != VALUE_STRING || !v.len)
		return (struct str){"", 0};
	return (struct str){(const char *)value_block(v) + v.off, v.len};
}

/* Elements of an array; of an object 2 * len: key, value ... */
static inline const struct value *value_nodes(struct value v)
{
	/* Not pointer arithmetic: an empty one has no block. */
	return (const struct value *)((v.tag & ~VALUE_TAG_MASK) + v.off);
}

static inline uint32_t value_len(struct value v) /* arrays and objects */
{
	return value_type(v) >= VALUE_ARRAY ? v.len : 0;
}

/* All lookups lend: the result lives as long as v. */
bool value_find(struct value v, struct str key, struct value *out);
struct value value_get(struct value v, struct str key); /* or null */
/* index may be negative: from the end. Null when there is none. */
struct value value_at(struct value v, int64_t index);
double value_to_double(struct value v); /* numbers; 0 for anything else */
/* An integer, or a double without a fraction that fits. */
bool value_to_i64(struct value v, int64_t *out);

/* JSON equality: numbers by value, exactly (1 is 1.0; 2^53 + 1 is not 2^53);
 * objects without order; true is not 1. */
bool value_equal(struct value a, struct value b);

/* The order of jq: null, false, true, numbers, strings, arrays, objects.
 * Returns below 0, 0, above 0. */
int value_compare(struct value a, struct value b);

/* Equal values have equal hashes (1 and 1.0 too). Keyed, see base/hash.h.
 * A string's is hash_bytes of its bytes. */
uint64_t value_hash(struct value v);

/* jq's: all but null and false. */
static inline bool value_truthy(struct value v)
{
	return value_type(v) > VALUE_FALSE;
}

const char *value_type_name(struct value v); /* "null" "boolean" "number" .. */

/* --- paths ------------------------------------------------------------- */

/* A compiled path: .a.b, .a.0.b; a step of digits is a member name in an
 * object, an index in an array. "." is the value itself. */
struct value_step {
	struct str name;
	int64_t index; /* -1 when name is no decimal index */
};

/* The index that name means in an array, or -1: "0", "12", not "012". */
int64_t value_step_index(struct str name);

struct value_path {
	struct value_step *steps; /* ours */
	uint32_t n;
	char *text; /* ours, names point into it */
};

/* Reads ".a.b" or "a.b" (both are accepted; "." and "" are the root). */
int value_path_parse(struct value_path *p, struct str text,
		     struct weir_error *err);
void value_path_fini(struct value_path *p);
/* Lends; false and null when a step is missing. */
bool value_path_find(const struct value_path *p, struct value v,
		     struct value *out);

#endif
