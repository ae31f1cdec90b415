/* shared.c - see shared.h. */
#include "cond/index/shared.h"

#include <string.h>

enum { HEADS_FIRST = 256 };

#define HEADS_MAX ((size_t)1 << 32)

static uint32_t *head_of(const struct shared *s, uint64_t hash)
{
	return (uint32_t *)s->heads.base + spread_place(&s->spread, hash);
}

void shared_init(struct shared *s, struct arena *arena)
{
	*s = (struct shared){.arena = arena,
			     .spread = {.mask = HEADS_FIRST - 1}};
	stretch_init(&s->heads, HEADS_MAX * sizeof(uint32_t));
	stretch_need(&s->heads, HEADS_FIRST * sizeof(uint32_t));
}

void shared_fini(struct shared *s)
{
	const uint32_t *heads = (const uint32_t *)s->heads.base;
	struct shared_view v;

	for (uint64_t i = 0; i < spread_places(&s->spread); i++) {
		for (uint32_t id = heads[i]; id;
		     id = shared_at(s->arena, id)->chain) {
			shared_view(shared_at(s->arena, id), &v);
			cond_unref(v.held);
		}
	}
	stretch_fini(&s->heads);
}

uint64_t shared_bytes(const struct shared *s)
{
	return spread_places(&s->spread) * sizeof(uint32_t);
}

uint32_t shared_find(const struct shared *s, struct str pack,
		     const struct cond *c)
{
	uint32_t id = *head_of(s, hash_bytes(pack.p, pack.len));
	struct shared_view v;

	for (; id; id = shared_at(s->arena, id)->chain) {
		shared_view(shared_at(s->arena, id), &v);
		if (v.pack_bytes == pack.len &&
		    !memcmp(v.pack, pack.p, pack.len) && !v.held == !c &&
		    (!c || cond_same(v.held, c)))
			return id;
	}
	return 0;
}

static void grow(struct shared *s)
{
	uint64_t from;
	uint32_t id;
	uint32_t next;
	uint32_t *heads;

	stretch_need(&s->heads,
		     (spread_places(&s->spread) + 1) * sizeof(uint32_t));
	spread_grow(&s->spread, &from);
	heads = (uint32_t *)s->heads.base;
	id = heads[from];
	heads[from] = 0;
	for (; id; id = next) {
		struct shared_cond *c = shared_at(s->arena, id);
		struct shared_view v;
		uint32_t *head;

		shared_view(c, &v);
		head = head_of(s, hash_bytes(v.pack, v.pack_bytes));
		next = c->chain;
		c->chain = *head;
		*head = id;
	}
	/* The next addition splits the next place. */
	__builtin_prefetch(arena_at(s->arena, heads[s->spread.split]));
}

static uint8_t *put_varint(uint8_t *p, uint64_t n)
{
	for (; n > 127; n >>= 7)
		*p++ = (uint8_t)(n | 128);
	*p++ = (uint8_t)n;
	return p;
}

uint32_t shared_add(struct shared *s, struct str pack, struct str list,
		    struct cond *held)
{
	uint8_t sizes[20];
	uint8_t *end = put_varint(sizes, (uint64_t)pack.len << 1 | !!held);
	uint32_t *head;
	struct shared_cond *c;
	size_t n;
	uint32_t id;
	uint8_t *p;

	end = put_varint(end, list.len);
	n = (size_t)(end - sizes);
	id = arena_alloc(s->arena, sizeof *c + n + pack.len + list.len +
					   (held ? sizeof held : 0));
	c = shared_at(s->arena, id);
	c->owners = 0;
	p = c->bytes;
	memcpy(p, sizes, n);
	memcpy(p + n, pack.p, pack.len);
	memcpy(p + n + pack.len, list.p, list.len);
	if (held) {
		cond_ref(held);
		memcpy(p + n + pack.len + list.len, &held, sizeof held);
	}
	if (++s->n > spread_places(&s->spread))
		grow(s);
	head = head_of(s, hash_bytes(pack.p, pack.len));
	c->chain = *head;
	*head = id;
	return id;
}

void shared_remove(struct shared *s, uint32_t id)
{
	struct shared_cond *c = shared_at(s->arena, id);
	struct shared_view v;
	uint32_t *link;

	shared_view(c, &v);
	link = head_of(s, hash_bytes(v.pack, v.pack_bytes));
	while (*link != id)
		link = &shared_at(s->arena, *link)->chain;
	*link = c->chain;
	s->n--;
	cond_unref(v.held);
	arena_free(s->arena, id, v.bytes);
}
