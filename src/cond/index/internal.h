/* internal.h - what an index is made of; for index.c, match.c and report.c. */
#ifndef WEIR_COND_INDEX_INTERNAL_H
#define WEIR_COND_INDEX_INTERNAL_H

#include "cond/index/access.h"
#include "cond/index/few.h"
#include "cond/index/index.h"
#include "cond/index/interests.h"
#include "cond/index/shared.h"

/* Where in an event: a leaf, and above it the byte of its text at which a part
 * begins; MATCH_NO_TEXT says that it is not about a part. One word, which is
 * counted up from byte to byte. */
#define MATCH_NO_TEXT UINT32_MAX
#define MATCH_BYTE    ((uint64_t)1 << 32)

static inline uint64_t match_where(uint32_t leaf, uint32_t byte)
{
	return byte * MATCH_BYTE + leaf;
}

static inline uint32_t match_leaf(uint64_t where)
{
	return (uint32_t)where;
}

static inline uint32_t match_byte(uint64_t where)
{
	return (uint32_t)(where >> 32);
}

/* A key of an event that the filter let through; then what it leads to. */
struct match_key {
	union {
		uint64_t key;
		const struct table_slot *slot;
	};
	uint64_t where;
};

struct match_candidate {
	uint64_t where; /* by what it was found */
	uint32_t cond;
};

/* A path that some condition names, where the event has it. */
struct match_place {
	uint32_t path;
	uint32_t leaf;
};

/* What is known of an event on its way through the matcher; the memory is used
 * again for the next. */
struct match_event {
	const struct json_leaves *leaves;
	const struct cond_meta *meta;

	/* All ours. */
	struct match_key *keys;
	struct match_place *places;
	struct match_candidate *candidates;
	uint32_t *met; /* conditions that are true */
	uint32_t keys_n, keys_cap;
	uint32_t places_n, places_cap;
	uint32_t candidates_n, candidates_cap;
	uint32_t met_n, met_cap;
	uint32_t stamp;
};

struct match_scratch {
	struct match_event events[INTEREST_BATCH_MAX];

	/* All ours. */
	uint64_t *seen; /* stamp and condition; a set */
	struct interest_match *matches;
	uint32_t *texts;	  /* leaves of the event at hand */
	struct json_leaf *folded; /* by leaf: its folded text, of some texts */
	char *fold_bytes;	  /* where those are */
	uint32_t matches_n, matches_cap;
	uint32_t texts_cap;
	uint32_t folded_cap;
	uint32_t fold_bytes_cap;
	uint32_t seen_cap; /* a power of two, or 0 */
	uint32_t stamp;	   /* of the event that came last */
};

struct interest_index {
	struct interest_limits limits;
	struct arena arena; /* conditions and postings */
	struct table table;
	struct pack_places places;
	struct sketch sketch;
	struct shared shared;
	struct index_interests interests;
	struct access access; /* of the condition that comes or goes */
	struct access other;  /* of one that is there already */
	struct buf pack;
	struct buf list;
	uint32_t kinds[KEY_KINDS]; /* keys of each that lead somewhere */
	struct few *grams[3];	   /* ours: of KEY_GRAM8, 4 and 3 */
	uint32_t name_grams;	   /* of those of kinds, through a name */
	uint32_t any_grams;	   /* or through any leaf */
	uint32_t folded_grams;	   /* those of folded text */
	uint32_t *residual;	   /* ours: conditions without a key */
	uint32_t residual_n, residual_cap;
	uint32_t linear; /* those, and those led to by being there */
	uint64_t events;
	uint64_t candidates;
	uint64_t matches;
	struct match_scratch scratch;
};

void match_fini(struct match_scratch *m);

/* Makes room for need elements at least; returns where the array is. */
void *match_grown(void *array, uint32_t *cap, uint32_t need, size_t size);

/* The keys of an event that the filter lets through (match_keys.c). */
void match_keys(struct interest_index *ix, struct match_event *e);

/* Of the parts of so many texts, scratch.texts, which at has by leaf
 * (match_grams.c). */
void match_grams(struct interest_index *ix, struct match_event *e,
		 const struct json_leaf *at, uint32_t texts);

/* Counts the keys of an event for the sketch. */
void match_count(struct interest_index *ix, const struct json_leaves *leaves);

/* Appends the comparisons of c, whose pack that is, by which a list of access.h
 * files it: "user.id eq, temp gt". */
void report_list(const struct cond *c, const uint8_t *pack, struct str list,
		 struct buf *out);

static inline bool match_is_number(const struct json_leaf *l)
{
	return l->type >= VALUE_INT && l->type <= VALUE_DOUBLE;
}

#endif
