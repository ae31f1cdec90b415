/* from_fn.c - the elements of the array that a program makes of an item.
 *
 *     from_('[1, 2]')           (12|)
 *     flat_map('[., . * 10]')   the same, of each item
 *
 * The program runs at the subscription. A long array pauses now and then.
 */
#include "rx/op.h"

struct from_source {
	struct rx_source source;
	struct rx_fn *program;
	struct value item; /* ours */
};

struct from {
	struct rx_sub sub;
	struct rx_pause pause;
	struct value array; /* ours */
	uint32_t at;
};

static void go_on(struct rx_sub *s)
{
	struct from *f = CONTAINER_OF(s, struct from, sub);
	struct value array = value_ref(f->array);
	uint32_t n = value_len(array);
	uint32_t until = f->at + MIN(RX_SLICE, n - f->at);

	while (f->at < until && rx_may_emit(s))
		rx_next(s->down, value_nodes(array)[f->at++]);
	value_unref(array);
	if (s->halted)
		return;
	if (f->at < n)
		rx_pause_begin(&f->pause, s, go_on);
	else
		rx_finish_done(s);
}

static void start(struct rx_sub *s)
{
	struct from *f = CONTAINER_OF(s, struct from, sub);
	struct from_source *src =
		CONTAINER_OF(s->src, struct from_source, source);

	if (rx_call_for_array(s, src->program, src->item, &f->array))
		go_on(s);
}

static void stop(struct rx_sub *s)
{
	struct from *f = CONTAINER_OF(s, struct from, sub);

	rx_pause_stop(&f->pause);
	value_unref(f->array);
	f->array = value_null();
}

static void hold(struct rx_sub *s)
{
	rx_pause_held(&CONTAINER_OF(s, struct from, sub)->pause);
}

static void destroy(struct rx_source *source)
{
	struct from_source *src =
		CONTAINER_OF(source, struct from_source, source);

	rx_fn_unref(src->program);
	value_unref(src->item);
}

static const struct rx_source_ops ops = {
	.name = "from_",
	.source_bytes = sizeof(struct from_source),
	.sub_bytes = sizeof(struct from),
	.start = start,
	.stop = stop,
	.hold = hold,
	.destroy = destroy,
};

struct rx_source *rx_from_fn(struct rx_ctx *ctx, struct rx_fn *program,
			     struct value item)
{
	struct from_source *src = rx_source_new(&ops, ctx, NULL);

	src->program = program;
	src->item = item;
	return &src->source;
}
