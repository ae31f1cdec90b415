/* program.h - a condition as it is evaluated: one block, 16 bytes a node.
 *
 *     a gt 1 and [b eq x or not c]
 *
 *     0  AND  next 5
 *     1    ATOM  a gt      int 1
 *     2    OR  next 5
 *     3      ATOM  b eq    string -> behind the nodes
 *     4      ATOM  c truthy, negated
 *
 * Nodes stand in the order of the tree, each knows where it ends; so a group
 * that is decided is left by one step. Keys are told by their number, since
 * they are interned. A program stands on its own: the tree may go.
 */
#ifndef WEIR_COND_PROGRAM_H
#define WEIR_COND_PROGRAM_H

#include "cond/cond.h"
#include "cond/tree.h"

struct cond_program;
struct json_leaves;

struct cond_program *cond_program_compile(const struct cond_node *root);
void cond_program_destroy(struct cond_program *p);

/* Of its block. Lists, objects and regular expressions are beside it. */
size_t cond_program_bytes(const struct cond_program *p);

bool cond_program_eval(const struct cond_program *p, struct value v,
		       const struct cond_meta *meta);
bool cond_program_eval_leaves(const struct cond_program *p,
			      const struct json_leaves *l,
			      const struct cond_meta *meta);

#endif
