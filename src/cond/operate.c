/* operate.c - see operate.h.
 *
 * Only two numbers or two strings have an order, booleans are no numbers, and
 * what a comparison makes no sense for does not match. A claim that is not
 * there meets nothing, not even another one that is not there.
 */
#include "cond/operate.h"

#include "cond/arith.h"
#include "cond/fold.h"
#include "cond/literal.h"
#include "cond/regex.h"
#include "value/number.h"

#include <string.h>

/* --- what is in a view --------------------------------------------------- */

static enum value_type type_of(const struct cond_view *a)
{
	return value_type(a->v);
}

static bool is_string(const struct cond_view *a)
{
	return type_of(a) == VALUE_STRING;
}

static const struct json_leaf *leaf_end(const struct cond_view *a)
{
	return a->first + a->leaf->end;
}

static const struct json_leaf *next_leaf(const struct json_leaf *leaf,
					 const struct json_leaf *first)
{
	return leaf->type >= VALUE_ARRAY ? first + leaf->end : leaf + 1;
}

static bool is_truthy(const struct cond_view *a)
{
	switch (type_of(a)) {
	case VALUE_NULL:
	case VALUE_FALSE:
		return false;
	case VALUE_TRUE:
		return true;
	case VALUE_INT:
	case VALUE_UINT:
	case VALUE_DOUBLE:
		return value_to_double(a->v) != 0;
	case VALUE_STRING:
		return a->s.len > 0;
	default:
		return a->leaf ? leaf_end(a) > a->leaf + 1 : a->v.len > 0;
	}
}

/* The member of an object, which both may have repeated only once. */
static bool find_member(const struct cond_view *a, struct str name,
			struct cond_view *out)
{
	struct value v;
	uint64_t hash;

	if (!a->leaf) {
		if (!value_find(a->v, name, &v))
			return false;
		*out = cond_view_value(v);
		return true;
	}
	hash = json_name_hash(name);
	for (const struct json_leaf *l = a->leaf + 1; l < leaf_end(a);
	     l = next_leaf(l, a->first))
		if (l->name == hash) {
			*out = cond_view_leaf(l, a->first);
			return true;
		}
	return false;
}

/* --- equality ------------------------------------------------------------ */

static bool equal_arrays(const struct cond_view *a, struct value b)
{
	const struct json_leaf *l = a->leaf + 1;

	for (uint32_t i = 0; i < b.len; i++) {
		struct cond_view x, y;

		if (l >= leaf_end(a))
			return false;
		x = cond_view_leaf(l, a->first);
		y = cond_view_value(value_nodes(b)[i]);
		if (!cond_view_equal(&x, &y))
			return false;
		l = next_leaf(l, a->first);
	}
	return l == leaf_end(a);
}

static bool equal_objects(const struct cond_view *a, struct value b)
{
	uint32_t n = 0;

	for (const struct json_leaf *l = a->leaf + 1; l < leaf_end(a);
	     l = next_leaf(l, a->first))
		n++;
	if (n != b.len)
		return false;
	for (uint32_t i = 0; i < n; i++) {
		struct str name = value_str(value_nodes(b)[2 * i]);
		struct cond_view x, y;

		y = cond_view_value(value_nodes(b)[2 * i + 1]);
		if (!find_member(a, name, &x) || !cond_view_equal(&x, &y))
			return false;
	}
	return true;
}

/* Recurses as deep as the one from a tree, an operand, which is limited. */
bool cond_view_equal(const struct cond_view *a, const struct cond_view *b)
{
	if (value_is_number(a->v) && value_is_number(b->v))
		return value_number_compare(a->v, b->v) == 0;
	if (type_of(a) != type_of(b))
		return false;
	if (type_of(a) < VALUE_STRING)
		return true;
	if (is_string(a))
		return str_eq(a->s, b->s);
	if (!a->leaf && !b->leaf)
		return value_equal(a->v, b->v);
	if (!a->leaf)
		return cond_view_equal(b, a);
	return type_of(a) == VALUE_ARRAY ? equal_arrays(a, b->v)
					 : equal_objects(a, b->v);
}

/* --- order --------------------------------------------------------------- */

static struct str without_zeros(struct str digits)
{
	while (digits.len > 1 && digits.p[0] == '0')
		digits = str_from(digits.p + 1, digits.len - 1);
	return digits;
}

