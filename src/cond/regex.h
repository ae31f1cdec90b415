/* regex.h - I-Regexp (RFC 9485), in time linear in the text.
 *
 *     alternatives  a|b      groups   (..)     quantifiers  * + ? {n} {n,}
 * {n,m} classes       [a-z_]   [^0-9]   .  (all but \n and \r) categories \p{L}
 * \P{Lu}      escapes  \n \r \t \. \\ ...
 *
 * As RFC 9485 has it, an expression matches a whole string; `.*x.*` finds x
 * anywhere. What is not in I-Regexp (\d, lookahead, references, ^ $) is
 * refused, with its place.
 *
 * Matching never goes back in the text. docs/design/regex.md tells how.
 */
#ifndef WEIR_COND_REGEX_H
#define WEIR_COND_REGEX_H

#include "base/error.h"
#include "base/str.h"

#include <stdbool.h>

#define COND_REGEX_DEPTH_MAX 64 /* groups in groups */

struct cond_regex;
struct regex_literals;

/* states_max bounds what it is once {n,m} has been written out, and with that
 * the time that the worst text takes a character.
 *
 * Returns 0, WEIR_EINVAL or WEIR_ETOOBIG; err->offset is the byte. All memory
 * that matching needs is allocated here. */
int cond_regex_compile(struct str text, uint32_t states_max,
		       struct cond_regex **out, struct weir_error *err);
struct cond_regex *cond_regex_ref(struct cond_regex *r);
void cond_regex_unref(struct cond_regex *r);

/* s is valid UTF-8. Not const in spirit: it remembers what it learned. */
bool cond_regex_matches(struct cond_regex *r, struct str s);

/* Each string that matches has one of these as a part; none if nothing is sure.
 * Borrowed from r. */
const struct regex_literals *cond_regex_literals(const struct cond_regex *r);

#endif
