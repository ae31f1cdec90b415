/* heap.c - see heap.h. Four children a node: half the levels of a binary heap,
 * and the children share a cache line. */
#include "base/heap.h"

#include "base/mem.h"
#include "base/util.h"

#include <assert.h>

static bool before(const struct heap_entry *a, const struct heap_entry *b)
{
	return a->key != b->key ? a->key < b->key : a->seq < b->seq;
}

static void put(struct heap *h, uint32_t at, struct heap_entry e)
{
	h->entries[at] = e;
	e.link->place = at + 1;
}

static void rise(struct heap *h, uint32_t at, struct heap_entry e)
{
	while (at) {
		uint32_t parent = (at - 1) / 4;

		if (!before(&e, &h->entries[parent]))
			break;
		put(h, at, h->entries[parent]);
		at = parent;
	}
	put(h, at, e);
}

static void sink(struct heap *h, uint32_t at, struct heap_entry e)
{
	for (;;) {
		uint32_t first = at * 4 + 1;
		uint32_t end = MIN(first + 4, h->len);
		uint32_t least = first;

		if (first >= h->len)
			break;
		for (uint32_t i = first + 1; i < end; i++)
			if (before(&h->entries[i], &h->entries[least]))
				least = i;
		if (!before(&h->entries[least], &e))
			break;
		put(h, at, h->entries[least]);
		at = least;
	}
	put(h, at, e);
}

void heap_fini(struct heap *h)
{
	mem_free(h->entries);
	*h = (struct heap){0};
}

void heap_push(struct heap *h, struct heap_link *link, int64_t key)
{
	assert(!link->place);
	if (h->len == h->cap) {
		h->cap = h->cap ? h->cap * 2 : 16;
		h->entries =
			mem_realloc(h->entries, h->cap * sizeof *h->entries);
	}
	rise(h, h->len++, (struct heap_entry){key, h->next_seq++, link});
}

void heap_remove(struct heap *h, struct heap_link *link)
{
	if (!link->place)
		return;

	uint32_t at = link->place - 1;
	struct heap_entry last = h->entries[--h->len];

	link->place = 0;
	if (last.link == link)
		return;
	if (at && before(&last, &h->entries[(at - 1) / 4]))
		rise(h, at, last);
	else
		sink(h, at, last);
}
