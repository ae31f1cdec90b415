/* meter.h - what passes a stage, counted.
 *
 *     stage --- items ---> meter --- items ---> next stage
 *       |                    |
 *       `- dropped, errors --'-> struct rx_meter
 *
 * A meter is put behind a stage. It counts what comes out of all subscriptions
 * of it; the stage itself adds what it had to drop and which items failed. What
 * it holds is not counted but looked up when somebody asks, so that holding
 * costs nothing.
 *
 * Threads: that of the graph.
 */
#ifndef WEIR_RX_METER_H
#define WEIR_RX_METER_H

#include "base/list.h"
#include "rx/observer.h"

struct rx_meter {
	struct list subs;     /* those that run now */
	uint64_t subscribed;  /* so far */
	uint64_t out;	      /* items that came out */
	uint64_t dropped;     /* items for which there was no room */
	uint64_t item_errors; /* items that failed */
	uint64_t errors;      /* subscriptions that ended in an error */
};

void rx_meter_init(struct rx_meter *m);

/* Takes in, and counts into m, which outlives all that is made of it. */
struct rx_source *rx_meter(struct rx_source *in, struct rx_meter *m);

/* Items that the stage holds now, in all of its subscriptions. */
uint64_t rx_meter_held(const struct rx_meter *m);
uint32_t rx_meter_live(const struct rx_meter *m); /* subscriptions */

#endif
