/* conn.h - a connection and the exchange on it. Private to the HTTP server.
 *
 *     readable -> head -> exchange (fiber) -> out -> one send a turn
 *
 * A connection has at most one exchange; what comes behind it waits in `in`,
 * which is bounded by not reading. It has one timer, started lazily: the times
 * it waits for move freely, and the timer looks at them when it fires.
 *
 * An exchange is over when its response is complete or its client is gone, and
 * its handler has returned; then, and only then, it is freed. A connection is
 * dead once its descriptor is closed, and freed when no exchange needs it.
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

/* Bytes that are read ahead for a body, and of pipelined requests. */
#define CONN_IN_MAX (64 * 1024)
/* The same while nobody is going to read them before the response is over:
 * what open streams hold of the requests behind them. */
#define CONN_AHEAD_MAX (4 * 1024)
/* The next request waits while more than this is unsent. */
#define CONN_OUT_HOLD (256 * 1024)
/* How long, and how much of, a closing connection is still read, so that its
 * last answer is not lost to a reset. */
#define CONN_LINGER_MS	  2000
#define CONN_LINGER_BYTES (4 * 1024 * 1024)

/* So many connections fetch what they are to send before the first of them
 * sends: a send drives all else out of the near caches. */
#define CONN_BATCH 32

enum conn_wait {
	CONN_IDLE,   /* for the first byte of a head */
	CONN_HEAD,   /* for the rest of it */
	CONN_BUSY,   /* for an exchange to be over */
	CONN_LINGER, /* for the peer to close; input is thrown away */
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
	struct list answers;   /* connections with an answer to send */
	struct list gathering; /* open streams that wait for more to send */
	struct loop_timer gathered; /* they have waited long enough */
	struct list dirty;	    /* open streams with something to send */
	struct loop_task flush;
	struct loop_timer flush_more; /* goes on with it in the next turn */
	struct buf lent[CONN_BATCH];  /* lent to connections about to send */
	size_t n_lent;		      /* of them are here */
	struct list later;	      /* exchanges to be called from the loop */
	struct loop_task call_later;
	char *scratch;		/* what recv fills; ours */
	struct http1_head head; /* of a head that comes in one piece */
	bool draining;
	bool closing;
	struct loop_task free_later;
	void (*on_closed)(void *arg);
	void *closed_arg;
	int64_t date_second;
	char date[32];
};

/* The first of its three lines of the cache is all that a send needs of it, the
 * third is not needed while a stream is open. */
struct conn {
	struct http_server *server;
	struct list dirty;	 /* in a list of server, or alone */
	struct http_exchange *x; /* NULL between two */
	struct buf out;

	struct loop_poll *poll;
	int64_t progress_ms; /* when the client last took something */
	int64_t deadline_ms; /* of what it waits for; CLOCK_NEVER: none */
	int64_t check_ms;    /* next look for a reset; CLOCK_NEVER: none */
	struct loop_timer timer;
	int fd;
	uint32_t client;
	uint8_t wait : 4;   /* enum conn_wait */
	uint8_t events : 4; /* LOOP_* that poll is asked for */
	bool gathers;	    /* dirty is in server->gathering */
	bool eof;	    /* the client has ended its input */
	bool hup;	    /* so it has, behind input that is not read yet */
	bool dead;	    /* the descriptor is closed */
	bool closing;	    /* after what is in out */
	bool was_high;	    /* out was above HTTP_HIGH_WATER */
	bool borrows;	    /* out is lent: it is not kept between turns */

	struct list link;	 /* in server->conns */
	struct http1_head *head; /* ours, while a head has come in part */
	struct buf in;
	uint32_t requests;
	uint32_t discarded; /* bytes thrown away while closing */
};

/* A header whose lines were put together. */
struct http_joined {
	struct http_joined *next;
	size_t len;
	char bytes[];
};

/* Where a connection is to go. */
struct http_move {
	struct http_server *to;
	http_arrived_fn arrived;
	void *arg;
};

/* What is needed of a request while its handler is at work; a stream that is
 * open has none of it. */
struct http_request {
	struct http1_request line;
	struct http1_field *fields; /* in bytes */
	const char *head;	    /* in bytes: what fields point into */
	struct http_joined *joined;
	struct http1_chunks chunks;
	struct buf extra; /* response fields set by the handler */
	uint64_t body_read;
	int64_t body_deadline_ms; /* 0: nobody has read yet */
	const char *why;	  /* the body was wrong: a static sentence */
	uint32_t size;		  /* of all of it */
	uint16_t fields_len;
	bool unlimited;
	_Alignas(struct http1_field) char bytes[]; /* fields, head and decoded
						      path */
};

