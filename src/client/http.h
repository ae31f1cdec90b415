/* http.h - speaking HTTP to others, from a fiber.
 *
 *     client_open    request out, response head in (redirects followed)
 *     client_read    some bytes of the body; 0 at its end
 *     client_close   at any time
 *
 * libcurl does the work, driven by the loop: DNS, TLS, proxies (from the
 * environment), keep-alive, gzip and deflate. A body that nobody reads stops
 * coming in after CLIENT_BUFFER_MAX: the upstream is slowed by TCP. That is why
 * HTTP/2, where responses share a connection, is not used.
 *
 * Threads: a client and its responses belong to the thread of their loop.
 */
#ifndef WEIR_CLIENT_HTTP_H
#define WEIR_CLIENT_HTTP_H

#include "base/error.h"
#include "base/str.h"
#include "loop/loop.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define CLIENT_REDIRECTS_MAX 5
#define CLIENT_HEAD_MAX	     32768  /* bytes of a response head */
#define CLIENT_BUFFER_MAX    262144 /* bytes of a body that wait for a reader */

struct client;
struct client_response;

struct client_conf {
	int64_t connect_timeout_ms;    /* names, TCP and TLS; 0: 10 s */
	uint32_t host_connections_max; /* at once to one host; further requests
					* wait. 0: 1000 */
	uint32_t connections_max;      /* to all hosts; 0: no limit */
	uint32_t kept_connections_max; /* open ones kept for later; 0: 256 */
	const char *ca_file;	       /* NULL: the system's */
};

/* conf is borrowed for the call; NULL: the defaults. Costs nothing until the
 * first request. */
struct client *client_create(struct loop *l, const struct client_conf *conf);
/* All responses must be closed. NULL does nothing. */
void client_destroy(struct client *c);

struct client_header {
	struct str name;
	struct str value;
};

/* All of it is borrowed for the call of client_open. */
struct client_request {
	struct str method; /* empty: GET */
	struct str url;	   /* http: or https: */
	const struct client_header *headers;
	size_t headers_len;
	struct str body;	    /* p == NULL: none */
	int64_t connect_timeout_ms; /* 0: as the client's conf says */
};

/* Sends req and blocks the calling fiber until the head of the response is
 * there, whatever its status. At most CLIENT_REDIRECTS_MAX redirects are
 * followed, for GET, HEAD and POST; other methods get to see the 3xx.
 *
 * Returns 0 and the response, which the caller closes; else *response_out is
 * NULL and err says what was asked and what went wrong, without the query and
 * the password of the URL: WEIR_EINVAL (the request), WEIR_ENOTFOUND (the
 * host), WEIR_EREFUSED, WEIR_ECLOSED, WEIR_EPROTO (also TLS), WEIR_ETOOBIG (the
 * head), WEIR_ETIMEDOUT, WEIR_ECANCELED or another. */
int client_open(struct client *c, const struct client_request *req,
		struct client_response **response_out, int64_t deadline_ms,
		struct weir_error *err);

int client_status(const struct client_response *r);
/* Value of the first header of that name (any case); p == NULL: there is none.
 * Borrowed until client_close. */
struct str client_header(const struct client_response *r, struct str name);

/* Blocks the calling fiber until there are bytes of the body; decompressed.
 *
 * Returns how many were put into buf (at most cap), 0 at the end in good order;
 * WEIR_ETIMEDOUT (it may go on), WEIR_ECANCELED; WEIR_ECLOSED when the body
 * broke off, WEIR_EPROTO or another when it cannot be read any further. */
ssize_t client_read(struct client_response *r, char *buf, size_t cap,
		    int64_t deadline_ms, struct weir_error *err);

/* Takes r; NULL does nothing. A response that was not read to its end is broken
 * off. Nobody may be blocked in client_read. */
void client_close(struct client_response *r);

#endif
