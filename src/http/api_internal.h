/* api_internal.h - what the files of the API share. */
#ifndef WEIR_HTTP_API_INTERNAL_H
#define WEIR_HTTP_API_INTERNAL_H

#include "http/api.h"
#include "http/exchange.h"
#include "http/routes.h"
#include "http/sink.h"
#include "value/value.h"

struct api {
	struct api_host host;
	struct routes *routes; /* NULL: none */
	struct list sessions;  /* of api_ws.c: the WebSockets that are open */
	struct ws_deflate *deflate; /* ours; NULL: never needed so far */
	bool deflates;		    /* new WebSockets may agree on it */
};

/* Opens a stream for x, submits the jobs (borrowed, checked) to it and leaves
 * the response open until the last of them is done. */
void api_stream_jobs(struct api *a, struct http_exchange *x,
		     enum sink_format format, const struct value *jobs,
		     uint32_t n);

/* True: nothing is begun any more, x is answered. */
bool api_refuse_closing(struct api *a, struct http_exchange *x);

/* Opens a stream on x with these options; its sink is the caller's to leave.
 * NULL: the server is closing, x is answered. */
struct sink *api_open_stream(struct api *a, struct http_exchange *x,
			     enum sink_format format,
			     struct hub_stream_opts opts,
			     struct hub_stream **stream_out);

/* Submits n checked jobs (borrowed) to owner; appends `[{"id":..},..]` to out.
 */
void api_submit_all(struct http_exchange *x, const struct value *jobs,
		    uint32_t n, struct hub_stream *owner, struct buf *out);
/* Asks the reactor for the state of a job, after it is cancelled if that is
 * said. Blocks the calling fiber. False: there is no such job. */
struct api_job_call {
	struct str id; /* borrowed */
	bool cancel;
	bool there;
	bool ended;
	struct buf out; /* its state is appended, as JSON */
};
bool api_call_job(struct api *a, struct api_job_call *c);
/* Checks a job at a JSON pointer of the body. False: x is answered. */
bool api_check_job(struct http_exchange *x, struct value job,
		   const char *pointer);

/* What compresses for WebSockets that have agreed on it; made when it is first
 * asked for. Borrowed. */
struct ws_deflate *api_deflate(struct api *a);

/* The server of the stream with that id; NULL: it is this one, or none
 * is any better. */
struct http_server *api_server_of(struct api *a, const struct http_exchange *x,
				  struct str id);
/* True: x goes there, and is not to be touched any more. */
bool api_move(struct api *a, struct http_exchange *x, struct str id);

/* The stream of that id, if it still takes what clients want of it. NULL: x is
 * answered, with 404 or 410. */
struct hub_stream *api_find_stream(struct api *a, struct http_exchange *x,
				   struct str id);

/* Reads the interests of an array at a JSON pointer of the body into *specs_out
 * (for hub_interest_set_all, then mem_free). False: x is answered. */
bool api_read_interests(struct api *a, struct http_exchange *x,
			struct value list, const char *pointer,
			struct hub_interest_spec **specs_out);
/* Why an interest was not taken (hub_interest_set). Borrows from err. */
struct problem api_interest_problem(const struct weir_error *err);
void api_refuse_interest(struct http_exchange *x, const struct weir_error *err);
/* Answers 422 with what is wrong in a body. */
void api_conf_problem(struct http_exchange *x, const char *type,
		      const struct conf_error *e);
/* Reads a JSON body; null when it is empty. False: x is answered. */
bool api_read_json(struct http_exchange *x, struct value *out);

/* Answers with what went wrong in the text of a request's body. */
void api_body_problem(struct http_exchange *x, int status, const char *type,
		      const struct weir_error *err, const char *pointer);

/* How the body of a request is to be read. */
enum api_media { API_JSON, API_LINES, API_OTHER };
enum api_media api_media(struct http_exchange *x);

/* One resource each; rest is the path behind its prefix. */
void api_jobs(struct api *a, struct http_exchange *x);
void api_job(struct api *a, struct http_exchange *x, struct str id);
void api_streams(struct api *a, struct http_exchange *x);
void api_one_stream(struct api *a, struct http_exchange *x, struct str rest);
void api_interests(struct api *a, struct http_exchange *x, struct str stream,
		   struct str rest);
void api_stream(struct api *a, struct http_exchange *x);
void api_parts(struct api *a, struct http_exchange *x);
void api_ws(struct api *a, struct http_exchange *x);
void api_cache(struct api *a, struct http_exchange *x);

#endif
