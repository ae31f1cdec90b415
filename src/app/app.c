/* app.c - see app.h.
 *
 *     start:  loop, fibers, client, hub, sources <- config <- pipelines, routes
 *             listeners, the server's own jobs, signals
 *     end:    listeners stop, jobs are cancelled, pipelines drain, streams get
 *             `bye`, connections close, then everything is freed
 *
 * Clients are served by edges, which may be threads of their own. A reload
 * makes a new set of sources; what runs keeps its old one by a reference.
 */
#include "app/app.h"

#include "app/admin.h"
#include "app/edge.h"
#include "app/embed_fn.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "client/http.h"
#include "fiber/fiber.h"
#include "http/api.h"
#include "http/exchange.h"
#include "hub/edge.h"

#include <signal.h>
#include <stdio.h>

struct app {
	struct loop *loop;
	struct fiber_pool *fibers;
	struct client *client;
	struct hub *hub;
	struct config *config;
	const struct weir_function *functions; /* borrowed; NULL: none */
	struct source_env env;
	struct source_set sources;
	struct app_edges edges;
	uint32_t threads; /* edges have numbers from 1 on; 0: the only one has 0
			   */
	struct http_server *admin; /* NULL: none */
	uint32_t open; /* edges, and the admin's server, while closing */
	bool stopping;
};

struct hub *app_hub(struct app *a)
{
	return a->hub;
}

struct client *app_client(struct app *a)
{
	return a->client;
}

/* Calls fn for each that serves clients. */
#define EDGE_FOREACH(e, a)                              \
	for (uint32_t n_ = 0; n_ < HUB_EDGES_MAX; n_++) \
		for (struct app_edge *e = (a)->edges.all[n_]; e; e = NULL)

struct app_edge_figures app_figures(struct app *a)
{
	struct app_edge_figures f = {0};

	EDGE_FOREACH(e, a)
	app_edge_count(e, &f);
	if (a->admin)
		f.connections += http_server_connections(a->admin);
	return f;
}

/* --- what hub and api ask for
 * --------------------------------------------------- */

static struct rx_source *on_run(void *arg, struct rx_ctx *ctx,
				struct value jobs)
{
	return source_run_stage(&((struct app *)arg)->sources, ctx, jobs);
}

static bool on_has_source(void *arg, struct str name)
{
	struct app *a = arg;

	return source_set_find(&a->sources, name) != NULL;
}

static struct rx_fn *on_function(void *arg, struct str name)
{
	return embed_fn_find(((struct app *)arg)->functions, name);
}

static bool on_pick(void *arg, struct str name, struct value data,
		    struct value *out)
{
	struct app *a = arg;
	const struct source *s = source_set_find(&a->sources, name);

	return s && source_values_pick(&s->values, data, out);
}

/* --- applying a configuration
 * ----------------------------------------------------- */

/* The source that the object at pointer names has to be there. */
static int check_source(const struct source_set *set, struct value of,
			const char *pointer, struct conf_error *e)
{
	struct str name = value_str(value_get(of, STR("source")));
	const char *near;

	if (!name.len || source_set_find(set, name))
		return 0;
	near = source_set_nearest(set, name);
	return conf_fail(e, pointer, "source", "unknown source '%.*s'%s%s%s",
			 STR_FMT(name), near ? ": did you mean '" : "",
			 near ? near : "", near ? "'?" : "");
}

/* Those of the routes and of the server's own jobs. */
static int check_sources(const struct source_set *set, const struct config *c,
			 struct conf_error *e)
{
	char at[CONF_POINTER_MAX];
	int rc = 0;

	for (uint32_t i = 0; i < value_len(c->routes) && rc == 0; i++) {
		const struct value *pair = value_nodes(c->routes) + 2 * i;

		conf_pointer(at, "/routes", value_str(pair[0]));
		rc = check_source(set, pair[1], at, e);
	}
	for (uint32_t i = 0; i < value_len(c->jobs) && rc == 0; i++) {
		snprintf(at, sizeof at, "/jobs/%u", i);
		rc = check_source(set, value_nodes(c->jobs)[i], at, e);
	}
	return rc;
}

static void offer(struct app_edge *e, const struct config *c)
{
	app_edge_api(e, &(struct app_offer){.routes = c->routes,
					    .sources = c->sources,
					    .deflate = c->websocket.deflate});
}

