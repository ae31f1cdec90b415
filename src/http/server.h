/* server.h - an HTTP/1.1 server on a loop: connections without a thread, a
 * process or a fiber each; a fiber only for a request that is being handled.
 *
 *     fd -> head -> fiber: handler -> response -> next head
 *                                 `-> detached: stays open as a struct
 *
 * An idle connection and an idle stream cost their structs; buffers exist
 * while something is in them. All output of a loop turn leaves in one send();
 * answers first, and of what streams are sent as much as a turn has time for.
 * What streams are sent may also be gathered for longer than a turn.
 *
 * A listener may be opened on each of several threads, one server each: they
 * share nothing but the numbers of clients.
 *
 * Threads: a server and all it calls belong to the thread of its loop, whose
 * fiber pool has to exist.
 * Sources: RFC 9110, RFC 9112; RFC 9457 for errors; Fetch, section 3.2, for
 * requests from pages of other origins.
 */
#ifndef WEIR_HTTP_SERVER_H
#define WEIR_HTTP_SERVER_H

#include "base/error.h"
#include "base/str.h"
#include "loop/loop.h"

#include <stdbool.h>
#include <stdint.h>

struct http_server;
struct http_exchange;
struct net_addr;

/* Answers x, in a fiber of its own; see exchange.h for how. x is valid until
 * it returns, or longer after http_detach. Returning without an answer is
 * answered with 500; returning with one that has not been ended breaks the
 * connection off. When the client goes before, fn's fiber is cancelled: what
 * has to be done in any case belongs elsewhere. */
typedef void (*http_handler_fn)(void *arg, struct http_exchange *x);

/* Hears of each response that is finished, also of refused requests (whose
 * method and path are empty then). Borrows x. */
typedef void (*http_complete_fn)(void *arg, const struct http_exchange *x);

struct http_conf {
	uint32_t head_max;	 /* bytes of a request head, at most 65535 */
	uint32_t uri_max;	 /* bytes of a request target */
	uint64_t body_max;	 /* bytes of a request body */
	int64_t head_timeout_ms; /* from the first to the last byte of a head */
	int64_t body_timeout_ms; /* for the whole of a body; between two reads
				    of an unlimited one */
	int64_t idle_timeout_ms; /* until the first byte of a head */
	int64_t stall_timeout_ms; /* while a client takes nothing of what it
				     has asked for */
	int64_t gather_ms; /* what streams are sent waits so long for more, to
			      leave with it; 0: not at all */
	uint32_t max_connections; /* more are answered with 503 */
	bool reuse_port;	  /* other threads listen on the same address */
	const char *server_name;  /* of the Server field; NULL: no such field */
	/* Origins (scheme://host[:port], NULL at the end) whose pages may read
	 * answers; NULL: any. Never with credentials. */
	const char *const *cors_origins;
	http_complete_fn on_complete; /* NULL: nobody wants to know */
	void *complete_arg;
};

/* Fills in the documented limits: 16 KiB, 8 KiB, 1 MiB; 10 s, 30 s, 60 s,
 * 30 s; nothing waits for more; 65,536 connections; any origin. */
void http_conf_init(struct http_conf *conf);

/* Listens on address ("127.0.0.1:8080", "unix:/path"; see net/addr.h) and
 * answers with fn(arg).
 *
 * address  empty: no listener; connections come by http_server_adopt
 * conf     copied; its strings are borrowed until the server is closed
 * out      the caller owns *out and ends it with http_server_close
 *
 * Returns 0 or a WEIR_E code with a message in err. */
int http_server_open(struct http_server **out, struct loop *l,
		     struct str address, const struct http_conf *conf,
		     http_handler_fn fn, void *arg, struct weir_error *err);

/* Port that is listened on; 0 for a Unix socket or without a listener. */
uint16_t http_server_port(const struct http_server *s);

/* Serves a connection that was accepted elsewhere. Takes fd, a connected
 * stream socket; peer is copied and may be NULL. */
void http_server_adopt(struct http_server *s, int fd,
		       const struct net_addr *peer);

/* The limits of conf hold for what begins from now on. */
void http_server_set_conf(struct http_server *s, const struct http_conf *conf);

/* Closes the listener; connections go on. */
void http_server_stop_accepting(struct http_server *s);

/* Stops accepting, closes idle connections, and lets each other one end with
 * the response that it has now. Ending streams is up to their owners. */
void http_server_drain(struct http_server *s);

/* What its handler is called with. */
void *http_server_arg(const struct http_server *s);

/* Connections that are open, whatever they do. */
uint32_t http_server_connections(const struct http_server *s);

/* Breaks everything off and takes s: gone() is told to owners of detached
 * responses and handlers are cancelled. When the last of them has returned,
 * the memory is freed and on_closed(arg) (may be NULL) is called; never from
 * inside this call. Not to be called by http_watch_ops. NULL does nothing. */
void http_server_close(struct http_server *s, void (*on_closed)(void *arg),
		       void *arg);

#endif
