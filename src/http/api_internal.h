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

/* Submits a job (borrowed, checked) whose events go to owner. One that cannot
 * be taken is told by an event. forget, id_out: see hub_submit. */
void api_submit(struct hub_stream *owner, uint32_t who, struct value spec,
		bool forget, char *id_out);

/* Answers with what went wrong in the text of a request's body. */
void api_body_problem(struct http_exchange *x, int status, const char *type,
		      const struct weir_error *err, const char *pointer);

/* How the body of a request is to be read. */
enum api_media { API_JSON, API_LINES, API_OTHER };
enum api_media api_media(struct http_exchange *x);

/* One resource each; rest is the path behind its prefix. */
void api_jobs(struct api *a, struct http_exchange *x);
void api_job(struct api *a, struct http_exchange *x, struct str id);
void api_streams(struct api *a, struct http_exchange *x, struct str id);
void api_stream(struct api *a, struct http_exchange *x);
void api_parts(struct api *a, struct http_exchange *x);
void api_ws(struct api *a, struct http_exchange *x);

#endif
