/* embed_value.c - include/weir/value.h on top of value/ and json/.
 *
 * A weir_value is a struct value whose fields are nobody's business outside, so
 * each function here is a thin one. What differs is that these cannot be
 * misused by data: bytes that are no UTF-8 are replaced, a wrong type is an
 * empty answer.
 */
#include "app/embed_value.h"

#include "base/mem.h"
#include "json/parse.h"
#include "json/write.h"

#include <assert.h>
#include <string.h>

struct weir_value weir_ref(struct weir_value v)
{
	value_ref(embed_value(v));
	return v;
}

void weir_unref(struct weir_value v)
{
	value_unref(embed_value(v));
}

/* --- making -------------------------------------------------------------- */

struct weir_value weir_null(void)
{
	return embed_value_out(value_null());
}

struct weir_value weir_bool(bool b)
{
	return embed_value_out(value_bool(b));
}

struct weir_value weir_int(int64_t i)
{
	return embed_value_out(value_int(i));
}

struct weir_value weir_uint(uint64_t u)
{
	return embed_value_out(value_uint(u));
}

struct weir_value weir_double(double d)
{
	return embed_value_out(value_double(d));
}

/* s with U+FFFD for each byte that is not part of valid UTF-8. */
static struct value repaired_string(struct str s)
{
	struct buf b = {0};
	struct value v;

	for (;;) {
		size_t valid = str_utf8_valid(s);

		buf_append(&b, s.p, valid);
		if (valid == s.len)
			break;
		buf_append_cstr(&b, "\xef\xbf\xbd");
		s = str_from(s.p + valid + 1, s.len - valid - 1);
	}
	v = value_string(buf_str(&b));
	buf_fini(&b);
	return v;
}

static struct value string_of(struct str s)
{
	return str_utf8_valid(s) == s.len ? value_string(s)
					  : repaired_string(s);
}

struct weir_value weir_string(const char *p, size_t len)
{
	return embed_value_out(string_of(str_from(p, len)));
}

struct weir_value weir_text(const char *s)
{
	return embed_value_out(string_of(str_of(s)));
}

struct weir_value weir_array(const struct weir_value *elements, size_t n)
{
	assert(n <= UINT32_MAX);
	return embed_value_out(
		value_array((const struct value *)elements, (uint32_t)n));
}

struct weir_value weir_object(const struct weir_value *pairs, size_t n)
{
	assert(n <= UINT32_MAX / 2);
	return embed_value_out(
		value_object((const struct value *)pairs, (uint32_t)n));
}

struct weir_value weir_with(struct weir_value object, const char *key,
			    struct weir_value v)
{
	struct value old = embed_value(object);
	struct value name = string_of(str_of(key));
	struct value with;

	if (value_type(old) == VALUE_OBJECT)
		with = value_with(old, value_str(name), embed_value(v));
	else
		with = value_object(
			(struct value[]){value_ref(name), embed_value(v)}, 1);
	value_unref(name);
	value_unref(old);
	return embed_value_out(with);
}

int weir_json(const char *text, size_t len, struct weir_value *out,
	      struct weir_error *err)
{
	struct value v;
	int rc = json_parse(str_from(text, len), &v, err);

	*out = embed_value_out(v);
	return rc;
}

/* --- reading ------------------------------------------------------------- */

enum weir_type weir_value_type(struct weir_value v)
{
	switch (value_type(embed_value(v))) {
	case VALUE_NULL:
		return WEIR_NULL;
	case VALUE_FALSE:
	case VALUE_TRUE:
		return WEIR_BOOL;
	case VALUE_INT:
	case VALUE_UINT:
	case VALUE_DOUBLE:
		return WEIR_NUMBER;
	case VALUE_STRING:
		return WEIR_STRING;
	case VALUE_ARRAY:
		return WEIR_ARRAY;
	default:
		return WEIR_OBJECT;
	}
}

const char *weir_value_type_name(struct weir_value v)
{
	return value_type_name(embed_value(v));
}

