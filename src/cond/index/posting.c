/* posting.c - see posting.h. */
#include "cond/index/posting.h"

#include <assert.h>
#include <string.h>

enum {
	DIR_FIRST = 4,
	MERGE_BELOW = POSTING_BLOCK / 4, /* entries of a part */
};

/* Entries that a block of n has room for: a third more at most, so that most
 * additions find room. It follows from n, and needs no memory. */
static uint32_t room_for(uint32_t n)
{
	uint32_t step = 2;

	if (n <= 4)
		return n;
	while (step * 4 < n)
		step *= 2;
	return (n + step - 1) / step * step;
}

static size_t entries_bytes(uint32_t n)
{
	return room_for(n) * sizeof(struct posting_entry);
}

static size_t dir_bytes(uint32_t cap)
{
	return sizeof(struct posting_dir) + cap * sizeof(struct posting_part);
}

/* --- short ones -------------------------------------------------------- */

/* Puts e into a block of n entries; it may move. */
static void block_add(struct arena *a, uint32_t *block, uint32_t n,
		      const struct posting_entry *e)
{
	struct posting_entry *at = arena_at(a, *block);
	uint32_t i = posting_lower(at, n, e);

	if (room_for(n) <= n) {
		uint32_t larger = arena_alloc(a, entries_bytes(n + 1));
		struct posting_entry *to = arena_at(a, larger);

		memcpy(to, at, i * sizeof *to);
		memcpy(to + i + 1, at + i, (n - i) * sizeof *to);
		to[i] = *e;
		arena_free(a, *block, entries_bytes(n));
		*block = larger;
		return;
	}
	memmove(at + i + 1, at + i, (n - i) * sizeof *at);
	at[i] = *e;
}

/* Where e is. */
static uint32_t block_find(const struct posting_entry *at, uint32_t n,
			   const struct posting_entry *e)
{
	uint32_t i = posting_lower(at, n, e);

	assert(i < n && posting_order(&at[i], e) == 0);
	return i;
}

static void block_cut(struct arena *a, uint32_t *block, uint32_t n, uint32_t i)
{
	struct posting_entry *at = arena_at(a, *block);

	memmove(at + i, at + i + 1, (n - i - 1) * sizeof *at);
	if (room_for(n) != room_for(n - 1)) {
		uint32_t smaller = arena_alloc(a, entries_bytes(n - 1));

		memcpy(arena_at(a, smaller), at, (n - 1) * sizeof *at);
		arena_free(a, *block, entries_bytes(n));
		*block = smaller;
	}
}

/* --- long ones --------------------------------------------------------- */

/* Puts a part in front of part i. */
static void dir_add(struct arena *a, uint32_t *dir, uint32_t i,
		    struct posting_part part)
{
	struct posting_dir *d = arena_at(a, *dir);

	if (d->n == d->cap) {
		uint32_t cap = d->cap + d->cap / 2;
		uint32_t larger = arena_alloc(a, dir_bytes(cap));
		struct posting_dir *to = arena_at(a, larger);

		memcpy(to, d, dir_bytes(d->n));
		to->cap = cap;
		arena_free(a, *dir, dir_bytes(d->cap));
		*dir = larger;
		d = to;
	}
	memmove(&d->parts[i + 1], &d->parts[i],
		(d->n - i) * sizeof d->parts[0]);
	d->parts[i] = part;
	d->n++;
}

/* Makes two parts of a full one. */
static void split(struct arena *a, uint32_t *dir, uint32_t i)
{
	struct posting_dir *d = arena_at(a, *dir);
	struct posting_part *p = &d->parts[i];
	const struct posting_entry *at = posting_entries(a, p->block);
	uint32_t keep = p->n / 2;
	uint32_t moved = p->n - keep;
	uint32_t low = arena_alloc(a, entries_bytes(keep));
	uint32_t high = arena_alloc(a, entries_bytes(moved));
	struct posting_part part = {at[keep], high, moved};

	memcpy(arena_at(a, low), at, keep * sizeof *at);
	memcpy(arena_at(a, high), at + keep, moved * sizeof *at);
	arena_free(a, p->block, entries_bytes(p->n));
	p->block = low;
	p->n = keep;
	dir_add(a, dir, i + 1, part);
}

