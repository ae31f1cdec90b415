/* embed_host.c - what only functions can say: include/weir/rx.h on top of
 * rx/host.h.
 *
 * The two differ in the types that callbacks see. Where they do, a small struct
 * with the program's functions goes along as the arg of rx/'s, and is freed by
 * its drop.
 */
#include "app/embed_rx.h"

#include "app/embed_value.h"
#include "base/mem.h"
#include "rx/host.h"
#include "rx/ops.h"

#include <assert.h>

/* What goes along: a copy of what the program gave. */
static struct rx_host host_of(const void *calls, size_t bytes)
{
	return (struct rx_host){mem_dup(calls, bytes), mem_free};
}

/* A stream that the program made: NULL with err filled in any case. */
static struct rx_source *made(struct weir_stream *s, struct weir_error *err)
{
	if (!s)
		embed_error_end(err, WEIR_EITEM);
	return embed_source(s);
}

/* --- streams that the program writes ------------------------------------- */

static void *on_start(void *arg, struct rx_observer *out)
{
	const struct weir_producer *p = arg;

	return p->start((struct weir_emitter *)out, p->arg);
}

static void on_stop(void *arg, void *run)
{
	const struct weir_producer *p = arg;

	if (p->stop)
		p->stop(run, p->arg);
}

static void on_hold(void *arg, void *run, bool hold)
{
	const struct weir_producer *p = arg;

	if (p->hold)
		p->hold(run, hold, p->arg);
}

struct weir_stream *weir_create(struct weir_loop *l,
				const struct weir_producer *producer)
{
	static const struct rx_create_calls calls = {on_start, on_stop,
						     on_hold};

	return embed_stream(rx_create(&l->ctx, &calls,
				      host_of(producer, sizeof *producer)));
}

void weir_emitter_next(struct weir_emitter *e, struct weir_value v)
{
	rx_next((struct rx_observer *)e, embed_value(v));
	weir_unref(v);
}

void weir_emitter_error(struct weir_emitter *e, int code, const char *message)
{
	struct weir_error err = {0};

	error_set(&err, code, "%s", message);
	rx_error((struct rx_observer *)e, &err);
}

void weir_emitter_done(struct weir_emitter *e)
{
	rx_done((struct rx_observer *)e);
}

struct weir_stream *weir_start(struct weir_loop *l, weir_fn fn, void *arg)
{
	return embed_stream(
		rx_map(rx_just(&l->ctx, value_null()), embed_fn(fn, arg)));
}

struct factory {
	weir_make_fn make;
	void *arg;
};

static struct rx_source *on_make(void *arg, struct weir_error *err)
{
	const struct factory *f = arg;

	embed_error_begin(err);
	return made(f->make(f->arg, err), err);
}

struct weir_stream *weir_defer(struct weir_loop *l, weir_make_fn make,
			       void *arg)
{
	struct factory f = {make, arg};

	return embed_stream(rx_defer(&l->ctx, on_make, host_of(&f, sizeof f)));
}

static int on_acquire(void *arg, void **resource, struct weir_error *err)
{
	const struct weir_resource *r = arg;
	int rc;

	embed_error_begin(err);
	rc = r->acquire(r->arg, resource, err);
	return rc < 0 ? embed_error_end(err, rc) : 0;
}

static struct rx_source *on_use(void *arg, void *resource,
				struct weir_error *err)
{
	const struct weir_resource *r = arg;

	embed_error_begin(err);
	return made(r->use(resource, r->arg, err), err);
}

static void on_release(void *arg, void *resource)
{
	const struct weir_resource *r = arg;

	r->release(resource, r->arg);
}

struct weir_stream *weir_using(struct weir_loop *l,
			       const struct weir_resource *resource)
{
	static const struct rx_using_calls calls = {on_acquire, on_use,
						    on_release};

	return embed_stream(
		rx_using(&l->ctx, &calls, host_of(resource, sizeof *resource)));
}

/* --- streams that the program steers ------------------------------------- */

