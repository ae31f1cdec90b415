/* template.h - values with places to fill in: "{job} result {nr}".
 *
 * A place {a.b} names a member of the job, or one of the run: {nr} (number of
 * the part, from 0), {ms} (milliseconds since the job was taken in), {now}
 * (RFC 3339). A string that is one place and nothing else becomes the value
 * itself ("{nr}" is a number); in a longer string values stand as text. "{{" is
 * a brace. Objects and arrays are filled in member by member.
 *
 * In a URL what is filled in is percent-encoded, in a file's path it must not
 * contain a slash, and "." and ".." are no names in either: a job can choose a
 * name there, never a place.
 */
#ifndef WEIR_SOURCE_TEMPLATE_H
#define WEIR_SOURCE_TEMPLATE_H

#include "base/buf.h"
#include "value/conf.h"
#include "value/value.h"

struct template;

enum template_kind {
	TEMPLATE_VALUE,
	TEMPLATE_URL,  /* filled in percent-encoded; RFC 3986 unreserved stay */
	TEMPLATE_PATH, /* no slash and no ".." may be filled in */
};

/* What the places stand for. */
struct template_scope {
	struct value job; /* borrowed */
	int64_t nr;
	int64_t ms;
};

/* Compiles v (borrowed). NULL with e filled (at pointer): a place that is not
 * closed. */
struct template *template_create(struct value v, enum template_kind kind,
				 const char *pointer, struct conf_error *e);
void template_destroy(struct template *t); /* NULL does nothing */

/* The filled-in value; the caller's. A place without a value is null, in a text
 * empty. */
struct value template_value(const struct template *t,
			    const struct template_scope *scope);

/* A template of a string as text, appended to out. WEIR_EINVAL with err when a
 * place has no value, or what is filled in is not allowed there. */
int template_text(const struct template *t, const struct template_scope *scope,
		  struct buf *out, struct weir_error *err);

#endif
