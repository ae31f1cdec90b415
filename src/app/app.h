/* app.h - a server: configuration, wiring, start, reload, end.
 *
 * Threads: the reactor's, which calls app_run, and, below it, those of the
 * edges (edge.h). app_stop may be called from any.
 */
#ifndef WEIR_APP_APP_H
#define WEIR_APP_APP_H

#include "app/config.h"
#include "app/edge.h"
#include "source/source.h"
#include "weir/function.h"

struct app;

/* Makes everything but opens no listener. Takes c. functions (borrowed until
 * app_destroy; NULL: none) are those that pipelines may name. NULL with lines
 * for a person in report: the configuration does not fit. */
struct app *app_create(struct config *c, const struct weir_function *functions,
		       struct buf *report);
void app_destroy(struct app *a); /* after app_run; NULL does nothing */

/* The C function behind a source of kind handler. h and name are borrowed until
 * app_destroy. */
void app_set_handler(struct app *a, const char *name, struct source_handler *h);

/* Opens the listeners and runs until SIGTERM, SIGINT or app_stop. 0, or a
 * WEIR_E code when it cannot begin, with err filled. */
int app_run(struct app *a, struct weir_error *err);
void app_stop(struct app *a);

/* Called by a fiber. Reads the file again: all of it is applied or, with lines
 * for a person in report, nothing. */
int app_reload(struct app *a, struct buf *report);

struct hub *app_hub(struct app *a);
struct client *app_client(struct app *a);
/* Of all edges. Called by a fiber. */
struct app_edge_figures app_figures(struct app *a);

#endif
