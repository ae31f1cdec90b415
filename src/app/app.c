/* app.c - see app.h.
 *
 *     start:  loop, fibers, client, hub, sources <- config <- pipelines, routes
 *             listeners, the server's own jobs, signals
 *     end:    listeners stop, jobs are cancelled, pipelines drain, streams get
 *             `bye`, connections close, then everything is freed
 *
 * A reload makes a new set of sources; what runs keeps its old one by a
 * reference.
 */
#include "app/app.h"

#include "app/access_log.h"
#include "app/admin.h"
#include "app/embed_fn.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "client/http.h"
#include "fiber/fiber.h"
#include "http/api.h"
#include "http/exchange.h"

#include <signal.h>
#include <stdio.h>

#define LISTENERS_MAX 16

struct app {
	struct loop *loop;
	struct fiber_pool *fibers;
	struct client *client;
	struct hub *hub;
	struct api *api;
	struct access_log *access_log;
	struct config *config;
	const struct weir_function *functions; /* borrowed; NULL: none */
	struct source_env env;
	struct source_set sources;
	struct http_server *servers[LISTENERS_MAX + 1]; /* and the admin's */
	struct http_server *admin; /* one of them; NULL: none */
	uint32_t n_servers;
	uint32_t open_servers; /* while closing */
	uint64_t requests;
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

uint64_t app_requests(const struct app *a)
{
	return a->requests;
}

uint32_t app_connections(const struct app *a)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < a->n_servers; i++)
		n += http_server_connections(a->servers[i]);
	return n;
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

static int on_check_push(void *arg, struct str name, struct weir_error *err)
{
	struct app *a = arg;
	struct source *s = source_set_find(&a->sources, name);

	if (!s)
		return error_set(err, WEIR_ENOTFOUND, "unknown source '%.*s'",
				 STR_FMT(name));
	if (s->ops != &source_push)
		return error_set(err, WEIR_EINVAL,
				 "the source '%s' is of kind %s: parts are "
				 "pushed to those of kind push",
				 s->name, s->ops->kind);
	return 0;
}

static void on_complete(void *arg, const struct http_exchange *x)
{
	struct app *a = arg;

	a->requests++;
	if (a->access_log)
		access_log_add(a->access_log, x);
	trace("%.*s %.*s: %d, %.1f ms", STR_FMT(http_method_name(x)),
	      STR_FMT(http_target(x)), http_status(x), http_elapsed_ms(x));
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
		rc = api_set_routes(a->api, c->routes, "/routes", &e);
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
	api_set_deflate(a->api, c->websocket.deflate);
	for (int i = 0; i < HUB_PIPELINES; i++)
		hub_pipeline_set(a->hub, i,
				 config_pipeline(c, hub_pipeline_label(i)),
				 false, &err);
	source_set_fini(&old);
	return 0;
}

/* Answers of the admin listener are for no page of another origin. */
static void server_conf(struct app *a, bool admin, struct http_conf *out)
{
	static const char *const nobody[] = {NULL};

	config_http(a->config, out);
	if (admin)
		out->cors_origins = nobody;
	out->on_complete = on_complete;
	out->complete_arg = a;
}

int app_reload(struct app *a, struct buf *report)
{
	struct config *c = config_load(a->config->path, report);
	struct config *old;

	if (!c)
		return WEIR_EINVAL;

	int rc = apply(a, c, report);

	if (rc < 0) {
		config_destroy(c);
		return rc;
	}
	if (a->access_log)
		access_log_reopen(a->access_log);
	if (!value_equal(c->listen, a->config->listen))
		log_warn("listen has changed: that takes a restart");
	old = a->config;
	a->config = c;
	for (uint32_t i = 0; i < a->n_servers; i++) {
		struct http_conf http;

		server_conf(a, a->servers[i] == a->admin, &http);
		http_server_set_conf(a->servers[i], &http);
	}
	config_destroy(old);
	log_info("%s was read again", c->path);
	return 0;
}

/* --- life
 * ----------------------------------------------------------------------------
 */

struct app *app_create(struct config *c, const struct weir_function *functions,
		       struct buf *report)
{
	struct app *a = mem_zalloc(sizeof *a);
	struct hub_conf hub_conf;

