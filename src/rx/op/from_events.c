/* from_events.c - a cold stream that plays back events at their times.
 *
 * Times count from each subscription. Events of one time follow each other in
 * their order, within one call.
 */
#include "rx/op.h"

struct events_source {
	struct rx_source source;
	struct rx_event *events; /* ours */
	uint32_t n;
};

struct player {
	struct rx_sub sub;
	struct rx_pause pause;
	int64_t origin_ms;
	uint32_t at;
};

static void tell_error(struct rx_sub *s, const struct rx_event *e)
{
	struct weir_error err = {0};

	error_set(&err, WEIR_EITEM, "%.*s", STR_FMT(value_str(e->v)));
	rx_finish_error(s, &err);
}

static void play(struct rx_sub *s)
{
	struct player *p = CONTAINER_OF(s, struct player, sub);
	struct events_source *src =
		CONTAINER_OF(s->src, struct events_source, source);

	while (p->at < src->n && !s->halted) {
		const struct rx_event *e = &src->events[p->at];
		int64_t due_ms = p->origin_ms + e->at_ms;

		if (due_ms > rx_now_ms(s)) {
			rx_pause_until(&p->pause, s, due_ms, play);
			return;
		}
		p->at++;
		if (e->kind == RX_EVENT_NEXT)
			rx_next(s->down, e->v);
		else if (e->kind == RX_EVENT_ERROR)
			tell_error(s, e);
		else
			rx_finish_done(s);
	}
}

static void start(struct rx_sub *s)
{
	CONTAINER_OF(s, struct player, sub)->origin_ms = rx_now_ms(s);
	play(s);
}

static void stop(struct rx_sub *s)
{
	rx_pause_stop(&CONTAINER_OF(s, struct player, sub)->pause);
}

static void destroy(struct rx_source *source)
{
	struct events_source *src =
		CONTAINER_OF(source, struct events_source, source);

	for (uint32_t i = 0; i < src->n; i++)
		value_unref(src->events[i].v);
	mem_free(src->events);
}

static const struct rx_source_ops ops = {
	.name = "from_events",
	.source_bytes = sizeof(struct events_source),
	.sub_bytes = sizeof(struct player),
	.start = start,
	.stop = stop,
	.destroy = destroy,
};

struct rx_source *rx_from_events(struct rx_ctx *ctx,
				 const struct rx_event *events, uint32_t n)
{
	struct events_source *src = rx_source_new(&ops, ctx, NULL);

	src->events = n ? mem_dup(events, n * sizeof *events) : NULL;
	src->n = n;
	return &src->source;
}
