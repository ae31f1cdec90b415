/* operators.c - the table of operators. Names and aliases are those of pycond,
 * except for the second half of the comparisons, which are weir's own. */
#include "cond/operators.h"

#include <string.h>

#define NOTHING COND_TAKES_NOTHING
#define ANY	COND_TAKES_ANY
#define TEXT	COND_TAKES_TEXT

static const struct cond_operator operators[] = {
	{COND_EQ, ANY, true, "eq", "== = is_ is",
	 "equal: numbers by value, strings exactly, the rest deeply"},
	{COND_NE, ANY, true, "ne", "!= is_not", "not equal"},
	{COND_GT, ANY, true, "gt", ">", "greater: two numbers, two strings"},
	{COND_GE, ANY, true, "ge", ">=", "greater or equal"},
	{COND_LT, ANY, true, "lt", "<", "less"},
	{COND_LE, ANY, true, "le", "<=", "less or equal"},
	{COND_BETWEEN, COND_TAKES_BOUNDS, false, "between", "",
	 "within [low high], both included"},
	{COND_CONTAINS, ANY, true, "contains", "",
	 "a part of a string, an element of a list, a member of an object"},
	{COND_IN, ANY, true, "in", "", "an element of a list, a part of text"},
	{COND_STARTS, TEXT, true, "startswith", "", "text begins so"},
	{COND_ENDS, TEXT, true, "endswith", "", "text ends so"},
	{COND_IEQ, TEXT, true, "ieq", "", "equal text, whatever the case"},
	{COND_ICONTAINS, TEXT, true, "icontains", "",
	 "a part of text, whatever the case"},
	{COND_ISTARTS, TEXT, true, "istartswith", "",
	 "text begins so, whatever the case"},
	{COND_IENDS, TEXT, true, "iendswith", "",
	 "text ends so, whatever the case"},
	{COND_CIDR, COND_TAKES_BLOCKS, false, "cidr", "",
	 "an address of this block, like 10.0.0.0/8 or 2001:db8::/32"},
	{COND_MATCHES, COND_TAKES_REGEX, false, "matches", "",
	 "all of the text matches this I-Regexp (RFC 9485)"},
	{COND_EXISTS, NOTHING, false, "exists", "", "there is one, null too"},
	{COND_MISSING, NOTHING, false, "missing", "", "there is none"},
	{COND_TRUTHY, COND_MAY_TAKE, true, "truthy", "",
	 "neither null, false, zero nor empty"},
	{COND_FALSY, COND_MAY_TAKE, true, "falsy", "",
	 "null, false, zero, empty or missing"},
	{COND_ADD, ANY, true, "add", "+", "the sum is not zero"},
	{COND_SUB, ANY, true, "sub", "-", "the difference is not zero"},
	{COND_MUL, ANY, true, "mul", "*", "the product is not zero"},
	{COND_TRUEDIV, ANY, true, "truediv", "/", "the quotient is not zero"},
	{COND_FLOORDIV, ANY, true, "floordiv", "//",
	 "the quotient, rounded down, is not zero"},
	{COND_MOD, ANY, true, "mod", "%", "the remainder is not zero"},
	{COND_POW, ANY, true, "pow", "**", "the power is not zero"},
	{COND_BIT_AND, ANY, true, "and_", "&", "some bit is set in both"},
	{COND_BIT_OR, ANY, true, "or_", "|", "some bit is set"},
	{COND_BIT_XOR, ANY, true, "^", "", "some bit differs"},
	{COND_LSHIFT, ANY, true, "lshift", "<<", "not zero, shifted left"},
	{COND_RSHIFT, ANY, true, "rshift", ">>", "not zero, shifted right"},
};

#undef NOTHING
#undef ANY
#undef TEXT

const struct cond_operator *cond_operator_at(size_t i)
{
	return i < ARRAY_LEN(operators) ? &operators[i] : NULL;
}

static bool is_name(const struct cond_operator *o, struct str name)
{
	return name.len && o->name[0] == name.p[0] &&
	       str_eq(name, str_of(o->name));
}

static bool has_alias(const struct cond_operator *o, struct str name)
{
	struct str rest = str_of(o->aliases);

	while (rest.p && rest.len)
		if (str_eq(str_cut(&rest, ' '), name))
			return true;
	return false;
}

const struct cond_operator *cond_operator_find(struct str name)
{
	for (size_t i = 0; i < ARRAY_LEN(operators); i++)
		if (is_name(&operators[i], name))
			return &operators[i];
	for (size_t i = 0; i < ARRAY_LEN(operators); i++)
		if (has_alias(&operators[i], name))
			return &operators[i];
	return NULL;
}

const struct cond_operator *cond_operator_of(enum cond_op op)
{
	for (size_t i = 0; i < ARRAY_LEN(operators); i++)
		if (operators[i].op == op)
			return &operators[i];
	return NULL;
}

/* What other languages call it. */
static const char *const elsewhere[][2] = {
	{"equals", "eq"},
	{"===", "eq"},
	{"<>", "ne"},
	{"like", "contains"},
	{"regex", "matches"},
	{"=~", "matches"},
	{"~", "matches"},
	{"&&", "and"},
	{"||", "or"},
	{"gte", "ge"},
	{"lte", "le"},
	{"has", "contains"},
	{"includes", "contains"},
};

const char *cond_operator_nearest(struct str written)
{
	static const char *const combinators[] = {"and", "or", "xor", "not"};
	const char *names[ARRAY_LEN(operators) + 1] = {0};
	const char *near;

	for (size_t i = 0; i < ARRAY_LEN(combinators); i++)
		if (str_ieq(written, str_of(combinators[i])))
			return combinators[i];
	for (size_t i = 0; i < ARRAY_LEN(elsewhere); i++)
		if (str_ieq(written, str_of(elsewhere[i][0])))
			return elsewhere[i][1];
	for (size_t i = 0; i < ARRAY_LEN(operators); i++) {
		names[i] = operators[i].name;
		if (str_ieq(written, str_of(names[i])))
			return names[i];
	}
	near = str_nearest(written, names);
	/* Names are short: one that begins otherwise is a guess. */
	return near && written.len && near[0] == (written.p[0] | 32) ? near
								     : NULL;
}
