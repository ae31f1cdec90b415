/* native_arith.c - jq's operators on numbers, strings, arrays and objects.
 *
 * Where jq's doubles lose digits, whole numbers stay exact here: sums,
 * differences and products that fit 64 bits, quotients without a rest, and
 * remainders of any size. (jq casts an operand of % to 64 bits; -2^63 % -1 even
 * ends its process.) An infinity becomes the largest double at once, not only
 * when it is written, and there is no negative zero among integers.
 */
#include "flow/native_arith.h"

#include "base/mem.h"
#include "flow/jqvalue.h"

#include <math.h>

#define REPEAT_MAX (16 << 20) /* bytes of string * n */

static int mismatch(struct value a, struct value b, const char *what,
		    struct weir_error *err)
{
	char brief_a[JV_BRIEF];
	char brief_b[JV_BRIEF];

	return error_set(err, WEIR_EITEM, "%s (%s) and %s (%s) cannot be %s",
			 value_type_name(a), jv_brief(a, brief_a),
			 value_type_name(b), jv_brief(b, brief_b), what);
}

/* True for INT and UINT. */
static bool wide(struct value v, __int128 *out)
{
	if (value_type(v) == VALUE_INT)
		*out = v.i;
	else if (value_type(v) == VALUE_UINT)
		*out = v.u;
	else
		return false;
	return true;
}

static struct value narrow(__int128 n)
{
	if (n >= INT64_MIN && n <= INT64_MAX)
		return value_int((int64_t)n);
	if (n > 0 && n <= UINT64_MAX)
		return value_uint((uint64_t)n);
	return jv_number_result((double)n);
}

static struct value concat(struct value a, struct value b)
{
	struct buf text = {0};
	struct value v;

	buf_append_str(&text, value_str(a));
	buf_append_str(&text, value_str(b));
	v = value_string(buf_str(&text));
	buf_fini(&text);
	return v;
}

/* Nodes of a and b one after the other: arrays and objects alike. */
static struct value join(struct value a, struct value b)
{
	uint32_t per = value_type(a) == VALUE_OBJECT ? 2 : 1;
	uint32_t na = per * value_len(a);
	uint32_t nb = per * value_len(b);
	struct value *all = mem_alloc((na + nb + 1) * sizeof *all);
	struct value v;

	for (uint32_t i = 0; i < na; i++)
		all[i] = value_ref(value_nodes(a)[i]);
	for (uint32_t i = 0; i < nb; i++)
		all[na + i] = value_ref(value_nodes(b)[i]);
	v = per == 2 ? value_object(all, (na + nb) / 2)
		     : value_array(all, na + nb);
	mem_free(all);
	return v;
}

int arith_add(struct value a, struct value b, struct value *out,
	      struct weir_error *err)
{
	__int128 x, y;

	if (value_type(a) == VALUE_INT && value_type(b) == VALUE_INT) {
		int64_t sum;

		if (!__builtin_add_overflow(a.i, b.i, &sum)) {
			*out = value_int(sum);
			return 0;
		}
	}
	if (value_type(a) == VALUE_NULL)
		*out = value_ref(b);
	else if (value_type(b) == VALUE_NULL)
		*out = value_ref(a);
	else if (wide(a, &x) && wide(b, &y))
		*out = narrow(x + y);
	else if (value_is_number(a) && value_is_number(b))
		*out = jv_number_result(value_to_double(a) +
					value_to_double(b));
	else if (value_type(a) != value_type(b) || value_type(a) < VALUE_STRING)
		return mismatch(a, b, "added", err);
	else if (value_type(a) == VALUE_STRING)
		*out = concat(a, b);
	else
		*out = join(a, b);
	return 0;
}

static struct value array_without(struct value a, struct value b)
{
	struct value *kept = mem_alloc((value_len(a) + 1) * sizeof *kept);
	struct value v;
	uint32_t n = 0;

	for (uint32_t i = 0; i < value_len(a); i++) {
		bool found = false;

		for (uint32_t j = 0; j < value_len(b) && !found; j++)
			found = value_equal(value_nodes(a)[i],
					    value_nodes(b)[j]);
		if (!found)
			kept[n++] = value_ref(value_nodes(a)[i]);
	}
	v = value_array(kept, n);
	mem_free(kept);
	return v;
}

int arith_subtract(struct value a, struct value b, struct value *out,
		   struct weir_error *err)
{
	__int128 x, y;

	if (wide(a, &x) && wide(b, &y))
		*out = narrow(x - y);
	else if (value_is_number(a) && value_is_number(b))
		*out = jv_number_result(value_to_double(a) -
					value_to_double(b));
	else if (value_type(a) == VALUE_ARRAY && value_type(b) == VALUE_ARRAY)
		*out = array_without(a, b);
	else
		return mismatch(a, b, "subtracted", err);
	return 0;
}

static int repeat(struct value s, struct value times, struct value *out,
		  struct weir_error *err)
{
	double d = value_to_double(times);
	struct buf text = {0};
	uint64_t n;

