/* multicast.c - a run into a subject, begun and ended by the program.
 *
 *     source         -a-b-c-d-e-
 *     connect        ---^
 *     disconnect     ---------^
 *     subject        ---b-c-d---      whoever listens
 *
 * Unlike share, nothing hangs on the number of listeners.
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

void rx_connectable_connect(struct rx_connectable *c)
{
	if (!c->run && !c->ended)
		rx_subscribe(c->in, &c->hub, &c->run);
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
