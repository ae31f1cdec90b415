/* subject.c - hands each item to a list of observers that may change meanwhile.
 *
 *     listeners   A  B  C       push number 7 walks:
 *     since       2  7  9       A hears it, B and C (who came during 7 or in
 *                               a push within it) do not
 *
 * Pushes are numbered, each listener knows the number that was current when it
 * came. Who goes during a walk stays linked, silent, until the outermost walk
 * is over; so a walk never loses its place. A single listener needs no walk:
 * nothing is looked at after it has heard.
 *
 * A subject's end is not remembered by a hot stream: who comes later hears
 * nothing. Groups and windows do remember theirs, since a block may subscribe
 * its group a moment late and must still come to an end.
 */
#include "rx/subject.h"

#include "rx/op.h"

struct rx_subject {
	struct rx_source source; /* first: frees by the frame */
	struct rx_observer in;
	struct list listeners;
	uint64_t push_no;
	uint32_t walking; /* depth of pushes within pushes */
	uint32_t n;	  /* listeners that hear */
	bool gone;	  /* some in the list are halted */
	bool ended;
	bool remembers;
	struct weir_error *error; /* ours: the remembered end; NULL: done */
};

struct listener {
	struct rx_sub sub;
	struct list link;
	uint64_t since;
};

static struct rx_subject *subject_of(struct rx_observer *in)
{
	return CONTAINER_OF(in, struct rx_subject, in);
}

static struct listener *listener_at(struct list *link)
{
	return CONTAINER_OF(link, struct listener, link);
}

static void walk_begin(struct rx_subject *s)
{
	s->walking++;
	s->push_no++;
	s->source.refs++; /* a listener may let go of the last one */
}

static void take_out_those_gone(struct rx_subject *s)
{
	s->gone = false;
	LIST_FOREACH_SAFE (l, &s->listeners)
		if (listener_at(l)->sub.halted)
			list_remove(l);
}

static void walk_end(struct rx_subject *s)
{
	if (--s->walking == 0 && UNLIKELY(s->gone))
		take_out_those_gone(s);
	if (LIKELY(s->source.refs > 1))
		s->source.refs--;
	else
		rx_source_unref(&s->source);
}

/* Not inline: a push to a single listener needs none of its registers. */
static __attribute__((noinline)) void walk(struct rx_subject *s, struct value v)
{
	walk_begin(s);

	uint64_t now = s->push_no;

	LIST_FOREACH (l, &s->listeners) {
		const struct listener *to = listener_at(l);

		if (!to->sub.halted && to->since < now)
			rx_next(to->sub.down, v);
	}
	walk_end(s);
}

static void on_next(struct rx_observer *in, struct value v)
{
	struct rx_subject *s = subject_of(in);
	struct list *first = s->listeners.next;

	if (s->ended || !s->n)
		return;
	if (first->next != &s->listeners) {
		walk(s, v);
		return;
	}
	s->push_no++;
	rx_next(listener_at(first)->sub.down, v);
}

/* Who subscribes while the end is being told hears of it no more. */
static void end(struct rx_subject *s, const struct weir_error *err)
{
	if (s->ended)
		return;
	s->ended = true;
	if (s->remembers && err)
		s->error = mem_dup(err, sizeof *err);
	walk_begin(s);

	uint64_t now = s->push_no;

	LIST_FOREACH (l, &s->listeners) {
		struct listener *to = listener_at(l);

		if (to->since >= now)
			continue;
		if (err)
			rx_finish_error(&to->sub, err);
		else
			rx_finish_done(&to->sub);
	}
	walk_end(s);
}

static void on_error(struct rx_observer *in, const struct weir_error *err)
{
	end(subject_of(in), err);
}

static void on_done(struct rx_observer *in)
{
	end(subject_of(in), NULL);
}

static const struct rx_observer_ops push_ops = {on_next, on_error, on_done};

static void listen(struct rx_sub *sub)
{
	struct listener *l = CONTAINER_OF(sub, struct listener, sub);
	struct rx_subject *s =
		CONTAINER_OF(sub->src, struct rx_subject, source);

	list_init(&l->link);
	if (!s->ended) {
		l->since = s->push_no;
		list_push(&s->listeners, &l->link);
		s->n++;
	} else if (s->remembers && s->error) {
		rx_finish_error(sub, s->error);
	} else if (s->remembers) {
		rx_finish_done(sub);
	}
}

static void stop(struct rx_sub *sub)
{
	struct listener *l = CONTAINER_OF(sub, struct listener, sub);
	struct rx_subject *s =
		CONTAINER_OF(sub->src, struct rx_subject, source);

	if (list_empty(&l->link))
		return;
	s->n--;
	if (s->walking)
		s->gone = true;
	else
		list_remove(&l->link);
}

static void destroy(struct rx_source *src)
{
	struct rx_subject *s = CONTAINER_OF(src, struct rx_subject, source);

	mem_free(s->error);
}

static const struct rx_source_ops ops = {
	.name = "subject",
	.source_bytes = sizeof(struct rx_subject),
	.sub_bytes = sizeof(struct listener),
	.start = listen,
	.stop = stop,
	.destroy = destroy,
};

struct rx_subject *rx_subject_create(struct rx_ctx *ctx)
{
	struct rx_subject *s = rx_source_new(&ops, ctx, NULL);

	s->in.ops = &push_ops;
	list_init(&s->listeners);
	return s;
}

struct rx_subject *rx_subject_create_remembering(struct rx_ctx *ctx)
{
	struct rx_subject *s = rx_subject_create(ctx);

	s->remembers = true;
	return s;
}

void rx_subject_destroy(struct rx_subject *s)
{
	if (!s)
		return;
	s->ended = true;
	rx_source_unref(&s->source);
}

struct rx_source *rx_subject_source(struct rx_subject *s)
{
	return rx_source_ref(&s->source);
}

struct rx_observer *rx_subject_observer(struct rx_subject *s)
{
	return &s->in;
}

uint32_t rx_subject_listeners(const struct rx_subject *s)
{
	return s->n;
}
