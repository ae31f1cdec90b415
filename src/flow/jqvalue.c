/* jqvalue.c - see jqvalue.h. */
#include "flow/jqvalue.h"

#include "base/mem.h"

#include <float.h>
#include <math.h>
#include <stdio.h>

#define NODES_MAX (1 << 20)  /* values in one result */
#define BYTES_MAX (64 << 20) /* of its strings */
#define DEPTH_MAX 256

jv jv_from_value(struct value v)
{
	const struct value *nodes;
	jv j;

	switch (value_type(v)) {
	case VALUE_NULL:
		return jv_null();
	case VALUE_FALSE:
		return jv_false();
	case VALUE_TRUE:
		return jv_true();
	case VALUE_INT:
	case VALUE_UINT:
	case VALUE_DOUBLE:
		return jv_number(value_to_double(v));
	case VALUE_STRING:
		return jv_string_sized(value_str(v).p, (int)v.len);
	case VALUE_ARRAY:
		j = jv_array_sized((int)v.len);
		nodes = value_nodes(v);
		for (uint32_t i = 0; i < v.len; i++)
			j = jv_array_append(j, jv_from_value(nodes[i]));
		return j;
	case VALUE_OBJECT:
		j = jv_object();
		nodes = value_nodes(v);
		for (uint32_t i = 0; i < v.len; i++)
			j = jv_object_set(j, jv_from_value(nodes[2 * i]),
					  jv_from_value(nodes[2 * i + 1]));
		return j;
	}
	return jv_null();
}

struct value jv_number_result(double d)
{
	if (d != d)
		return value_null();
	if (fabs(d) <= 0x1p53 && d == trunc(d))
		return value_int((int64_t)d);
	if (isinf(d))
		d = d > 0 ? DBL_MAX : -DBL_MAX;
	return value_double(d);
}

struct measure {
	uint64_t nodes;
	uint64_t bytes;
	int depth;
};

static struct value convert(jv j, struct measure *m);

/* Borrows j. */
static struct value convert_array(jv j, struct measure *m)
{
	uint32_t n = (uint32_t)jv_array_length(jv_copy(j));
	struct value *elements = mem_alloc((n + 1) * sizeof *elements);
	struct value v;

	for (uint32_t i = 0; i < n; i++)
		elements[i] = convert(jv_array_get(jv_copy(j), (int)i), m);
	v = value_array(elements, n);
	mem_free(elements);
	return v;
}

/* Borrows j. */
static struct value convert_object(jv j, struct measure *m)
{
	uint32_t n = (uint32_t)jv_object_length(jv_copy(j));
	struct value *pairs = mem_alloc((2 * n + 1) * sizeof *pairs);
	struct value v;
	uint32_t k = 0;

	for (int i = jv_object_iter(j); jv_object_iter_valid(j, i);
	     i = jv_object_iter_next(j, i)) {
		pairs[k++] = convert(jv_object_iter_key(j, i), m);
		pairs[k++] = convert(jv_object_iter_value(j, i), m);
	}
	v = value_object(pairs, k / 2);
	mem_free(pairs);
	return v;
}

static bool too_large(const struct measure *m)
{
	return m->nodes > NODES_MAX || m->bytes > BYTES_MAX ||
	       m->depth > DEPTH_MAX;
}

/* Takes j. Beyond the limits everything is null, so that the end is near. */
static struct value convert(jv j, struct measure *m)
{
	struct value v = value_null();

	m->nodes++;
	if (!too_large(m))
		switch (jv_get_kind(j)) {
		case JV_KIND_TRUE:
		case JV_KIND_FALSE:
			v = value_bool(jv_get_kind(j) == JV_KIND_TRUE);
			break;
		case JV_KIND_NUMBER:
			v = jv_number_result(jv_number_value(j));
			break;
		case JV_KIND_STRING: {
			int len = jv_string_length_bytes(jv_copy(j));

			m->bytes += (uint64_t)len;
			if (!too_large(m))
				v = value_string(str_from(jv_string_value(j),
							  (size_t)len));
			break;
		}
		case JV_KIND_ARRAY:
		case JV_KIND_OBJECT:
			if (++m->depth <= DEPTH_MAX) {
				v = jv_get_kind(j) == JV_KIND_ARRAY
					    ? convert_array(j, m)
					    : convert_object(j, m);
				m->depth--;
			}
			break;
		default:
			break;
		}
	jv_free(j);
	return v;
}

int jv_to_value(jv j, struct value *out, struct weir_error *err)
{
	struct measure m = {0};
	struct value v = convert(j, &m);

	if (too_large(&m)) {
		value_unref(v);
		return error_set(err, WEIR_EITEM,
				 "the result of the program is too large");
	}
	*out = v;
	return 0;
}

const char *jv_brief(struct value v, char out[JV_BRIEF])
{
	char cut[15];
	jv whole = jv_string(
		jv_dump_string_trunc(jv_from_value(v), cut, sizeof cut));

	snprintf(out, JV_BRIEF, "%s", jv_string_value(whole));
	jv_free(whole);
	return out;
}

struct value jv_text(struct value v)
{
	jv text = jv_dump_string(jv_from_value(v), 0);
	struct value s = value_string(
		str_from(jv_string_value(text),
			 (size_t)jv_string_length_bytes(jv_copy(text))));

	jv_free(text);
	return s;
}
