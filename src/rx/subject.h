/* subject.h - a hot stream one can push into.
 *
 * The only place where a list of observers is walked while it may change: who
 * subscribes during an emission hears from the next one on, who cancels hears
 * nothing more of the present one.
 */
#ifndef WEIR_RX_SUBJECT_H
#define WEIR_RX_SUBJECT_H

#include "rx/observer.h"

struct rx_subject;

struct rx_subject *rx_subject_create(struct rx_ctx *ctx);
/* Who subscribes after its end hears of the end (a group, a window). The plain
 * one has nothing to say then. */
struct rx_subject *rx_subject_create_remembering(struct rx_ctx *ctx);
/* Cancels nobody; who still listens hears nothing more. */
void rx_subject_destroy(struct rx_subject *s);

/* The stream; lives as long as somebody holds it. One reference more. */
struct rx_source *rx_subject_source(struct rx_subject *s);
/* The side to push into: rx_next(rx_subject_observer(s), v) ... Borrowed. */
struct rx_observer *rx_subject_observer(struct rx_subject *s);
uint32_t rx_subject_listeners(const struct rx_subject *s);

#endif