static struct str without_sign(struct str number)
{
	return number.p[0] == '-' || number.p[0] == '+'
		       ? str_from(number.p + 1, number.len - 1)
		       : number;
}

/* Whole numbers of any size, by their text. */
static int compare_digits(struct str a, struct str b)
{
	bool minus = a.p[0] == '-';
	int order;

	if (minus != (b.p[0] == '-'))
		return minus ? -1 : 1;
	a = without_zeros(without_sign(a));
	b = without_zeros(without_sign(b));
	if (a.len != b.len)
		order = a.len < b.len ? -1 : 1;
	else
		order = memcmp(a.p, b.p, a.len);
	return minus ? -order : order;
}

/* A document that is text still has the digits that a double does not. */
static bool has_digits(const struct cond_view *a)
{
	return a->leaf && type_of(a) == VALUE_DOUBLE &&
	       cond_is_integer(str_from(a->leaf->p, a->leaf->len));
}

static int compare_strings(struct str a, struct str b)
{
	size_t n = MIN(a.len, b.len);
	int order = n ? memcmp(a.p, b.p, n) : 0;

	return order ? order : (a.len > n) - (b.len > n);
}

static bool compare(const struct cond_view *a, const struct cond_operand *b,
		    int *order)
{
	if (value_is_number(a->v) && value_is_number(b->view.v)) {
		*order = b->digits && has_digits(a)
				 ? compare_digits(str_from(a->leaf->p,
							   a->leaf->len),
						  b->text)
				 : value_number_compare(a->v, b->view.v);
		return true;
	}
	if (!is_string(a) || !is_string(&b->view))
		return false;
	*order = compare_strings(a->s, b->view.s);
	return true;
}

static bool equal(const struct cond_view *a, const struct cond_operand *b)
{
	int order;

	if (b->digits)
		return compare(a, b, &order) && order == 0;
	return cond_view_equal(a, &b->view);
}

static bool between(const struct cond_view *a, const struct cond_operand *b)
{
	const struct value *bounds = value_nodes(b->view.v);
	struct cond_operand low = {.view = cond_view_value(bounds[0])};
	struct cond_operand high = {.view = cond_view_value(bounds[1])};
	int order;

	return compare(a, &low, &order) && order >= 0 &&
	       compare(a, &high, &order) && order <= 0;
}

/* --- parts of something -------------------------------------------------- */

static bool has_part(struct str s, struct str part)
{
	return !part.len ||
	       (part.len <= s.len && memmem(s.p, s.len, part.p, part.len));
}

/* What a string has to have as a part: as written, if it was a word. */
static bool needle_of(const struct cond_view *b, struct str text,
		      struct str *out)
{
	*out = text.p ? text : b->s;
	return text.p || is_string(b);
}

/* A list from a tree, which most are: those of `in`. */
static bool tree_has_element(struct value list, const struct cond_view *element)
{
	const struct value *nodes = value_nodes(list);
	struct cond_view e;

	for (uint32_t i = 0; i < list.len; i++) {
		if (value_type(nodes[i]) != type_of(element) &&
		    !(value_is_number(nodes[i]) && value_is_number(element->v)))
			continue;
		if (is_string(element)) {
			if (str_eq(value_str(nodes[i]), element->s))
				return true;
			continue;
		}
		e = cond_view_value(nodes[i]);
		if (cond_view_equal(element, &e))
			return true;
	}
	return false;
}

/* By halving. A scalar of another type than the element stands where all of
 * its type stand, see value_compare. */
static bool sorted_has_element(struct value list,
			       const struct cond_view *element)
{
	const struct value *nodes = value_nodes(list);
	uint32_t low = 0;
	uint32_t high = list.len;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		struct value e = nodes[middle];
		int order;

		if (is_string(element) && value_type(e) == VALUE_STRING)
			order = compare_strings(element->s, value_str(e));
		else if (is_string(element))
			order = 1; /* no list and no object stands in it */
		else
			order = value_compare(element->v, e);
		if (!order)
			return true;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return false;
}

static bool has_element(const struct cond_view *list,
			const struct cond_view *element)
{
	struct cond_view e;

	if (!list->leaf)
		return tree_has_element(list->v, element);
	for (const struct json_leaf *l = list->leaf + 1; l < leaf_end(list);
	     l = next_leaf(l, list->first)) {
		e = cond_view_leaf(l, list->first);
		if (cond_view_equal(&e, element))
			return true;
	}
	return false;
}

