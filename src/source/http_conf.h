/* http_conf.h - the configuration of an HTTP source. Private to http*.c.
 *
 *     {kind: http, url: "http://127.0.0.1:9/quotes/{id}", format: auto,
 *      list: {url: "http://127.0.0.1:9/list?ids={ids}", key: id, max: 50}}
 */
#ifndef WEIR_SOURCE_HTTP_CONF_H
#define WEIR_SOURCE_HTTP_CONF_H

#include "client/http.h"
#include "source/source.h"
#include "source/template.h"

/* A whole JSON answer is read up to here. */
#define HTTP_BODY_MAX (16 << 20)

enum http_format {
	HTTP_FORMAT_AUTO, /* by Content-Type */
	HTTP_FORMAT_JSON,
	HTTP_FORMAT_NDJSON,
	HTTP_FORMAT_SSE,
	HTTP_FORMAT_LINES,
};

struct http_call {
	struct value url;  /* template */
	struct value body; /* template; null: none */
	struct value headers;
	char *method;
	struct template *url_template;
	struct template *body_template; /* NULL: none */
};

struct list_conf {
	struct http_call call;
	char *ids;   /* what of a job is its id; a path */
	char *items; /* where the answer has its items; a path */
	char *key;   /* what of an item is its id; a path */
	int64_t max;
	struct value_path ids_path;
	struct value_path items_path;
	struct value_path key_path;
};

struct http_source {
	struct source s;
	struct http_call call;
	struct value list_value; /* the object `list`; null: none */
	struct list_conf list;
	char *items; /* of a whole JSON answer each element there is a part */
	struct value_path items_path;
	int format;
	int64_t timeout_ms; /* until the answer begins */
	int64_t idle_ms;    /* between two pieces of it */
	int64_t line_max;
};

static inline struct http_source *http_source_of(struct source *s)
{
	return CONTAINER_OF(s, struct http_source, s);
}

/* http_conf.c */
int http_configure(struct source *s, struct value conf, const char *pointer,
		   struct conf_error *e);
void http_destroy(struct source *s);

/* http.c: sends a call and waits for the answer's head; a status from 400 on is
 * WEIR_EUPSTREAM. url_out gets the address as it was asked for. */
int http_open(struct http_source *h, const struct http_call *call,
	      const struct template_scope *scope, struct buf *url_out,
	      struct client_response **out, struct weir_error *err);
/* Reads a whole answer as JSON. */
int http_read_json(struct http_source *h, struct client_response *resp,
		   const char *url, struct value *out, struct weir_error *err);

/* http_list.c */
int http_run_list(struct http_source *h, struct source_run *r,
		  struct weir_error *err);

#endif
