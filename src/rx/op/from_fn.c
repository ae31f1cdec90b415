/* from_fn.c - the elements of the array that a program makes of an item.
 *
 *     from_('[1, 2]')                 (12)|
 *     flat_map('[., . * 10]')         an inner stream of these for each item
 *
 * The program runs once for each subscription; what is no array is an error. A
 * long array pauses now and then, as in of.c.
 */
#include "rx/op.h"

struct fn_source {
	struct rx_source source;
	struct rx_fn *program;
	struct value item;
};

struct from_fn {
	struct rx_sub sub;
	struct value array; /* ours; null before the start */
	uint32_t at;
	struct rx_pause pause;
};

static void go_on(struct rx_sub *s)
{
	struct from_fn *f = CONTAINER_OF(s, struct from_fn, sub);
	uint32_t until = f->at + MIN(RX_SLICE, f->array.len - f->at);

	while (f->at < until && !s->halted)
		rx_next(s->down, value_nodes(f->array)[f->at++]);
	if (s->halted)
		return;
	if (f->at < f->array.len)
		rx_pause_begin(&f->pause, s, go_on);
	else
		rx_finish_done(s);
}

static void start(struct rx_sub *s)
{
	struct from_fn *f = CONTAINER_OF(s, struct from_fn, sub);
	struct fn_source *src = CONTAINER_OF(s->src, struct fn_source, source);
	struct weir_error err;

	if (rx_fn_call(src->program, src->item, &rx_no_vars, &f->array, &err) <
	    0) {
		rx_finish_error(s, &err);
		return;
	}
	if (value_type(f->array) != VALUE_ARRAY) {
		error_set(&err, WEIR_EITEM,
			  "the program gave %s, not an array",
			  value_type_name(f->array));
		rx_finish_error(s, &err);
		return;
	}
	go_on(s);
}

static void stop(struct rx_sub *s)
{
	rx_pause_stop(&CONTAINER_OF(s, struct from_fn, sub)->pause);
}

/* Not in stop: an element may be on its way down. */
static void fini(struct rx_sub *s)
{
	value_unref(CONTAINER_OF(s, struct from_fn, sub)->array);
}

static void destroy(struct rx_source *source)
{
	struct fn_source *src = CONTAINER_OF(source, struct fn_source, source);

	rx_fn_unref(src->program);
	value_unref(src->item);
}

static const struct rx_source_ops ops = {
	.name = "from_",
	.source_bytes = sizeof(struct fn_source),
	.sub_bytes = sizeof(struct from_fn),
	.start = start,
	.stop = stop,
	.fini = fini,
	.destroy = destroy,
};

struct rx_source *rx_from_fn(struct rx_ctx *ctx, struct rx_fn *program,
                             struct value item)
{
	struct fn_source *src = rx_source_new(&ops, ctx, NULL);

	src->program = program;
	src->item = item;
	return &src->source;
}
