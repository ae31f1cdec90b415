/* interest.h - what a stream wants to see of the parts of everybody: a
 * condition with a name and a lifetime.
 *
 *     set (new) ----> active --- set (another) ---> changed --.
 *                       |  ^------------------------------------'
 *                       |--- drop ---> dropped
 *                       '--- for is over ---> expired
 *     set (new) ----> denied: the server does not take it now
 *
 * Each step is told to the stream by an `interest` event. Its number marks the
 * place: of the parts with a greater number none that meets the condition is
 * missing. Setting an interest to what it is already only begins its lifetime
 * anew; it is how a client keeps it, and nothing is told.
 *
 * An interest may shape what it lets through: at most one part in `every`, for
 * each `key` if there is one; of those that come too early the first or the
 * latest is sent later.
 *
 * Of conditions that have to be held against each part (interests.h) a stream
 * has a tenth of what the server takes, so that no client takes all.
 *
 * Threads: those of its stream.
 * Source: docs/protocol.md.
 */
#ifndef WEIR_HUB_INTEREST_H
#define WEIR_HUB_INTEREST_H

#include "base/error.h"
#include "base/list.h"
#include "hub/interests.h"
#include "loop/loop.h"
#include "value/conf.h"

#include <stdbool.h>
#include <stdint.h>

struct hub_delivery;
struct hub_edge;
struct hub_event;
struct hub_stream;
struct hub_shape;

#define HUB_INTEREST_NAME_MAX 64

enum hub_keep { HUB_KEEP_LATEST, HUB_KEEP_FIRST };

/* How often it lets a part through. */
struct hub_pace {
	int64_t every_ms; /* 0: each part at once */
	int keep;	  /* enum hub_keep */
	char *key;	  /* ours: path in data; NULL: one for all */
};

/* What is asked for. Read from JSON by hub_interest_read. */
struct hub_interest_spec {
	char *name;	    /* ours; NULL: none, it is not in `matched` */
	struct cond *where; /* one reference; NULL: every part */
	char *text;	    /* ours: the condition as text; NULL: every part */
	int64_t for_ms;	    /* 0: as long as the stream */
	struct hub_pace pace;
};

/* Embedded in a stream: those of its interests that the part at hand meets. */
struct hub_taker {
	struct hub_taker *next;	  /* of the part's takers */
	struct hub_interest *met; /* in no order; NULL: none */
};

/* There may be a million of them. */
struct hub_interest {
	struct interests_entry entry; /* in the edge's registry */
	struct list link;	      /* in the stream's interests */
	struct hub_interest *next_met;
	struct hub_stream *stream;
	struct loop_timer expiry;
	struct hub_shape *shape; /* ours; NULL: lets all through at once */
	struct hub_names *names; /* of it alone; NULL: not made yet */
	char *name;		 /* ours, in front of its text; "": none */
	uint64_t since : 63; /* number of the event that marks its beginning */
	uint64_t residual : 1; /* held against each part */
};

/* Reads {"where"|"value", "for", "every", "keep", "key"}, and "name" when the
 * address does not say it (name.p NULL). e gets the pointer of what is wrong,
 * below pointer, and for a condition its line and column. 0 or WEIR_EINVAL;
 * after 0 the caller owns out's members: hub_interest_spec_fini. */
int hub_interest_read(struct hub_edge *edge, struct value conf, struct str name,
		      const char *pointer, struct hub_interest_spec *out,
		      struct conf_error *e);
/* The same for a condition alone, without a name; an empty text is every
 * part. */
int hub_interest_where(struct str text, struct hub_interest_spec *out,
		       struct weir_error *err);
void hub_interest_spec_fini(struct hub_interest_spec *spec);

/* 0, or with err WEIR_EBUSY or WEIR_EDENIED: no stream can have it now. */
int hub_interest_check(const struct hub_edge *edge,
		       const struct hub_interest_spec *spec,
		       struct weir_error *err);

enum hub_interest_change { HUB_CREATED, HUB_CHANGED, HUB_KEPT };

/* Creates, changes or keeps the interest of that name. Takes the members of
 * spec, also on failure. change_out and out may be NULL. 0, or with err (may be
 * NULL) WEIR_ETOOBIG: the stream has as many as it may, WEIR_EBUSY: the server
 * has, WEIR_EDENIED: its condition would be held against each part. */
int hub_interest_set(struct hub_stream *s, struct hub_interest_spec *spec,
		     enum hub_interest_change *change_out,
		     struct hub_interest **out, struct weir_error *err);

/* Sets all of specs (whose members it takes) and drops all others. One that
 * the server cannot take is told as `denied`. 0, or WEIR_ETOOBIG with err. */
int hub_interest_set_all(struct hub_stream *s, struct hub_interest_spec *specs,
			 uint32_t n, struct weir_error *err);

struct hub_interest *hub_interest_find(const struct hub_stream *s,
				       struct str name);

/* Ends it and tells the stream. */
void hub_interest_drop(struct hub_interest *i);
/* Ends all of a stream that is going, without a word. */
void hub_interest_fini_all(struct hub_stream *s);

/* Links those of all streams of the edge that d meets, by stream. */
struct hub_taker *hub_interests_met(struct hub_edge *edge,
				    struct hub_delivery *d);
/* Sends d to s, whose interests met (NULL: none) it meets. own: it is of a job
 * of s. */
void hub_interests_deliver(struct hub_stream *s, struct hub_interest *met,
			   struct hub_delivery *d, bool own);
/* Sends a part that i has held, also as one of all others that hold it. */
void hub_interests_deliver_late(struct hub_interest *i, struct hub_delivery *d);

/* {"name":..,"where":..,"indexed":..,"cost":..}: what GET answers. */
void hub_interest_write(const struct hub_interest *i, struct buf *out);
/* An array of all of a stream's. */
void hub_interest_write_all(const struct hub_stream *s, struct buf *out);

#endif
