/* access.h - under which keys a condition is filed.
 *
 * An access set is a set of keys of which at least one is there whenever the
 * condition is true. It is found from the leaves of the tree to its root, each
 * with its cost, the entries that an event is expected to look at:
 *
 *     node                       set                              cost
 *     p eq v, p in [v w]         a key for each value             their sum
 *     * eq v, **.k eq v          the same
 *     contains, startswith,      its rarest 8 bytes, or 4 or 3;
 *     endswith                   and v as an element or a member
 *     matches, icontains, ieq    the same of each literal, or of the
 *                                folded needle
 *     p ge a and p lt b          the cells between                of 2 at most
 *     p gt a                     that p is there, in order of a
 *     other operators            that p is there
 *     AND                        the set of its cheapest child    least
 *     OR, XOR                    the sets of all children         their sum
 *     NOT, p ne v, p eq None     none                             infinite
 *
 * So nothing is brought into a normal form, which might explode, and nothing
 * is counted. A condition without a set is evaluated for every event.
 *
 * Which set was chosen is remembered as a list of atoms, by their position in
 * the pack, each with a detail: two bytes mostly. The keys are computed anew
 * from that when the condition leaves.
 */
#ifndef WEIR_COND_INDEX_ACCESS_H
#define WEIR_COND_INDEX_ACCESS_H

#include "cond/index/keys.h"
#include "cond/index/pack.h"
#include "cond/index/posting.h"
#include "cond/index/sketch.h"
#include "cond/index/table.h"

struct access_key {
	uint64_t key;
	uint64_t operand; /* of the posting's entry */
	uint32_t test;
	enum key_kind kind;
	uint32_t place; /* number of its path, or of its name; 0: none */
	uint32_t level; /* KEY_CELL */
	bool is_name;
	bool folded; /* asks for a part of folded text */
};

struct access_atom;
struct access_item;
struct access_tests;

/* What choosing needs to know, borrowed; and memory that is used again and
 * again. */
struct access {
	const struct pack_places *places;
	const struct table *table;
	const struct sketch *sketch;
	uint64_t key_mask; /* all ones; fewer make hashes collide, for tests */

	/* Ours. */
	struct access_atom *atoms;
	struct access_tests *tests; /* of the ANDs; number 0 is empty */
	struct access_item *items;
	struct access_key *keys;
	struct access_key *chosen; /* of keys, on their way there */
	uint32_t atoms_n, atoms_cap;
	uint32_t tests_n, tests_cap;
	uint32_t items_n, items_cap;
	uint32_t keys_n, keys_cap;
	uint32_t chosen_cap;
};

void access_fini(struct access *x);

/* Asks for the memory that choosing for a pack will look at. */
void access_prepare(struct access *x, const uint8_t *pack);

/* Chooses for the pack that was prepared last, fills x->keys, and appends the
 * list to list_out. Returns the cost; INFINITY where there is no set, and 0 for
 * a condition that is never true. */
double access_choose(struct access *x, const uint8_t *pack,
		     struct buf *list_out);

/* Fills x->keys from a pack and a list. */
void access_derive(struct access *x, const uint8_t *pack, const uint8_t *list,
		   uint32_t list_bytes);

/* As access_derive; returns what the set costs now. */
double access_cost(struct access *x, const uint8_t *pack, const uint8_t *list,
		   uint32_t list_bytes);

/* Of a pack that is one atom, filed under a part of its needle: the needle, and
 * where in it the part begins. */
void access_needle_part(const uint8_t *pack, const uint8_t *list,
			struct pack_literal *needle_out, uint32_t *part_out);

#endif