struct weir_stream *weir_if_then(struct weir_loop *l, weir_holds_fn holds,
				 void *arg, struct weir_stream *then,
				 struct weir_stream *otherwise)
{
	if (!then) {
		weir_stream_unref(otherwise);
		return NULL;
	}
	return embed_stream(rx_if_then(&l->ctx, holds, embed_source(then),
				       embed_source(otherwise),
				       (struct rx_host){.arg = arg}));
}

struct weir_stream *weir_case(struct weir_loop *l,
			      uint32_t (*choose)(void *arg), void *arg,
			      struct weir_stream *const *in, size_t n,
			      struct weir_stream *otherwise)
{
	struct rx_source **all;
	struct rx_source *src;

	assert(n <= UINT32_MAX);
	all = embed_sources(in, n);
	if (!all) {
		weir_stream_unref(otherwise);
		return NULL;
	}
	src = rx_case(&l->ctx, choose, all, (uint32_t)n,
		      embed_source(otherwise), (struct rx_host){.arg = arg});
	mem_free(all);
	return embed_stream(src);
}

struct weir_stream *weir_while_do(struct weir_stream *in, weir_holds_fn holds,
				  void *arg)
{
	if (!in)
		return NULL;
	return embed_stream(rx_while_do(embed_source(in), holds,
					(struct rx_host){.arg = arg}));
}

struct weir_stream *weir_do_while(struct weir_stream *in, weir_holds_fn holds,
				  void *arg)
{
	if (!in)
		return NULL;
	return embed_stream(rx_do_while(embed_source(in), holds,
					(struct rx_host){.arg = arg}));
}

void weir_partition(struct weir_stream *in, weir_fn fn, void *arg,
		    struct weir_stream *out[2])
{
	struct rx_source *both[2] = {NULL, NULL};

	if (in)
		rx_partition(embed_source(in), embed_fn(fn, arg), both);
	out[0] = embed_stream(both[0]);
	out[1] = embed_stream(both[1]);
}

static void do_next(void *arg, struct value v)
{
	const struct weir_observer *o = arg;

	if (o->next)
		o->next(embed_value_out(v), o->arg);
}

static void do_error(void *arg, const struct weir_error *err)
{
	const struct weir_observer *o = arg;

	if (o->error)
		o->error(err, o->arg);
}

static void do_done(void *arg)
{
	const struct weir_observer *o = arg;

	if (o->done)
		o->done(o->arg);
}

struct weir_stream *weir_do(struct weir_stream *in,
			    const struct weir_observer *observer)
{
	static const struct rx_do_calls calls = {do_next, do_error, do_done};

	if (!in)
		return NULL;
	return embed_stream(rx_do(embed_source(in), &calls,
				  host_of(observer, sizeof *observer)));
}

struct weir_stream *weir_finally(struct weir_stream *in, void (*fn)(void *arg),
				 void *arg)
{
	if (!in)
		return NULL;
	return embed_stream(
		rx_finally(embed_source(in), fn, (struct rx_host){.arg = arg}));
}

/* --- connecting ---------------------------------------------------------- */

/* A weir_connectable is an rx_connectable by another name. */
static struct rx_connectable *inner(struct weir_connectable *c)
{
	return (struct rx_connectable *)c;
}

struct weir_connectable *weir_publish(struct weir_stream *in)
{
	if (!in)
		return NULL;
	return (struct weir_connectable *)rx_multicast(
		embed_source(in), rx_subject_create(&embed_loop_of(in)->ctx));
}

struct weir_stream *weir_connectable_stream(struct weir_connectable *c)
{
	return embed_stream(rx_connectable_source(inner(c)));
}

void weir_connect(struct weir_connectable *c)
{
	struct weir_stream *s = weir_connectable_stream(c);

	embed_loop_enter(embed_loop_of(s));
	weir_stream_unref(s);
	rx_connectable_connect(inner(c));
}

void weir_disconnect(struct weir_connectable *c)
{
	rx_connectable_disconnect(inner(c));
}

void weir_connectable_destroy(struct weir_connectable *c)
{
	if (c)
		rx_connectable_destroy(inner(c));
}
