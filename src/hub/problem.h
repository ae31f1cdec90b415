/* problem.h - errors as problem details: the same object in a response and in
 * an error event.
 *
 *     {"type":"/problems/bad-json","title":"Bad Request","status":400,
 *      "detail":"expected a value","line":1,"column":9}
 *
 * Source: RFC 9457.
 */
#ifndef WEIR_HUB_PROBLEM_H
#define WEIR_HUB_PROBLEM_H

#include "base/buf.h"
#include "base/error.h"

struct problem {
	int status;	     /* HTTP */
	const char *slug;    /* behind /problems/; static or borrowed */
	const char *detail;  /* borrowed */
	const char *pointer; /* JSON pointer into the request, or NULL */
	const char *request; /* the request's id, or NULL */
	uint32_t line;	     /* 0: no place in a text */
	uint32_t column;
};

/* The status and slug that fit err's code; detail borrows err. */
struct problem problem_of(const struct weir_error *err);

/* Standard phrase of a status ("Not Found"); never NULL. Source: RFC 9110. */
const char *problem_title(int status);

void problem_write(const struct problem *p, struct buf *out);

#endif
