/* sketch.c - see sketch.h. */
#include "cond/index/sketch.h"

void sketch_init(struct sketch *s)
{
	*s = (struct sketch){.halved = SKETCH_COUNTERS};
	stretch_init(&s->counters, SKETCH_COUNTERS * sizeof(uint16_t));
	stretch_need(&s->counters, SKETCH_COUNTERS * sizeof(uint16_t));
}

void sketch_fini(struct sketch *s)
{
	stretch_fini(&s->counters);
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
	uint32_t n = MIN(budget, SKETCH_COUNTERS - s->halved);

	for (uint32_t i = 0; i < n; i++)
		counters[s->halved + i] /= 2;
	s->halved += n;
	return n;
}
