/* paths.h - the places in an event that some condition names.
 *
 * An event has twenty places, conditions name a few. Those that are named have
 * a number here, counters of the kinds of access keys that lead through them,
 * so that nothing is computed for a place that nobody asks for, and the leaf
 * that the event at hand has there, so that a condition finds it in one step.
 *
 * The same structure serves the names of `**.name`.
 *
 * Places are known by their 64-bit hash (json_path_hash, json_name_hash).
 */
#ifndef WEIR_COND_INDEX_PATHS_H
#define WEIR_COND_INDEX_PATHS_H

#include "cond/index/spread.h"
#include "cond/index/stretch.h"

#include <stdbool.h>
#include <stdint.h>

/* Kinds of access keys that look at one place; see keys.h. */
enum path_use {
	USE_EQ,	    /* its value */
	USE_EXISTS, /* that it is there */
	USE_HAS,    /* its elements, or the names of its members */
	USE_GRAMS,  /* parts of its text */
	PATH_USES,
};

/* Cells have 2^level values; even levels only, see keys.h. */
enum { PATH_LEVELS = 32 };

struct path {
	uint64_t hash;
	uint32_t next;	/* in its chain; 0: none */
	uint32_t refs;	/* atoms that name it; 0: free */
	uint32_t stamp; /* of the event that has it */
	uint32_t leaf;	/* and where */
	uint32_t uses[PATH_USES];
	uint32_t levels;      /* bit i: cells of level 2 i are used */
	uint32_t *level_refs; /* ours, PATH_LEVELS of them, or NULL */
};

struct paths {
	struct stretch at;    /* struct path; number 0 is nobody */
	struct stretch heads; /* uint32_t a place: first of a chain */
	struct spread spread;
	uint32_t end;	 /* numbers given out, ever */
	uint32_t free;	 /* first free one, linked by next; 0: none */
	uint32_t in_use; /* how many */
};

void paths_init(struct paths *p);
void paths_fini(struct paths *p);

/* The number of hash, which is given one if it has none. Each call is undone by
 * one of paths_unref. */
uint32_t paths_ref(struct paths *p, uint64_t hash);
void paths_unref(struct paths *p, uint32_t id);

void paths_use_level(struct paths *p, uint32_t id, uint32_t level);
void paths_leave_level(struct paths *p, uint32_t id, uint32_t level);

uint64_t paths_bytes(const struct paths *p);

static inline struct path *paths_at(const struct paths *p, uint32_t id)
{
	return (struct path *)p->at.base + id;
}

/* The number of hash, or 0. */
static inline uint32_t paths_find(const struct paths *p, uint64_t hash)
{
	const uint32_t *heads = (const uint32_t *)p->heads.base;
	uint32_t id = heads[spread_place(&p->spread, hash)];

	while (id && paths_at(p, id)->hash != hash)
		id = paths_at(p, id)->next;
	return id;
}

#endif
