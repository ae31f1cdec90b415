/* span.h - a duration selector at work: one signal to come. Private to rx/.
 *
 * All zero is a closed span. It signals once and is closed then; whoever hears
 * it may free it in there.
 */
#ifndef WEIR_RX_SPAN_H
#define WEIR_RX_SPAN_H

#include "rx/op.h"

struct rx_span;

struct rx_span_ops {
	void (*over)(struct rx_span *span);
	/* The selector's stream failed. NULL: the owner ends with err. */
	void (*error)(struct rx_span *span, const struct weir_error *err);
};

struct rx_span {
	const struct rx_span_ops *ops;
	struct rx_sub *owner;
	struct rx_timer timer;
	struct rx_observer up;
	struct rx_sub *sub;
};

/* Opens it on item v (borrowed, null where there is none). False: the program
 * failed, and the item error has been dealt with. The signal may come before
 * this returns. */
bool rx_span_open(struct rx_span *span, struct rx_sub *owner,
		  const struct rx_span_ops *ops, const struct rx_dur *dur,
		  struct value v);
/* Milliseconds of dur for v; 0 when dur is a stream. False as above. */
bool rx_dur_ask(struct rx_sub *owner, const struct rx_dur *dur, struct value v,
		int64_t *ms_out);
void rx_span_close(struct rx_span *span);

#endif