/* Checks all of it before the first thing changes. */
static int apply(struct app *a, struct config *c, struct buf *report)
{
	struct source_set fresh;
	struct source_set old = a->sources;
	struct conf_error e;
	struct weir_error err;
	struct hub_conf hub_conf;
	int rc;

	source_set_init(&fresh, &a->env);
	rc = source_set_read(&fresh, c->sources, "/sources", &e);
	if (rc == 0)
		rc = check_sources(&fresh, c, &e);
	if (rc < 0) {
		config_report(c, &e, report);
		source_set_fini(&fresh);
		return rc;
	}
	a->sources = fresh; /* pipelines may name its sources */
	for (int i = 0; i < HUB_PIPELINES && rc == 0; i++) {
		const char *name = hub_pipeline_label(i);

		rc = hub_pipeline_set(a->hub, i, config_pipeline(c, name), true,
				      &err);
		if (rc < 0)
			config_report_pipeline(c, name, &err, report);
	}
	if (rc == 0) {
		rc = api_check_routes(c->routes, "/routes", &e);
		if (rc < 0)
			config_report(c, &e, report);
	}
	if (rc < 0) {
		a->sources = old;
		source_set_fini(&fresh);
		return rc;
	}
	config_hub(c, &hub_conf);
	hub_configure(a->hub, &hub_conf);
	for (int i = 0; i < HUB_PIPELINES; i++)
		hub_pipeline_set(a->hub, i,
				 config_pipeline(c, hub_pipeline_label(i)),
				 false, &err);
	EDGE_FOREACH(edge, a)
	offer(edge, c);
	source_set_fini(&old);
	return 0;
}

/* The limit of connections is divided: no edge knows what the others have. */
static void clients_conf(const struct app *a, struct http_conf *out)
{
	config_http(a->config, out);
	out->max_connections =
		MAX(out->max_connections / MAX(a->threads, 1u), 1u);
}

/* Answers of the admin listener are for no page of another origin. */
static void admin_conf(const struct app *a, struct http_conf *out)
{
	static const char *const nobody[] = {NULL};

	config_http(a->config, out);
	out->cors_origins = nobody;
}

int app_reload(struct app *a, struct buf *report)
{
	struct config *c = config_load(a->config->path, report);
	struct config *old;
	struct http_conf http;

	if (!c)
		return WEIR_EINVAL;

	int rc = apply(a, c, report);

	if (rc < 0) {
		config_destroy(c);
		return rc;
	}
	if (!value_equal(c->listen, a->config->listen))
		log_warn("listen has changed: that takes a restart");
	if (c->threads != a->config->threads)
		log_warn("threads has changed: that takes a restart");
	old = a->config;
	a->config = c;
	clients_conf(a, &http);
	EDGE_FOREACH(e, a)
	app_edge_configure(e, &http);
	admin_conf(a, &http);
	if (a->admin)
		http_server_set_conf(a->admin, &http);
	config_destroy(old);
	log_info("%s was read again", c->path);
	return 0;
}

/* --- life
 * ----------------------------------------------------------------------------
 */

/* An edge, or the admin's server. */
static void on_closed(void *arg)
{
	struct app *a = arg;

	if (--a->open == 0)
		loop_stop(a->loop);
}

struct app *app_create(struct config *c, const struct weir_function *functions,
		       struct buf *report)
{
	struct app *a = mem_zalloc(sizeof *a);
	struct hub_conf hub_conf;

	a->config = c;
	a->functions = functions;
	a->threads = (uint32_t)c->threads;
	a->loop = loop_create();
	if (!a->loop) {
		buf_append_cstr(report, "no descriptor for an event loop\n");
		goto fail;
	}
	a->fibers = fiber_pool_create(a->loop);
	a->client = client_create(a->loop, NULL);
	config_hub(c, &hub_conf);
	a->hub = hub_create(
		a->loop, &hub_conf,
		&(struct hub_host){.run = on_run,
				   .has_source = on_has_source,
				   .function = functions ? on_function : NULL,
				   .pick = on_pick,
				   .arg = a});
	a->env = (struct source_env){.loop = a->loop,
				     .hub = a->hub,
				     .client = a->client};
	source_set_init(&a->sources, &a->env);
	a->edges = (struct app_edges){.hub = a->hub,
				      .closed = on_closed,
				      .arg = a};
	if (apply(a, c, report) < 0)
		goto fail;
	return a;

fail:
	app_destroy(a);
	return NULL;
}

void app_set_handler(struct app *a, const char *name, struct source_handler *h)
{
	map_put(&a->env.handlers, str_of(name), h);
}

/* The port as it is: 0 in the configuration means any. */
static void tell_listening(const char *what, struct str address, uint16_t port)
{
	size_t host = address.len;

	if (str_starts(address, STR("unix:"))) {
		log_info("%s on %.*s", what, STR_FMT(address));
		return;
	}
	while (host && address.p[host - 1] != ':')
		host--;

	struct str shown =
		host > 1 ? str_from(address.p, host - 1) : STR("0.0.0.0");

	log_info("%s on http://%.*s:%u", what, STR_FMT(shown), port);
	trace("%s on %.*s:%u", what, STR_FMT(shown), port);
}

