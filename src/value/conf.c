/* conf.c - see conf.h. */
#include "value/conf.h"

#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define NAMES_MAX 64 /* fields of one table */

const char *conf_pointer(char buf[CONF_POINTER_MAX], const char *pointer,
			 struct str name)
{
	size_t at = (size_t)snprintf(buf, CONF_POINTER_MAX, "%s/", pointer);

	/* RFC 6901, section 3: ~ is ~0, / is ~1. */
	for (size_t i = 0; i < name.len && at + 3 < CONF_POINTER_MAX; i++) {
		if (name.p[i] == '~' || name.p[i] == '/') {
			buf[at++] = '~';
			buf[at++] = name.p[i] == '~' ? '0' : '1';
		} else {
			buf[at++] = name.p[i];
		}
	}
	buf[MIN(at, (size_t)CONF_POINTER_MAX - 1)] = '\0';
	return buf;
}

int conf_fail(struct conf_error *e, const char *pointer, const char *name,
	      const char *fmt, ...)
{
	char message[WEIR_ERROR_MESSAGE_MAX];
	char at[CONF_POINTER_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(message, sizeof message, fmt, ap);
	va_end(ap);
	if (name)
		conf_pointer(at, pointer, str_of(name));
	else
		snprintf(at, sizeof at, "%s", pointer);
	memcpy(e->pointer, at, sizeof at);
	e->at_key = false;
	return error_set(&e->err, WEIR_EINVAL, "%s", message);
}

static int wrong_type(struct conf_error *e, const char *pointer,
		      const struct conf_field *f, struct value v,
		      const char *wanted)
{
	return conf_fail(e, pointer, f->name, "%s is %s: expected %s", f->name,
			 value_type_name(v), wanted);
}

static int check_range(struct conf_error *e, const char *pointer,
		       const struct conf_field *f, int64_t n, const char *unit)
{
	if (n < f->min || (f->max && n > f->max)) {
		if (f->max)
			return conf_fail(e, pointer, f->name,
					 "%s must be from %lld to %lld%s",
					 f->name, (long long)f->min,
					 (long long)f->max, unit);
		return conf_fail(e, pointer, f->name,
				 "%s must be at least %lld%s", f->name,
				 (long long)f->min, unit);
	}
	return 0;
}

static int read_choice(struct conf_error *e, const char *pointer,
		       const struct conf_field *f, struct value v, int *out)
{
	char all[160] = "";
	size_t at = 0;

	for (int i = 0; f->choices[i]; i++) {
		if (value_type(v) == VALUE_STRING &&
		    str_eq(value_str(v), str_of(f->choices[i]))) {
			*out = i;
			return 0;
		}
		if (at < sizeof all)
			at += (size_t)snprintf(all + at, sizeof all - at,
					       "%s%s", i ? ", " : "",
					       f->choices[i]);
	}
	return conf_fail(e, pointer, f->name, "%s must be one of %s", f->name,
			 all);
}

static int read_field(struct value v, const char *pointer,
		      const struct conf_field *f, void *out,
		      struct conf_error *e)
{
	void *at = (char *)out + f->offset;
	struct str s = value_str(v);
	bool is_string = value_type(v) == VALUE_STRING;
	uint64_t bytes;
	int64_t n;

	switch (f->type) {
	case CONF_STRING:
		if (!is_string)
			return wrong_type(e, pointer, f, v, "a string");
		if (memchr(s.p, '\0', s.len))
			return conf_fail(e, pointer, f->name,
					 "%s contains a NUL byte", f->name);
		*(char **)at = mem_strndup(s.p, s.len);
		return 0;
	case CONF_BOOL:
		if (!value_is_bool(v))
			return wrong_type(e, pointer, f, v, "true or false");
		*(bool *)at = value_truthy(v);
		return 0;
	case CONF_INT:
		if (!value_to_i64(v, &n))
			return wrong_type(e, pointer, f, v, "a whole number");
		*(int64_t *)at = n;
		return check_range(e, pointer, f, n, "");
	case CONF_DURATION:
		if (!is_string || str_to_duration_ms(s, &n) < 0)
			return conf_fail(e, pointer, f->name,
					 "%s needs a duration with a unit: "
					 "100ms, 1.5s, 2m, 1h",
					 f->name);
		*(int64_t *)at = n;
		return check_range(e, pointer, f, n, " ms");
	case CONF_BYTES:
		if (is_string && str_to_bytes(s, &bytes) == 0)
			n = (int64_t)bytes;
		else if (!value_to_i64(v, &n))
			return conf_fail(e, pointer, f->name,
					 "%s needs a size: 512, 16KiB, 1MiB",
					 f->name);
		*(int64_t *)at = n;
		return check_range(e, pointer, f, n, " bytes");
	case CONF_CHOICE:
		return read_choice(e, pointer, f, v, at);
	case CONF_OBJECT:
		if (value_type(v) != VALUE_OBJECT)
			return wrong_type(e, pointer, f, v, "an object");
		break;
	case CONF_LIST:
		if (value_type(v) != VALUE_ARRAY)
			return wrong_type(e, pointer, f, v, "a list");
		break;
	case CONF_VALUE:
		break;
	}
	*(struct value *)at = value_ref(v);
	return 0;
}

static const struct conf_field *field_named(const struct conf_field *fields,
					    struct str name)
{
	for (; fields->name; fields++)
		if (str_eq(name, str_of(fields->name)))
			return fields;
	return NULL;
}

static int unknown_key(const char *pointer, const struct conf_field *fields,
		       struct str name, struct conf_error *e)
{
	const char *names[NAMES_MAX + 1] = {0};
	char at[CONF_POINTER_MAX];

	for (int i = 0; fields[i].name && i < NAMES_MAX; i++)
		names[i] = fields[i].name;

	const char *near = str_nearest(name, names);

	conf_pointer(at, pointer, name);
	if (near)
		conf_fail(e, at, NULL, "unknown key '%.*s': did you mean '%s'?",
			  STR_FMT(name), near);
	else
		conf_fail(e, at, NULL, "unknown key '%.*s'", STR_FMT(name));
	e->at_key = true;
	return WEIR_EINVAL;
}

int conf_read(struct value conf, const char *pointer,
	      const struct conf_field *fields, void *out, struct conf_error *e)
{
	uint64_t seen = 0; /* fields that have been read */
	int rc = 0;

	if (value_type(conf) != VALUE_OBJECT)
		return conf_fail(e, pointer, NULL,
				 "expected an object, this is %s",
				 value_type_name(conf));
	for (uint32_t i = 0; i < conf.len && rc == 0; i++) {
		const struct value *pair = value_nodes(conf) + 2 * i;
		const struct conf_field *f =
			field_named(fields, value_str(pair[0]));

		if (!f) {
			rc = unknown_key(pointer, fields, value_str(pair[0]),
					 e);
			break;
		}
		rc = read_field(pair[1], pointer, f, out, e);
		seen |= (uint64_t)1 << (f - fields);
	}
	for (const struct conf_field *f = fields; f->name && rc == 0; f++)
		if (f->required && !(seen >> (f - fields) & 1))
			rc = conf_fail(e, pointer, NULL, "%s is missing",
				       f->name);
	if (rc < 0)
		conf_free(fields, out);
	return rc;
}

void conf_free(const struct conf_field *fields, void *out)
{
	for (; fields->name; fields++) {
		void *at = (char *)out + fields->offset;

		switch (fields->type) {
		case CONF_STRING:
			mem_free(*(char **)at);
			*(char **)at = NULL;
			break;
		case CONF_VALUE:
		case CONF_OBJECT:
		case CONF_LIST:
			value_unref(*(struct value *)at);
			*(struct value *)at = value_null();
			break;
		default:
			break;
		}
	}
}
