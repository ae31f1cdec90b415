/* api_ws.h - a session of weir.v1.json: what api_ws.c, which hears and answers
 * messages, and api_ws_ops.c, which does what they ask for, share.
 */
#ifndef WEIR_HTTP_API_WS_H
#define WEIR_HTTP_API_WS_H

#include "http/api_internal.h"
#include "http/ws.h"
#include "hub/edge.h"

struct session {
	struct ws ws;
	struct hub_sink base;
	struct api *api;
	struct list link;	   /* in api->sessions */
	struct loop_timer hello;   /* runs until it has come */
	struct hub_stream *stream; /* NULL before hello and after its end */
	uint32_t who;
	bool busy;     /* a message is at work, in a fiber */
	bool gone;     /* while it was: the fiber frees the session */
	uint16_t code; /* to close with when the stream ends; 0: normal */
};

/* A message at work. */
struct session_request {
	struct session *s;
	struct value msg; /* borrowed */
	struct value ref; /* borrowed; null: it is not answered */
};

/* An operation; s->stream is there, but for hello. */
struct session_op {
	const char *name; /* NULL ends the table */
	void (*run)(struct session_request *rq);
	/* run asks the reactor: it has a fiber, and the messages behind it
	 * wait. The session may be closed when it comes back. */
	bool waits;
};

extern const struct session_op session_ops[];

/* Answers with success. members: of the object that tells the result, without
 * its braces. */
void session_accept(const struct session_request *rq, struct str members);

/* Answers with a problem; without a ref it becomes an event. */
void session_refuse(const struct session_request *rq, const struct problem *p);

/* The same for a member of the message. */
void session_refuse_member(const struct session_request *rq, int status,
			   const char *slug, const char *pointer,
			   const char *detail);

/* True: the session goes to where the stream of that id lives, and the message
 * is heard there. */
bool session_move(struct session_request *rq, struct str stream);

/* Opens a stream for the session. */
void session_open_stream(struct session *s);

/* Attaches the session to a stream that is there. */
void session_attach(struct session *s, struct hub_stream *stream,
		    const struct hub_position *from);

#endif
