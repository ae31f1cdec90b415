/* values.h - what of a source's parts can be of interest: the `values` of its
 * configuration.
 *
 *     values: [.id, .user.email]       some members
 *     values: '{id, total: .sum}'      what a jq program makes of the data
 *
 * Without it that is all of the data. Interests are held against what is
 * picked, so that a part of a thousand members costs as much as its two that
 * anybody asks for; what is sent is the part as a whole.
 */
#ifndef WEIR_SOURCE_VALUES_H
#define WEIR_SOURCE_VALUES_H

#include "rx/fn.h"
#include "value/conf.h"

/* All zero: nothing is picked, all counts. */
struct source_values {
	struct value_path *paths; /* ours */
	uint32_t n;
	struct rx_fn *program; /* ours; NULL: paths */
};

/* conf: a list of paths, or a program. e gets pointer + "/values". */
int source_values_read(struct source_values *v, struct value conf,
		       const char *pointer, struct conf_error *e);
void source_values_fini(struct source_values *v);

/* False: all of data counts; else *out is the caller's. What makes the program
 * fail is of no interest. */
bool source_values_pick(const struct source_values *v, struct value data,
			struct value *out);

#endif
