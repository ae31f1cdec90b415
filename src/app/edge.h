/* edge.h - what serves clients on one thread: listeners, connections, the API
 * and their streams.
 *
 *     app (reactor) --- app_edge_* ---> edge: loop, fibers, hub_edge, api,
 *                                              servers, access log
 *
 * With `threads: 0` there is one, on the reactor's own thread; else one for
 * each thread, and the reactor serves the admin's listener only. All listen on
 * the same addresses, and the system divides the connections among them.
 *
 * Threads: all functions are called by the reactor; what they do is done on the
 * edge's thread, before they return.
 */
#ifndef WEIR_APP_EDGE_H
#define WEIR_APP_EDGE_H

#include "base/error.h"
#include "base/str.h"
#include "http/api.h"
#include "http/server.h"
#include "hub/edge.h"

struct app_edge;
struct hub;

#define APP_LISTENERS_MAX 16

/* What all edges of an app share; borrowed by them. */
struct app_edges {
	struct hub *hub;
	struct app_edge *all[HUB_EDGES_MAX]; /* by number; NULL: it serves
					      * nobody */
	/* Reactor: the last server of an edge is closed. */
	void (*closed)(void *arg);
	void *arg;
};

/* Starts edge number n; 0 is the reactor's own thread. NULL with err. The
 * reactor must not be in its loop. */
struct app_edge *app_edge_start(struct app_edges *edges, uint32_t n,
				struct weir_error *err);
/* Ends its thread and frees it; behind closed. The reactor is not in its loop
 * any more. NULL does nothing. */
void app_edge_end(struct app_edge *e);

/* Listens on one more address, not in the loop. *port: 0 for any, and then the
 * one it is. share: other edges listen there too. */
int app_edge_listen(struct app_edge *e, struct str address, uint16_t *port,
		    bool share, const struct http_conf *conf,
		    struct weir_error *err);
/* Writes its lines to the file at path, from now on. Not in the loop. */
int app_edge_log(struct app_edge *e, const char *path, struct weir_error *err);

/* These are called by a fiber, or not in the loop. Strings of conf are borrowed
 * from then on. */
void app_edge_configure(struct app_edge *e, const struct http_conf *conf);
/* What the API offers, of the configuration and checked before. */
struct app_offer {
	struct value routes;
	struct value sources;
	bool deflate; /* WebSockets may agree on compression */
};
void app_edge_api(struct app_edge *e, const struct app_offer *offer);

struct app_edge_figures {
	uint64_t requests;    /* responses that were completed */
	uint32_t connections; /* open now */
};
/* Adds its figures. */
void app_edge_count(struct app_edge *e, struct app_edge_figures *out);

/* From the loop; nobody waits for them. */
void app_edge_stop_accepting(struct app_edge *e);
void app_edge_close(struct app_edge *e);

#endif
