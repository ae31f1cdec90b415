/* paths.c - see paths.h. */
#include "cond/index/paths.h"

#include "base/mem.h"

#include <assert.h>
#include <string.h>

enum {
	HEADS_FIRST = 256,
	PATHS_MAX = 1 << 28, /* what a test has bits for */
};

static uint32_t *head_of(const struct paths *p, uint64_t hash)
{
	return (uint32_t *)p->heads.base + spread_place(&p->spread, hash);
}

void paths_init(struct paths *p)
{
	*p = (struct paths){.spread = {.mask = HEADS_FIRST - 1}, .end = 1};
	stretch_init(&p->at, (size_t)PATHS_MAX * sizeof(struct path));
	stretch_init(&p->heads, (size_t)PATHS_MAX * 2 * sizeof(uint32_t));
	stretch_need(&p->at, sizeof(struct path));
	stretch_need(&p->heads, HEADS_FIRST * sizeof(uint32_t));
}

void paths_fini(struct paths *p)
{
	for (uint32_t id = 1; id < p->end; id++)
		mem_free(paths_at(p, id)->level_refs);
	stretch_fini(&p->at);
	stretch_fini(&p->heads);
}

uint64_t paths_bytes(const struct paths *p)
{
	return (uint64_t)p->end * sizeof(struct path) +
	       spread_places(&p->spread) * sizeof(uint32_t);
}

/* Chains are half empty: a place that nobody names mostly meets an empty
 * head. */
static void grow(struct paths *p)
{
	uint64_t from;
	uint32_t id;
	uint32_t next;

	stretch_need(&p->heads,
		     (spread_places(&p->spread) + 1) * sizeof(uint32_t));
	spread_grow(&p->spread, &from);

	uint32_t *heads = (uint32_t *)p->heads.base;

	id = heads[from];
	heads[from] = 0;
	for (; id; id = next) {
		struct path *path = paths_at(p, id);
		uint32_t *head = head_of(p, path->hash);

		next = path->next;
		path->next = *head;
		*head = id;
	}
}

uint32_t paths_ref(struct paths *p, uint64_t hash)
{
	uint32_t id = paths_find(p, hash);
	uint32_t *head;

	if (id) {
		paths_at(p, id)->refs++;
		return id;
	}
	if (++p->in_use * 2ull > spread_places(&p->spread))
		grow(p);
	id = p->free;
	if (id) {
		p->free = paths_at(p, id)->next;
	} else {
		id = p->end++;
		assert(id < PATHS_MAX);
		stretch_need(&p->at, p->end * sizeof(struct path));
	}
	head = head_of(p, hash);
	*paths_at(p, id) =
		(struct path){.hash = hash, .next = *head, .refs = 1};
	*head = id;
	return id;
}

void paths_unref(struct paths *p, uint32_t id)
{
	struct path *path = paths_at(p, id);
	uint32_t *link;

	if (--path->refs)
		return;
	link = head_of(p, path->hash);
	while (*link != id)
		link = &paths_at(p, *link)->next;
	*link = path->next;
	mem_free(path->level_refs);
	*path = (struct path){.next = p->free};
	p->free = id;
	p->in_use--;
}

void paths_use_level(struct paths *p, uint32_t id, uint32_t level)
{
	struct path *path = paths_at(p, id);
	uint32_t i = level / 2;

	if (!path->level_refs)
		path->level_refs =
			mem_zalloc(PATH_LEVELS * sizeof *path->level_refs);
	path->level_refs[i]++;
	path->levels |= 1u << i;
}

void paths_leave_level(struct paths *p, uint32_t id, uint32_t level)
{
	struct path *path = paths_at(p, id);
	uint32_t i = level / 2;

	if (--path->level_refs[i] == 0)
		path->levels &= ~(1u << i);
}
