/* edge.c - see edge.h. */
#include "app/edge.h"

#include "app/access_log.h"
#include "base/log.h"
#include "base/mem.h"
#include "fiber/fiber.h"
#include "http/exchange.h"
#include "hub/edge.h"
#include "json/parse.h"
#include "json/write.h"
#include "source/source.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>

struct app_edge {
	struct app_edges *edges;
	uint32_t n;
	pthread_t thread;
	struct loop *loop;
	struct fiber_pool *fibers; /* NULL: the reactor's */
	struct hub_edge *hub_edge;
	struct api *api;
	struct access_log *access_log; /* NULL: none */
	struct value sources;	       /* of the configuration; ours */
	/* The same address has the same place everywhere. Other edges look,
	 * too, and the first is looking while the last is not listening yet. */
	struct http_server *_Atomic servers[APP_LISTENERS_MAX];
	uint32_t n_servers;
	uint32_t open_servers; /* while closing */
	_Atomic uint64_t requests;
};

/* --- what is asked of it ------------------------------------------------- */

struct ask {
	void (*fn)(struct app_edge *e, void *arg);
	struct app_edge *e;
	void *arg;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool done; /* under lock */
};

static void on_ask(void *arg)
{
	struct ask *a = arg;

	a->fn(a->e, a->arg);
	pthread_mutex_lock(&a->lock);
	a->done = true;
	pthread_cond_signal(&a->changed);
	pthread_mutex_unlock(&a->lock);
}

static void on_call(struct hub_edge *unused, void *arg)
{
	struct ask *a = arg;

	a->fn(a->e, a->arg);
}

/* Blocks the fiber, or the thread when that is not in its loop. */
static void ask(struct app_edge *e, void (*fn)(struct app_edge *e, void *arg),
		void *arg)
{
	struct ask a = {.fn = fn, .e = e, .arg = arg};

	if (e->n == 0) {
		fn(e, arg);
		return;
	}
	if (fiber_self()) {
		hub_edge_call(e->hub_edge, on_call, &a);
		return;
	}
	pthread_mutex_init(&a.lock, NULL);
	pthread_cond_init(&a.changed, NULL);
	loop_post(e->loop, on_ask, &a);
	pthread_mutex_lock(&a.lock);
	while (!a.done)
		pthread_cond_wait(&a.changed, &a.lock);
	pthread_mutex_unlock(&a.lock);
	pthread_cond_destroy(&a.changed);
	pthread_mutex_destroy(&a.lock);
}

/* --- the API's questions -------------------------------------------------- */

static int on_check_push(void *arg, struct str name, struct weir_error *err)
{
	struct app_edge *e = arg;
	struct value source;
	struct str kind;

	if (!value_find(e->sources, name, &source))
		return error_set(err, WEIR_ENOTFOUND, "unknown source '%.*s'",
				 STR_FMT(name));
	kind = value_str(value_get(source, STR("kind")));
	if (!str_eq(kind, str_of(source_push.kind)))
		return error_set(err, WEIR_EINVAL,
				 "the source '%.*s' is of kind %.*s: parts are "
				 "pushed to those of kind push",
				 STR_FMT(name), STR_FMT(kind));
	return 0;
}

static struct http_server *on_server_at(void *arg, uint32_t n,
					const struct http_server *s)
{
	struct app_edge *e = arg;
	struct app_edge *there = e->edges->all[n];

	for (uint32_t i = 0; there && i < e->n_servers; i++)
		if (e->servers[i] == s)
			return there->servers[i];
	return NULL;
}

static void on_complete(void *arg, const struct http_exchange *x)
{
	struct app_edge *e = arg;

	hub_edge_add(&e->requests, 1);
	if (e->access_log)
		access_log_add(e->access_log, x);
	trace("%.*s %.*s: %d, %.1f ms", STR_FMT(http_method_name(x)),
	      STR_FMT(http_target(x)), http_status(x), http_elapsed_ms(x));
}

