/* cache.c - see cache.h. */
#include "hub/cache.h"

#include "base/mem.h"

#define CAP_MIN 64

static struct hub_event **at(const struct hub_cache *c, uint64_t n)
{
	return &c->ring[n & (c->cap - 1)];
}

static void drop_first(struct hub_cache *c)
{
	struct hub_event *e = *at(c, c->first++);

	c->bytes -= hub_event_bytes(e);
	hub_event_unref(e);
	if (c->first < c->end)
		return;
	mem_free(c->ring);
	c->ring = NULL;
	c->cap = 0;
}

static void on_oldest(struct loop_timer *t);

static void trim(struct hub_cache *c)
{
	int64_t oldest_ms = loop_now_ms(c->loop) - c->keep_ms;

	while (c->first < c->end &&
	       (c->bytes > c->max || (*at(c, c->first))->made_ms <= oldest_ms))
		drop_first(c);
	if (c->first < c->end && !loop_timer_active(&c->oldest))
		loop_timer_start(c->loop, &c->oldest,
				 (*at(c, c->first))->made_ms + c->keep_ms,
				 on_oldest);
}

static void on_oldest(struct loop_timer *t)
{
	trim(CONTAINER_OF(t, struct hub_cache, oldest));
}

void hub_cache_init(struct hub_cache *c, struct loop *l)
{
	*c = (struct hub_cache){.loop = l, .first = 1, .end = 1};
}

void hub_cache_fini(struct hub_cache *c)
{
	while (c->first < c->end)
		drop_first(c);
	loop_timer_stop(c->loop, &c->oldest);
}

void hub_cache_configure(struct hub_cache *c, int64_t keep_ms, size_t max)
{
	c->keep_ms = keep_ms;
	c->max = keep_ms ? max : 0;
	loop_timer_stop(c->loop, &c->oldest);
	trim(c);
}

static void grow(struct hub_cache *c)
{
	struct hub_cache old = *c;

	c->cap = old.cap ? 2 * old.cap : CAP_MIN;
	c->ring = mem_alloc(c->cap * sizeof(struct hub_event *));
	for (uint64_t n = c->first; n < c->end; n++)
		*at(c, n) = *at(&old, n);
	mem_free(old.ring);
}

void hub_cache_add(struct hub_cache *c, struct hub_event *e)
{
	if (c->end - c->first == c->cap)
		grow(c);
	*at(c, c->end++) = hub_event_ref(e);
	c->bytes += hub_event_bytes(e);
	trim(c);
}

struct hub_event *hub_cache_next(const struct hub_cache *c, uint64_t *n,
				 uint64_t end)
{
	*n = MAX(*n, c->first);
	return *n < MIN(end, c->end) ? *at(c, *n) : NULL;
}
