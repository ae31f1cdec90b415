/* concat.c - streams one after the other.
 *
 *     a                         -1-2-|
 *     b                         -3-#
 *     c                         -4-|
 *     concat                    -1-2--3-#          goes on after an end
 *     concat delay_error        -1-2--3--4-#       goes on, tells it at the end
 *     catch                     -1-2-|             goes on after an error
 *     on_error_resume_next      -1-2--3--4-|       goes on after either
 *
 * catch ends with the error of the last; on_error_resume_next just ends. The
 * next stream is begun by a loop, not by recursion, see again.c.
 */
#include "rx/op.h"

struct concat {
	struct rx_sub sub;
	struct rx_rounds rounds;
	uint32_t next; /* input to be begun */
	struct rx_delayed errors;
};

static void begin_next(struct rx_sub *s)
{
	struct concat *c = CONTAINER_OF(s, struct concat, sub);

	rx_sub_drop(&s->in);
	if (c->next < rx_many_of(s)->n)
		rx_subscribe_as_in(s, rx_many_of(s)->inputs[c->next++]);
	else
		rx_delayed_finish(&c->errors, s);
}

static void go_on(struct rx_sub *s)
{
	rx_rounds_go(&CONTAINER_OF(s, struct concat, sub)->rounds, s,
		     begin_next, go_on);
}

static void go_on_after_done(struct rx_observer *o)
{
	go_on(rx_sub_of(o));
}

static void go_on_after_error(struct rx_observer *o,
			      const struct weir_error *err)
{
	go_on(rx_sub_of(o));
}

static void note_and_go_on(struct rx_observer *o, const struct weir_error *err)
{
	rx_delayed_note(&CONTAINER_OF(o, struct concat, sub.up)->errors, err);
	go_on(rx_sub_of(o));
}

static void go_on_unless_last(struct rx_observer *o,
			      const struct weir_error *err)
{
	struct concat *c = CONTAINER_OF(o, struct concat, sub.up);

	if (c->next < rx_many_of(&c->sub)->n)
		go_on(&c->sub);
	else
		rx_finish_error(&c->sub, err);
}

static void stop(struct rx_sub *s)
{
	rx_rounds_stop(&CONTAINER_OF(s, struct concat, sub)->rounds);
}

static void fini(struct rx_sub *s)
{
	rx_delayed_drop(&CONTAINER_OF(s, struct concat, sub)->errors);
}

static const struct rx_source_ops concat_ops = {
	.name = "concat",
	.source_bytes = sizeof(struct rx_many_source),
	.sub_bytes = sizeof(struct concat),
	.in = {rx_pass_next, rx_pass_error, go_on_after_done},
	.start = go_on,
	.stop = stop,
	.destroy = rx_many_destroy,
};

static const struct rx_source_ops patient_ops = {
	.name = "concat",
	.source_bytes = sizeof(struct rx_many_source),
	.sub_bytes = sizeof(struct concat),
	.in = {rx_pass_next, note_and_go_on, go_on_after_done},
	.start = go_on,
	.stop = stop,
	.fini = fini,
	.destroy = rx_many_destroy,
};

static const struct rx_source_ops catch_ops = {
	.name = "catch",
	.source_bytes = sizeof(struct rx_many_source),
	.sub_bytes = sizeof(struct concat),
	.in = {rx_pass_next, go_on_unless_last, rx_pass_done},
	.start = go_on,
	.stop = stop,
	.destroy = rx_many_destroy,
};

static const struct rx_source_ops resume_ops = {
	.name = "on_error_resume_next",
	.source_bytes = sizeof(struct rx_many_source),
	.sub_bytes = sizeof(struct concat),
	.in = {rx_pass_next, go_on_after_error, go_on_after_done},
	.start = go_on,
	.stop = stop,
	.destroy = rx_many_destroy,
};

struct rx_source *rx_concat(struct rx_ctx *ctx, struct rx_source *const *in,
			    uint32_t n)
{
	return rx_many_new(&concat_ops, ctx, in, n);
}

struct rx_source *rx_concat_delay_error(struct rx_ctx *ctx,
					struct rx_source *const *in, uint32_t n)
{
	return rx_many_new(&patient_ops, ctx, in, n);
}

struct rx_source *rx_catch_many(struct rx_ctx *ctx, struct rx_source *const *in,
				uint32_t n)
{
	return rx_many_new(&catch_ops, ctx, in, n);
}

struct rx_source *rx_on_error_resume_next(struct rx_ctx *ctx,
					  struct rx_source *const *in,
					  uint32_t n)
{
	return rx_many_new(&resume_ops, ctx, in, n);
}
