/* sketch.c - see sketch.h. */
#include "cond/index/sketch.h"

void sketch_init(struct sketch *s)
{
	*s = (struct sketch){.spread = {.mask = SKETCH_COUNTERS_FIRST - 1},
			     .halved = SKETCH_COUNTERS_MAX};
	stretch_init(&s->counters, SKETCH_COUNTERS_MAX * sizeof(uint16_t));
	stretch_need(&s->counters, SKETCH_COUNTERS_FIRST * sizeof(uint16_t));
}

void sketch_fini(struct sketch *s)
{
	stretch_fini(&s->counters);
}

/* While all are halved, one that is added may be halved twice. */
void sketch_fit(struct sketch *s, uint64_t conditions)
{
	uint64_t wanted = MIN(conditions * SKETCH_PER_CONDITION,
			      (uint64_t)SKETCH_COUNTERS_MAX);
	uint64_t n = spread_places(&s->spread);
	uint64_t from;

	for (; n < wanted; n++) {
		uint16_t *counters = (uint16_t *)s->counters.base;

		stretch_need(&s->counters, (n + 1) * sizeof *counters);
		spread_grow(&s->spread, &from);
		counters[n] = counters[from];
	}
}

uint64_t sketch_bytes(const struct sketch *s)
{
	return spread_places(&s->spread) * sizeof(uint16_t);
}

void sketch_event(struct sketch *s)
{
	if (++s->events < SKETCH_EVENTS_MAX)
		return;
	s->events /= 2;
	s->halved = 0;
}

uint32_t sketch_work(struct sketch *s, uint32_t budget)
{
	uint16_t *counters = (uint16_t *)s->counters.base;
	uint32_t end = (uint32_t)spread_places(&s->spread);
	uint32_t n = s->halved < end ? MIN(budget, end - s->halved) : 0;

	for (uint32_t i = 0; i < n; i++)
		counters[s->halved + i] /= 2;
	s->halved += n;
	if (s->halved >= end)
		s->halved = SKETCH_COUNTERS_MAX;
	return n;
}
