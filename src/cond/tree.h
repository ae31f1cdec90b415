/* tree.h - a condition as a tree, and its canonical form.
 *
 *     a gt 1 and not [b eq x or * contains joe]
 *
 *     AND
 *      +- NOT - ATOM * contains "joe"
 *      +- NOT - ATOM b eq "x"
 *      +- ATOM a gt 1
 *
 * Canonical are: negations pushed down, so that NOT stands only on an atom or
 * on XOR; AND in AND and OR in OR made one; children sorted by their hash and
 * different from each other (of XOR: two that are equal leave it); constants
 * only as the root. What two conditions that say the same share of this is
 * the same tree with the same hash.
 *
 * Operators, too, have one form. On a key that meets one value `ne` is NOT eq,
 * `falsy` NOT truthy; everywhere `is_` is eq, `is_not` ne, `missing` NOT
 * exists, reversed order is the other order, `rev contains` is in, `rev in`
 * contains, a list of `in` is sorted without repetition, and `in` of a list of
 * one element is eq.
 *
 * Ownership: a node owns its children and its atom.
 */
#ifndef WEIR_COND_TREE_H
#define WEIR_COND_TREE_H

#include "cond/key.h"
#include "value/value.h"

struct cond;
struct cond_regex;

enum cond_op {
	COND_TRUTHY,  /* no operand */
	COND_FALSY,   /* no operand; canonical only on a key of many */
	COND_EXISTS,  /* no operand; an explicit null does exist */
	COND_MISSING, /* no operand; not canonical */
	COND_EQ,      /* any operand */
	COND_NE,      /* canonical only on a key of many or for a claim */
	COND_GT,      /* number with number, string with string */
	COND_GE,      /* (in UTF-8 order, which is that of code points) */
	COND_LT,
	COND_LE,
	COND_BETWEEN,  /* operand: a list of two, both bounds are inside */
	COND_CONTAINS, /* a string has text as a part; a list an element equal
			* to operand; an object a member named text */
	COND_IN,       /* equals an element of the operand, a list; is a part
			* of it, a string; names a member of it, an object */
	COND_STARTS,   /* text is the needle of these; strings only */
	COND_ENDS,
	COND_IEQ, /* these compare folded text, see fold.h */
	COND_ICONTAINS,
	COND_ISTARTS,
	COND_IENDS,
	COND_CIDR,    /* operand: a list of strings, each ADDRESS[/BITS] */
	COND_MATCHES, /* regex, of the whole string */
	COND_ADD,     /* arithmetic holds when the result is not zero */
	COND_SUB,
	COND_MUL,
	COND_TRUEDIV,
	COND_FLOORDIV,
	COND_MOD,
	COND_POW,
	COND_BIT_AND,
	COND_BIT_OR,
	COND_BIT_XOR,
	COND_LSHIFT,
	COND_RSHIFT,
};

struct cond_atom {
	struct cond_key *key; /* ours */
	enum cond_op op;
	bool reversed;	      /* operand op value, not value op operand */
	struct value operand; /* ours; null where there is none */
	/* Ours: the operand as it was written, a string. It is what is looked
	 * for in strings, and tells a number beyond 64 bits exactly. Null where
	 * the operand is no word; canonical also where nobody asks for it. */
	struct value text;
	struct cond_key *claim;	  /* ours: the operand is this claim of the
				   * caller's token, else NULL */
	struct cond_regex *regex; /* ours; of COND_MATCHES, else NULL */
	uint32_t at;		  /* byte of the condition's text */
};

enum cond_kind {
	COND_FALSE,
	COND_TRUE,
	COND_ATOM,
	COND_NOT, /* one child */
	COND_AND, /* two children at least */
	COND_OR,
	COND_XOR,
};

struct cond_node {
	uint64_t hash; /* keyed, see base/hash.h; set by canon */
	enum cond_kind kind;
	uint32_t n;
	uint32_t cap;
	struct cond_node **children; /* ours; few while they are */
	struct cond_node *few[2];
	struct cond_atom *atom; /* ours; of COND_ATOM, else NULL */
};

/* --- making ------------------------------------------------------------ */

struct cond_node *cond_node_new(enum cond_kind kind);
/* Takes the key. */
struct cond_node *cond_node_atom(struct cond_key *key);
/* Takes the child. */
void cond_node_add(struct cond_node *n, struct cond_node *child);
void cond_node_add_first(struct cond_node *n, struct cond_node *child);
/* NOT over n, which is taken. */
struct cond_node *cond_node_not(struct cond_node *n);
/* However deep: never recurses further than the limits of a condition. */
void cond_node_destroy(struct cond_node *n);

/* Does text tell more of a's operand than its value does? It does for what
 * looks into strings, and of numbers that a double does not hold. The canonical
 * form keeps it only then. */
bool cond_asks_for_text(const struct cond_atom *a, struct str text);

/* Takes n and returns its canonical form. */
struct cond_node *cond_canon(struct cond_node *n);

/* --- reading ----------------------------------------------------------- */

/* The canonical tree, lent; as it was written with rules->as_written. */
const struct cond_node *cond_root(const struct cond *c);

/* Of the canonical form; equal conditions have equal hashes. */
uint64_t cond_hash(const struct cond *c);

/* True if both say the same in the same canonical form. */
bool cond_same(const struct cond *a, const struct cond *b);
bool cond_node_same(const struct cond_node *a, const struct cond_node *b);

/* Calls fn for each atom from left to right, until it returns false; negated
 * tells whether an odd number of NOTs stands above it. */
typedef bool (*cond_atom_fn)(const struct cond_atom *a, bool negated,
			     void *ctx);
bool cond_each_atom(const struct cond_node *n, cond_atom_fn fn, void *ctx);

/* As text that reads back to the same tree, but for names with dots and for
 * constants within, which only the structured form has. */
void cond_node_print(const struct cond_node *n, struct buf *out);

#endif
