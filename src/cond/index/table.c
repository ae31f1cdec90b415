/* table.c - see table.h. A chain is a line and what it links to. */
#include "cond/index/table.h"

#include <assert.h>
#include <string.h>

enum {
	LINES_FIRST = 64,
	KEYS_PER_LINE = 3,
};

#define LINES_MAX ((size_t)1 << 30)

static struct table_line *home_line(const struct table *t, uint64_t place)
{
	return (struct table_line *)t->lines.base + place;
}

static struct table_line *overflow_line(const struct table *t, uint32_t at)
{
	return (struct table_line *)t->overflow.base + at;
}

static uint32_t *filter_word(const struct table *t, uint64_t place)
{
	return (uint32_t *)t->filter.base + place;
}

/* Slots of the line that hold keys or may. */
static int slots_of(struct table_line *line)
{
	return table_link(line) ? TABLE_LINE - 1 : TABLE_LINE;
}

/* Three bits, or two where they meet. */
static uint32_t pattern(uint32_t i)
{
	return 1u << (i & 31) | 1u << (i >> 5) |
	       1u << (i * TABLE_PATTERN_FACTOR >> 27);
}

void table_init(struct table *t)
{
	*t = (struct table){.spread = {.mask = LINES_FIRST - 1},
			    .overflow_end = 1};
	for (uint32_t i = 0; i < TABLE_PATTERNS; i++)
		t->patterns[i] = pattern(i);
	stretch_init(&t->lines, LINES_MAX * sizeof(struct table_line));
	stretch_init(&t->filter, LINES_MAX * sizeof(uint32_t));
	stretch_init(&t->overflow, LINES_MAX * sizeof(struct table_line));
	stretch_need(&t->lines, LINES_FIRST * sizeof(struct table_line));
	stretch_need(&t->filter, LINES_FIRST * sizeof(uint32_t));
}

void table_fini(struct table *t)
{
	stretch_fini(&t->lines);
	stretch_fini(&t->filter);
	stretch_fini(&t->overflow);
}

uint64_t table_bytes(const struct table *t)
{
	return spread_places(&t->spread) *
		       (sizeof(struct table_line) + sizeof(uint32_t)) +
	       t->overflow_used * sizeof(struct table_line);
}

/* --- overflow ---------------------------------------------------------- */

static uint32_t overflow_take(struct table *t)
{
	uint32_t at = t->overflow_free;

	if (at) {
		t->overflow_free = overflow_line(t, at)->slots[0].ref;
	} else {
		at = t->overflow_end++;
		assert(at < LINES_MAX);
		stretch_need(&t->overflow,
			     t->overflow_end * sizeof(struct table_line));
	}
	memset(overflow_line(t, at), 0, sizeof(struct table_line));
	t->overflow_used++;
	return at;
}

static void overflow_give(struct table *t, uint32_t at)
{
	overflow_line(t, at)->slots[0].ref = t->overflow_free;
	t->overflow_free = at;
	t->overflow_used--;
}

/* An empty slot for key in the chain of its place; sets its bits. */
static struct table_slot *claim(struct table *t, uint64_t key)
{
	uint64_t place = spread_place(&t->spread, key);
	struct table_line *line = home_line(t, place);
	struct table_slot *last;
	uint32_t at;

	*filter_word(t, place) |= table_filter_bits(t, key);
	for (;; line = table_next(t, line)) {
		for (int i = 0, n = slots_of(line); i < n; i++)
			if (!line->slots[i].n)
				return &line->slots[i];
		if (!table_link(line))
			break;
	}
	/* Full to the end: the last key makes room for a link. */
	at = overflow_take(t);
	last = &line->slots[TABLE_LINE - 1];
	overflow_line(t, at)->slots[0] = *last;
	*last = (struct table_slot){.ref = at, .n = TABLE_LINK};
	return &overflow_line(t, at)->slots[1];
}

/* --- growing ----------------------------------------------------------- */

static void spread_again(struct table *t, const struct table_line *line)
{
	for (int i = 0; i < TABLE_LINE; i++) {
		const struct table_slot *s = &line->slots[i];

		if (s->n && s->n != TABLE_LINK)
			*claim(t, s->key) = *s;
	}
}

static void grow(struct table *t)
{
	uint64_t from;
	uint64_t lines = spread_places(&t->spread) + 1;
	struct table_line line;
	struct table_slot *link;

	assert(lines <= LINES_MAX);
	stretch_need(&t->lines, lines * sizeof(struct table_line));
	stretch_need(&t->filter, lines * sizeof(uint32_t));
	spread_grow(&t->spread, &from);
	line = *home_line(t, from);
	memset(home_line(t, from), 0, sizeof line);
	*filter_word(t, from) = 0;
	/* The next addition splits the next place. */
	__builtin_prefetch(home_line(t, t->spread.split));
	for (;;) {
		uint32_t next;

		spread_again(t, &line);
		link = table_link(&line);
		if (!link)
			break;
		next = link->ref;
		line = *overflow_line(t, next);
		overflow_give(t, next);
	}
}

struct table_slot *table_add(struct table *t, uint64_t key)
{
	struct table_slot *s = table_find(t, key);

	if (s)
		return s;
	if (++t->keys > KEYS_PER_LINE * spread_places(&t->spread))
		grow(t);
	s = claim(t, key);
	s->key = key;
	return s;
}

/* --- removal ----------------------------------------------------------- */

static uint32_t bits_of_chain(const struct table *t, struct table_line *line)
{
	uint32_t bits = 0;

	for (; line; line = table_next(t, line)) {
		for (int i = 0, n = slots_of(line); i < n; i++)
			if (line->slots[i].n)
				bits |= table_filter_bits(t,
							  line->slots[i].key);
	}
	return bits;
}

/* Moves a key of the chain's last line to where one left, and takes that line
 * away once it is empty: so only last lines have empty slots. */
static void fill(struct table *t, struct table_line *line,
		 struct table_slot *left)
{
	struct table_line *before = NULL;
	struct table_slot *link;
	int keys = 0;

	for (; table_link(line); line = table_next(t, line))
		before = line;
	if (!before)
		return;
	if (left < line->slots || left >= line->slots + TABLE_LINE) {
		int i = 0;

		while (!line->slots[i].n)
			i++;
		*left = line->slots[i];
		line->slots[i].n = 0;
	}
	for (int i = 0; i < TABLE_LINE; i++)
		keys += line->slots[i].n != 0;
	if (keys)
		return;
	link = table_link(before);
	overflow_give(t, link->ref);
	*link = (struct table_slot){0};
}

void table_remove(struct table *t, struct table_slot *s)
{
	uint64_t place = spread_place(&t->spread, s->key);
	struct table_line *line = home_line(t, place);

	s->n = 0;
	fill(t, line, s);
	*filter_word(t, place) = bits_of_chain(t, line);
	t->keys--;
}