/* --- listeners ------------------------------------------------------------ */

static struct http_conf own_conf(struct app_edge *e,
				 const struct http_conf *conf)
{
	struct http_conf own = *conf;

	own.on_complete = on_complete;
	own.complete_arg = e;
	return own;
}

struct listening {
	struct str address;
	struct http_conf conf;
	struct http_server *server;
	struct weir_error *err;
	int rc;
};

static void do_listen(struct app_edge *e, void *arg)
{
	struct listening *l = arg;

	l->rc = http_server_open(&l->server, e->loop, l->address, &l->conf,
				 api_handle, e->api, l->err);
	if (l->rc == 0)
		e->servers[e->n_servers++] = l->server;
}

int app_edge_listen(struct app_edge *e, struct str address, uint16_t *port,
		    bool share, const struct http_conf *conf,
		    struct weir_error *err)
{
	struct listening l = {.conf = own_conf(e, conf), .err = err};
	struct buf fixed = {0};

	l.conf.reuse_port = share;
	if (*port) {
		/* What was any port for the first one is this for the next. */
		size_t host = address.len;

		while (host && address.p[host - 1] != ':')
			host--;
		buf_append(&fixed, address.p, host);
		buf_append_u64(&fixed, *port);
		address = buf_str(&fixed);
	}
	l.address = address;
	ask(e, do_listen, &l);
	buf_fini(&fixed);
	if (l.rc == 0)
		*port = http_server_port(l.server);
	return l.rc;
}

struct opening {
	const char *path;
	struct weir_error *err;
	int rc;
};

static void do_log(struct app_edge *e, void *arg)
{
	struct opening *o = arg;

	o->rc = access_log_open(&e->access_log, e->loop, o->path, o->err);
}

int app_edge_log(struct app_edge *e, const char *path, struct weir_error *err)
{
	struct opening o = {.path = path, .err = err};

	ask(e, do_log, &o);
	return o.rc;
}

/* --- while it runs -------------------------------------------------------- */

static void do_configure(struct app_edge *e, void *arg)
{
	const struct http_conf conf = own_conf(e, arg);

	for (uint32_t i = 0; i < e->n_servers; i++)
		http_server_set_conf(e->servers[i], &conf);
	if (e->access_log)
		access_log_reopen(e->access_log);
}

void app_edge_configure(struct app_edge *e, const struct http_conf *conf)
{
	struct http_conf copy = *conf;

	ask(e, do_configure, &copy);
}

/* As text: a value stays on its thread. */
struct offer_text {
	struct buf routes;
	struct buf sources;
	bool deflate;
};

/* Text of ours. */
static struct value value_of(const struct buf *text)
{
	struct value v = value_null();

	json_parse(buf_str(text), &v, NULL);
	return v;
}

static void do_api(struct app_edge *e, void *arg)
{
	const struct offer_text *o = arg;
	struct value routes = value_of(&o->routes);
	struct conf_error err;

	api_set_deflate(e->api, o->deflate);
	api_set_routes(e->api, routes, "/routes", &err);
	value_unref(routes);
	value_unref(e->sources);
	e->sources = value_of(&o->sources);
}

void app_edge_api(struct app_edge *e, const struct app_offer *offer)
{
	struct offer_text o = {.deflate = offer->deflate};

	json_write(offer->routes, &o.routes);
	json_write(offer->sources, &o.sources);
	ask(e, do_api, &o);
	buf_fini(&o.routes);
	buf_fini(&o.sources);
}

static void do_count(struct app_edge *e, void *arg)
{
	struct app_edge_figures *out = arg;

	out->requests += atomic_load(&e->requests);
	for (uint32_t i = 0; i < e->n_servers; i++)
		out->connections += http_server_connections(e->servers[i]);
}

void app_edge_count(struct app_edge *e, struct app_edge_figures *out)
{
	ask(e, do_count, out);
}

