/* shape.h - an interest that lets through at most one part in a time.
 *
 *     parts              a b c . . . d . . .
 *     every 2, latest    a . c . . . d . . .
 *     every 2, first     a . . . . . d . . .
 *
 * With a key each value of it has a time of its own. So many values are kept
 * in mind at once; parts with further ones pass as if there were no shape.
 *
 * Threads: those of its stream.
 */
#ifndef WEIR_HUB_SHAPE_H
#define WEIR_HUB_SHAPE_H

#include "hub/interest.h"

#define HUB_SHAPE_KEYS_MAX 1024

/* Takes the members of pace. */
struct hub_shape *hub_shape_create(struct hub_interest *i,
				   const struct hub_pace *pace);
void hub_shape_destroy(struct hub_shape *sh); /* NULL does nothing */

/* Lent; of NULL: each part at once. */
const struct hub_pace *hub_shape_pace(const struct hub_shape *sh);

/* May a part with this data go now? */
bool hub_shape_ready(const struct hub_shape *sh, struct value data);
/* It goes: what is held for its key is older, and let go. */
void hub_shape_sent(struct hub_shape *sh, struct value data);
/* It does not: holds it until its time, or lets it go. Shares e and data. */
void hub_shape_hold(struct hub_shape *sh, struct hub_event *e,
		    struct value data);
/* Lets e go, if it is held for the key of data. True: it was. */
bool hub_shape_release(struct hub_shape *sh, const struct hub_event *e,
		       struct value data);

#endif
