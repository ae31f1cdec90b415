/* compare.c - equality, order and hash of values.
 *
 * Numbers are compared by what they mean, never through a rounding: an int64
 * against a double is decided by its whole part first, then by the fraction.
 * All three walks keep an explicit stack (value/stack.h).
 */
#include "value/value.h"

#include "base/hash.h"
#include "base/mem.h"
#include "value/number.h"
#include "value/stack.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FRAMES_LOCAL 24

static int sign_of(bool less, bool greater)
{
	return (int)greater - (int)less;
}

static int compare_i64_double(int64_t i, double d)
{
	if (d >= 0x1p63)
		return -1;
	if (d < -0x1p63)
		return 1;

	double whole = trunc(d);
	int64_t w = (int64_t)whole;

	if (i != w)
		return sign_of(i<w, i> w);
	return sign_of(whole<d, whole> d);
}

static int compare_u64_double(uint64_t u, double d) /* u > INT64_MAX */
{
	if (d >= 0x1p64)
		return -1;
	if (d < 0x1p63)
		return 1;

	uint64_t w = (uint64_t)d; /* no fraction up there */

	return sign_of(u<w, u> w);
}

int value_number_compare(struct value a, struct value b)
{
	enum value_type ta = value_type(a);
	enum value_type tb = value_type(b);

	if (ta == tb) {
		if (ta == VALUE_INT)
			return sign_of(a.i<b.i, a.i> b.i);
		if (ta == VALUE_UINT)
			return sign_of(a.u<b.u, a.u> b.u);
		return sign_of(a.d<b.d, a.d> b.d);
	}
	if (tb == VALUE_DOUBLE)
		return ta == VALUE_INT ? compare_i64_double(a.i, b.d)
				       : compare_u64_double(a.u, b.d);
	if (ta == VALUE_DOUBLE)
		return -value_number_compare(b, a);
	return ta == VALUE_UINT ? 1 : -1; /* beyond INT64_MAX, or not */
}

/* --- equality ---------------------------------------------------------- */

struct equal_frame {
	struct value a;
	struct value b;
	uint32_t i;
};

/* What can be said of a and b without a look into them. */
enum verdict { DIFFERENT, EQUAL, LOOK_INSIDE };

static enum verdict shallow_equal(struct value a, struct value b)
{
	if (a.tag == b.tag && a.u == b.u)
		return EQUAL; /* the same piece of the same block, too */
	if (value_is_number(a) && value_is_number(b))
		return value_number_compare(a, b) == 0 ? EQUAL : DIFFERENT;
	if (value_type(a) != value_type(b))
		return DIFFERENT;
	switch (value_type(a)) {
	case VALUE_STRING:
		return str_eq(value_str(a), value_str(b)) ? EQUAL : DIFFERENT;
	case VALUE_ARRAY:
	case VALUE_OBJECT:
		if (a.len != b.len)
			return DIFFERENT;
		return a.len ? LOOK_INSIDE : EQUAL;
	default:
		return EQUAL;
	}
}

/* Lends the pair that f has to compare next; false: b has no such member. */
static bool next_pair(struct equal_frame *f, struct value *a, struct value *b)
{
	const struct value *na = value_nodes(f->a);
	const struct value *nb = value_nodes(f->b);
	uint64_t i = f->i++;

	if (value_type(f->a) == VALUE_ARRAY) {
		*a = na[i];
		*b = nb[i];
		return true;
	}

	struct str key = value_str(na[2 * i]);

	*a = na[2 * i + 1];
	if (str_eq(key, value_str(nb[2 * i]))) { /* mostly the same order */
		*b = nb[2 * i + 1];
		return true;
	}
	return value_find(f->b, key, b);
}

bool value_equal(struct value a, struct value b)
{
	struct equal_frame local[FRAMES_LOCAL];
	struct value_stack s = VALUE_STACK(local);
	enum verdict verdict;

	for (;;) {
		verdict = shallow_equal(a, b);
		if (verdict == DIFFERENT)
			break;
		if (verdict == LOOK_INSIDE) {
			struct equal_frame *f = value_stack_push(&s, sizeof *f);

			*f = (struct equal_frame){a, b, 0};
		}

		struct equal_frame *top = s.frames;

		while (s.n && top[s.n - 1].i == top[s.n - 1].a.len)
			s.n--;
		if (!s.n)
			break;
		if (!next_pair(&top[s.n - 1], &a, &b)) {
			verdict = DIFFERENT;
			break;
		}
	}
	value_stack_fini(&s);
	return verdict != DIFFERENT;
}

/* --- order ------------------------------------------------------------- */

struct order_frame {
	struct value a;
	struct value b;
	uint32_t *order_a; /* ours: members by name; NULL for arrays */
	uint32_t *order_b; /* behind order_a, in the same memory */
	uint32_t i;
	uint32_t n; /* pairs to compare */
};

static int compare_str(struct str a, struct str b)
{
	size_t n = MIN(a.len, b.len);
	int c = n ? memcmp(a.p, b.p, n) : 0;

	return c ? c : sign_of(a.len<b.len, a.len> b.len);
}

static struct str name_of(struct value o, uint32_t member)
{
	return value_str(value_nodes(o)[2 * (uint64_t)member]);
}

static int by_name(const void *x, const void *y, void *object)
{
	struct value o = *(const struct value *)object;

	return compare_str(name_of(o, *(const uint32_t *)x),
			   name_of(o, *(const uint32_t *)y));
}

static void sort_members(struct value o, uint32_t *order)
{
	for (uint32_t i = 0; i < o.len; i++)
		order[i] = i;
	qsort_r(order, o.len, sizeof *order, by_name, &o);
}

