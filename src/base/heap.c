/* heap.c - see heap.h. Four children a node: half the levels of a binary heap,
 * and the children share a cache line. */
#include "base/heap.h"

#include "base/mem.h"
#include "base/util.h"

#include <assert.h>

static bool before(const struct heap_link *a, const struct heap_link *b)
{
	return a->key != b->key ? a->key < b->key : a->seq < b->seq;
}

static void put(struct heap *h, uint32_t at, struct heap_link *link)
{
	h->links[at] = link;
	link->place = at + 1;
}

static void rise(struct heap *h, uint32_t at, struct heap_link *link)
{
	while (at) {
		uint32_t parent = (at - 1) / 4;

		if (!before(link, h->links[parent]))
			break;
		put(h, at, h->links[parent]);
		at = parent;
	}
	put(h, at, link);
}

static void sink(struct heap *h, uint32_t at, struct heap_link *link)
{
	for (;;) {
		uint32_t first = at * 4 + 1;
		uint32_t end = MIN(first + 4, h->len);
		uint32_t least = first;

		if (first >= h->len)
			break;
		for (uint32_t i = first + 1; i < end; i++)
			if (before(h->links[i], h->links[least]))
				least = i;
		if (!before(h->links[least], link))
			break;
		put(h, at, h->links[least]);
		at = least;
	}
	put(h, at, link);
}

void heap_fini(struct heap *h)
{
	mem_free(h->links);
	*h = (struct heap){0};
}

void heap_push(struct heap *h, struct heap_link *link, int64_t key)
{
	assert(!link->place);
	if (h->len == h->cap) {
		h->cap = h->cap ? h->cap * 2 : 16;
		h->links = mem_realloc(h->links, h->cap * sizeof *h->links);
	}
	link->key = key;
	link->seq = h->next_seq++;
	rise(h, h->len++, link);
}

void heap_remove(struct heap *h, struct heap_link *link)
{
	if (!link->place)
		return;

	uint32_t at = link->place - 1;
	struct heap_link *last = h->links[--h->len];

	link->place = 0;
	if (last == link)
		return;
	if (at && before(last, h->links[(at - 1) / 4]))
		rise(h, at, last);
	else
		sink(h, at, last);
}
