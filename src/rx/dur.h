/* dur.h - a duration selector: how long, asked anew for each item.
 *
 * `debounce(20ms)`, `delay_with_mapper('.wait')`, `buffer_toggle(@b, @c)`: a
 * span of time, a program that gives milliseconds, or a stream whose first
 * item, or end, is the signal.
 */
#ifndef WEIR_RX_DUR_H
#define WEIR_RX_DUR_H

#include "rx/fn.h"
#include "rx/observer.h"

enum rx_dur_kind { RX_DUR_MS, RX_DUR_FN, RX_DUR_SOURCE };

struct rx_dur {
	enum rx_dur_kind kind;
	int64_t ms;		  /* RX_DUR_MS */
	struct rx_fn *fn;	  /* RX_DUR_FN */
	struct rx_source *source; /* RX_DUR_SOURCE */
};

static inline struct rx_dur rx_dur_ms(int64_t ms)
{
	return (struct rx_dur){.kind = RX_DUR_MS, .ms = ms};
}

static inline struct rx_dur rx_dur_fn(struct rx_fn *fn) /* taken */
{
	return (struct rx_dur){.kind = RX_DUR_FN, .fn = fn};
}

static inline struct rx_dur rx_dur_source(struct rx_source *src) /* taken */
{
	return (struct rx_dur){.kind = RX_DUR_SOURCE, .source = src};
}

void rx_dur_fini(struct rx_dur *d); /* lets go of fn and source */

#endif
