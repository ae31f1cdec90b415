/* observer.c - the life of a subscription: begun, halted, cancelled, freed.
 *
 * Halting is the one way out, whoever wants it: the stage itself (its end, an
 * error, take), or the stage below (rx_sub_cancel). It silences the stage
 * first and only then calls out, so nothing that happens meanwhile can make it
 * speak again. Freeing waits for the scheduler's quiet moment, since frames of
 * this very stage may still be on the stack.
 */
#include "rx/observer.h"

#include "base/mem.h"
#include "rx/meter.h"
#include "rx/op.h"

#include <assert.h>

void *rx_source_new(const struct rx_source_ops *ops, struct rx_ctx *ctx,
		    struct rx_source *in)
{
	struct rx_source *src = slab_zalloc(ops->source_bytes);

	src->ops = ops;
	src->ctx = ctx ? ctx : in->ctx;
	src->in = in;
	src->refs = 1;
	return src;
}

struct rx_source *rx_source_ref(struct rx_source *src)
{
	if (src)
		src->refs++;
	return src;
}

/* Walks up the chain instead of recursing: a pipeline may be long. */
void rx_source_unref(struct rx_source *src)
{
	while (src && --src->refs == 0) {
		struct rx_source *in = src->in;

		if (src->ops->destroy)
			src->ops->destroy(src);
		slab_free(src, src->ops->source_bytes);
		src = in;
	}
}

struct rx_ctx *rx_source_ctx(const struct rx_source *src)
{
	return src->ctx;
}

void rx_subscribe_guarded(struct rx_guard *guard, bool on_hold,
			  struct rx_source *src, struct rx_observer *o,
			  struct rx_sub **sub_out)
{
	const struct rx_source_ops *ops = src->ops;
	struct rx_sub *s = slab_zalloc(ops->sub_bytes);

	s->up.ops = &ops->in;
	s->down = o;
	s->src = rx_source_ref(src);
	s->guard = rx_guard_ref(guard);
	s->on_hold = on_hold;
	src->ctx->live++;
	*sub_out = s; /* before any value can come */
	if (ops->start)
		ops->start(s);
	else
		rx_subscribe_in(s);
}

void rx_subscribe(struct rx_source *src, struct rx_observer *o,
		  struct rx_sub **sub_out)
{
	rx_subscribe_guarded(NULL, false, src, o, sub_out);
}

void rx_halt(struct rx_sub *s)
{
	if (s->halted)
		return;
	s->halted = true;
	if (s->src->ops->stop)
		s->src->ops->stop(s);
	rx_sub_drop(&s->in);
}

static void bury(struct rx_later *l)
{
	struct rx_sub *s = CONTAINER_OF(l, struct rx_sub, grave);
	struct rx_source *src = s->src;

	if (src->ops->fini)
		src->ops->fini(s);
	rx_guard_unref(s->guard);
	slab_free(s, src->ops->sub_bytes);
	rx_source_unref(src);
}

void rx_sub_cancel(struct rx_sub *s)
{
	if (!s)
		return;
	assert(!s->cancelled);
	s->cancelled = true;
	rx_halt(s);
	s->src->ctx->live--;
	s->grave.fn = bury;
	rx_sched_later(rx_sched_of(s), &s->grave);
}

void rx_sub_hold(struct rx_sub *s, bool hold)
{
	if (!s || s->halted || s->on_hold == hold)
		return;
	s->on_hold = hold;
	if (s->src->ops->hold)
		s->src->ops->hold(s);
	else
		rx_sub_hold(s->in, hold);
}

void rx_finish_error(struct rx_sub *s, const struct weir_error *err)
{
	if (s->halted)
		return;
	rx_halt(s);
	rx_error(s->down, err);
}

void rx_finish_code(struct rx_sub *s, int code, const char *message)
{
	struct weir_error err = {0};

	error_set(&err, code, "%s", message);
	rx_finish_error(s, &err);
}

void rx_finish_done(struct rx_sub *s)
{
	if (s->halted)
		return;
	rx_halt(s);
	rx_done(s->down);
}

