/* host.h - operators that call functions of an embedding program.
 *
 * A text cannot say these: what they do hangs on C functions. Ownership is as
 * in ops.h: streams and rx_fn arguments are TAKEN, also in arrays; the result
 * is one reference of the caller's.
 *
 * Functions of the program are called on the loop of the stream. They may
 * subscribe, cancel and push; they must not block.
 */
#ifndef WEIR_RX_HOST_H
#define WEIR_RX_HOST_H

#include "rx/fn.h"
#include "rx/observer.h"
#include "rx/subject.h"

/* What the program lends to its functions. drop (may be NULL) is called with
 * arg once, when nothing can call them any more. */
struct rx_host {
	void *arg;
	void (*drop)(void *arg);
};

static inline void rx_host_drop(struct rx_host host)
{
	if (host.drop)
		host.drop(host.arg);
}

/* --- watching ---------------------------------------------------------- */

struct rx_do_calls {
	/* Each may be NULL; what they are lent is borrowed. */
	void (*next)(void *arg, struct value v);
	void (*error)(void *arg, const struct weir_error *err);
	void (*done)(void *arg);
};
/* Passes everything on, and calls the program first. */
struct rx_source *rx_do(struct rx_source *in, const struct rx_do_calls *calls,
			struct rx_host host);
/* Passes everything on; calls fn once for each subscription when it is over:
 * after its error or end was told, or when it was cancelled. */
struct rx_source *rx_finally(struct rx_source *in, void (*fn)(void *arg),
			     struct rx_host host);

/* --- making streams ---------------------------------------------------- */

/* A stream of the program's: a reference of the caller's; NULL with err filled
 * when it cannot, which ends the subscription with that error. */
typedef struct rx_source *(*rx_factory_fn)(void *arg, struct weir_error *err);
/* Asks for the stream anew at each subscription. */
struct rx_source *rx_defer(struct rx_ctx *ctx, rx_factory_fn factory,
			   struct rx_host host);

struct rx_create_calls {
	/* Begins a run, which emits through out, now or later: rx_next*, then
	 * rx_error or rx_done. out may be used until stop was called. The
	 * result is handed to stop. */
	void *(*start)(void *arg, struct rx_observer *out);
	/* The run is over: cancelled, or it has told its error or end. Called
	 * once for each start, never before start has returned. May be NULL. */
	void (*stop)(void *arg, void *run);
	/* Who listens can take no more for now (rx_sub_hold), or can again. Not
	 * before start has returned, nor after stop. May be NULL. */
	void (*hold)(void *arg, void *run, bool hold);
};
/* A cold stream that the program writes. */
struct rx_source *rx_create(struct rx_ctx *ctx,
			    const struct rx_create_calls *calls,
			    struct rx_host host);

struct rx_using_calls {
	/* Returns 0 with *resource set; or a negative code with err filled,
	 * which ends the subscription with that error. */
	int (*acquire)(void *arg, void **resource, struct weir_error *err);
	/* The stream that works with it; as rx_factory_fn. */
	struct rx_source *(*use)(void *arg, void *resource,
				 struct weir_error *err);
	/* Once for each acquire: when the subscription is over. */
	void (*release)(void *arg, void *resource);
};
struct rx_source *rx_using(struct rx_ctx *ctx,
			   const struct rx_using_calls *calls,
			   struct rx_host host);

/* --- choosing ---------------------------------------------------------- */

typedef bool (*rx_holds_fn)(void *arg);
/* Asks at each subscription. otherwise NULL: empty. */
struct rx_source *rx_if_then(struct rx_ctx *ctx, rx_holds_fn holds,
			     struct rx_source *then,
			     struct rx_source *otherwise, struct rx_host host);
/* Asks at each subscription which of n streams it is; n or more: otherwise
 * (NULL: empty). The array is copied. */
struct rx_source *rx_case(struct rx_ctx *ctx, uint32_t (*choose)(void *arg),
			  struct rx_source *const *in, uint32_t n,
			  struct rx_source *otherwise, struct rx_host host);
/* in again and again; holds is asked before each run, in do_while before each
 * run but the first. */
struct rx_source *rx_while_do(struct rx_source *in, rx_holds_fn holds,
			      struct rx_host host);
struct rx_source *rx_do_while(struct rx_source *in, rx_holds_fn holds,
			      struct rx_host host);
/* out[0]: what the predicate (taken) holds for; out[1]: the rest. Both share
 * one run of in. An item that makes it fail is an item error of each. */
void rx_partition(struct rx_source *in, struct rx_fn *predicate,
		  struct rx_source *out[2]);
void rx_partition_indexed(struct rx_source *in, struct rx_fn *predicate,
			  struct rx_source *out[2]);

/* --- connecting -------------------------------------------------------- */

/* A stream that runs into a subject while it is connected, whoever listens. */
struct rx_connectable;

/* Takes in and subject. */
struct rx_connectable *rx_multicast(struct rx_source *in,
				    struct rx_subject *subject);
/* The subject's stream: a reference of the caller's. */
struct rx_source *rx_connectable_source(struct rx_connectable *c);
/* Begins the run; does nothing while there is one. Behind the run's error or
 * end the subject has ended too, and connecting does nothing. */
void rx_connectable_connect(struct rx_connectable *c);
/* Cancels the run; the listeners hear of nothing, and may be connected anew. */
void rx_connectable_disconnect(struct rx_connectable *c);
/* Disconnects first. */
void rx_connectable_destroy(struct rx_connectable *c);

/* The stream that the program makes of shared (taken); else as rx_factory_fn.
 */
typedef struct rx_source *(*rx_select_fn)(void *arg, struct rx_source *shared,
					  struct weir_error *err);
/* Asks for a stream made of in at each subscription; in is run once for it,
 * however often it is mentioned there. RxPY: publish(mapper). */
struct rx_source *rx_publish_selected(struct rx_source *in, rx_select_fn select,
				      struct rx_host host);

#endif
