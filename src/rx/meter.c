/* meter.c - counts behind a stage. See meter.h.
 *
 * A stage may be built of several sources (slice is take | skip ...): all of
 * them, up to the meter of the stage before, belong to it.
 */
#include "rx/meter.h"

#include "rx/slot.h"

struct metered {
	struct rx_sub sub;
	struct rx_meter *meter;
	struct list link;
};

struct metered_source {
	struct rx_source source;
	struct rx_meter *meter;
};

static struct metered *metered_of(struct rx_observer *up)
{
	return CONTAINER_OF(up, struct metered, sub.up);
}

static void on_next(struct rx_observer *up, struct value v)
{
	struct metered *m = metered_of(up);

	m->meter->out++;
	rx_next(m->sub.down, v);
}

static void on_error(struct rx_observer *up, const struct weir_error *err)
{
	struct metered *m = metered_of(up);

	m->meter->errors++;
	rx_finish_error(&m->sub, err);
}

static void start(struct rx_sub *s)
{
	struct metered *m = CONTAINER_OF(s, struct metered, sub);

	m->meter = CONTAINER_OF(s->src, struct metered_source, source)->meter;
	m->meter->subscribed++;
	list_push(&m->meter->subs, &m->link);
	rx_subscribe_in(s);
}

static void stop(struct rx_sub *s)
{
	list_remove(&CONTAINER_OF(s, struct metered, sub)->link);
}

static const struct rx_source_ops ops = {
	.name = "meter",
	.source_bytes = sizeof(struct metered_source),
	.sub_bytes = sizeof(struct metered),
	.in = {on_next, on_error, rx_pass_done},
	.start = start,
	.stop = stop,
};

void rx_meter_init(struct rx_meter *m)
{
	*m = (struct rx_meter){0};
	list_init(&m->subs);
}

struct rx_source *rx_meter(struct rx_source *in, struct rx_meter *m)
{
	struct metered_source *src = rx_source_new(&ops, NULL, in);

	src->meter = m;
	for (; in && in->ops != &ops; in = in->in)
		in->meter = m;
	return &src->source;
}

static uint64_t held_by(const struct rx_sub *s)
{
	const struct rx_source_ops *table = s->src->ops;
	const char *at = (const char *)s;
	uint64_t held = 0;

	if (s->halted)
		return 0;
	if (table->queue)
		held += ((const struct rx_queue *)(at + table->queue))->len;
	if (table->slot)
		held += ((const struct rx_slot *)(at + table->slot))->full;
	if (table->count)
		held += *(const uint32_t *)(at + table->count);
	return table->held ? held + table->held(s) : held;
}

uint64_t rx_meter_held(const struct rx_meter *m)
{
	uint64_t held = 0;

	LIST_FOREACH (l, &m->subs) {
		const struct rx_sub *s =
			CONTAINER_OF(l, struct metered, link)->sub.in;

		for (; s && s->src->meter == m; s = s->in)
			held += held_by(s);
	}
	return held;
}

uint32_t rx_meter_live(const struct rx_meter *m)
{
	uint32_t n = 0;

	LIST_FOREACH (l, &m->subs)
		n++;
	return n;
}
