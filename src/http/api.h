/* api.h - what clients ask for under /v1, and the routes of the configuration.
 *
 * Source: docs/protocol.md.
 */
#ifndef WEIR_HTTP_API_H
#define WEIR_HTTP_API_H

#include "http/server.h"
#include "value/conf.h"

struct api;
struct hub_edge;

struct api_host {
	struct hub_edge *edge; /* where the streams of its clients live */
	/* May parts be pushed to the source of that name? 0, or what is wrong
	 * with err. */
	int (*check_push)(void *arg, struct str source, struct weir_error *err);
	/* Where requests for streams of edge number n are handled: the server
	 * there that listens where s does; NULL: nowhere else than here. */
	struct http_server *(*server_at)(void *arg, uint32_t n,
					 const struct http_server *s);
	void *arg;
};

#define API_JOBS_MAX 1000 /* in one request */

struct api *api_create(const struct api_host *host);
void api_destroy(struct api *a);

/* Could these be the routes? */
int api_check_routes(struct value conf, const char *pointer,
		     struct conf_error *e);
/* Replaces the routes: {"GET /quotes/{id}": {source: quotes, ...}}. A wrong one
 * changes nothing. */
int api_set_routes(struct api *a, struct value conf, const char *pointer,
		   struct conf_error *e);

/* Whether WebSockets from now on may agree on compression. */
void api_set_deflate(struct api *a, bool on);

/* Says good-bye to the WebSockets that have no stream which could. */
void api_stop(struct api *a);

/* The handler of the public listener; arg is the struct api. */
void api_handle(void *arg, struct http_exchange *x);

#endif
