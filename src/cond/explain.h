/* explain.h - why does a value match, or why does it not?
 *
 *     no   type eq order and [total gt 100 or * contains joe]
 *     yes    type eq order          "order"
 *     no     total gt 100 or * contains joe
 *     no       total gt 100         12
 *     no       * contains joe
 *
 * Each comparison is asked, also those that an evaluation would have left out.
 * What stands behind one is the value that it looked at; with a key that meets
 * several, the first that it holds for.
 *
 * For people and tests, not for speed: it allocates. A condition that was
 * parsed with rules.as_written is told in the words and order of its author.
 */
#ifndef WEIR_COND_EXPLAIN_H
#define WEIR_COND_EXPLAIN_H

#include "cond/cond.h"

/* Lines of text. */
void cond_explain_text(const struct cond *c, struct value v,
		       const struct cond_meta *meta, struct buf *out);

/* {"holds", "is": text, "value"} for a comparison; {"holds", "is": "and", "of":
 * [...]} for what combines some. */
void cond_explain_json(const struct cond *c, struct value v,
		       const struct cond_meta *meta, struct buf *out);

#endif