/* text is that of part; p is NULL if it was not written. */
static bool contains(const struct cond_view *whole,
		     const struct cond_view *part, struct str text)
{
	struct cond_view member;
	struct str needle;

	switch (type_of(whole)) {
	case VALUE_STRING:
		return needle_of(part, text, &needle) &&
		       has_part(whole->s, needle);
	case VALUE_ARRAY:
		return has_element(whole, part);
	case VALUE_OBJECT:
		return needle_of(part, text, &needle) &&
		       find_member(whole, needle, &member);
	default:
		return false;
	}
}

static bool text_holds(enum cond_op op, struct str s, struct str part)
{
	switch (op) {
	case COND_STARTS:
		return str_starts(s, part);
	case COND_ENDS:
		return str_ends(s, part);
	case COND_IEQ:
		return cond_fold_equal(s, part);
	case COND_ICONTAINS:
		return cond_fold_contains(s, part);
	case COND_ISTARTS:
		return cond_fold_starts(s, part);
	default:
		return cond_fold_ends(s, part);
	}
}

static bool in_blocks(const struct cond_view *a, const struct cond_operand *b)
{
	for (uint32_t i = 0; i < b->n_blocks; i++)
		if (cond_cidr_has(&b->blocks[i], a->s))
			return true;
	return false;
}

/* --- arithmetic ---------------------------------------------------------- */

/* Text and lists can be joined and repeated: is the result not empty? */
static bool joined(enum cond_op op, const struct cond_view *a,
		   const struct cond_view *b)
{
	bool times = value_type(b->v) == VALUE_INT && b->v.i > 0;

	if (op == COND_ADD)
		return type_of(a) == type_of(b) && type_of(a) <= VALUE_ARRAY &&
		       (is_truthy(a) || is_truthy(b));
	return op == COND_MUL && type_of(a) <= VALUE_ARRAY && is_truthy(a) &&
	       times;
}

static bool arithmetic(enum cond_op op, const struct cond_view *a,
		       const struct cond_view *b)
{
	if (value_is_number(a->v) && value_is_number(b->v))
		return cond_arith(op, a->v, b->v);
	if (type_of(a) >= VALUE_STRING)
		return joined(op, a, b);
	return type_of(b) >= VALUE_STRING && op == COND_MUL && joined(op, b, a);
}

/* --- all of them --------------------------------------------------------- */

static bool operate(enum cond_op op, const struct cond_view *a,
		    const struct cond_view *b)
{
	if (op > COND_IENDS)
		return arithmetic(op, a, b);
	return is_string(a) && is_string(b) && text_holds(op, a->s, b->s);
}

bool cond_operate(enum cond_op op, bool reversed, const struct cond_view *value,
		  const struct cond_operand *operand)
{
	int order;

	switch (op) {
	case COND_TRUTHY:
		return is_truthy(value);
	case COND_FALSY:
		return !is_truthy(value);
	case COND_EQ:
		return equal(value, operand);
	case COND_NE:
		return !equal(value, operand);
	case COND_GT:
	case COND_GE:
	case COND_LT:
	case COND_LE:
		if (!compare(value, operand, &order))
			return false;
		if (reversed)
			order = -order;
		return op == COND_GT   ? order > 0
		       : op == COND_GE ? order >= 0
		       : op == COND_LT ? order < 0
				       : order <= 0;
	case COND_BETWEEN:
		return between(value, operand);
	case COND_CIDR:
		return is_string(value) && in_blocks(value, operand);
	case COND_MATCHES:
		return is_string(value) &&
		       cond_regex_matches(operand->regex, value->s);
	case COND_CONTAINS:
	case COND_IN: /* each is the other one reversed */
		if ((op == COND_CONTAINS) != reversed)
			return contains(value, &operand->view, operand->text);
		if (operand->sorted)
			return type_of(value) < VALUE_ARRAY &&
			       sorted_has_element(operand->view.v, value);
		return contains(&operand->view, value, (struct str){0});
	default:
		if (reversed)
			return operate(op, &operand->view, value);
		return operate(op, value, &operand->view);
	}
}