	a->config = c;
	a->functions = functions;
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
	a->api = api_create(&(struct api_host){
		.hub = a->hub, .check_push = on_check_push, .arg = a});
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

static int listen_on(struct app *a, struct str address, http_handler_fn fn,
		     void *arg, const char *what, struct weir_error *err)
{
	struct http_conf http;
	struct http_server *s;
	char shown[256];
	int rc;

	server_conf(a, fn == admin_handle, &http);
	rc = http_server_open(&s, a->loop, address, &http, fn, arg, err);
	if (rc < 0)
		return rc;
	a->servers[a->n_servers++] = s;
	if (fn == admin_handle)
		a->admin = s;

	/* The port as it is: 0 in the configuration means any. */
	if (str_starts(address, STR("unix:"))) {
		log_info("%s on %.*s", what, STR_FMT(address));
		return 0;
	}

	size_t host = address.len;

	while (host && address.p[host - 1] != ':')
		host--;
	snprintf(shown, sizeof shown, "%.*s", (int)(host ? host - 1 : 0),
		 address.p);
	log_info("%s on http://%s:%u", what, shown[0] ? shown : "0.0.0.0",
		 http_server_port(s));
	trace("%s on %s:%u", what, shown, http_server_port(s));
	return 0;
}

static int open_listeners(struct app *a, struct weir_error *err)
{
	const struct config *c = a->config;
	int rc = 0;

	if (c->access_log)
		rc = access_log_open(&a->access_log, a->loop, c->access_log,
				     err);
	for (uint32_t i = 0; rc == 0; i++) {
		struct str address = config_listen(c, i);

		if (!address.p)
			break;
		if (i == LISTENERS_MAX)
			return error_set(err, WEIR_ETOOBIG,
					 "at most %d addresses to listen on",
					 LISTENERS_MAX);
		rc = listen_on(a, address, api_handle, a->api, "listening",
			       err);
	}
	if (rc == 0 && !(c->admin && str_eq(str_of(c->admin), STR("off"))))
		rc = listen_on(a,
			       c->admin ? str_of(c->admin)
					: STR("127.0.0.1:8081"),
			       admin_handle, a, "admin", err);
	return rc;
}

/* The jobs that the server sends itself. */
static void submit_own(struct app *a)
{
	for (uint32_t i = 0; i < value_len(a->config->jobs); i++) {
		struct hub_submission sub = {
			.spec = value_nodes(a->config->jobs)[i]};
		struct weir_error err;

		if (hub_submit(a->hub, &sub, NULL, &err) < 0)
			log_error("job %u of the configuration: %s", i,
				  err.message);
	}
}

static void on_server_closed(void *arg)
{
	struct app *a = arg;

	if (--a->open_servers == 0)
		loop_stop(a->loop);
}

static void on_drained(void *arg)
{
	struct app *a = arg;

	a->open_servers = a->n_servers;
	a->n_servers = 0;
	if (!a->open_servers)
		loop_stop(a->loop);
	api_stop(a->api);
	for (uint32_t i = 0; i < ARRAY_LEN(a->servers); i++)
		if (a->servers[i])
			http_server_close(a->servers[i], on_server_closed, a);
}

static void begin_stop(void *arg)
{
	struct app *a = arg;

	if (a->stopping)
		return;
	a->stopping = true;
	log_info("closing");
	for (uint32_t i = 0; i < a->n_servers; i++)
		http_server_stop_accepting(a->servers[i]);
	hub_shutdown(a->hub, on_drained, a);
}

void app_stop(struct app *a)
{
	loop_post(a->loop, begin_stop, a);
}

static void on_signal(void *arg, int signum)
{
	struct app *a = arg;
	struct buf report = {0};

	if (signum != SIGHUP) {
		begin_stop(a);
		return;
	}
	if (app_reload(a, &report) < 0)
		log_error("the configuration is wrong, nothing has changed:\n"
			  "%.*s",
			  STR_FMT(str_trim(buf_str(&report))));
	buf_fini(&report);
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
	access_log_close(a->access_log);
	hub_destroy(a->hub);
	api_destroy(a->api);
	source_set_fini(&a->sources);
	map_fini(&a->env.handlers);
	client_destroy(a->client);
	if (a->fibers)
		fiber_pool_destroy(a->fibers);
	loop_destroy(a->loop);
	config_destroy(a->config);
	mem_free(a);
}