/* --- the end -------------------------------------------------------------- */

static void do_stop_accepting(void *arg)
{
	struct app_edge *e = arg;

	for (uint32_t i = 0; i < e->n_servers; i++)
		http_server_stop_accepting(e->servers[i]);
}

static void post(struct app_edge *e, void (*fn)(void *arg))
{
	if (e->n == 0)
		fn(e);
	else
		loop_post(e->loop, fn, e);
}

void app_edge_stop_accepting(struct app_edge *e)
{
	post(e, do_stop_accepting);
}

static void tell_closed(struct app_edge *e)
{
	struct app_edges *edges = e->edges;

	if (e->n == 0)
		edges->closed(edges->arg);
	else
		loop_post(hub_edge_loop(hub_edge_home(edges->hub)),
			  edges->closed, edges->arg);
}

static void on_server_closed(void *arg)
{
	struct app_edge *e = arg;

	if (--e->open_servers == 0)
		tell_closed(e);
}

static void do_close(void *arg)
{
	struct app_edge *e = arg;

	api_stop(e->api);
	e->open_servers = e->n_servers;
	for (uint32_t i = 0; i < e->open_servers; i++)
		http_server_close(e->servers[i], on_server_closed, e);
	e->n_servers = 0;
	if (!e->open_servers)
		tell_closed(e);
}

void app_edge_close(struct app_edge *e)
{
	post(e, do_close);
}

/* --- life ------------------------------------------------------------------
 */

static void open_here(struct app_edge *e)
{
	e->api = api_create(&(struct api_host){.edge = e->hub_edge,
					       .check_push = on_check_push,
					       .server_at = on_server_at,
					       .arg = e});
}

static void close_here(struct app_edge *e)
{
	access_log_close(e->access_log);
	api_destroy(e->api);
	value_unref(e->sources);
}

/* Signals are the reactor's. */
static void *run(void *arg)
{
	struct app_edge *e = arg;
	sigset_t all;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, NULL);
	e->fibers = fiber_pool_create(e->loop);
	loop_run(e->loop);
	close_here(e);
	hub_edge_destroy(e->hub_edge);
	fiber_pool_destroy(e->fibers);
	return NULL;
}

static void do_open(struct app_edge *e, void *arg)
{
	const struct hub_conf *conf = arg;

	e->hub_edge = hub_edge_create(e->edges->hub, e->loop, e->n, conf);
	open_here(e);
}

static int start_thread(struct app_edge *e, struct weir_error *err)
{
	int rc;

	e->loop = loop_create();
	if (!e->loop)
		return error_set(err, WEIR_EIO,
				 "no descriptor for the event loop of a "
				 "thread");
	rc = pthread_create(&e->thread, NULL, run, e);
	if (rc == 0)
		return 0;
	loop_destroy(e->loop);
	return error_set(err, WEIR_EIO, "no thread: %s", strerror(rc));
}

struct app_edge *app_edge_start(struct app_edges *edges, uint32_t n,
				struct weir_error *err)
{
	struct app_edge *e = mem_zalloc(sizeof *e);
	struct hub_conf conf = *hub_limits(edges->hub);

	e->edges = edges;
	e->sources = value_null();
	e->n = n;
	if (n == 0) {
		e->hub_edge = hub_edge_home(edges->hub);
		e->loop = hub_edge_loop(e->hub_edge);
		open_here(e);
	} else if (start_thread(e, err) < 0) {
		mem_free(e);
		return NULL;
	} else {
		ask(e, do_open, &conf);
		hub_edge_join(edges->hub, e->hub_edge);
	}
	edges->all[n] = e;
	return e;
}

void app_edge_end(struct app_edge *e)
{
	if (!e)
		return;
	if (e->n == 0) {
		close_here(e);
	} else {
		loop_stop(e->loop);
		pthread_join(e->thread, NULL);
		loop_destroy(e->loop);
	}
	mem_free(e);
}
