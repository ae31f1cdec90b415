/* access_log.h - one JSON line for each response, in a file that tools (and a
 * tail source) can follow.
 *
 *     {"time":"..","client":3,"method":"GET","target":"/v1/stream",
 *      "status":200,"bytes":120,"ms":1.5}
 *
 * Lines are gathered during a turn of the loop and leave in one write. A disk
 * that does not take them costs lines, counted and told, never clients.
 */
#ifndef WEIR_APP_ACCESS_LOG_H
#define WEIR_APP_ACCESS_LOG_H

#include "base/error.h"
#include "loop/loop.h"

struct access_log;
struct http_exchange;

/* Appends to the file at path, which is made when it is not there. */
int access_log_open(struct access_log **out, struct loop *l, const char *path,
		    struct weir_error *err);
void access_log_close(struct access_log *a); /* NULL does nothing */

/* Closes the file and opens the path anew: after rotation. */
void access_log_reopen(struct access_log *a);

void access_log_add(struct access_log *a, const struct http_exchange *x);

#endif
