/* interests.c - see interests.h. */
#include "cond/index/interests.h"

#include <assert.h>

#define INTERESTS_MAX ((size_t)1 << 30)

/* --- the wheel --------------------------------------------------------- */

static void ring_init(struct index_interests *s, uint32_t number)
{
	struct interest *i = index_interests_at(s, number);

	i->wheel_next = i->wheel_prev = number;
}

static void unlink_from_wheel(struct index_interests *s, uint32_t number)
{
	struct interest *i = index_interests_at(s, number);

	index_interests_at(s, i->wheel_prev)->wheel_next = i->wheel_next;
	index_interests_at(s, i->wheel_next)->wheel_prev = i->wheel_prev;
	ring_init(s, number);
}

static void put_into(struct index_interests *s, uint32_t slot, uint32_t number)
{
	struct interest *head = index_interests_at(s, slot);
	struct interest *i = index_interests_at(s, number);

	i->wheel_next = slot;
	i->wheel_prev = head->wheel_prev;
	index_interests_at(s, head->wheel_prev)->wheel_next = number;
	head->wheel_prev = number;
}

/* Into the slot to which the hand comes no later than the end. */
static void file(struct index_interests *s, uint32_t number)
{
	uint32_t end = index_interests_at(s, number)->end;
	uint32_t left = end - s->hand; /* ticks */
	uint32_t level = 0;

	if (end == INTERESTS_NEVER)
		return;
	if (end <= s->hand) {
		put_into(s, WHEEL_DUE, number);
		return;
	}
	while (level < WHEEL_LEVELS - 1 && left >> 8 * (level + 1))
		level++;
	put_into(s, level * WHEEL_SLOTS + (end >> 8 * level & 255), number);
}

/* All that is in a slot goes to the end of what is due. */
static void make_due(struct index_interests *s, uint32_t slot)
{
	struct interest *from = index_interests_at(s, slot);
	struct interest *to = index_interests_at(s, WHEEL_DUE);

	if (from->wheel_next == slot)
		return;
	index_interests_at(s, from->wheel_next)->wheel_prev = to->wheel_prev;
	index_interests_at(s, to->wheel_prev)->wheel_next = from->wheel_next;
	index_interests_at(s, from->wheel_prev)->wheel_next = WHEEL_DUE;
	to->wheel_prev = from->wheel_prev;
	ring_init(s, slot);
}

static void turn(struct index_interests *s)
{
	uint32_t tick = ++s->hand;

	for (uint32_t level = 0; level < WHEEL_LEVELS; level++) {
		make_due(s, level * WHEEL_SLOTS + (tick & 255));
		if (tick & 255)
			return;
		tick >>= 8;
	}
}

uint32_t index_interests_ended(struct index_interests *s, uint32_t *budget)
{
	uint32_t number;

	for (; *budget; --*budget) {
		number = index_interests_at(s, WHEEL_DUE)->wheel_next;
		if (number != WHEEL_DUE) {
			if (!index_interests_alive(
				    s, index_interests_at(s, number))) {
				--*budget;
				return number;
			}
			unlink_from_wheel(s, number);
			file(s, number);
		} else if (s->hand < s->now) {
			turn(s);
		} else {
			return 0;
		}
	}
	return 0;
}

/* --- interests --------------------------------------------------------- */

void index_interests_init(struct index_interests *s, int64_t now_ms)
{
	*s = (struct index_interests){.last = INTERESTS_FIRST,
				      .start_ms = now_ms};
	stretch_init(&s->at, INTERESTS_MAX * sizeof(struct interest));
	stretch_need(&s->at, INTERESTS_FIRST * sizeof(struct interest));
	for (uint32_t i = 0; i < INTERESTS_FIRST; i++)
		ring_init(s, i);
}

void index_interests_fini(struct index_interests *s)
{
	stretch_fini(&s->at);
}

uint32_t index_interests_add(struct index_interests *s, uint64_t user,
			     uint32_t end)
{
	uint32_t number = s->free;
	struct interest *i;

	if (number) {
		s->free = index_interests_at(s, number)->next;
	} else {
		number = s->last++;
		assert(number < INTERESTS_MAX);
		stretch_need(&s->at, (size_t)s->last * sizeof *i);
	}
	i = index_interests_at(s, number);
	*i = (struct interest){.user = user,
			       .generation = (i->generation + 1) & 0xffff,
			       .end = end};
	ring_init(s, number);
	file(s, number);
	s->n++;
	return number;
}

void index_interests_remove(struct index_interests *s, uint32_t number)
{
	struct interest *i = index_interests_at(s, number);

	unlink_from_wheel(s, number);
	i->generation++;
	i->next = s->free;
	s->free = number;
	s->n--;
}

void index_interests_keep(struct index_interests *s, uint32_t number,
			  uint32_t end)
{
	struct interest *i = index_interests_at(s, number);
	uint32_t before = i->end;

	i->end = end;
	/* In a slot that comes before its end it is found in time. */
	if (end >= before && end != INTERESTS_NEVER)
		return;
	unlink_from_wheel(s, number);
	file(s, number);
}

uint32_t index_interests_find(const struct index_interests *s, uint64_t id)
{
	uint32_t number = (uint32_t)id;
	uint64_t generation = id >> 32;

	if (number < INTERESTS_FIRST || number >= s->last ||
	    !(generation & 1) ||
	    index_interests_at(s, number)->generation != generation)
		return 0;
	return number;
}

uint32_t index_interests_tick(const struct index_interests *s,
			      int64_t deadline_ms)
{
	int64_t ms = deadline_ms - s->start_ms;
	int64_t tick = (ms + INTERESTS_TICK_MS - 1) / INTERESTS_TICK_MS;

	if (ms <= 0)
		return 0;
	return tick < INTERESTS_NEVER ? (uint32_t)tick : INTERESTS_NEVER;
}

void index_interests_set_now(struct index_interests *s, int64_t now_ms)
{
	int64_t tick = (now_ms - s->start_ms) / INTERESTS_TICK_MS;

	assert(tick < INTERESTS_NEVER);
	if (tick > s->now)
		s->now = (uint32_t)tick;
}