static void make_long(struct arena *a, struct table_slot *s)
{
	uint32_t dir = arena_alloc(a, dir_bytes(DIR_FIRST));
	struct posting_dir *d = arena_at(a, dir);

	d->n = 1;
	d->cap = DIR_FIRST;
	d->parts[0] = (struct posting_part){*posting_entries(a, s->ref), s->ref,
					    s->n};
	s->ref = dir;
}

static void long_add(struct arena *a, uint32_t *dir,
		     const struct posting_entry *e)
{
	struct posting_dir *d = arena_at(a, *dir);
	uint32_t i = posting_part(d, e);
	struct posting_part *p;

	if (d->parts[i].n == POSTING_BLOCK) {
		split(a, dir, i);
		d = arena_at(a, *dir);
		i = posting_part(d, e);
	}
	p = &d->parts[i];
	block_add(a, &p->block, p->n, e);
	p->n++;
	p->first = *posting_entries(a, p->block);
}

/* Puts the entries of part i + 1 behind those of part i. */
static void merge(struct arena *a, struct posting_dir *d, uint32_t i)
{
	struct posting_part *p = &d->parts[i];
	uint32_t n = p[0].n + p[1].n;
	uint32_t block = arena_alloc(a, entries_bytes(n));
	struct posting_entry *to = arena_at(a, block);

	memcpy(to, arena_at(a, p[0].block), p[0].n * sizeof *to);
	memcpy(to + p[0].n, arena_at(a, p[1].block), p[1].n * sizeof *to);
	arena_free(a, p[0].block, entries_bytes(p[0].n));
	arena_free(a, p[1].block, entries_bytes(p[1].n));
	p[0].first = *to;
	p[0].block = block;
	p[0].n = n;
	memmove(&p[1], &p[2], (d->n - i - 2) * sizeof *p);
	d->n--;
}

static void long_remove(struct arena *a, uint32_t dir,
			const struct posting_entry *e)
{
	struct posting_dir *d = arena_at(a, dir);
	uint32_t part = posting_part(d, e);
	struct posting_part *p = &d->parts[part];

	block_cut(a, &p->block, p->n,
		  block_find(posting_entries(a, p->block), p->n, e));
	p->n--;
	/* One that is empty always goes up in its neighbour. */
	if (p->n)
		p->first = *posting_entries(a, p->block);
	if (p->n >= MERGE_BELOW)
		return;
	if (part + 1 == d->n)
		part--;
	if (d->parts[part].n + d->parts[part + 1].n <= POSTING_BLOCK)
		merge(a, d, part);
}

/* All parts, which are POSTING_BLOCK entries together, become one block. */
static void make_short(struct arena *a, struct table_slot *s)
{
	struct posting_dir *d = arena_at(a, s->ref);
	uint32_t block;

	while (d->n > 1)
		merge(a, d, 0);
	block = d->parts[0].block;
	arena_free(a, s->ref, dir_bytes(d->cap));
	s->ref = block;
}

/* --- both -------------------------------------------------------------- */

void posting_add(struct arena *a, struct table_slot *s, struct posting_entry e,
		 struct posting_entry alone)
{
	if (s->n == 0) {
		s->ref = e.cond;
	} else if (s->n == 1) {
		uint32_t block = arena_alloc(a, entries_bytes(2));
		struct posting_entry *at = arena_at(a, block);
		bool first = posting_order(&e, &alone) < 0;

		at[!first] = e;
		at[first] = alone;
		s->ref = block;
	} else if (s->n < POSTING_BLOCK) {
		block_add(a, &s->ref, s->n, &e);
	} else {
		if (s->n == POSTING_BLOCK)
			make_long(a, s);
		long_add(a, &s->ref, &e);
	}
	s->n++;
}

void posting_remove(struct arena *a, struct table_slot *s,
		    struct posting_entry e)
{
	if (s->n > POSTING_BLOCK) {
		long_remove(a, s->ref, &e);
		if (--s->n == POSTING_BLOCK)
			make_short(a, s);
		return;
	}
	if (s->n > 1) {
		uint32_t block = s->ref;
		const struct posting_entry *at = posting_entries(a, block);
		uint32_t i = block_find(at, s->n, &e);

		if (s->n == 2) {
			s->ref = at[!i].cond;
			arena_free(a, block, entries_bytes(2));
		} else {
			block_cut(a, &s->ref, s->n, i);
		}
	}
	s->n--;
}
