/* native_shapes.h - quicker functions for what most programs consist of.
 * Private to native_eval.c and native_shapes.c, which fall back on each other.
 */
#ifndef WEIR_FLOW_NATIVE_SHAPES_H
#define WEIR_FLOW_NATIVE_SHAPES_H

#include "base/util.h"
#include "flow/native.h"

/* The function for a node of this shape, whose kids have theirs; NULL when
 * there is none beside that of its meaning. */
native_fn native_shape(const struct native *n);

/* In native_eval.c: the long way, for operands of any kind. */
int native_operand(const struct native *n, struct value item,
		   const struct rx_vars *vars, struct value *out,
		   struct weir_error *err);
int native_binary(const struct native *n, struct value item,
		  const struct rx_vars *vars, struct value *out,
		  struct weir_error *err);
/* a op b, for values of any type; borrows both. */
int native_apply(enum native_op op, struct value a, struct value b,
		 struct value *out, struct weir_error *err);

/* Few bytes each, so that a call costs more than the loop. */
static inline bool native_same_name(struct value key, struct str name)
{
	const char *p = value_str(key).p;

	if (key.len != name.len)
		return false;
	for (size_t i = 0; i < name.len; i++)
		if (p[i] != name.p[i])
			return false;
	return true;
}

#define NATIVE_HINT_MAX 8 /* members among which a hint is looked for */

/* The member of o, an object; null without one. Lends. */
static inline struct value native_step_into(struct native_step *s,
					    struct value o)
{
	const struct value *nodes = value_nodes(o);

	if (s->hint < o.len && native_same_name(nodes[2 * s->hint], s->name))
		return nodes[2 * s->hint + 1];
	for (uint32_t i = 0; i < MIN(o.len, NATIVE_HINT_MAX); i++)
		if (native_same_name(nodes[2 * i], s->name)) {
			s->hint = i;
			return nodes[2 * i + 1];
		}
	return o.len <= NATIVE_HINT_MAX ? value_null() : value_get(o, s->name);
}

#endif
