/* routes.h - REST addresses that make a job of a request.
 *
 *     GET /{job}/{parts}/{dt}: {source: demo, format: bare}
 *
 * What stands in braces, the query's parameters and the members of a JSON body
 * become members of the job, in this order of precedence; `args` of the route
 * are there if nothing else sets them. Of several routes that fit, the one with
 * the earliest literal step wins, then the one that stands first.
 */
#ifndef WEIR_HTTP_ROUTES_H
#define WEIR_HTTP_ROUTES_H

#include "base/buf.h"
#include "value/conf.h"

#include <stdbool.h>

struct routes;
struct http_exchange;

/* NULL with e filled. conf null: no routes. */
struct routes *routes_create(struct value conf, const char *pointer,
			     struct conf_error *e);
void routes_destroy(struct routes *r); /* NULL does nothing */

struct route_match {
	struct value job;  /* the caller's; null when nothing fits */
	struct value args; /* borrowed; for what nothing else has set */
	bool bare;
	bool has_format; /* else Accept decides */
	char allow[64];	 /* methods of routes that fit but for the method */
};

/* job with the members of more (an object, or anything else for none) that it
 * has not yet. Takes job. */
struct value routes_fill(struct value job, struct value more);

/* Finds the route for x and makes its job of path and query. */
void routes_match(const struct routes *r, struct http_exchange *x,
		  struct route_match *m);

#endif
