/* exchange.h - a request and its answer, as a handler sees them.
 *
 *     http_read*  ->  http_respond                        (one piece)
 *                 `-> http_begin, http_write*, http_end   (a stream)
 *                                 `-> http_detach ... http_write*, http_end
 *
 * Nothing of the answer blocks: what is written waits in memory until the
 * client takes it. Who writes much asks http_unsent.
 *
 * A client that has closed its sending side may still read (RFC 9112, section
 * 9.6), so an end of its input alone is not an end of the exchange.
 *
 * Threads: that of the server. http_read, http_read_all and http_wait_room
 * block the calling fiber; all else may be called from the loop as well.
 */
#ifndef WEIR_HTTP_EXCHANGE_H
#define WEIR_HTTP_EXCHANGE_H

#include "base/buf.h"
#include "base/str.h"
#include "base/util.h"
#include "hub/problem.h"
#include "wire/http1_request.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct http_exchange;
struct http_server;
struct net_addr;

/* --- request ----------------------------------------------------------- */

/* Views live as long as x; those of headers only until http_detach. */
enum http1_method http_method(const struct http_exchange *x);
struct str http_method_name(const struct http_exchange *x);
struct str http_path(const struct http_exchange *x);   /* decoded */
struct str http_target(const struct http_exchange *x); /* as it came */
struct str http_query(const struct http_exchange *x);  /* not decoded */

/* Appends the decoded value of a query parameter (the first of that name) to
 * out. 0, WEIR_ENOTFOUND, or WEIR_EINVAL when it cannot be decoded. */
int http_query_get(const struct http_exchange *x, const char *name,
		   struct buf *out);

/* The value of a header; p is NULL when there is none. Of several lines of
 * that name the values are joined by ", " in their order. */
struct str http_header(struct http_exchange *x, const char *name);

/* True when the comma separated list of a header has token in it, in whatever
 * case. */
bool http_header_has(struct http_exchange *x, const char *name,
		     const char *token);

/* False for a request from a page of an origin whose pages may not read
 * answers. A browser sees to that by itself, but not for WebSockets. */
bool http_origin_allowed(struct http_exchange *x);

/* Asks the system; its len is 0 once the client has gone. */
void http_peer(const struct http_exchange *x, struct net_addr *out);
/* Counts connections of the process from 1; trace_who of the handler. */
uint32_t http_client(const struct http_exchange *x);

/* Names this request in messages: "r-7-3" is the third one of client 7. */
#define HTTP_REQUEST_ID_MAX 24
void http_request_id(const struct http_exchange *x,
		     char out[HTTP_REQUEST_ID_MAX]);

/* --- body of the request ------------------------------------------------ */

/* True when a body is announced, even an empty one. */
bool http_has_body(const struct http_exchange *x);

/* Limits of the server (struct http_conf), for what is said after an upgrade:
 * bytes of a body, and the time for the first words. */
uint64_t http_body_max(const struct http_exchange *x);
int64_t http_head_timeout_ms(const struct http_exchange *x);

/* Lifts the limits of size and total time off the body: for a producer that
 * sends without end. Only silence (body_timeout_ms) still ends it. What is not
 * read holds the producer back. Before the first read. */
void http_body_unlimited(struct http_exchange *x);

/* Reads some of the body, at least one byte.
 *
 * Returns the count, 0 at the end, or
 *   WEIR_ETOOBIG     over body_max, or too much around the data
 *   WEIR_EPROTO      malformed, or ended too early
 *   WEIR_ETIMEDOUT   deadline_ms is over, or the time for the body is
 *   WEIR_ECLOSED     the client is gone
 *   WEIR_ECANCELED   the fiber was cancelled
 * After one of the first three (but for deadline_ms) the connection ends with
 * the response; http_problem_body answers them. */
ssize_t http_read(struct http_exchange *x, char *buf, size_t cap,
		  int64_t deadline_ms);

/* Appends all of the body to out. 0, or an error as http_read. */
int http_read_all(struct http_exchange *x, struct buf *out,
		  int64_t deadline_ms);

/* --- response ----------------------------------------------------------- */

/* Adds a field to the response that has not begun. WEIR_EINVAL (nothing is
 * added) when name or value cannot stand in a head. */
int http_set_header(struct http_exchange *x, const char *name,
		    struct str value);

/* Answers at once and completely. type may be NULL for an empty body; for
 * HEAD the body is only counted. 0 or WEIR_ECLOSED. */
int http_respond(struct http_exchange *x, int status, const char *type,
		 struct str body);

/* Sends the head of a response of unknown length: chunked for HTTP/1.1, until
 * the connection ends for HTTP/1.0, without a body for HEAD. 0 or
 * WEIR_ECLOSED. */
int http_begin(struct http_exchange *x, int status, const char *type);

