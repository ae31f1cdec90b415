/* clock.h - the time, and how it is written. Threads: any. */
#ifndef WEIR_BASE_CLOCK_H
#define WEIR_BASE_CLOCK_H

#include <stdint.h>

#define CLOCK_NEVER INT64_MAX /* a deadline that does not come */

int64_t clock_ms(void);	     /* monotonic */
int64_t clock_ns(void);	     /* monotonic */
int64_t clock_wall_ms(void); /* since 1970, UTC */
int64_t clock_cpu_ns(void);  /* CPU time of this process */

/* Monotonic time at which the process began, for the trace printer. */
int64_t clock_start_ms(void);

/* "2026-11-23T18:00:00.123Z" and a NUL; RFC 3339, section 5.6. */
#define CLOCK_RFC3339_LEN 24
void clock_format_rfc3339(int64_t wall_ms, char out[CLOCK_RFC3339_LEN + 1]);

/* "Mon, 23 Nov 2026 18:00:00 GMT" and a NUL; RFC 9110, section 5.6.7. */
#define CLOCK_HTTP_LEN 29
void clock_format_http(int64_t wall_ms, char out[CLOCK_HTTP_LEN + 1]);

#endif
