/* zip.c - the first items of all together, then the second ones, and so on.
 *
 *     a       -1-2------3-|
 *     b       ---4--5-|
 *     zip     ---[14]-[25]|...
 *
 * Ends as soon as no further array can come: a stream has ended and no item of
 * it waits. (RxPY ends at the end of any, also with items waiting.)
 */
#include "rx/op.h"

struct zip_source {
	struct rx_many_source many;
	uint32_t max;
};

struct zip {
	struct rx_many many;
	struct column {
		struct rx_queue waiting;
		bool done;
	} * columns; /* ours; one an input */
};

static struct zip *zip_of(struct rx_observer *o)
{
	return CONTAINER_OF(rx_inlet_of(o)->owner, struct zip, many.sub);
}

static bool all_wait(struct zip *z, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (!z->columns[i].waiting.len)
			return false;
	return true;
}

static bool one_is_over(struct zip *z, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (z->columns[i].done && !z->columns[i].waiting.len)
			return true;
	return false;
}

static void on_next(struct rx_observer *o, struct value v)
{
	struct zip *z = zip_of(o);
	struct rx_sub *s = &z->many.sub;
	struct zip_source *src =
		CONTAINER_OF(s->src, struct zip_source, many.source);
	struct column *c = &z->columns[rx_many_index(rx_inlet_of(o))];
	uint32_t n = src->many.n;

	if (c->waiting.len >= src->max) {
		rx_item_refused(s, v, c->waiting.len, "max_buffer");
		return;
	}
	rx_queue_push(&c->waiting, rx_item_hold(v), 0);
	if (!all_wait(z, n))
		return;

	struct rx_queue row = {0};

	for (uint32_t i = 0; i < n; i++)
		rx_queue_push(&row, rx_queue_pop(&z->columns[i].waiting), 0);

	struct rx_item array = rx_queue_array(&row, 0);

	rx_queue_clear(&row);
	rx_emit_item(s, array);
	if (!s->halted && one_is_over(z, n))
		rx_finish_done(s);
}

static void on_done(struct rx_observer *o)
{
	struct zip *z = zip_of(o);
	struct column *c = &z->columns[rx_many_index(rx_inlet_of(o))];

	c->done = true;
	if (!c->waiting.len)
		rx_finish_done(&z->many.sub);
}

static const struct rx_observer_ops inlet_ops = {on_next, rx_inlet_pass_error,
						 on_done};

static void start(struct rx_sub *s)
{
	struct zip *z = CONTAINER_OF(s, struct zip, many.sub);
	uint32_t n = rx_many_of(s)->n;

	z->columns = mem_zalloc((n + 1) * sizeof *z->columns);
	if (n)
		rx_many_open(s, &inlet_ops);
	else
		rx_finish_done(s);
}

static void stop(struct rx_sub *s)
{
	struct zip *z = CONTAINER_OF(s, struct zip, many.sub);

	rx_many_stop(s);
	for (uint32_t i = 0; i < rx_many_of(s)->n; i++)
		rx_queue_clear(&z->columns[i].waiting);
}

static void fini(struct rx_sub *s)
{
	mem_free(CONTAINER_OF(s, struct zip, many.sub)->columns);
	rx_many_fini(s);
}

static const struct rx_source_ops ops = {
	.name = "zip",
	.source_bytes = sizeof(struct zip_source),
	.sub_bytes = sizeof(struct zip),
	.start = start,
	.stop = stop,
	.fini = fini,
	.destroy = rx_many_destroy,
};

struct rx_source *rx_zip(struct rx_ctx *ctx, struct rx_source *const *in,
			 uint32_t n, uint32_t max_buffer)
{
	struct rx_source *source = rx_many_new(&ops, ctx, in, n);

	CONTAINER_OF(source, struct zip_source, many.source)->max =
		max_buffer ? max_buffer : RX_MAX_BUFFER_DEFAULT;
	return source;
}