/* jq: the sorted names decide first, as two arrays would; with the same names
 * the values decide, in the order of the names. */
static int open_objects(struct order_frame *f)
{
	f->order_a =
		mem_alloc(((uint64_t)f->a.len + f->b.len) * sizeof *f->order_a);
	f->order_b = f->order_a + f->a.len;
	sort_members(f->a, f->order_a);
	sort_members(f->b, f->order_b);
	for (uint32_t i = 0; i < f->n; i++) {
		int c = compare_str(name_of(f->a, f->order_a[i]),
				    name_of(f->b, f->order_b[i]));

		if (c)
			return c;
	}
	return sign_of(f->a.len<f->b.len, f->a.len> f->b.len);
}

/* The place of a type in jq's order; numbers are one. */
static int rank(struct value v)
{
	return value_is_number(v) ? VALUE_INT : (int)value_type(v);
}

/* Compares two scalars or opens a frame for two containers. Returns the order
 * as far as it is known: 0 means equal, or that the frame decides. */
static int compare_step(struct value_stack *s, struct value a, struct value b)
{
	int ra = rank(a);
	int rb = rank(b);

	if (ra != rb)
		return sign_of(ra<rb, ra> rb);
	switch (value_type(a)) {
	case VALUE_INT:
	case VALUE_UINT:
	case VALUE_DOUBLE:
		return value_number_compare(a, b);
	case VALUE_STRING:
		return compare_str(value_str(a), value_str(b));
	case VALUE_ARRAY:
	case VALUE_OBJECT:
		break;
	default:
		return 0;
	}
	if (a.tag == b.tag && a.u == b.u)
		return 0;

	struct order_frame *f = value_stack_push(s, sizeof *f);

	*f = (struct order_frame){.a = a, .b = b, .n = MIN(a.len, b.len)};
	return value_type(a) == VALUE_OBJECT ? open_objects(f) : 0;
}

static void close_frame(struct value_stack *s)
{
	struct order_frame *f = s->frames;

	mem_free(f[--s->n].order_a);
}

int value_compare(struct value a, struct value b)
{
	struct order_frame local[FRAMES_LOCAL];
	struct value_stack s = VALUE_STACK(local);
	int c = compare_step(&s, a, b);

	while (!c && s.n) {
		struct order_frame *f = s.frames;

		f += s.n - 1;
		if (f->i == f->n) {
			/* Of two arrays that begin alike the shorter is less;
			 * two objects here have the same names. */
			c = sign_of(f->a.len<f->b.len, f->a.len> f->b.len);
			close_frame(&s);
			continue;
		}

		const struct value *na = value_nodes(f->a);
		const struct value *nb = value_nodes(f->b);
		uint64_t ia = f->i;
		uint64_t ib = f->i;

		if (f->order_a) {
			ia = 2 * (uint64_t)f->order_a[f->i] + 1;
			ib = 2 * (uint64_t)f->order_b[f->i] + 1;
		}
		f->i++;
		c = compare_step(&s, na[ia], nb[ib]);
	}
	while (s.n)
		close_frame(&s);
	value_stack_fini(&s);
	return c;
}

/* --- hash -------------------------------------------------------------- */

struct hash_frame {
	struct value v;
	uint32_t i;
	uint64_t sum;
};

/* An object's members are summed up, since their order means nothing. */
static uint64_t fold(const struct hash_frame *f, uint64_t child)
{
	if (value_type(f->v) == VALUE_ARRAY)
		return hash_mix(f->sum ^ child, hash_key[1]);

	struct str key = value_str(value_nodes(f->v)[2 * (uint64_t)f->i]);

	return f->sum + hash_mix(hash_bytes(key.p, key.len) ^ hash_key[3],
				 child ^ hash_key[2]);
}

static inline uint64_t hash_scalar(struct value v)
{
	switch (value_type(v)) {
	case VALUE_INT:
		return value_hash_i64(v.i);
	case VALUE_UINT:
		return value_hash_u64(v.u);
	case VALUE_DOUBLE:
		return value_hash_double(v.d);
	case VALUE_STRING:
		return hash_bytes(value_str(v).p, v.len);
	default:
		return value_hash_literal(value_type(v));
	}
}

/* Not inline: a scalar, as most keys are, needs none of this frame. */
static __attribute__((noinline)) uint64_t hash_tree(struct value v)
{
	struct hash_frame local[FRAMES_LOCAL];
	struct value_stack s = VALUE_STACK(local);
	uint64_t h;

	for (;;) {
		h = hash_scalar(v); /* of a container: that of its type */

		struct hash_frame *top;

		if (value_len(v)) {
			top = value_stack_push(&s, sizeof *top);
			*top = (struct hash_frame){v, 0, h};
			h = 0;
		} else {
			/* h is whole: hand it up as far as it goes. */
			while (s.n) {
				top = (struct hash_frame *)s.frames + s.n - 1;
				h = top->sum = fold(top, h);
				if (++top->i < top->v.len)
					break;
				h = hash_mix(h, hash_key[0]);
				s.n--;
			}
			if (!s.n)
				break;
		}

		const struct value *nodes = value_nodes(top->v);

		v = value_type(top->v) == VALUE_ARRAY
			    ? nodes[top->i]
			    : nodes[2 * (uint64_t)top->i + 1];
	}
	value_stack_fini(&s);
	return h;
}

uint64_t value_hash(struct value v)
{
	return value_len(v) ? hash_tree(v) : hash_scalar(v);
}
