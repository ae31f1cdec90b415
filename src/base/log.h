/* log.h - messages for the server's operator, and the trace printer.
 *
 * log_* goes to stderr, one line each, always. trace() shows the life of jobs:
 *
 *     1042 M  [S] listening on 127.0.0.1:8080
 *     2210 7    3 job j4 runs at timer
 *     ^    ^    ^ who initiated it: [S] the server, else the client's number
 *     |    `- the fiber, M for the loop itself
 *     `- milliseconds since process start (grey)
 *
 * coloured by who, on a terminal or when asked. While it is off a trace costs
 * one test of a global flag.
 *
 * Threads: any; a line is one write.
 */
#ifndef WEIR_BASE_LOG_H
#define WEIR_BASE_LOG_H

#include "base/util.h"

#include <stdbool.h>
#include <stdint.h>

void log_error(const char *fmt, ...) PRINTF_LIKE(1, 2);
void log_warn(const char *fmt, ...) PRINTF_LIKE(1, 2);
void log_info(const char *fmt, ...) PRINTF_LIKE(1, 2);

enum trace_colour { TRACE_AUTO, TRACE_COLOUR_ALWAYS, TRACE_COLOUR_NEVER };

extern bool trace_on;

/* Who acts now on this thread; fiber/ and http/ keep them. */
extern _Thread_local uint32_t trace_fiber; /* 0: the loop itself */
extern _Thread_local uint32_t trace_who;   /* 0: the server */

/* Switches the printer on; it writes to stdout. */
void trace_start(enum trace_colour colour);
void trace_print(const char *fmt, ...) PRINTF_LIKE(1, 2);

#define trace(...)                                \
	do {                                      \
		if (UNLIKELY(trace_on))           \
			trace_print(__VA_ARGS__); \
	} while (0)

#endif
