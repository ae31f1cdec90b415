/* graves.c - see graves.h. */
#include "hub/graves.h"

#include "base/mem.h"

#include <string.h>

struct grave {
	struct list link;
	int64_t since_ms;
	enum hub_absence why;
	uint32_t len;
	char id[HUB_STREAM_ID_LEN + 1];
};

void graves_init(struct graves *g)
{
	*g = (struct graves){0};
	list_init(&g->all);
}

static void remove_oldest(struct graves *g)
{
	struct grave *one = CONTAINER_OF(list_pop(&g->all), struct grave, link);

	map_remove(&g->by_id, str_from(one->id, one->len));
	slab_free(one, sizeof *one);
}

void graves_fini(struct graves *g)
{
	while (!list_empty(&g->all))
		remove_oldest(g);
	map_fini(&g->by_id);
}

void graves_add(struct graves *g, struct str id, enum hub_absence why,
		int64_t now_ms, int64_t oldest_ms, size_t max)
{
	struct grave *one;

	while (!list_empty(&g->all) &&
	       (g->by_id.len >= max ||
		CONTAINER_OF(g->all.next, struct grave, link)->since_ms <
			oldest_ms))
		remove_oldest(g);
	if (!max)
		return;
	one = slab_zalloc(sizeof *one);
	one->since_ms = now_ms;
	one->why = why;
	one->len = (uint32_t)id.len;
	memcpy(one->id, id.p, id.len);
	list_push(&g->all, &one->link);
	map_put(&g->by_id, str_from(one->id, one->len), one);
}

enum hub_absence graves_find(const struct graves *g, struct str id)
{
	const struct grave *one = map_get(&g->by_id, id);

	return one ? one->why : HUB_UNKNOWN;
}
