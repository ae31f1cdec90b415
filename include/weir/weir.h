/* weir.h - a weir server in a program of your own, with sources written in C.
 *
 *     job {"source":"both","id":"7"} ---> handler(job, arg)   in a fiber
 *                                             weir_http_get   blocks only it
 *                                             weir_http_get
 *                                             weir_emit  ---> the client, now
 *
 * A handler is straight code: it may block as if it were alone, in the
 * functions below, while thousands of other clients are served by the same
 * thread. It must not block in other ways (sleep(), a socket of its own): that
 * stops everybody.
 *
 * The configuration names the source: `sources: {both: {kind: handler}}`.
 *
 * Threads: the one that calls weir_run calls the handlers; weir_stop may be
 * called from any thread and from signal-free context only.
 */
#ifndef WEIR_WEIR_H
#define WEIR_WEIR_H

#include "weir/error.h"
#include "weir/function.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct weir;
struct weir_job;

/* --- a server ------------------------------------------------------------ */

/* Reads and checks the configuration file. NULL when it is wrong; report (cap
 * bytes, may be NULL) then says what and where, for a person. The caller ends
 * the result with weir_close. */
struct weir *weir_open(const char *config, char *report, size_t cap);

/* The same with functions that the pipelines may name (see weir/function.h):
 * `jobs: flat_map { run } | map(&celsius)`. The list, its names and args are
 * borrowed until weir_close; reloads and changed pipelines see them, too. */
struct weir *weir_open_with(const char *config,
			    const struct weir_function *functions, char *report,
			    size_t cap);

/* A source at work, for one job. Returns 0, or a negative code: what
 * weir_emit and the others returned, or that of weir_fail. WEIR_ECANCELED ends
 * it silently. */
typedef int (*weir_handler_fn)(struct weir_job *job, void *arg);

/* Handles the jobs of source name (kind handler). name is copied, arg borrowed
 * until weir_close. Before weir_run. */
void weir_handle(struct weir *w, const char *name, weir_handler_fn fn,
		 void *arg);

/* Opens the listeners and serves until SIGTERM, SIGINT or weir_stop. Returns 0,
 * or a negative code when it cannot begin; report as above. */
int weir_run(struct weir *w, char *report, size_t cap);
void weir_stop(struct weir *w);	 /* any thread */
void weir_close(struct weir *w); /* NULL does nothing */

/* --- in a handler ----------------------------------------------------------
 */

/* The job as JSON, NUL-terminated; borrowed until the handler returns. */
const char *weir_job_json(struct weir_job *job);

/* The member of the job at a path (".id", ".item.0") as text: strings as they
 * are, others as JSON. NULL when there is none. Borrowed until the handler
 * returns. */
const char *weir_job_get(struct weir_job *job, const char *path);

/* Hands out one part: a JSON text, which is copied. Blocks while the client has
 * too much to read. 0, WEIR_ECANCELED when nobody wants parts any more, or
 * WEIR_EINVAL when json is none (the job is told with weir_fail's means). */
int weir_emit(struct weir_job *job, const char *json, size_t len);

/* Notes what went wrong, for the client's error event. Returns code, which
 * must be negative: return weir_fail(job, WEIR_EINVAL, "no such id: %s", id);
 */
int weir_fail(struct weir_job *job, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Blocks for that long. 0 or WEIR_ECANCELED. */
int weir_sleep(struct weir_job *job, int64_t ms);

struct weir_response {
	int status;
	char *body; /* NUL-terminated; yours until weir_response_free */
	size_t len;
};

/* GETs url and waits for all of the answer, at most timeout_ms and 16 MiB. Any
 * status is an answer. 0 and *out, or a negative code, noted for the client as
 * by weir_fail; *out is then empty. */
int weir_http_get(struct weir_job *job, const char *url, int64_t timeout_ms,
		  struct weir_response *out);
void weir_response_free(struct weir_response *r); /* may be empty */

#ifdef __cplusplus
}
#endif

#endif