bool weir_value_is_null(struct weir_value v)
{
	return value_type(embed_value(v)) == VALUE_NULL;
}

bool weir_value_truthy(struct weir_value v)
{
	return value_truthy(embed_value(v));
}

bool weir_value_int(struct weir_value v, int64_t *out)
{
	return value_to_i64(embed_value(v), out);
}

bool weir_value_uint(struct weir_value v, uint64_t *out)
{
	struct value inner = embed_value(v);
	int64_t i;

	if (value_type(inner) == VALUE_UINT) {
		*out = inner.u;
		return true;
	}
	if (value_to_i64(inner, &i) && i >= 0) {
		*out = (uint64_t)i;
		return true;
	}
	/* 2^64 itself does not fit; both bounds are exact doubles. */
	if (value_type(inner) != VALUE_DOUBLE || inner.d < 0x1p63 ||
	    inner.d >= 0x1p64)
		return false;
	*out = (uint64_t)inner.d; /* that large it has no fraction */
	return true;
}

bool weir_value_number(struct weir_value v, double *out)
{
	if (!value_is_number(embed_value(v)))
		return false;
	*out = value_to_double(embed_value(v));
	return true;
}

bool weir_value_bool(struct weir_value v, bool *out)
{
	if (!value_is_bool(embed_value(v)))
		return false;
	*out = value_truthy(embed_value(v));
	return true;
}

const char *weir_value_string(struct weir_value v, size_t *len)
{
	struct value inner = embed_value(v);
	struct str s = value_str(inner);

	if (len)
		*len = s.len;
	return value_type(inner) == VALUE_STRING ? s.p : NULL;
}

bool weir_value_is_text(struct weir_value v, const char *s)
{
	struct value inner = embed_value(v);

	return value_type(inner) == VALUE_STRING &&
	       str_eq(value_str(inner), str_of(s));
}

size_t weir_value_len(struct weir_value v)
{
	return value_len(embed_value(v));
}

struct weir_value weir_value_get(struct weir_value v, const char *key)
{
	return embed_value_out(value_get(embed_value(v), str_of(key)));
}

bool weir_value_has(struct weir_value v, const char *key)
{
	struct value found;

	return value_find(embed_value(v), str_of(key), &found);
}

struct weir_value weir_value_at(struct weir_value v, int64_t index)
{
	return embed_value_out(value_at(embed_value(v), index));
}

bool weir_value_member(struct weir_value v, size_t i, struct weir_value *key,
		       struct weir_value *value)
{
	struct value o = embed_value(v);

	if (value_type(o) != VALUE_OBJECT || i >= value_len(o))
		return false;
	*key = embed_value_out(value_nodes(o)[2 * i]);
	*value = embed_value_out(value_nodes(o)[2 * i + 1]);
	return true;
}

struct weir_value weir_value_path(struct weir_value v, const char *path)
{
	struct value_path p;
	struct value found = value_null();

	if (value_path_parse(&p, str_of(path), NULL) == 0) {
		value_path_find(&p, embed_value(v), &found);
		value_path_fini(&p);
	}
	return embed_value_out(found);
}

bool weir_value_equal(struct weir_value a, struct weir_value b)
{
	return value_equal(embed_value(a), embed_value(b));
}

int weir_value_compare(struct weir_value a, struct weir_value b)
{
	return value_compare(embed_value(a), embed_value(b));
}

char *weir_value_to_json(struct weir_value v, size_t *len)
{
	struct buf text = {0};

	json_write(embed_value(v), &text);
	if (len)
		*len = buf_len(&text);
	return buf_take_cstr(&text);
}

size_t weir_value_json(struct weir_value v, char *out, size_t cap)
{
	struct buf text = {0};
	size_t len;

	json_write(embed_value(v), &text);
	len = buf_len(&text);
	if (cap) {
		size_t n = MIN(len, cap - 1);

		memcpy(out, buf_bytes(&text), n);
		out[n] = '\0';
	}
	buf_fini(&text);
	return len;
}
