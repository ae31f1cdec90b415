/* embed_rx.c - streams, observers and subjects of include/weir/rx.h.
 *
 *     rx_source --> rx_sub --> weir_sub --> next, error, done of the program
 *
 * A weir_sub whose handle nobody wanted frees itself at its end; one with a
 * handle waits for weir_cancel. Either way its memory goes when nobody is
 * inside an operator any more.
 */
#include "app/embed_rx.h"

#include "app/embed_value.h"
#include "base/mem.h"
#include "rx/subject.h"

#include <assert.h>

/* --- streams ------------------------------------------------------------- */

struct rx_source **embed_sources(struct weir_stream *const *in, size_t n)
{
	struct rx_source **all =
		mem_alloc((n + 1) * sizeof(struct rx_source *));
	bool whole = true;

	for (size_t i = 0; i < n; i++) {
		all[i] = embed_source(in[i]);
		whole &= all[i] != NULL;
	}
	if (whole)
		return all;
	for (size_t i = 0; i < n; i++)
		rx_source_unref(all[i]);
	mem_free(all);
	return NULL;
}

struct weir_stream *weir_stream_ref(struct weir_stream *s)
{
	return embed_stream(rx_source_ref(embed_source(s)));
}

void weir_stream_unref(struct weir_stream *s)
{
	rx_source_unref(embed_source(s));
}

/* --- observers ----------------------------------------------------------- */

struct weir_sub {
	struct rx_observer up;
	struct weir_observer to;
	struct weir_loop *loop;
	struct rx_sub *sub; /* ours */
	struct list link;   /* in the loop's subs */
	struct rx_later grave;
	bool held; /* the program has the handle */
	bool ended;
};

static struct weir_sub *sub_of(struct rx_observer *up)
{
	return CONTAINER_OF(up, struct weir_sub, up);
}

static void bury(struct rx_later *l)
{
	mem_free(CONTAINER_OF(l, struct weir_sub, grave));
}

/* It counts no longer for the loop, which may be waiting for that. */
static void note_end(struct weir_sub *s)
{
	if (s->ended)
		return;
	s->ended = true;
	if (--s->loop->live == 0)
		embed_loop_wake(s->loop);
}

void weir_cancel(struct weir_sub *s)
{
	if (!s)
		return;
	note_end(s);
	list_remove(&s->link);
	rx_sub_cancel(s->sub);
	s->grave.fn = bury;
	rx_sched_later(s->loop->ctx.sched, &s->grave);
}

void weir_hold(struct weir_sub *s, bool hold)
{
	rx_sub_hold(s->sub, hold);
}

static void on_next(struct rx_observer *up, struct value v)
{
	struct weir_sub *s = sub_of(up);

	if (s->to.next)
		s->to.next(embed_value_out(v), s->to.arg);
}

static void on_error(struct rx_observer *up, const struct weir_error *err)
{
	struct weir_sub *s = sub_of(up);

	note_end(s);
	if (s->to.error)
		s->to.error(err, s->to.arg);
	if (!s->held)
		weir_cancel(s);
}

static void on_done(struct rx_observer *up)
{
	struct weir_sub *s = sub_of(up);

	note_end(s);
	if (s->to.done)
		s->to.done(s->to.arg);
	if (!s->held)
		weir_cancel(s);
}

static const struct rx_observer_ops observer_ops = {on_next, on_error, on_done};

void weir_subscribe(struct weir_stream *in,
		    const struct weir_observer *observer,
		    struct weir_sub **sub_out)
{
	struct weir_sub *s;

	if (sub_out)
		*sub_out = NULL;
	if (!in)
		return;
	s = mem_zalloc(sizeof *s);
	s->up.ops = &observer_ops;
	s->to = *observer;
	s->loop = embed_loop_of(in);
	s->held = sub_out != NULL;
	embed_loop_enter(s->loop);
	s->loop->live++;
	list_push(&s->loop->subs, &s->link);
	if (sub_out)
		*sub_out = s;
	rx_subscribe(embed_source(in), &s->up, &s->sub);
	weir_stream_unref(in);
}

void embed_cancel_all(struct weir_loop *l)
{
	while (!list_empty(&l->subs))
		weir_cancel(CONTAINER_OF(l->subs.next, struct weir_sub, link));
}

/* --- await --------------------------------------------------------------- */

struct wait {
	struct weir_loop *loop;
	struct weir_value last; /* ours */
	struct weir_error err;
	bool has_last;
	bool failed;
	bool over;
};

static void await_next(struct weir_value v, void *arg)
{
	struct wait *w = arg;

	weir_unref(w->last);
	w->last = weir_ref(v);
	w->has_last = true;
}

static void await_done(void *arg)
{
	struct wait *w = arg;

	w->over = true;
	embed_loop_wake(w->loop);
}

static void await_error(const struct weir_error *err, void *arg)
{
	struct wait *w = arg;

	w->err = *err;
	w->failed = true;
	await_done(w);
}

/* Which of the four ends it was. */
static int await_result(const struct wait *w, struct weir_error *err)
{
	if (w->failed) {
		if (err)
			*err = w->err;
		return w->err.code < 0 ? w->err.code : WEIR_EITEM;
	}
	if (!w->over)
		return error_set(err, WEIR_ECANCELED,
				 w->loop->stopped
					 ? "the loop was stopped"
					 : "nothing is left that could end "
					   "the stream");
	if (!w->has_last)
		return error_set(err, WEIR_EOF, "the stream had no item");
	return 0;
}

int weir_await(struct weir_stream *in, struct weir_value *out,
	       struct weir_error *err)
{
	struct wait w = {.loop = in ? embed_loop_of(in) : NULL};
	struct weir_observer o = {await_next, await_error, await_done, &w};
	struct weir_sub *sub;
	int rc;

	*out = weir_null();
	if (!in)
		return WEIR_EINVAL; /* err tells already why */
	weir_subscribe(in, &o, &sub);
	if (!w.over)
		embed_loop_run(w.loop, &w.over);
	weir_cancel(sub);
	rc = await_result(&w, err);
	w.loop->stopped = false;
	if (rc == 0)
		*out = w.last;
	else
		weir_unref(w.last);
	return rc;
}

/* --- subjects ------------------------------------------------------------ */

struct weir_subject {
	struct weir_loop *loop;
	struct rx_subject *subject; /* ours */
};

struct weir_subject *weir_subject_create(struct weir_loop *l)
{
	struct weir_subject *s = mem_alloc(sizeof *s);

	*s = (struct weir_subject){l, rx_subject_create(&l->ctx)};
	return s;
}

void weir_subject_destroy(struct weir_subject *s)
{
	if (!s)
		return;
	rx_subject_destroy(s->subject);
	mem_free(s);
}

struct weir_stream *weir_subject_stream(struct weir_subject *s)
{
	return embed_stream(rx_subject_source(s->subject));
}

void weir_subject_next(struct weir_subject *s, struct weir_value v)
{
	embed_loop_enter(s->loop);
	rx_next(rx_subject_observer(s->subject), embed_value(v));
	weir_unref(v);
}

void weir_subject_error(struct weir_subject *s, int code, const char *message)
{
	struct weir_error err = {0};

	embed_loop_enter(s->loop);
	error_set(&err, code, "%s", message);
	rx_error(rx_subject_observer(s->subject), &err);
}

void weir_subject_done(struct weir_subject *s)
{
	embed_loop_enter(s->loop);
	rx_done(rx_subject_observer(s->subject));
}