static int start_edges(struct app *a, struct weir_error *err)
{
	const struct config *c = a->config;
	uint32_t last = a->threads;
	int rc = 0;

	for (uint32_t n = last ? 1 : 0; n <= last && rc == 0; n++) {
		struct app_edge *e = app_edge_start(&a->edges, n, err);

		if (!e)
			return err->code;
		a->open++;
		offer(e, c);
		if (c->access_log)
			rc = app_edge_log(e, c->access_log, err);
	}
	return rc;
}

/* A Unix socket is accepted from by one thread only; the others have a place
 * for connections that are moved to them. */
static int listen_at(struct app *a, struct str address, struct weir_error *err)
{
	bool shared = a->threads > 1 && !str_starts(address, STR("unix:"));
	struct http_conf http;
	uint16_t port = 0;
	bool first = true;
	int rc = 0;

	clients_conf(a, &http);
	EDGE_FOREACH(e, a)
	{
		if (rc == 0)
			rc = app_edge_listen(e,
					     first || shared ? address
							     : STR(""),
					     &port, shared, &http, err);
		if (rc == 0 && first)
			tell_listening("listening", address, port);
		first = false;
	}
	return rc;
}

static int listen_for_admin(struct app *a, struct weir_error *err)
{
	const struct config *c = a->config;
	struct str address =
		c->admin ? str_of(c->admin) : STR("127.0.0.1:8081");
	struct http_conf http;
	int rc;

	if (str_eq(address, STR("off")))
		return 0;
	admin_conf(a, &http);
	rc = http_server_open(&a->admin, a->loop, address, &http, admin_handle,
			      a, err);
	if (rc < 0)
		return rc;
	a->open++;
	tell_listening("admin", address, http_server_port(a->admin));
	return 0;
}

static int open_listeners(struct app *a, struct weir_error *err)
{
	int rc = start_edges(a, err);

	for (uint32_t i = 0; rc == 0; i++) {
		struct str address = config_listen(a->config, i);

		if (!address.p)
			break;
		if (i == APP_LISTENERS_MAX)
			return error_set(err, WEIR_ETOOBIG,
					 "at most %d addresses to listen on",
					 APP_LISTENERS_MAX);
		rc = listen_at(a, address, err);
	}
	return rc < 0 ? rc : listen_for_admin(a, err);
}

/* The jobs that the server sends itself. */
static void submit_own(struct app *a)
{
	for (uint32_t i = 0; i < value_len(a->config->jobs); i++) {
		struct hub_submission sub = {
			.spec = value_nodes(a->config->jobs)[i]};
		struct weir_error err;

		if (hub_submit(a->hub, &sub, &err) < 0)
			log_error("job %u of the configuration: %s", i,
				  err.message);
	}
}

static void on_drained(void *arg)
{
	struct app *a = arg;
	struct http_server *admin = a->admin;

	a->admin = NULL;
	if (!a->open)
		loop_stop(a->loop);
	EDGE_FOREACH(e, a)
	app_edge_close(e);
	http_server_close(admin, on_closed, a);
}

static void begin_stop(void *arg)
{
	struct app *a = arg;

	if (a->stopping)
		return;
	a->stopping = true;
	log_info("closing");
	EDGE_FOREACH(e, a)
	app_edge_stop_accepting(e);
	if (a->admin)
		http_server_stop_accepting(a->admin);
	hub_shutdown(a->hub, on_drained, a);
}

void app_stop(struct app *a)
{
	loop_post(a->loop, begin_stop, a);
}

static int reload(void *arg)
{
	struct buf report = {0};
	int rc = app_reload(arg, &report);

	if (rc < 0)
		log_error("the configuration is wrong, nothing has changed:\n"
			  "%.*s",
			  STR_FMT(str_trim(buf_str(&report))));
	buf_fini(&report);
	return rc;
}

static void on_signal(void *arg, int signum)
{
	struct app *a = arg;
	struct fiber *f;

	if (signum != SIGHUP) {
		begin_stop(a);
		return;
	}
	f = fiber_spawn(a->fibers, "reload", reload, a);
	if (f)
		fiber_detach(f);
}

int app_run(struct app *a, struct weir_error *err)
{
	static const int signals[] = {SIGTERM, SIGINT, SIGHUP};
	int rc;

	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < ARRAY_LEN(signals); i++)
		loop_signal(a->loop, signals[i], on_signal, a);
	rc = open_listeners(a, err);
	if (rc < 0)
		begin_stop(a); /* what was opened is closed in order */
	else
		submit_own(a);
	loop_run(a->loop);
	return rc;
}

void app_destroy(struct app *a)
{
	if (!a)
		return;
	EDGE_FOREACH(e, a)
	app_edge_end(e);
	hub_destroy(a->hub);
	source_set_fini(&a->sources);
	map_fini(&a->env.handlers);
	client_destroy(a->client);
	if (a->fibers)
		fiber_pool_destroy(a->fibers);
	loop_destroy(a->loop);
	config_destroy(a->config);
	mem_free(a);
}