void rx_finish_with(struct rx_sub *s, struct value v)
{
	if (!s->halted) {
		rx_halt(s);
		rx_next(s->down, v);
		if (!s->cancelled)
			rx_done(s->down);
	}
	value_unref(v);
}

void rx_pass_next(struct rx_observer *up, struct value v)
{
	rx_next(rx_sub_of(up)->down, v);
}

void rx_pass_error(struct rx_observer *up, const struct weir_error *err)
{
	rx_finish_error(rx_sub_of(up), err);
}

void rx_pass_done(struct rx_observer *up)
{
	rx_finish_done(rx_sub_of(up));
}

void rx_inlet_pass_next(struct rx_observer *up, struct value v)
{
	rx_next(rx_inlet_of(up)->owner->down, v);
}

void rx_inlet_pass_error(struct rx_observer *up, const struct weir_error *err)
{
	rx_finish_error(rx_inlet_of(up)->owner, err);
}

void rx_inlet_pass_done(struct rx_observer *up)
{
	rx_finish_done(rx_inlet_of(up)->owner);
}

const struct rx_observer_ops rx_inlet_takes_over = {rx_inlet_pass_next,
						    rx_inlet_pass_error,
						    rx_inlet_pass_done};

static void tell_item_error(struct rx_sub *s, const struct weir_error *err,
			    struct value item)
{
	struct rx_ctx *ctx = s->src->ctx;

	if (s->guard)
		s->guard->item_error(s->guard, s, err, item);
	else if (ctx->item_error)
		ctx->item_error(ctx, err, item);
	else
		rx_finish_error(s, err);
}

void rx_item_failed(struct rx_sub *s, const struct weir_error *err,
		    struct value item)
{
	if (s->src->meter)
		s->src->meter->item_errors++;
	tell_item_error(s, err, item);
}

void rx_item_dropped(struct rx_sub *s)
{
	if (s->src->meter)
		s->src->meter->dropped++;
}

void rx_item_refused(struct rx_sub *s, struct value item, uint64_t holds,
		     const char *limit)
{
	struct weir_error err = {0};

	error_set(&err, WEIR_EBUSY, "%s holds %llu items, its %s",
		  s->src->ops->name, (unsigned long long)holds, limit);
	rx_item_dropped(s);
	tell_item_error(s, &err, item);
}

void rx_emit_item(struct rx_sub *s, struct rx_item it)
{
	if (!s->halted) {
		struct rx_cause *old = rx_cause_enter(it.cause);

		rx_next(s->down, it.v);
		rx_cause_leave(old);
	}
	rx_item_drop(it);
}

const struct rx_vars rx_no_vars = {.index = -1};

int rx_test(struct rx_sub *s, struct rx_fn *fn, struct value v, int64_t index)
{
	struct rx_vars vars = {.index = index};
	struct weir_error err;
	struct value out;

	if (!fn)
		return 1;
	if (UNLIKELY(rx_fn_call(fn, v, &vars, &out, &err) < 0)) {
		rx_item_failed(s, &err, v);
		return -1;
	}

	int holds = value_truthy(out);

	value_unref(out);
	return holds;
}

bool rx_apply(struct rx_sub *s, struct rx_fn *fn, struct value v, int64_t index,
	      struct value *out)
{
	struct rx_vars vars = {.index = index};
	struct weir_error err;

	if (!fn) {
		*out = value_ref(v);
		return true;
	}
	if (UNLIKELY(rx_fn_call(fn, v, &vars, out, &err) < 0)) {
		rx_item_failed(s, &err, v);
		return false;
	}
	return true;
}

bool rx_call_for_array(struct rx_sub *s, struct rx_fn *program,
		       struct value item, struct value *out)
{
	struct weir_error err;

	if (rx_fn_call(program, item, &rx_no_vars, out, &err) < 0) {
		rx_finish_error(s, &err);
		return false;
	}
	if (value_type(*out) == VALUE_ARRAY)
		return true;
	error_set(&err, WEIR_EITEM, "%s: the program gives %s, not an array",
		  s->src->ops->name, value_type_name(*out));
	value_unref(*out);
	*out = value_null();
	rx_finish_error(s, &err);
	return false;
}
