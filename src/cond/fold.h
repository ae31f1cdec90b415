/* fold.h - text compared without regard to case.
 *
 * Each character is folded to one other (simple case folding of Unicode), so
 * that texts can be compared as they are, without a copy: STRASSE equals
 * strasse, ΣΑΣ equals σας, but ß is not ss. No locale: i and I are one, also
 * for Turks.
 */
#ifndef WEIR_COND_FOLD_H
#define WEIR_COND_FOLD_H

#include "base/str.h"

/* Bytes of the text in a condition. Looking for a part takes at most its
 * length times that of the text; this keeps that linear. */
#define COND_FOLD_MAX 256

/* What a folded text of so many bytes takes at most. */
#define COND_FOLD_BYTES(n) ((n) + (n) / 2)

/* Both are valid UTF-8. */
bool cond_fold_equal(struct str s, struct str other);
bool cond_fold_starts(struct str s, struct str part);
bool cond_fold_ends(struct str s, struct str part);
bool cond_fold_contains(struct str s, struct str part);

/* Writes s to out, each character folded; returns how many bytes that are. One
 * text contains another whatever the case if, and only if, it does once both
 * are folded. */
size_t cond_fold_copy(struct str s, char *out);

/* Does folding change the text? */
bool cond_fold_changes(struct str s);

#endif
