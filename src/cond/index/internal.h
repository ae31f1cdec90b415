/* internal.h - what an index is made of; for index.c, match.c and report.c. */
#ifndef WEIR_COND_INDEX_INTERNAL_H
#define WEIR_COND_INDEX_INTERNAL_H

#include "cond/index/access.h"
#include "cond/index/few.h"
#include "cond/index/index.h"
#include "cond/index/interests.h"
#include "cond/index/shared.h"

/* A key of an event. */
struct match_key {
	uint64_t key;
	uint32_t leaf;
	uint32_t at; /* byte of its text; MATCH_NO_TEXT: not a part of text */
};

#define MATCH_NO_TEXT UINT32_MAX

struct match_candidate {
	uint32_t cond;
	uint32_t leaf; /* by which it was found, and at */
	uint32_t at;
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
	struct match_key *keys; /* then those that the filter let through */
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
	uint32_t *path_of; /* of each leaf of the event at hand */
	uint32_t matches_n, matches_cap;
	uint32_t path_of_cap;
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

/* The steps of match_keys.c: the keys of an event; those that the filter lets
 * through, and parts of text with them. */
void match_keys(struct interest_index *ix, struct match_event *e);
void match_filter(struct interest_index *ix, struct match_event *e);

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
