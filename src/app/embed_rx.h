/* embed_rx.h - what the files behind include/weir/rx.h share.
 *
 *     weir_loop       an rx_ctx with its scheduler, on a loop of its own
 *     weir_stream     an rx_source by another name; its ctx leads to the loop
 */
#ifndef WEIR_APP_EMBED_RX_H
#define WEIR_APP_EMBED_RX_H

#include "app/embed_fn.h"
#include "flow/flow.h"
#include "loop/loop.h"
#include "rx/observer.h"
#include "weir/rx.h"

struct weir_loop {
	struct rx_ctx ctx;
	/* In virtual time too: what other threads post comes through it. */
	struct loop *loop;
	bool is_virtual;
	bool running;
	bool stopped;			/* by weir_loop_stop */
	uint32_t live;			/* subscriptions that have not ended */
	struct list subs;		/* of struct weir_sub */
	struct list timers;		/* of struct weir_timer */
	struct list watches;		/* of struct weir_watch */
	struct flow_env env;		/* of the graphs of texts */
	const struct weir_names *names; /* of the text that is being built */
	void (*item_error)(const struct weir_error *err, struct weir_value item,
			   void *arg);
	void *item_error_arg;
};

/* Runs l until *over (may be NULL), until nothing is subscribed, it is stopped,
 * or in virtual time nothing is left that could happen. */
void embed_loop_run(struct weir_loop *l, const bool *over);
/* Ends embed_loop_run after the present turn, so that it looks again. */
void embed_loop_wake(struct weir_loop *l);
/* Called before the program does something to l: outside of a turn, its time
 * may be old. */
void embed_loop_enter(struct weir_loop *l);

/* The env of texts, which asks l->names. */
void embed_env_init(struct weir_loop *l);
void embed_cancel_all(struct weir_loop *l);

/* --- a stream is an rx_source -------------------------------------------- */

static inline struct weir_loop *embed_loop_of(const struct weir_stream *s)
{
	return CONTAINER_OF(rx_source_ctx((const struct rx_source *)s),
			    struct weir_loop, ctx);
}

static inline struct weir_stream *embed_stream(struct rx_source *src)
{
	return (struct weir_stream *)src;
}

static inline struct rx_source *embed_source(struct weir_stream *s)
{
	return (struct rx_source *)s;
}

/* The sources of all, taken as they are, as one array for mem_free. NULL when
 * one of them is NULL; the others are let go of then. */
struct rx_source **embed_sources(struct weir_stream *const *in, size_t n);

#endif
