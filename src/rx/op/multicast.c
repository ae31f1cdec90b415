/* multicast.c - a run into a subject, begun and ended by the program.
 *
 *     source         -a-b-c-d-e-
 *     connect        ---^
 *     disconnect     ---------^
 *     subject        ---b-c-d---      whoever listens
 *
 * Unlike share, nothing hangs on the number of listeners.
 *
 * publish_selected is such a run for each subscription: it is connected when
 * the stream that the program makes of it has been subscribed, so that all its
 * parts hear the first item.
 *
 *     source                                     -1-2-3-|
 *     shared zipped with shared | skip(1)        ---[12]-[23]-|
 */
#include "rx/host.h"
#include "rx/op.h"

struct rx_connectable {
	struct rx_source *in;	    /* ours */
	struct rx_subject *subject; /* ours */
	struct rx_observer hub;	    /* hears the run */
	struct rx_sub *run;	    /* ours; NULL while there is none */
	bool ended;
};

struct select_source {
	struct rx_source source;
	rx_select_fn select;
	struct rx_host host;
};

struct selected {
	struct rx_sub sub;
	struct rx_connectable *shared; /* ours; NULL when it is over */
};

static struct rx_connectable *connectable_of(struct rx_observer *hub)
{
	return CONTAINER_OF(hub, struct rx_connectable, hub);
}

static struct rx_observer *subject_of(struct rx_observer *hub)
{
	return rx_subject_observer(connectable_of(hub)->subject);
}

static void hub_next(struct rx_observer *hub, struct value v)
{
	rx_next(subject_of(hub), v);
}

static void end(struct rx_observer *hub)
{
	struct rx_connectable *c = connectable_of(hub);

	c->ended = true;
	rx_sub_drop(&c->run);
}

/* The listeners are told last: one of them may destroy it. */
static void hub_error(struct rx_observer *hub, const struct weir_error *err)
{
	struct rx_observer *subject = subject_of(hub);

	end(hub);
	rx_error(subject, err);
}

static void hub_done(struct rx_observer *hub)
{
	struct rx_observer *subject = subject_of(hub);

	end(hub);
	rx_done(subject);
}

static const struct rx_observer_ops hub_ops = {hub_next, hub_error, hub_done};

struct rx_connectable *rx_multicast(struct rx_source *in,
				    struct rx_subject *subject)
{
	struct rx_connectable *c = mem_zalloc(sizeof *c);

	c->in = in;
	c->subject = subject;
	c->hub.ops = &hub_ops;
	return c;
}

struct rx_source *rx_connectable_source(struct rx_connectable *c)
{
	return rx_subject_source(c->subject);
}

static void connect_guarded(struct rx_connectable *c, struct rx_guard *guard)
{
	if (!c->run && !c->ended)
		rx_subscribe_guarded(guard, false, c->in, &c->hub, &c->run);
}

void rx_connectable_connect(struct rx_connectable *c)
{
	connect_guarded(c, NULL);
}

void rx_connectable_disconnect(struct rx_connectable *c)
{
	rx_sub_drop(&c->run);
}

void rx_connectable_destroy(struct rx_connectable *c)
{
	if (!c)
		return;
	rx_connectable_disconnect(c);
	rx_subject_destroy(c->subject);
	rx_source_unref(c->in);
	mem_free(c);
}

/* --- within a subscription ----------------------------------------------- */

static void start(struct rx_sub *s)
{
	struct selected *sel = CONTAINER_OF(s, struct selected, sub);
	struct select_source *src =
		CONTAINER_OF(s->src, struct select_source, source);
	struct weir_error err = {0};
	struct rx_source *stream;

	sel->shared = rx_multicast(rx_source_ref(src->source.in),
				   rx_subject_create(src->source.ctx));
	stream = src->select(src->host.arg, rx_connectable_source(sel->shared),
			     &err);
	if (!stream)
		rx_finish_error(s, &err);
	else if (!s->halted) /* by the program, meanwhile */
		rx_subscribe_for(s, stream, &s->up, &s->in);
	rx_source_unref(stream);
	if (!s->halted)
		connect_guarded(sel->shared, s->guard);
}

static void stop(struct rx_sub *s)
{
	struct selected *sel = CONTAINER_OF(s, struct selected, sub);
	struct rx_connectable *shared = sel->shared;

	sel->shared = NULL;
	rx_connectable_destroy(shared);
}

static void destroy(struct rx_source *source)
{
	rx_host_drop(CONTAINER_OF(source, struct select_source, source)->host);
}

static const struct rx_source_ops ops = {
	.name = "publish",
	.source_bytes = sizeof(struct select_source),
	.sub_bytes = sizeof(struct selected),
	.in = {rx_pass_next, rx_pass_error, rx_pass_done},
	.start = start,
	.stop = stop,
	.destroy = destroy,
};

struct rx_source *rx_publish_selected(struct rx_source *in, rx_select_fn select,
				      struct rx_host host)
{
	struct select_source *src = rx_source_new(&ops, NULL, in);

	src->select = select;
	src->host = host;
	return &src->source;
}
