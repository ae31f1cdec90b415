/* access_atoms.h - the atoms of a pack, for access.c and access_choose.c. */
#ifndef WEIR_COND_INDEX_ACCESS_ATOMS_H
#define WEIR_COND_INDEX_ACCESS_ATOMS_H

#include "cond/index/access.h"

enum { ACCESS_TESTS = 2 /* of a kind that are kept for an atom */ };

/* A second predicate that an entry may carry. */
struct test {
	uint64_t operand;
	uint32_t test; /* 0: none */
	uint32_t atom;
};

struct access_tests {
	struct test eq[ACCESS_TESTS];
	struct test range[ACCESS_TESTS];
};

struct access_atom {
	struct pack_node node;
	uint64_t value;	       /* of EQ: the hash of its literal */
	uint32_t tests;	       /* number of those in x->tests */
	struct test own;       /* its range */
	uint32_t keys, keys_n; /* by its values: from that one of x->keys on */
};

/* detail: of CONTAINS, STARTS and ENDS 1 + 4 offset + kind of the gram; of
 * PARTS the same, the offset within all that is inside; of a lower bound 1 +
 * number of the atom that is the upper one; of BETWEEN 1. 0: by the values, or
 * by being there. */
struct access_item {
	uint32_t atom;
	uint32_t detail;
	uint32_t keys, keys_n; /* while choosing: from that one of x->keys on */
};

/* The grams, from the longest to the shortest. */
enum { ACCESS_GRAM_KINDS = 3 };

extern const struct access_gram {
	enum key_kind kind;
	uint32_t bytes;
} access_grams[ACCESS_GRAM_KINDS];

uint64_t access_gram_key(int kind, const char *p);

/* array with room for one element more than n. */
void *access_room(void *array, uint32_t n, uint32_t *cap, size_t size);

/* Fills x->atoms. */
void access_gather(struct access *x, const uint8_t *pack);

/* Appends the keys of an atom to x->keys. */
void access_item_keys(struct access *x, uint32_t atom, uint32_t detail);

/* The needle of CONTAINS, STARTS and ENDS; its value as an element of a list
 * in *element_out. */
struct str access_needle(const struct pack_node *n,
			 struct pack_literal *element_out);

static inline bool access_has_parts(const struct pack_node *n)
{
	return n->code == PACK_PARTS || n->code == PACK_FOLDED_PARTS;
}

/* The bounds of a window, of BETWEEN or of two atoms, in the order of numbers.
 * False: it is none. */
bool access_bounds(const struct pack_node *low, const struct pack_node *high,
		   uint64_t *low_out, uint64_t *high_out);

#endif
