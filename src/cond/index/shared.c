/* shared.c - see shared.h. A chain is a line and what it links to. */
#include "cond/index/shared.h"

#include <assert.h>
#include <string.h>

enum {
	LINE_BITS = 8, /* of the hash, that all in a line have in common */
	LINES_FIRST = 1 << LINE_BITS,
	LINES_MAX = 1 << (LINE_BITS + 16), /* all that tags can tell apart */
	PER_LINE = 7,
};

_Static_assert(sizeof(struct shared_line) == 64, "one line of the cache");

static struct shared_line *line_at(const struct shared *s, uint64_t place)
{
	return (struct shared_line *)s->lines.base + place;
}

static struct shared_line *overflow_line(const struct shared *s, uint32_t at)
{
	return (struct shared_line *)s->overflow.base + at;
}

static struct shared_line *next_line(const struct shared *s,
				     const struct shared_line *line)
{
	return line->link ? overflow_line(s, line->link) : NULL;
}

static uint16_t tag_of(uint64_t hash)
{
	return (uint16_t)(hash >> LINE_BITS);
}

static struct shared_line *home_of(const struct shared *s, uint64_t hash)
{
	return line_at(s, spread_place(&s->spread, hash));
}

void shared_init(struct shared *s, struct arena *arena)
{
	*s = (struct shared){.arena = arena,
			     .spread = {.mask = LINES_FIRST - 1},
			     .overflow_end = 1};
	stretch_init(&s->lines, LINES_MAX * sizeof(struct shared_line));
	stretch_init(&s->overflow, LINES_MAX * sizeof(struct shared_line));
	stretch_need(&s->lines, LINES_FIRST * sizeof(struct shared_line));
}

static void let_go(const struct shared *s, const struct shared_line *line)
{
	struct shared_view v;

	for (int i = 0; i < SHARED_LINE && line->cond[i]; i++) {
		shared_view(shared_at(s->arena, line->cond[i]), &v);
		cond_unref(v.held);
	}
}

void shared_fini(struct shared *s)
{
	const struct shared_line *line;

	for (uint64_t i = 0; i < spread_places(&s->spread); i++)
		for (line = line_at(s, i); line; line = next_line(s, line))
			let_go(s, line);
	stretch_fini(&s->lines);
	stretch_fini(&s->overflow);
}

uint64_t shared_bytes(const struct shared *s)
{
	return (spread_places(&s->spread) + s->overflow_used) *
	       sizeof(struct shared_line);
}

static bool is_same(const struct shared *s, uint32_t id, struct str pack,
		    const struct cond *c)
{
	struct shared_view v;

	shared_view(shared_at(s->arena, id), &v);
	return v.pack_bytes == pack.len && !memcmp(v.pack, pack.p, pack.len) &&
	       !v.held == !c && (!c || cond_same(v.held, c));
}

uint32_t shared_find(const struct shared *s, uint64_t hash, struct str pack,
		     const struct cond *c)
{
	const struct shared_line *line = home_of(s, hash);
	uint16_t tag = tag_of(hash);

	for (; line; line = next_line(s, line))
		for (int i = 0; i < SHARED_LINE && line->cond[i]; i++)
			if (line->tag[i] == tag &&
			    is_same(s, line->cond[i], pack, c))
				return line->cond[i];
	return 0;
}

/* --- adding ------------------------------------------------------------ */

static uint32_t overflow_take(struct shared *s)
{
	uint32_t at = s->overflow_free;

	if (at) {
		s->overflow_free = overflow_line(s, at)->link;
	} else {
		at = s->overflow_end++;
		assert(at < LINES_MAX);
		stretch_need(&s->overflow,
			     s->overflow_end * sizeof(struct shared_line));
	}
	memset(overflow_line(s, at), 0, sizeof(struct shared_line));
	s->overflow_used++;
	return at;
}

static void overflow_give(struct shared *s, uint32_t at)
{
	overflow_line(s, at)->link = s->overflow_free;
	s->overflow_free = at;
	s->overflow_used--;
}

/* Puts a condition at the end of the chain that begins with line. */
static void put(struct shared *s, struct shared_line *line, uint16_t tag,
		uint32_t id)
{
	int i = 0;

	while (line->link)
		line = overflow_line(s, line->link);
	while (i < SHARED_LINE && line->cond[i])
		i++;
	if (i == SHARED_LINE) {
		line->link = overflow_take(s);
		line = overflow_line(s, line->link);
		i = 0;
	}
	line->cond[i] = id;
	line->tag[i] = tag;
}

/* Splits a line. Its place and the tags tell of each hash as much as is needed
 * to find the new place. */
static void grow(struct shared *s)
{
	uint64_t from;
	struct shared_line line;

	stretch_need(&s->lines, (spread_places(&s->spread) + 1) *
					sizeof(struct shared_line));
	spread_grow(&s->spread, &from);
	line = *line_at(s, from);
	memset(line_at(s, from), 0, sizeof line);
	/* The next growth splits the next line. */
	__builtin_prefetch(line_at(s, s->spread.split));
	for (;;) {
		uint32_t link = line.link;

		for (int i = 0; i < SHARED_LINE && line.cond[i]; i++) {
			uint64_t hash = (uint64_t)line.tag[i] << LINE_BITS |
					(from & (LINES_FIRST - 1));

			put(s, home_of(s, hash), line.tag[i], line.cond[i]);
		}
		if (!link)
			return;
		line = *overflow_line(s, link);
		overflow_give(s, link);
	}
}

static uint8_t *put_varint(uint8_t *p, uint64_t n)
{
	for (; n > 127; n >>= 7)
		*p++ = (uint8_t)(n | 128);
	*p++ = (uint8_t)n;
	return p;
}

uint32_t shared_add(struct shared *s, uint64_t hash, struct str pack,
		    struct str list, struct cond *held)
{
	uint8_t sizes[20];
	uint8_t *end = put_varint(sizes, (uint64_t)pack.len << 1 | !!held);
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
	if (++s->n > PER_LINE * spread_places(&s->spread) &&
	    spread_places(&s->spread) < LINES_MAX)
		grow(s);
	put(s, home_of(s, hash), tag_of(hash), id);
	return id;
}

/* --- removal ----------------------------------------------------------- */

/* Fills the place that is to be free with the last condition of the chain, and
 * takes away a line that is empty then. */
static void take_out(struct shared *s, struct shared_line *home,
		     struct shared_line *line, int at)
{
	struct shared_line *last = home;
	struct shared_line *before = NULL;
	int i = SHARED_LINE - 1;

	for (; last->link; last = overflow_line(s, last->link))
		before = last;
	while (!last->cond[i])
		i--;
	line->cond[at] = last->cond[i];
	line->tag[at] = last->tag[i];
	last->cond[i] = 0;
	if (i || !before)
		return;
	overflow_give(s, before->link);
	before->link = 0;
}

void shared_remove(struct shared *s, uint64_t hash, uint32_t id)
{
	struct shared_line *home = home_of(s, hash);
	struct shared_line *line;
	struct shared_view v;
	int i = 0;

	for (line = home; line->cond[i] != id;) {
		if (++i < SHARED_LINE)
			continue;
		line = next_line(s, line);
		i = 0;
	}
	take_out(s, home, line, i);
	s->n--;
	shared_view(shared_at(s->arena, id), &v);
	cond_unref(v.held);
	arena_free(s->arena, id, v.bytes);
}
