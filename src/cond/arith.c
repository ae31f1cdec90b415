/* arith.c - arithmetic without results.
 *
 * Integers are those of any size, as in Python: whether the result is zero can
 * be told from operands of 64 bits without making it, so a power or a shift
 * costs nothing however large it would be. With a double on either side it is
 * arithmetic of doubles.
 */
#include "cond/arith.h"

#include <math.h>

typedef __int128 wide; /* any int64_t or uint64_t */

static bool is_whole(struct value v)
{
	return value_type(v) == VALUE_INT || value_type(v) == VALUE_UINT;
}

static wide to_wide(struct value v)
{
	return value_type(v) == VALUE_INT ? (wide)v.i : (wide)v.u;
}

/* Rounded down, a quotient is zero from 0 on to below 1. */
static bool floor_is_zero(wide a, wide b)
{
	return b > 0 ? a >= 0 && a < b : a <= 0 && a > b;
}

static bool power_of_whole(wide a, wide b)
{
	if (a == 0)
		return b == 0; /* a negative power of zero has no result */
	return b >= 0 || pow((double)a, (double)b) != 0;
}

static bool whole(enum cond_op op, wide a, wide b)
{
	switch (op) {
	case COND_ADD:
		return a + b != 0;
	case COND_SUB:
		return a - b != 0;
	case COND_MUL:
		return a != 0 && b != 0;
	case COND_TRUEDIV:
		return a != 0 && b != 0;
	case COND_FLOORDIV:
		return b != 0 && !floor_is_zero(a, b);
	case COND_MOD:
		return b != 0 && a % b != 0;
	case COND_POW:
		return power_of_whole(a, b);
	case COND_BIT_AND:
		return (a & b) != 0;
	case COND_BIT_OR:
		return (a | b) != 0;
	case COND_BIT_XOR:
		return a != b;
	case COND_LSHIFT:
		return b >= 0 && a != 0;
	case COND_RSHIFT: /* rounds down, so what is negative never is zero */
		return b >= 0 && (a < 0 || (b < 64 && a >> b != 0));
	default:
		return false;
	}
}

static bool decimal(enum cond_op op, double a, double b)
{
	double power;

	switch (op) {
	case COND_ADD:
		return a + b != 0;
	case COND_SUB:
		return a - b != 0;
	case COND_MUL:
		return a * b != 0;
	case COND_TRUEDIV:
		return b != 0 && a / b != 0;
	case COND_FLOORDIV:
		return b != 0 && floor(a / b) != 0;
	case COND_MOD:
		return b != 0 && fmod(a, b) != 0;
	case COND_POW:
		power = pow(a, b);
		return power != 0 && isfinite(power);
	default:
		return false; /* bits of what is not whole */
	}
}

bool cond_arith(enum cond_op op, struct value a, struct value b)
{
	if (is_whole(a) && is_whole(b))
		return whole(op, to_wide(a), to_wide(b));
	return decimal(op, value_to_double(a), value_to_double(b));
}
