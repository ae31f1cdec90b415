/* tap.c - passes everything on, and the trace printer shows it.
 *
 *     source        -a--b-|
 *     tap('in')     -a--b-|     trace: in: item 1 ... in: done after 2 items
 */
#include "base/log.h"
#include "rx/op.h"

struct tap_source {
	struct rx_source source;
	char *label; /* ours */
};

struct tap {
	struct rx_sub sub;
	uint64_t items;
};

static const char *label(const struct tap *t)
{
	return CONTAINER_OF(t->sub.src, struct tap_source, source)->label;
}

static void on_next(struct rx_observer *o, struct value v)
{
	struct tap *t = CONTAINER_OF(o, struct tap, sub.up);

	t->items++;
	trace("%s: item %llu, %s", label(t), (unsigned long long)t->items,
	      value_type_name(v));
	rx_next(t->sub.down, v);
}

static void on_error(struct rx_observer *o, const struct weir_error *err)
{
	struct tap *t = CONTAINER_OF(o, struct tap, sub.up);

	trace("%s: error after %llu items: %s", label(t),
	      (unsigned long long)t->items, err->message);
	rx_finish_error(&t->sub, err);
}

static void on_done(struct rx_observer *o)
{
	struct tap *t = CONTAINER_OF(o, struct tap, sub.up);

	trace("%s: done after %llu items", label(t),
	      (unsigned long long)t->items);
	rx_finish_done(&t->sub);
}

static void destroy(struct rx_source *src)
{
	mem_free(CONTAINER_OF(src, struct tap_source, source)->label);
}

static const struct rx_source_ops ops = {
	.name = "tap",
	.source_bytes = sizeof(struct tap_source),
	.sub_bytes = sizeof(struct tap),
	.in = {on_next, on_error, on_done},
	.destroy = destroy,
};

struct rx_source *rx_tap(struct rx_source *in, struct str text)
{
	struct tap_source *src = rx_source_new(&ops, NULL, in);

	src->label = mem_strndup(text.p, text.len);
	return &src->source;
}
