/* finalize.c - passes everything on, and the trace tells how it ended.
 *
 *     source            -a--b-|
 *     finalize('in')    -a--b-|     trace: in: done after 2 items, 60 ms
 *
 * Once a subscription: done, error, or cancelled by the stage below. Where tap
 * speaks of every item, this stays silent until the end.
 */
#include "base/log.h"
#include "rx/op.h"

struct finalize_source {
	struct rx_source source;
	char *label; /* ours */
};

struct finalize {
	struct rx_sub sub;
	uint64_t items;
	int64_t begun_ms;
	bool told;
};

static struct finalize *finalize_of(struct rx_sub *s)
{
	return CONTAINER_OF(s, struct finalize, sub);
}

static void tell(struct finalize *f, const char *how, const char *message)
{
	if (f->told)
		return;
	f->told = true;
	trace("%s: %s after %llu items, %lld ms%s%s",
	      CONTAINER_OF(f->sub.src, struct finalize_source, source)->label,
	      how, (unsigned long long)f->items,
	      (long long)(rx_now_ms(&f->sub) - f->begun_ms),
	      message ? ": " : "", message ? message : "");
}

static void on_next(struct rx_observer *o, struct value v)
{
	struct finalize *f = finalize_of(rx_sub_of(o));

	f->items++;
	rx_next(f->sub.down, v);
}

static void on_error(struct rx_observer *o, const struct weir_error *err)
{
	struct finalize *f = finalize_of(rx_sub_of(o));

	tell(f, "error", err->message);
	rx_finish_error(&f->sub, err);
}

static void on_done(struct rx_observer *o)
{
	struct finalize *f = finalize_of(rx_sub_of(o));

	tell(f, "done", NULL);
	rx_finish_done(&f->sub);
}

static void start(struct rx_sub *s)
{
	finalize_of(s)->begun_ms = rx_now_ms(s);
	rx_subscribe_in(s);
}

static void stop(struct rx_sub *s)
{
	tell(finalize_of(s), "cancelled", NULL);
}

static void destroy(struct rx_source *src)
{
	mem_free(CONTAINER_OF(src, struct finalize_source, source)->label);
}

static const struct rx_source_ops ops = {
	.name = "finalize",
	.source_bytes = sizeof(struct finalize_source),
	.sub_bytes = sizeof(struct finalize),
	.in = {on_next, on_error, on_done},
	.start = start,
	.stop = stop,
	.destroy = destroy,
};

struct rx_source *rx_finalize(struct rx_source *in, struct str label)
{
	struct finalize_source *src = rx_source_new(&ops, NULL, in);

	src->label = mem_strndup(label.p, label.len);
	return &src->source;
}
