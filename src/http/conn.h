/* conn.h - a connection and the exchange on it. Private to the HTTP server.
 *
 *     readable -> in -> head -> exchange (fiber) -> out -> one send a turn
 *
 * A connection has at most one exchange; what comes behind it waits in `in`,
 * which is bounded by not reading. It has one timer, started lazily: deadline
 * moves freely, and the timer looks at it when it fires.
 */
#ifndef WEIR_HTTP_CONN_H
#define WEIR_HTTP_CONN_H

#include "base/buf.h"
#include "base/list.h"
#include "fiber/fiber.h"
#include "http/exchange.h"
#include "http/server.h"
#include "loop/loop.h"
#include "net/addr.h"
#include "net/listener.h"
#include "wire/http1_chunks.h"
#include "wire/http1_head.h"
#include "wire/http1_request.h"

/* Bytes that are read ahead of what is being handled. */
#define CONN_IN_MAX (64 * 1024)
/* The next request waits while more than this is unsent. */
#define CONN_OUT_HOLD (256 * 1024)
/* How long a closing connection is still read, so that its last answer is not
 * lost to a reset. */
#define CONN_LINGER_MS 2000

enum conn_wait {
	CONN_IDLE,   /* for the first byte of a head */
	CONN_HEAD,   /* for the rest of it */
	CONN_BUSY,   /* an exchange is there */
	CONN_LINGER, /* closing: input is thrown away */
};

/* A head while it is read and while its handler may look at it: pooled. */
struct http_head_buf {
	struct http_head_buf *next;
	struct http1_head head;
	size_t cap;
	char bytes[];
};

struct http_server {
	struct loop *loop;
	struct http_conf conf;
	http_handler_fn handler;
	void *arg;
	struct net_listener *listener; /* NULL once it does not accept */
	uint16_t port;
	struct list conns;
	uint32_t n_conns;
	struct list dirty; /* connections with something to send */
	struct loop_task flush;
	struct list over; /* exchanges to HEAD that were detached */
	struct loop_task end_over;
	struct http_head_buf *heads; /* free ones */
	uint32_t n_heads;
	bool draining;
	bool closing;
	struct loop_task free_later;
	void (*on_closed)(void *arg);
	void *closed_arg;
	int64_t date_second;
	char date[32];
};

struct conn {
	struct http_server *server;
	struct list link;
	struct list dirty; /* in server->dirty, or alone */
	struct loop_poll *poll;
	struct loop_timer timer;
	struct http_head_buf *head; /* while a head is incomplete */
	struct http_exchange *x;
	struct buf in;
	struct buf out;
	int64_t deadline_ms; /* of what it waits for; CLOCK_NEVER: none */
	int64_t progress_ms; /* when the client last took something */
	struct net_addr peer;
	uint32_t client;
	uint32_t requests;
	int fd;
	uint8_t wait;  /* enum conn_wait */
	bool eof;      /* the client has ended its input */
	bool dead;     /* the descriptor is closed */
	bool closing;  /* after what is in out */
	bool was_high; /* out was above HTTP_HIGH_WATER */
};

struct http_exchange {
	struct conn *c;
	struct fiber *fiber;	/* the handler's; NULL once it has returned */
	struct http_head_buf *head; /* NULL once detached */
	struct http1_request req;
	struct http1_chunks chunks;
	struct str path; /* decoded; in kept */
	char *kept;	 /* ours: path, and the target once detached */
	struct buf joined; /* values of header lines put together */
	struct buf fields; /* response fields set by the handler */
	uint64_t body_read;
	uint64_t sent_bytes;
	int64_t begun_ns;
	int64_t body_deadline_ms; /* 0: not yet reading */
	const struct http_watch_ops *watch;
	void *watch_arg;
	struct list over; /* in server->over, or alone */
	const char *why;  /* the body was wrong: a static sentence */
	uint16_t status;
	bool waiting;	/* the fiber waits for input or room */
	bool body_done;
	bool body_bad;	/* nothing behind it can be trusted */
	bool unlimited;
	bool continued; /* 100 was sent, or is not wanted */
	bool begun;
	bool ended;
	bool chunked;
	bool keep; /* the connection goes on behind this exchange */
	bool gone;
};

/* conn.c */
void conn_open(struct http_server *s, int fd, const struct net_addr *peer);
/* Sends what is in out by the end of this turn. */
void conn_dirty(struct conn *c);
/* Reading is on when there is room for input. */
void conn_set_events(struct conn *c);
void conn_wait_until(struct conn *c, int64_t deadline_ms);
/* Looks for the next request in what has come. */
void conn_next(struct conn *c);
/* Breaks it off; c is freed when no handler needs it. */
void conn_abort(struct conn *c);
/* Closes after what is in out has left. */
void conn_finish(struct conn *c);
void conn_flush_all(struct loop_task *t);
void conn_free_head(struct http_server *s, struct http_head_buf *h);

/* request.c */
/* Begins an exchange for the whole head in c->head. */
void exchange_begin(struct conn *c);
/* Answers a head that is wrong, and closes. */
void exchange_refuse(struct conn *c, int status, const char *why);
/* The response is complete and the handler has returned: frees x. */
void exchange_over(struct http_exchange *x);
/* The client is gone. */
void exchange_gone(struct http_exchange *x);
void exchange_end_over(struct loop_task *t);


/* server.c */
void server_conn_gone(struct http_server *s);
const char *server_date(struct http_server *s);

#endif
