/* jqprog.h - programs that need libjq: compiled once, kept by text.
 *
 * Compiling takes libjq 1.6 some 20 ms (it reads its own library each time),
 * hence the cache: who holds a jqprog shares it with all of the same text on
 * this thread.
 *
 * libjq has no limit on steps: a program that never ends (`last(repeat(1))`)
 * stops the thread. Programs are written by the server's operator; what a
 * client sends is only ever their input.
 */
#ifndef WEIR_FLOW_JQPROG_H
#define WEIR_FLOW_JQPROG_H

#include "flow/native.h"

struct jqprog;

/* vars: VAR_... defined. err->offset: where in text the line of jq's message
 * begins. */
int jqprog_open(struct str text, unsigned vars, struct jqprog **out,
		struct weir_error *err);
void jqprog_close(struct jqprog *p);
unsigned jqprog_vars(const struct jqprog *p); /* those it uses */

/* As native_eval. */
int jqprog_run(struct jqprog *p, struct value item, const struct rx_vars *vars,
	       struct value *out, struct weir_error *err);

#endif
