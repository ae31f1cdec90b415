/* cause.c - causes that stand for many.
 *
 *     items of a buffer   {a, J1} {b, J1} {c, J2}
 *     joined              [J1, J2]    one count on each
 *
 * Joining joined ones takes their parts, so that a joined cause is always flat
 * and neither asking nor releasing recurses, however many buffers follow each
 * other.
 */
#include "rx/cause.h"

#include "base/mem.h"
#include "base/util.h"

#include <stdlib.h>

struct joined {
	struct rx_cause cause;
	uint32_t n;
	struct rx_cause *parts[]; /* ours, each once, in order of address */
};

_Thread_local struct rx_cause *rx_cause_now;

static void joined_released(struct rx_cause *c)
{
	struct joined *j = CONTAINER_OF(c, struct joined, cause);

	for (uint32_t i = 0; i < j->n; i++)
		rx_cause_unref(j->parts[i]);
	mem_free(j);
}

static const struct joined *as_joined(const struct rx_cause *c)
{
	if (c->released != joined_released)
		return NULL;
	return CONTAINER_OF(c, struct joined, cause);
}

static int by_address(const void *a, const void *b)
{
	uintptr_t x = (uintptr_t) * (struct rx_cause *const *)a;
	uintptr_t y = (uintptr_t) * (struct rx_cause *const *)b;

	return (x > y) - (x < y);
}

/* The only cause of all items; NULL when there is none, or more than one (then
 * *several is how many parts they have, repeated ones included). */
static struct rx_cause *only_cause(const struct rx_item *items, size_t n,
				   size_t *several)
{
	struct rx_cause *only = NULL, *last = NULL;
	bool differ = false;
	size_t parts = 0;

	for (size_t i = 0; i < n; i++) {
		struct rx_cause *c = items[i].cause;

		if (!c || c == last)
			continue;
		if (only && c != only)
			differ = true;
		if (!only)
			only = c;
		last = c;
		parts += as_joined(c) ? as_joined(c)->n : 1;
	}
	*several = differ ? parts : 0;
	return differ ? NULL : only;
}

struct rx_cause *rx_cause_join(const struct rx_item *items, size_t n)
{
	size_t several;
	struct rx_cause *only = only_cause(items, n, &several);

	if (!several)
		return rx_cause_ref(only);

	struct joined *j =
		mem_alloc(sizeof *j + several * sizeof(struct rx_cause *));
	struct rx_cause *last = NULL;
	uint32_t all = 0;

	for (size_t i = 0; i < n; i++) {
		struct rx_cause *c = items[i].cause;

		if (!c || c == last)
			continue;
		last = c;

		const struct joined *many = as_joined(c);

		if (!many) {
			j->parts[all++] = c;
			continue;
		}
		for (uint32_t k = 0; k < many->n; k++)
			j->parts[all++] = many->parts[k];
	}
	qsort(j->parts, all, sizeof j->parts[0], by_address);

	j->cause = (struct rx_cause){1, joined_released};
	j->n = 0;
	for (uint32_t i = 0; i < all; i++) {
		if (j->n && j->parts[j->n - 1] == j->parts[i])
			continue;
		j->parts[j->n++] = rx_cause_ref(j->parts[i]);
	}
	return &j->cause;
}

void rx_cause_each(struct rx_cause *c,
		   void (*fn)(void *arg, struct rx_cause *cause), void *arg)
{
	if (!c)
		return;

	const struct joined *j = as_joined(c);

	if (!j) {
		fn(arg, c);
		return;
	}
	for (uint32_t i = 0; i < j->n; i++)
		fn(arg, j->parts[i]);
}
