/* do.c - passes everything on; the program hears of it first.
 *
 *     source      -a-b-|
 *     next        -a-b--      before it goes down
 *     done        -----|
 *     do          -a-b-|
 *
 *     finally     fn is called behind the end, an error, or the cancel; once
 *
 * The program may cancel in its functions: then nothing more goes down.
 */
#include "rx/host.h"
#include "rx/op.h"

struct do_source {
	struct rx_source source;
	struct rx_do_calls calls;
	void (*finally)(void *arg);
	struct rx_host host;
};

static struct do_source *source_of(const struct rx_sub *s)
{
	return CONTAINER_OF(s->src, struct do_source, source);
}

static void on_next(struct rx_observer *o, struct value v)
{
	struct rx_sub *s = rx_sub_of(o);
	struct do_source *src = source_of(s);

	if (src->calls.next)
		src->calls.next(src->host.arg, v);
	if (!s->halted)
		rx_next(s->down, v);
}

static void on_error(struct rx_observer *o, const struct weir_error *err)
{
	struct do_source *src = source_of(rx_sub_of(o));

	if (src->calls.error)
		src->calls.error(src->host.arg, err);
	rx_finish_error(rx_sub_of(o), err);
}

static void on_done(struct rx_observer *o)
{
	struct do_source *src = source_of(rx_sub_of(o));

	if (src->calls.done)
		src->calls.done(src->host.arg);
	rx_finish_done(rx_sub_of(o));
}

/* --- finally ------------------------------------------------------------- */

struct finally_sub {
	struct rx_sub sub;
	bool telling; /* the last word is being told: the call comes behind it
		       */
};

static void call_finally(struct rx_sub *s)
{
	struct do_source *src = source_of(s);

	src->finally(src->host.arg);
}

static void finally_error(struct rx_observer *o, const struct weir_error *err)
{
	struct rx_sub *s = rx_sub_of(o);

	CONTAINER_OF(s, struct finally_sub, sub)->telling = true;
	rx_finish_error(s, err);
	call_finally(s);
}

static void finally_done(struct rx_observer *o)
{
	struct rx_sub *s = rx_sub_of(o);

	CONTAINER_OF(s, struct finally_sub, sub)->telling = true;
	rx_finish_done(s);
	call_finally(s);
}

/* Cancelled: the run upstream is over before the program hears of it. */
static void finally_stop(struct rx_sub *s)
{
	if (CONTAINER_OF(s, struct finally_sub, sub)->telling)
		return;
	rx_sub_drop(&s->in);
	call_finally(s);
}

static void destroy(struct rx_source *source)
{
	rx_host_drop(CONTAINER_OF(source, struct do_source, source)->host);
}

static const struct rx_source_ops do_ops = {
	.name = "do",
	.source_bytes = sizeof(struct do_source),
	.sub_bytes = sizeof(struct rx_sub),
	.in = {on_next, on_error, on_done},
	.destroy = destroy,
};

static const struct rx_source_ops finally_ops = {
	.name = "finally",
	.source_bytes = sizeof(struct do_source),
	.sub_bytes = sizeof(struct finally_sub),
	.in = {rx_pass_next, finally_error, finally_done},
	.stop = finally_stop,
	.destroy = destroy,
};

struct rx_source *rx_do(struct rx_source *in, const struct rx_do_calls *calls,
			struct rx_host host)
{
	struct do_source *src = rx_source_new(&do_ops, NULL, in);

	src->calls = *calls;
	src->host = host;
	return &src->source;
}

struct rx_source *rx_finally(struct rx_source *in, void (*fn)(void *arg),
			     struct rx_host host)
{
	struct do_source *src = rx_source_new(&finally_ops, NULL, in);

	src->finally = fn;
	src->host = host;
	return &src->source;
}