/* What an event is written through comes first: a line of the cache. */
struct http_exchange {
	struct conn *c;
	const struct http_watch_ops *watch; /* NULL: nobody to be called */
	void *watch_arg;
	uint64_t sent_bytes;
	uint16_t status;
	uint8_t method; /* enum http1_method */
	uint8_t minor;	/* of the request's HTTP version */
	bool waiting;	/* the fiber waits for input or room */
	bool body_done;
	bool continued; /* 100 was sent, or is not wanted */
	bool begun;
	bool ended;
	bool chunked; /* the response is */
	bool raw;     /* HTTP is over: bytes are what they are */
	bool keep;    /* the connection goes on behind this exchange */
	bool gone;    /* the client is */
	bool detached;
	bool wants_write; /* its owner is to be called in front of a send */
	bool held;	  /* its owner has left some of the bytes that came */
	bool moves;	  /* it is about to leave this server */
	int body_rc;	  /* what http_read says from now on; 0: nothing yet */
	struct fiber *fiber;	 /* the handler's; NULL once it has returned */
	struct http_request *rq; /* ours; NULL from http_detach on */
	struct list later;	 /* in server->later, or alone */
	int64_t begun_ns;
	union {
		int64_t ended_ns;	/* 0: not yet */
		struct http_move *move; /* ours; moves says that it is this */
	};
	/* Name of the method, target and decoded path, side by side: in rq,
	 * then in a piece of memory of ours. */
	const char *text;
	uint32_t name_len;
	uint32_t target_len;
	uint32_t path_len; /* 0: not decoded yet */
};

/* conn.c */
/* Opens one that has come from another server. False: it is closed again and
 * freed, its exchange with it. */
bool conn_adopt(struct conn *c);
/* Takes fd; peer may be NULL. */
void conn_open(struct http_server *s, int fd, const struct net_addr *peer);
/* Sends what is in out, or is to be written: by the end of this turn, or,
 * behind much that streams are sent, of one soon after. What a stream is sent
 * may wait for more. */
void conn_dirty(struct conn *c);
/* The same without waiting for more. */
void conn_hurry(struct conn *c);
void conn_flush(struct loop_task *t);
/* All of it, however long it takes. */
void conn_flush_all(struct http_server *s);
/* Asks for what can be handled now: input if there is room, and so on. */
void conn_watch(struct conn *c);
/* Looks for the next request in what has come. */
void conn_next(struct conn *c);
/* Breaks it off; c is freed when no exchange needs it. */
void conn_abort(struct conn *c);
/* A stream stays open: of the times that its request might have taken none has
 * to be looked at any more. */
void conn_rest(struct conn *c);
/* Closes after what is in out has left. */
void conn_finish(struct conn *c);
void conn_free(struct conn *c);

/* exchange.c */
/* Begins an exchange for a head of len bytes. */
void exchange_begin(struct conn *c, struct http1_head *h, const char *bytes,
		    size_t len);
/* Answers a head that is wrong, and closes. */
void exchange_refuse(struct conn *c, int status, const char *why);
/* The response is complete: frees x if its handler has returned. */
void exchange_end(struct http_exchange *x);
/* The client is gone; nothing more can be sent. Frees x likewise. */
void exchange_gone(struct http_exchange *x);
/* The client has ended its input. */
void exchange_eof(struct http_exchange *x);
/* Input has come, or output has left: whoever waits looks again. */
void exchange_wake(struct http_exchange *x);
/* Hands bytes of an upgraded connection to the owner of x. Returns how many it
 * took; x may be over. */
size_t exchange_data(struct http_exchange *x, struct str bytes);
/* Calls the handler, in a fiber. */
void exchange_handle(struct http_exchange *x);
void exchange_free_joined(struct http_request *rq);
/* Bytes at x->text. */
size_t exchange_text_len(const struct http_exchange *x);

/* move.c */
/* x goes to where http_move has said. */
void exchange_leave(struct http_exchange *x);
/* It cannot any more. */
void exchange_move_off(struct http_exchange *x);

/* Calls x from the loop: something has happened inside a call of its owner. */
void exchange_later(struct http_exchange *x);
void exchange_call_later(struct loop_task *t);

/* body.c */
/* True when input that comes now will be read as a body. */
bool body_wanted(const struct http_exchange *x);
/* True when the rest of the body is worth reading to keep the connection. */
bool body_can_skip(const struct http_exchange *x);
/* Reads what the handler has left. Blocks. */
void body_skip(struct http_exchange *x);

/* server.c */
void server_conn_gone(struct http_server *s);
const char *server_date(struct http_server *s);

#endif
