/* panes.h - stretches of a stream, each through a block of its own. Private to
 * rx/.
 *
 *     source      -a-b-c-d-e-|
 *     pane 1       |----|          its subject takes a b c; closed then
 *       block      ---------X|     may work on after that
 *     pane 2             |---|
 *
 * group_by, the windows and group_join differ in when a pane opens and closes.
 * Here is what they share: the subject, the block behind it, and the rule that
 * all is over when the source is and no block is at work any more.
 *
 * A block that ends early leaves its pane open: it lets its items fall until it
 * is closed (group_by(.k) { take(1) } is the first of each key). A block that
 * fails is an item error, and its pane is gone.
 */
#ifndef WEIR_RX_PANES_H
#define WEIR_RX_PANES_H

#include "rx/op.h"
#include "rx/subject.h"

struct rx_pane;

struct rx_panes_ops {
	uint32_t pane_bytes; /* sizeof what embeds struct rx_pane, first */
	/* An item comes out of a block. NULL: it goes down as it is. */
	void (*next)(struct rx_pane *p, struct value v);
	/* p takes no more items from now on: lets go of what else leads to it
	 * (a key, a timer). May be NULL. */
	void (*closed)(struct rx_pane *p);
	/* The last of p: lets go of what extends it. May be NULL. */
	void (*fini)(struct rx_pane *p);
};

struct rx_panes {
	const struct rx_panes_ops *ops;
	struct rx_sub *owner;
	struct rx_block *block; /* the source's */
	struct list open;	/* in order of opening */
	struct list closed;	/* their blocks are still at work */
	uint64_t made;		/* so far: numbers them */
	uint64_t turn; /* number of the next that rx_panes_close_turn closes */
	uint32_t n_open;
	uint32_t working; /* blocks that have not ended */
	bool source_done;
	bool failing; /* the source's error is being told */
};

struct rx_pane {
	struct rx_inlet out; /* what the block gives */
	struct list link;
	struct rx_panes *panes;
	struct rx_subject *subject; /* ours */
	struct rx_later grave;
	uint64_t no; /* 0, 1 ... in order of making */
	bool is_open;
	bool block_ended;
	bool buried;
};

void rx_panes_init(struct rx_panes *ps, const struct rx_panes_ops *ops,
		   struct rx_sub *owner, struct rx_block *block);
void rx_panes_stop(struct rx_panes *ps); /* for stop */

/* A pane in the making, zeroed behind its frame: the owner fills in what
 * extends it, then opens it. */
struct rx_pane *rx_pane_new(struct rx_panes *ps);
/* Builds the block on item and key (borrowed) and connects it. False: the pane
 * takes no items, so nothing may lead to it: it failed, which has been dealt
 * with, or it was closed by what the block gave, or the source is done (what
 * the pane before gave when it closed has ended it). */
bool rx_pane_open(struct rx_pane *p, struct value item, struct value key,
		  bool has_key);
void rx_pane_next(struct rx_pane *p, struct value v);
/* No more items; the block works on. Again does nothing. */
void rx_pane_close(struct rx_pane *p);

/* Closes the pane whose turn it is: panes close in the order of their making,
 * and one that has failed is passed over in its turn, so that no other is
 * closed for it. */
void rx_panes_close_turn(struct rx_panes *ps);

/* To each open pane, in order of opening. */
void rx_panes_next(struct rx_panes *ps, struct value v);
void rx_panes_close_all(struct rx_panes *ps);
/* The source is done: over when no block is at work. */
void rx_panes_end(struct rx_panes *ps);
/* err reaches every open pane, then the outcome. */
void rx_panes_fail(struct rx_panes *ps, const struct weir_error *err);

#endif
