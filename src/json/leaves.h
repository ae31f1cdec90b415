/* leaves.h - JSON text to a flat array of what is in it, without a tree.
 *
 * For matching a document against many conditions: each scalar comes with the
 * hashes that an index is asked with, computed while reading. Accepts and
 * refuses exactly what json_parse does.
 *
 *     {"user": {"id": 4711}, "tags": ["a", "b"]}
 *
 *     entry  type    path    name  parent  end
 *     0      object  .       -     -       6
 *     1      object  user    user  0       3
 *     2      int     user.id id    1
 *     3      array   tags    tags  0       6
 *     4      string  tags.0  0     3
 *     5      string  tags.1  1     3
 *
 * Containers are entries, too, in front of what they hold; whoever wants the
 * leaves only takes those with a type below VALUE_ARRAY.
 *
 * Hashes are keyed (base/hash.h), 64 bits wide, and taken for equality: that
 * of a scalar is its value_hash, so 4711, 4711.0 and 4.711e3 have the same.
 * An element's name is its index; the member "0" of an object has the same
 * name and path hash as element 0 of an array, since a path in a condition
 * does not tell which it means.
 *
 * Of members with one name only the last is there, as in json_parse (but at
 * its own place). A small filter per open object tells that a name may have
 * been seen; only then the members before it are looked at. An object of more
 * than 32 members is checked once, by a hash table, when it closes.
 */
#ifndef WEIR_JSON_LEAVES_H
#define WEIR_JSON_LEAVES_H

#include "base/error.h"
#include "base/hash.h"
#include "base/str.h"
#include "value/value.h"

#include <stddef.h>
#include <stdint.h>

struct json_leaf {
	uint64_t path; /* json_path_hash of where it is */
	uint64_t name; /* json_name_hash of its last step; 0 for the root */
	uint64_t hash; /* scalars: value_hash; containers: 0 */
	union {
		int64_t i;    /* VALUE_INT */
		uint64_t u;   /* VALUE_UINT */
		double d;     /* VALUE_DOUBLE */
		uint32_t end; /* containers: the entry behind the last inside */
	};
	const char *p;	 /* strings: decoded bytes; others: as in the text */
	uint32_t len;	 /* bytes at p */
	uint32_t parent; /* entry of the container; JSON_NO_PARENT */
	uint8_t type;	 /* enum value_type */
};

#define JSON_NO_PARENT UINT32_MAX

struct json_leaf_frame;

/* All zero is ready for use. Reading again reuses the memory: in the long run
 * nothing is allocated. */
struct json_leaves {
	struct json_leaf *at;
	uint32_t n;
	uint32_t cap;
	uint32_t max; /* more entries are WEIR_ETOOBIG; 0: no such limit */

	/* Internal, ours. */
	uint8_t name_lens[256];		/* guesses, see leaves.c */
	struct json_leaf_frame *frames; /* open containers */
	uint32_t frames_cap;
	uint32_t table_cap;
	uint32_t *table; /* names of a big object */
	char *decoded;	 /* strings that had escapes */
	size_t decoded_cap;
};

void json_leaves_fini(struct json_leaves *l);

/* Reads all of text. The entries point into text and into l, and mean
 * something until the next read.
 *
 * Returns 0, or with l->n = 0 what json_parse would return.
 */
int json_leaves_read(struct json_leaves *l, struct str text,
		     struct weir_error *err);

/* --- the same hashes from elsewhere ------------------------------------- */

static inline uint64_t json_index_hash(uint32_t index)
{
	return hash_u64(index);
}

static inline uint64_t json_path_root(void)
{
	return hash_key[2];
}

/* The path of the member or element called name of what is at path. */
static inline uint64_t json_path_step(uint64_t path, uint64_t name)
{
	return hash_mix(path ^ name, hash_key[1]);
}

/* Of a member name, or of an index in decimal. */
uint64_t json_name_hash(struct str name);
uint64_t json_path_hash(const struct value_path *p);

#endif
