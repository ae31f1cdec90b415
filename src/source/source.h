/* source.h - where parts come from: configured sources and runs of them.
 *
 *     job(s) --- run stage ---> fiber: ops->run(source, run) --- parts --->
 *
 * A kind (timer, tail, http ...) is a table of functions; a source is a kind
 * with a configuration and a name; a run is a source at work for one job, or
 * for several at once where the kind can (a list API).
 *
 * A run lives in a fiber and reads like a script. source_emit hands a part
 * out; it returns WEIR_ECANCELED when nobody wants parts any more, and blocks
 * while the client that asked has too much to read.
 */
#ifndef WEIR_SOURCE_SOURCE_H
#define WEIR_SOURCE_SOURCE_H

#include "base/error.h"
#include "base/map.h"
#include "rx/keys.h"
#include "source/values.h"
#include "value/conf.h"
#include "value/value.h"

#include <stdbool.h>
#include <stdint.h>

struct hub;
struct client;
struct loop;
struct rx_ctx;
struct rx_source;

struct source;
struct source_run;

/* A source written in C: runs in a fiber, as the run of source_ops. */
struct source_handler {
	int (*run)(void *arg, struct source_run *r, struct weir_error *err);
	void *arg;
};

/* What all sources work with. */
struct source_env {
	struct loop *loop;
	struct hub *hub;
	struct client *client; /* for HTTP upstreams */
	struct map handlers;   /* source's name -> struct source_handler */
};

/* May clients with the same job have the parts of one run? */
enum source_share {
	SOURCE_ALONE,
	SOURCE_WHOLE, /* those that come while all its parts are still there */
	SOURCE_LIVE,  /* those that come later too, from then on */
};

struct source_ops {
	const char *kind;
	size_t bytes; /* of the struct that begins with struct source */
	/* Reads conf (an object without `kind`) into s, which is zeroed. */
	int (*configure)(struct source *s, struct value conf,
			 const char *pointer, struct conf_error *e);
	/* In a fiber: gives the parts of the run's jobs. 0 at the end, or what
	 * went wrong, with err filled. NULL: takes no jobs. */
	int (*run)(struct source *s, struct source_run *r,
		   struct weir_error *err);
	/* How many jobs one run may have; NULL: one. */
	uint32_t (*batch_max)(const struct source *s);
	void (*destroy)(struct source *s); /* what configure made */
};

struct source {
	const struct source_ops *ops;
	uint32_t refs;
	char *name;
	struct source_values values; /* `values`: of interest in its parts */
	enum source_share share;     /* `share` */
	struct rx_keys shared;	     /* jobs -> runs that others may join */
	const struct source_env *env;
};

static inline struct source *source_ref(struct source *s)
{
	s->refs++;
	return s;
}

void source_unref(struct source *s);

/* --- a run, as its kind sees it ------------------------------------------ */

uint32_t source_run_jobs(const struct source_run *r);
/* The job object. Borrowed. */
struct value source_run_job(const struct source_run *r, uint32_t i);
/* Milliseconds since job i was taken in. */
int64_t source_run_ms(const struct source_run *r, uint32_t i);

/* Hands out one part of job i; takes data. 0 or WEIR_ECANCELED. */
int source_emit(struct source_run *r, uint32_t i, struct value data);

/* Tells job i of something wrong with which the run can go on. */
void source_warn(struct source_run *r, uint32_t i,
		 const struct weir_error *err);

/* --- all sources of a configuration --------------------------------------- */

struct source_set {
	struct map by_name; /* name -> struct source, one reference each */
	const struct source_env *env;
};

void source_set_init(struct source_set *set, const struct source_env *env);
void source_set_fini(struct source_set *set);

/* Makes the sources of conf: an object name -> {kind, ...}. On failure set is
 * as it was before. */
int source_set_read(struct source_set *set, struct value conf,
		    const char *pointer, struct conf_error *e);

struct source *source_set_find(const struct source_set *set, struct str name);
/* The name that was probably meant, or NULL. */
const char *source_set_nearest(const struct source_set *set, struct str name);

/* The `run` stage: see hub/hub.h, struct hub_host. */
struct rx_source *source_run_stage(struct source_set *set, struct rx_ctx *ctx,
				   struct value jobs);

/* The kinds. */
extern const struct source_ops source_echo;
extern const struct source_ops source_timer;
extern const struct source_ops source_tail;
extern const struct source_ops source_http;
extern const struct source_ops source_push;
extern const struct source_ops source_handler;

#endif