	*out = value_null();
	if (d <= 0)
		return 0;
	n = d < 1 ? 1 : d > INT32_MAX ? INT32_MAX : (uint64_t)d;
	if (n == INT32_MAX || n * s.len > REPEAT_MAX)
		return error_set(err, WEIR_EITEM,
				 "Repeat string result too long");
	while (n--)
		buf_append_str(&text, value_str(s));
	*out = value_string(buf_str(&text));
	buf_fini(&text);
	return 0;
}

/* a with the members of b, objects in both merged likewise. */
static struct value merge_deep(struct value a, struct value b)
{
	struct value v = value_ref(a);

	for (uint32_t i = 0; i < value_len(b); i++) {
		struct value key = value_nodes(b)[2 * i];
		struct value new = value_nodes(b)[2 * i + 1];
		struct value old = value_get(v, value_str(key));
		struct value with;

		if (value_type(new) == VALUE_OBJECT &&
		    value_type(old) == VALUE_OBJECT)
			new = merge_deep(old, new);
		else
			value_ref(new);
		with = value_with(v, value_str(key), new);
		value_unref(v);
		v = with;
	}
	return v;
}

int arith_multiply(struct value a, struct value b, struct value *out,
		   struct weir_error *err)
{
	enum value_type ta = value_type(a);
	enum value_type tb = value_type(b);

	if (ta == VALUE_INT && tb == VALUE_INT)
		*out = narrow((__int128)a.i * b.i);
	else if (value_is_number(a) && value_is_number(b))
		*out = jv_number_result(value_to_double(a) *
					value_to_double(b));
	else if (ta == VALUE_STRING && value_is_number(b))
		return repeat(a, b, out, err);
	else if (value_is_number(a) && tb == VALUE_STRING)
		return repeat(b, a, out, err);
	else if (ta == VALUE_OBJECT && tb == VALUE_OBJECT)
		*out = merge_deep(a, b);
	else
		return mismatch(a, b, "multiplied", err);
	return 0;
}

/* jq's "a,b" / ",": an empty separator cuts into characters. */
static struct value split(struct str s, struct str sep)
{
	struct value *parts = NULL;
	uint32_t n = 0;
	struct value v;
	size_t from = 0;

	while (s.len && from <= s.len) {
		size_t end = from;

		if (sep.len) {
			const char *hit = memmem(s.p + from, s.len - from,
						 sep.p, sep.len);

			end = hit ? (size_t)(hit - s.p) : s.len;
		} else {
			if (from == s.len)
				break;
			do
				end++;
			while (end < s.len && (s.p[end] & 0xc0) == 0x80);
		}
		if ((n & (n - 1)) == 0)
			parts = mem_realloc(parts,
					    (n ? 2 * n : 1) * sizeof *parts);
		parts[n++] = value_string(str_from(s.p + from, end - from));
		from = sep.len ? end + sep.len : end;
		if (sep.len && end == s.len)
			break;
	}
	v = value_array(parts, n);
	mem_free(parts);
	return v;
}

int arith_divide(struct value a, struct value b, struct value *out,
		 struct weir_error *err)
{
	__int128 x, y;

	if (value_is_number(a) && value_is_number(b)) {
		if (value_to_double(b) == 0)
			return mismatch(a, b,
					"divided because the divisor is zero",
					err);
		if (wide(a, &x) && wide(b, &y) && x % y == 0)
			*out = narrow(x / y);
		else
			*out = jv_number_result(value_to_double(a) /
						value_to_double(b));
		return 0;
	}
	if (value_type(a) == VALUE_STRING && value_type(b) == VALUE_STRING) {
		*out = split(value_str(a), value_str(b));
		return 0;
	}
	return mismatch(a, b, "divided", err);
}

int arith_modulo(struct value a, struct value b, struct value *out,
		 struct weir_error *err)
{
	__int128 x, y;

	if (!value_is_number(a) || !value_is_number(b))
		return mismatch(a, b, "divided (remainder)", err);
	if (trunc(value_to_double(b)) == 0)
		return mismatch(a, b,
				"divided (remainder) because the divisor is "
				"zero",
				err);
	if (value_type(a) == VALUE_INT && value_type(b) == VALUE_INT &&
	    b.i != -1)
		*out = value_int(a.i % b.i);
	else if (wide(a, &x) && wide(b, &y))
		*out = narrow(x % y);
	else
		*out = jv_number_result(fmod(trunc(value_to_double(a)),
					     trunc(value_to_double(b))));
	return 0;
}

int arith_negate(struct value v, struct value *out, struct weir_error *err)
{
	char brief[JV_BRIEF];
	__int128 x;

	if (wide(v, &x))
		*out = narrow(-x);
	else if (value_is_number(v))
		*out = jv_number_result(-value_to_double(v));
	else
		return error_set(err, WEIR_EITEM, "%s (%s) cannot be negated",
				 value_type_name(v), jv_brief(v, brief));
	return 0;
}
