/* run_signal.h - SIGINT and SIGTERM of `weir run`.
 *
 *     first     told on the loop, outside of any operator
 *     second    ends the process, whatever it is doing
 *
 * The first one gives both signals back to the system. So a second one works
 * while the program waits for standard output, and in a jq program without an
 * end. A signal that was ignored when the program began (nohup) stays ignored.
 *
 * One at a time in a process.
 */
#ifndef WEIR_CLI_RUN_SIGNAL_H
#define WEIR_CLI_RUN_SIGNAL_H

#include "loop/loop.h"

/* Returns 0, or a WEIR_E code when the system has no descriptor. */
int interrupt_open(struct loop *l, void (*fn)(void *arg), void *arg);
void interrupt_close(void);

/* The first signal that came, 0: none. */
int interrupt_signum(void);

#endif
