/* conf.h - reads an object value into a C struct, by a table.
 *
 * Configuration arrives as a value (from YAML, or JSON by the admin API). Each
 * part of the server declares its keys once; unknown keys, wrong types and
 * values out of range are told with the JSON pointer of the culprit, from which
 * the reader of the file finds line and column.
 */
#ifndef WEIR_VALUE_CONF_H
#define WEIR_VALUE_CONF_H

#include "base/error.h"
#include "value/value.h"

enum conf_type {
	CONF_STRING,   /* char *, ours; NULL when absent */
	CONF_BOOL,     /* bool */
	CONF_INT,      /* int64_t within [min, max] */
	CONF_DURATION, /* int64_t ms within [min, max]; "10s" */
	CONF_BYTES,  /* int64_t bytes within [min, max]; "16KiB" or a number */
	CONF_CHOICE, /* int: index into choices */
	CONF_VALUE,  /* struct value, one reference; any type */
	CONF_OBJECT, /* the same, an object */
	CONF_LIST,   /* the same, an array */
};

struct conf_field {
	const char *name; /* NULL ends the table */
	enum conf_type type;
	size_t offset;
	bool required;
	const char *const *choices; /* CONF_CHOICE; NULL-terminated */
	int64_t min;
	int64_t max; /* 0: no bound */
};

#define CONF_POINTER_MAX 256

struct conf_error {
	char pointer[CONF_POINTER_MAX]; /* RFC 6901, of the culprit */
	bool at_key; /* the member's name is wrong, not its value */
	struct weir_error err;
};

/* Fills e (message without place) for the member name (may be NULL: the whole)
 * of the object at pointer. Returns WEIR_EINVAL. */
int conf_fail(struct conf_error *e, const char *pointer, const char *name,
	      const char *fmt, ...) PRINTF_LIKE(4, 5);

/* Reads conf, which must be an object, into out as fields say. What is absent
 * stays as it is (so defaults are put there first). pointer says where conf
 * stands. Strings and values that are replaced are not freed: defaults must be
 * static or null. On failure nothing has to be freed and strings read so far
 * are gone. */
int conf_read(struct value conf, const char *pointer,
	      const struct conf_field *fields, void *out, struct conf_error *e);

/* Frees what conf_read put there. */
void conf_free(const struct conf_field *fields, void *out);

/* pointer + "/" + name (escaped) into buf. Returns buf. */
const char *conf_pointer(char buf[CONF_POINTER_MAX], const char *pointer,
			 struct str name);

#endif
