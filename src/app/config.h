/* config.h - the configuration file: read, checked, with places.
 *
 * Reading changes nothing: a configuration that is wrong is told with file,
 * line, column and a caret, and the server goes on with the one it has.
 */
#ifndef WEIR_APP_CONFIG_H
#define WEIR_APP_CONFIG_H

#include "app/yaml.h"
#include "hub/hub.h"
#include "http/server.h"
#include "value/conf.h"

struct config_limits {
	int64_t head;
	int64_t uri;
	int64_t body;
	int64_t queue;
	int64_t waiting;
	int64_t connections;
	int64_t jobs;
	int64_t records;
	int64_t kept;
	int64_t interests;
	int64_t conditions;
	int64_t residual;
	int64_t drain;
};

struct config_timeouts {
	int64_t head;
	int64_t body;
	int64_t idle;
	int64_t stall;
	int64_t record;
	int64_t orphan;
	int64_t kept;
	int64_t linger;
	int64_t heartbeat;
	int64_t interest;
};

struct config_cache {
	int64_t for_ms;
	int64_t max;
};

struct config_websocket {
	bool deflate;
};

struct config {
	char *path;	   /* ours */
	char *text;	   /* ours */
	struct yaml *yaml; /* ours */
	/* Of the file's top level; borrowed from yaml unless said. */
	struct value listen; /* a string or a list of them */
	char *admin;	     /* ours; "off": none */
	char *access_log;    /* ours; NULL: none */
	int64_t threads;     /* of edges; 0: the reactor serves clients, too */
	int64_t gather_ms;
	struct value sources;
	struct value routes;
	struct value pipelines;
	struct value jobs;
	struct value limits_conf;
	struct value timeouts_conf;
	struct value cache_conf;
	struct value websocket_conf;
	struct value cors;
	const char **cors_origins; /* ours, as its strings; NULL: any */
	struct config_limits limits;
	struct config_timeouts timeouts;
	struct config_cache cache;
	struct config_websocket websocket;
};

/* Reads the file at path. NULL with what is wrong in report (lines for a
 * person). */
struct config *config_load(const char *path, struct buf *report);
void config_destroy(struct config *c); /* NULL does nothing */

/* Appends "weir.yaml:12:9: what" and a caret for something wrong at a pointer
 * of this configuration. */
void config_report(const struct config *c, const struct conf_error *e,
		   struct buf *report);
/* The same for a wrong pipeline text: err says where in the text. */
void config_report_pipeline(const struct config *c, const char *name,
			    const struct weir_error *err, struct buf *report);

/* The text of pipeline name; empty when the file has none. */
struct str config_pipeline(const struct config *c, const char *name);

/* The n-th address to listen on, p NULL behind the last. */
struct str config_listen(const struct config *c, uint32_t n);

void config_http(const struct config *c, struct http_conf *out);
void config_hub(const struct config *c, struct hub_conf *out);

#endif