/* True when the client asks to leave HTTP for the protocol of its Upgrade
 * header. */
bool http_wants_upgrade(const struct http_exchange *x);

/* Answers such a request with 101: from here on http_read gives the bytes as
 * they come, and http_write sends them as they are. Fields such as
 * Sec-WebSocket-Accept are set before. 0 or WEIR_ECLOSED. */
int http_upgrade(struct http_exchange *x, const char *protocol);

/* Appends the parts, as one chunk. Never blocks; copies. Returns 0, or
 * WEIR_ECLOSED when nobody will read it: the client is gone, or it was HEAD.
 */
int http_write(struct http_exchange *x, const struct str *parts, size_t len);

/* Completes the response. After http_detach it takes x. */
void http_end(struct http_exchange *x);

/* True from http_respond, http_begin or http_upgrade on. */
bool http_begun(const struct http_exchange *x);

/* Bytes on this connection that the client has not taken yet. */
size_t http_unsent(const struct http_exchange *x);

/* Blocks the calling fiber, the handler's, while so much is unsent that more
 * would only fill memory. 0, WEIR_ECLOSED or WEIR_ECANCELED. */
int http_wait_room(struct http_exchange *x);

/* --- open without a fiber ------------------------------------------------ */

#define HTTP_HIGH_WATER (64 * 1024)
#define HTTP_LOW_WATER	(16 * 1024)

/* Called by the loop. Any but gone may be NULL; any may call http_write and
 * http_end. */
struct http_watch_ops {
	/* The connection is about to send, after http_want_write; or unsent
	 * bytes fell below the low mark after they were above the high one. */
	void (*writable)(void *arg);
	/* The client has ended its input. Whether it has gone for good is only
	 * told by the answer to what is sent, so a heartbeat should be. Called
	 * every few seconds from then on. NULL: the next write will tell; after
	 * http_upgrade the client counts as gone. */
	void (*half_closed)(void *arg);
	/* After http_upgrade: bytes that came, borrowed. Returns how many it
	 * took; the others, and what comes, wait for http_resume, and the
	 * client with them. NULL: it takes none. */
	size_t (*data)(void *arg, struct str bytes);
	/* The client is gone, or the answer was to HEAD and is complete. Last
	 * call; x is not to be touched any more. */
	void (*gone)(void *arg);
};

/* Keeps the begun response open after the handler has returned. Headers of the
 * request are forgotten; method, path and target stay. ops and arg are borrowed
 * until gone has been called or http_end has. */
void http_detach(struct http_exchange *x, const struct http_watch_ops *ops,
		 void *arg);

/* What was written leaves with this turn, even if what streams are sent waits
 * for more: somebody has asked for it. */
void http_flush(struct http_exchange *x);

/* Has writable called at the end of the turn, or when what streams are sent has
 * been gathered; once, however often it is asked
 * for: all that is written then leaves by one send, and what is sent at once
 * takes no memory of the connection. */
void http_want_write(struct http_exchange *x);
/* Calls data, on the next turn, with what it has not taken. */
void http_resume(struct http_exchange *x);

/* --- on another thread ---------------------------------------------------- */

/* Called there; x is NULL when the server is closing or has no descriptor for
 * it. The response of x has begun: it is detached anew. */
typedef void (*http_arrived_fn)(void *arg, struct http_exchange *x);

/* Hands the connection over to another server, which may run on another
 * thread. For a request that is not answered yet: its handler returns without
 * having read the body, and it is handled there from the beginning; arrived is
 * NULL. For a detached one: on the next turn gone is called here, and
 * arrived(arg) there. `to` must not be freed before what it is posted. */
void http_move(struct http_exchange *x, struct http_server *to,
	       http_arrived_fn arrived, void *arg);

/* The server that x came to. */
struct http_server *http_server_of(const struct http_exchange *x);

/* --- errors --------------------------------------------------------------- */

/* Answers with p, to which the request's id is added. Source: RFC 9457. */
void http_problem_send(struct http_exchange *x, const struct problem *p);

/* Answers with a problem of this status and type; the rest makes its detail.
 */
void http_problem(struct http_exchange *x, int status, const char *type,
		  const char *detail, ...) PRINTF_LIKE(4, 5);

/* Answers what http_read or http_read_all returned. */
void http_problem_body(struct http_exchange *x, int rc);

/* 405 with Allow; for OPTIONS 204 with it. allow: "GET, HEAD". */
void http_405(struct http_exchange *x, const char *allow);

/* --- for logs ------------------------------------------------------------- */

int http_status(const struct http_exchange *x); /* 0 before the response */
uint64_t http_sent_bytes(const struct http_exchange *x); /* of its body */
double http_elapsed_ms(const struct http_exchange *x);	 /* since the head */

#endif
