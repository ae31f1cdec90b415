/* error.h - what went wrong, where, and what was expected.
 *
 * weir/error.h has the codes and struct weir_error; this is what fills it.
 */
#ifndef WEIR_BASE_ERROR_H
#define WEIR_BASE_ERROR_H

#include "base/buf.h"
#include "base/util.h"
#include "weir/error.h"

#include <stddef.h>
#include <stdint.h>

/* weir_error_set by the name that it has in here. */
#define error_set weir_error_set

/* Fills err (may be NULL) with what was tried and what the system said to it:
 * "cannot read x: permission denied". Returns the code of sys_errno. */
int error_sys(struct weir_error *err, int sys_errno, const char *tried, ...)
	PRINTF_LIKE(3, 4);

/* Fills err (may be NULL) with the line and column of text[offset].
 * Returns code. */
int error_at(struct weir_error *err, int code, const char *text, size_t len,
	     size_t offset, const char *fmt, ...) PRINTF_LIKE(6, 7);

/* The negative WEIR_E code of an errno (positive). */
int error_from_errno(int sys_errno);

/* Appends how a person wants to read it:
 *
 *     NAME:1:9: expected an operator
 *     where a bogus 3
 *             ^
 *
 * text is what was parsed; name (may be NULL) says where it came from.
 * A long line is cut around the place. */
void error_render(const struct weir_error *err, const char *name,
		  const char *text, size_t len, struct buf *out);

#endif
