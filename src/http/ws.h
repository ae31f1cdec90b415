/* ws.h - a WebSocket: an exchange that has left HTTP, and how it ends.
 *
 *     ws_upgrade -> open --- ws_close ------> closing --- their close --> over
 *                     |                          '--- CLOSE_MS later -----^
 *                     |--- their close, answered ---------------------->--|
 *                     |--- a broken frame, told why ------------------->--|
 *                     '--- the connection is lost, or half of it ------>--'
 *
 * It has no fiber; what comes is handed on by the loop. Embedded in its owner,
 * who frees it after `gone`.
 *
 * What a client asks for is answered at once, past any queue. So a client that
 * asks more than it reads is closed with WS_TOO_MANY, rather than held back:
 * it may wait for us to read before it reads itself.
 *
 * Threads: those of the server.
 * Source: RFC 6455; RFC 7692 for compression, which is agreed on when the
 * caller brings a struct ws_deflate.
 */
#ifndef WEIR_HTTP_WS_H
#define WEIR_HTTP_WS_H

#include "http/exchange.h"
#include "loop/loop.h"
#include "wire/ws_read.h"

/* Close codes of our own, beside those of the protocol. */
enum {
	WS_BAD_MESSAGE = 4400,
	WS_TOO_LATE = 4408,
	WS_TOO_MANY = 4429,
};

/* Bytes of answers that wait for a client to read them. */
#define WS_OWED_MAX (256 * 1024)

/* Parts that one message is sent in. */
#define WS_PARTS_MAX 6

struct ws;

struct ws_ops {
	/* A text message, borrowed. */
	void (*message)(struct ws *w, struct str text);
	/* Time to write; see http_watch_ops. */
	void (*writable)(struct ws *w);
	/* From now on nothing can be sent and no message comes. Not called
	 * from inside of ws_send and ws_ping. */
	void (*closing)(struct ws *w);
	/* It is over: last call, behind closing. w may be freed. Not called
	 * from inside of other functions here. */
	void (*gone)(struct ws *w);
};

struct ws {
	const struct ws_ops *ops;
	struct http_exchange *x; /* NULL when it is over */
	struct loop *loop;
	struct loop_timer timer; /* runs while closing */
	struct ws_reader reader;
	size_t owed; /* bytes of answers that may be unsent */
	uint8_t state;
	uint8_t pings; /* sent since anything has come */
	bool held;
};

/* Answers a request to become a WebSocket: with 101, or with what is wrong
 * (false). protocol is the subprotocol that is spoken: a client that offers
 * some must offer it, one that offers none speaks it all the same.
 * *deflate: what could compress, or NULL; it becomes NULL when the client does
 * not offer that. */
bool ws_upgrade(struct http_exchange *x, const char *protocol,
		struct ws_deflate **deflate);

/* The handler's last call after ws_upgrade. deflate is borrowed until gone. */
void ws_open(struct ws *w, struct http_exchange *x, const struct ws_ops *ops,
	     struct ws_deflate *deflate);

/* Sends the parts as one text message, or nothing once it is closing. */
void ws_send(struct ws *w, const struct str *parts, size_t n);

/* The same with a body behind the parts that others receive, too: where it is
 * agreed on and worth it, the body is compressed, once for all of them. */
void ws_send_shared(struct ws *w, const struct str *parts, size_t n,
		    struct str body);

/* As ws_send, for what the client has asked for. May close w. */
void ws_answer(struct ws *w, struct str text);

/* Has writable called at the end of the turn; see http_want_write. */
void ws_want_write(struct ws *w);

/* Asks for a sign of life. A client that has given none since the last few
 * times is given up, on the next turn. */
void ws_ping(struct ws *w);

/* Says good-bye, with as much of reason (UTF-8) as goes, and waits a while for
 * the client to say so too. Nothing when it is closing already. */
void ws_close(struct ws *w, unsigned code, const char *reason);

/* No message is handed on any more, from this one on, until ws_resume: they
 * wait, and in the end the client does. */
void ws_hold(struct ws *w);
void ws_resume(struct ws *w);

/* False from ws_close on, or when it has ended otherwise. */
bool ws_is_open(const struct ws *w);

size_t ws_unsent(const struct ws *w);

#endif
