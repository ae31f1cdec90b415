/* operand.c - is the operand of the kind that its operator takes? */
#include "base/mem.h"
#include "cond/cidr.h"
#include "cond/fold.h"
#include "cond/grammar.h"
#include "cond/operators.h"
#include "cond/regex.h"

static int fail(struct cond_tokens *t, const struct cond_atom *a, size_t at,
		const char *wants)
{
	return cond_fail_at(t, WEIR_EINVAL, at, "%s takes %s",
			    cond_operator_of(a->op)->name, wants);
}

static int check_text(struct cond_tokens *t, struct cond_atom *a, size_t at)
{
	bool folds = a->op >= COND_IEQ && a->op <= COND_IENDS;

	if (a->claim)
		return 0;
	if (value_type(a->text) != VALUE_STRING)
		return fail(t, a, at, "a text");
	if (folds && a->text.len > COND_FOLD_MAX)
		return cond_fail_at(t, WEIR_ETOOBIG, at,
				    "%s takes at most %d bytes",
				    cond_operator_of(a->op)->name,
				    COND_FOLD_MAX);
	value_unref(a->operand);
	a->operand = value_ref(a->text);
	return 0;
}

static int check_bounds(struct cond_tokens *t, struct cond_atom *a, size_t at)
{
	const struct value *e = value_nodes(a->operand);

	if (value_type(a->operand) != VALUE_ARRAY || a->operand.len != 2 ||
	    !((value_is_number(e[0]) && value_is_number(e[1])) ||
	      (value_type(e[0]) == VALUE_STRING &&
	       value_type(e[1]) == VALUE_STRING)))
		return fail(t, a, at,
			    "its bounds, [low high], two numbers or two texts");
	return 0;
}

static int check_blocks(struct cond_tokens *t, struct cond_atom *a, size_t at)
{
	struct cond_cidr parsed;
	const struct value *e;

	if (value_type(a->operand) != VALUE_ARRAY) {
		struct value one = a->operand;

		a->operand = value_array(&one, 1);
	}
	e = value_nodes(a->operand);
	for (uint32_t i = 0; i < a->operand.len; i++)
		if (!cond_cidr_parse(value_str(e[i]), &parsed))
			return fail(t, a, at,
				    "a block of addresses, like 10.0.0.0/8 or "
				    "2001:db8::/32, or a list of them");
	return 0;
}

static int check_regex(struct cond_tokens *t, const struct cond_rules *rules,
		       struct cond_atom *a, size_t at)
{
	struct weir_error inner = {0};
	struct str text = value_str(a->text);
	int rc;

	if (value_type(a->text) != VALUE_STRING)
		return fail(t, a, at, "a regular expression");
	if (text.len > rules->regex_max)
		return cond_fail_at(t, WEIR_ETOOBIG, at,
				    "a regular expression has at most %u bytes",
				    rules->regex_max);
	rc = cond_regex_compile(text, rules->regex_states, &a->regex, &inner);
	if (rc < 0)
		return cond_fail_at(t, rc, at,
				    "regular expression, character %u: %s",
				    inner.column, inner.message);
	value_unref(a->operand);
	a->operand = value_ref(a->text);
	return 0;
}

int cond_operand_check(struct cond_tokens *t, const struct cond_rules *rules,
		       struct cond_atom *a, size_t at)
{
	enum cond_takes takes = cond_operator_of(a->op)->takes;

	if (a->claim && takes > COND_TAKES_TEXT)
		return fail(t, a, at, "no claim");
	switch (takes) {
	case COND_TAKES_TEXT:
		return check_text(t, a, at);
	case COND_TAKES_BOUNDS:
		return check_bounds(t, a, at);
	case COND_TAKES_BLOCKS:
		return check_blocks(t, a, at);
	case COND_TAKES_REGEX:
		return check_regex(t, rules, a, at);
	default:
		return 0;
	}
}
