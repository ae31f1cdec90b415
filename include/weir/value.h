/* value.h - the JSON value: immutable, 16 bytes, passed by value.
 *
 *     struct weir_value v = weir_object((struct weir_value[]){
 *             weir_text("id"), weir_int(7),
 *             weir_text("tags"), weir_array(tags, 2)}, 2);
 *     int64_t id;
 *
 *     weir_value_int(weir_value_get(v, "id"), &id);
 *     weir_unref(v);
 *
 * Null, booleans and numbers live in the 16 bytes; strings, arrays and objects
 * are counted and shared, never copied. Any piece of a document is a value by
 * itself and holds the document alive.
 *
 * Ownership, in three words. What makes a value TAKES its pieces, and the
 * result is yours: weir_unref it, or give it to something that takes it. What
 * reads a value (weir_value_...) BORROWS it, and lends what it finds, which
 * lives as long as the value asked. weir_ref SHARES: one count more. Values
 * without a count (weir_int ...) need no unref but bear it. All zero is null.
 *
 * Threads: any, but a value stays on the thread that made it, since counts are
 * not atomic; between threads goes text.
 */
#ifndef WEIR_VALUE_H
#define WEIR_VALUE_H

#include "weir/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Opaque: what the bits mean is weir's affair. */
struct weir_value {
	uint64_t bits[2];
};

enum weir_type {
	WEIR_NULL,
	WEIR_BOOL,
	WEIR_NUMBER, /* 64-bit integers exactly, all others as doubles */
	WEIR_STRING, /* UTF-8, may contain NUL */
	WEIR_ARRAY,
	WEIR_OBJECT,
};

/* --- counting ------------------------------------------------------------ */

struct weir_value weir_ref(struct weir_value v); /* v, one count more */
void weir_unref(struct weir_value v);

/* --- making -------------------------------------------------------------- */

struct weir_value weir_null(void);
struct weir_value weir_bool(bool b);
struct weir_value weir_int(int64_t i);
struct weir_value weir_uint(uint64_t u);
struct weir_value weir_double(double d); /* null when it is not finite */

/* Copies len bytes; each that is not part of valid UTF-8 becomes U+FFFD. */
struct weir_value weir_string(const char *p, size_t len);
struct weir_value weir_text(const char *s); /* up to its NUL */

/* Takes the elements, copies the array. */
struct weir_value weir_array(const struct weir_value *elements, size_t n);

/* Takes the 2 n values of pairs: key, value, key, value ...; keys are strings.
 * Of members with one name the last wins, at the place of the first. */
struct weir_value weir_object(const struct weir_value *pairs, size_t n);

/* object (taken) with member key set to v (taken). What is no object counts as
 * an empty one. */
struct weir_value weir_with(struct weir_value object, const char *key,
			    struct weir_value v);

/* Reads a JSON text (RFC 8259, nothing else). 0 and *out, which is yours; or a
 * negative code, err (may be NULL) and null in *out. */
int weir_json(const char *text, size_t len, struct weir_value *out,
	      struct weir_error *err);

/* --- reading ------------------------------------------------------------- */

enum weir_type weir_value_type(struct weir_value v);
/* "null" "boolean" "number" "string" "array" "object"; static. */
const char *weir_value_type_name(struct weir_value v);
bool weir_value_is_null(struct weir_value v);
bool weir_value_truthy(struct weir_value v); /* all but null and false */

/* Each is true, with *out set, when v is that: an integer, or a double without
 * a fraction, that fits; any number; a boolean. Else *out stays as it is. */
bool weir_value_int(struct weir_value v, int64_t *out);
bool weir_value_uint(struct weir_value v, uint64_t *out);
bool weir_value_number(struct weir_value v, double *out);
bool weir_value_bool(struct weir_value v, bool *out);

/* The bytes of a string, lent, with their number in *len (may be NULL); without
 * a NUL behind them. NULL when v is no string. */
const char *weir_value_string(struct weir_value v, size_t *len);
bool weir_value_is_text(struct weir_value v, const char *s); /* that string? */

size_t weir_value_len(struct weir_value v); /* elements, members; else 0 */
/* The member of an object; null when there is none. Lent. */
struct weir_value weir_value_get(struct weir_value v, const char *key);
bool weir_value_has(struct weir_value v, const char *key);
/* The element of an array; below 0 from the end; null when there is none.
 * Lent. */
struct weir_value weir_value_at(struct weir_value v, int64_t index);
/* The i-th member of an object, in order. False behind the last. Lends. */
bool weir_value_member(struct weir_value v, size_t i, struct weir_value *key,
		       struct weir_value *value);
/* What ".a.b" or ".a.0.b" finds in v; null when a step is missing. Lent. */
struct weir_value weir_value_path(struct weir_value v, const char *path);

/* JSON equality: 1 is 1.0, members have no order, true is not 1. */
bool weir_value_equal(struct weir_value a, struct weir_value b);
/* Below 0, 0, above 0: null, false, true, numbers, strings, arrays, objects. */
int weir_value_compare(struct weir_value a, struct weir_value b);

/* Writes v as JSON without white space, as snprintf does: at most cap - 1 bytes
 * and a NUL; returns the bytes of the whole text. */
size_t weir_value_json(struct weir_value v, char *out, size_t cap);
/* The whole text, NUL-terminated, yours until free(); its bytes in *len (may be
 * NULL). */
char *weir_value_to_json(struct weir_value v, size_t *len);

#ifdef __cplusplus
}
#endif

#endif
