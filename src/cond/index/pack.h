/* pack.h - a condition in a few dozen bytes.
 *
 *     site eq s1 and type in [a b]
 *
 *     AND 16 | path 1 EQ "s1" | path 2 IN 2 "a" "b"
 *
 * A struct cond with its tree and program takes several hundred bytes, and an
 * index of ten million interests several gigabytes. So the index keeps the
 * canonical tree in preorder, with paths by their number (paths.h) and literals
 * in place, and evaluates that. Two conditions are the same if their bytes are.
 *
 *     node     = header [size] children      AND OR XOR; size of the children
 *              | header [path] operand       an atom
 *              | header hash [node]          opaque
 *     header   = negated:1 scope:2 code:5
 *     operand  = literal | size literal..    one; several, of IN, BETWEEN and
 *                                            PARTS
 *     literal  = type [number | length bytes]
 *
 * path, size and length are varints; whole numbers, too, zigzag.
 *
 * What is rare stays opaque: regular expressions, arithmetic, folded text,
 * claims, wildcards within a path. The index then keeps the struct cond as
 * well, and asks it; the pack still serves to find an access key. For that an
 * opaque atom may carry a weaker one, which is true whenever it is true:
 * `items.*.qty eq 4` has `**.qty eq 4`, `msg matches ".*disk [0-9]+"` that a
 * part of msg is "disk ". Its hash stands for what is not told.
 */
#ifndef WEIR_COND_INDEX_PACK_H
#define WEIR_COND_INDEX_PACK_H

#include "base/buf.h"
#include "cond/cond.h"
#include "cond/index/paths.h"
#include "cond/tree.h"
#include "json/leaves.h"

#include <stdbool.h>
#include <stdint.h>

enum pack_code {
	PACK_FALSE,
	PACK_TRUE,
	PACK_AND,
	PACK_OR,
	PACK_XOR,
	PACK_OPAQUE,
	PACK_TRUTHY,
	PACK_EXISTS,
	PACK_EQ,
	PACK_NE,
	PACK_GT,
	PACK_GE,
	PACK_LT,
	PACK_LE,
	PACK_BETWEEN,
	PACK_IN,
	PACK_CONTAINS, /* two literals: an element or member; a part of text */
	PACK_STARTS,
	PACK_ENDS,
	/* Only weaker than something opaque, never evaluated: some text has one
	 * of the literals as a part; some text has, once folded. */
	PACK_PARTS,
	PACK_FOLDED_PARTS,
};

#define PACK_CODE_MASK 31

enum pack_scope {
	PACK_PATH, /* at a path */
	PACK_LEAF, /* some leaf */
	PACK_NAME, /* some member of a name, at any level */
	PACK_META, /* path 0: the part's source, 1: its job */
};

enum {
	PACK_PART_MIN = 3,    /* bytes of a part of text that can be found */
	PACK_FOLDED_MAX = 64, /* of one that is kept of a folded needle */
	PACK_RECENT = 64,
};

/* The places that packs name, by number. */
struct pack_places {
	struct paths paths;
	struct paths names;
	/* Keys of conditions that came lately, each a reference: conditions
	 * come and go, and their keys would be made anew for each. */
	struct cond_key *recent[PACK_RECENT];
};

struct pack_literal {
	enum value_type type;
	uint32_t len; /* strings */
	union {
		int64_t i;
		uint64_t u;
		double d;
		const char *p; /* strings: into the pack */
	};
};

struct pack_node {
	enum pack_code code;
	enum pack_scope scope;
	bool negated;
	uint32_t path;	       /* of paths, of names, or of META */
	uint32_t literals;     /* how many bytes of them */
	const uint8_t *inside; /* first child, first literal, weaker atom */
	const uint8_t *end;    /* behind the node */
};

void pack_places_init(struct pack_places *p);
void pack_places_fini(struct pack_places *p);

/* --- making ------------------------------------------------------------ */

/* Appends the canonical tree of c to out. The places it names are referenced
 * until pack_release. Returns true when all of it is told, false when a part is
 * opaque. */
bool pack_write(struct buf *out, const struct cond *c,
		struct pack_places *places);

void pack_write_varint(struct buf *out, uint64_t n);

/* The children of a group stand class by class, so that what is quickly decided
 * comes first: values of a path, then parts of its text, then what looks at all
 * leaves, then groups. */
enum { PACK_CLASSES = 4 };
int pack_class(const struct cond_node *n);

/* Lets go of the places named in a pack. */
void pack_release(const uint8_t *pack, size_t bytes,
		  struct pack_places *places);

/* --- reading ----------------------------------------------------------- */

static inline const uint8_t *pack_varint(const uint8_t *p, uint64_t *n_out)
{
	uint64_t n = *p & 127;

	for (int shift = 7; *p++ & 128; shift += 7)
		n |= (uint64_t)(*p & 127) << shift;
	*n_out = n;
	return p;
}

/* Reads the literal at p; returns what is behind it. */
const uint8_t *pack_literal(const uint8_t *p, struct pack_literal *out);

/* Reads the node at p, not what is inside. */
void pack_read(const uint8_t *p, struct pack_node *out);

static inline bool pack_is_group(enum pack_code code)
{
	return code >= PACK_AND && code <= PACK_XOR;
}

/* Of the node at p. */
static inline enum pack_code pack_code_at(const uint8_t *p)
{
	return (enum pack_code)(*p & PACK_CODE_MASK);
}

/* value_hash of what it is equal to. */
uint64_t pack_literal_hash(const struct pack_literal *l);

/* --- evaluation (pack_eval.c) ------------------------------------------ */

struct pack_event {
	const struct json_leaves *leaves;
	const struct cond_meta *meta; /* NULL: nothing is known */
	const struct pack_places *places;
	uint32_t stamp; /* paths with this one have a leaf */
	uint32_t hint;	/* a leaf to look at first, where any will do */
};

/* What cond_eval_leaves says of the condition, which must have nothing
 * opaque. */
bool pack_eval(const uint8_t *pack, const struct pack_event *e);

#endif
