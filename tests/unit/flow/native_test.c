/* native_test.c - programs run natively mean what libjq means by them.
 *
 * Random programs on random items: the same value, or the same message. The
 * seed is fixed; WEIR_TEST_ROUNDS=5000 looks further.
 */
#include "flow/native.h"

#include "base/hash.h"
#include "base/mem.h"
#include "flow/jqprog.h"
#include "flow/native_shapes.h"
#include "flow/program.h"
#include "json/parse.h"
#include "json/write.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define ALL_VARS (VAR_ACC | VAR_INDEX | VAR_KEY)

static uint64_t dice_state = 1;

static uint32_t dice(uint32_t n)
{
	dice_state =
		dice_state * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)(dice_state >> 33) % n;
}

static const char *pick(const char *const *list, uint32_t n)
{
	return list[dice(n)];
}

#define PICK(...)                                \
	pick((const char *const[]){__VA_ARGS__}, \
	     sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

static void write_program(struct buf *b, int depth);

static void write_list(struct buf *b, int depth)
{
	uint32_t n = dice(3);

	buf_append_char(b, '[');
	for (uint32_t i = 0; i < n; i++) {
		if (i)
			buf_append_cstr(b, ", ");
		buf_append_char(b, '(');
		write_program(b, depth - 1);
		buf_append_char(b, ')');
	}
	buf_append_char(b, ']');
}

static void write_members(struct buf *b, int depth)
{
	uint32_t n = dice(3);

	buf_append_char(b, '{');
	for (uint32_t i = 0; i < n; i++) {
		if (i)
			buf_append_char(b, ',');
		switch (dice(4)) {
		case 0:
			buf_append_cstr(b, PICK("a", "b", "\"c d\"", "$key"));
			continue;
		case 1:
			buf_append_cstr(b, "x: .a | .b");
			continue;
		default:
			buf_append_cstr(b, PICK("a", "b", "\"q\""));
			buf_append_cstr(b, ": (");
			write_program(b, depth - 1);
			buf_append_char(b, ')');
		}
	}
	buf_append_char(b, '}');
}

static void write_leaf(struct buf *b)
{
	buf_append_cstr(b,
			PICK(".", ".a", ".b", ".a.b", ".[0]", ".[-1]", ".a[1]",
			     ".[\"a\"]", ".\"a\"", ".n", ".s", "1", "2", "0",
			     "-3", "0.5", "1e3", "10", "\"x\"", "\"ab,c\"",
			     "\"\"", "null", "true", "false", "$acc", "$acc.a",
			     "$index", "$key", "length", "tostring", "type",
			     "not", "empty", "[]", "{}", "\"\\n\\\"\\u0041\""));
}

static void write_program(struct buf *b, int depth)
{
	static const char *const infix[] = {" + ",  " - ",  " * ",  " / ",
					    " % ",  " == ", " != ", " < ",
					    " <= ", " > ",  " >= ", " and ",
					    " or ", " // ", " | ",  "+",
					    "*",    "=="};

	if (depth <= 0 || dice(5) == 0) {
		write_leaf(b);
		return;
	}
	switch (dice(10)) {
	case 0:
		buf_append_char(b, '(');
		write_program(b, depth - 1);
		buf_append_char(b, ')');
		if (dice(3) == 0)
			buf_append_cstr(b, PICK(".a", "[0]", ".b.a"));
		return;
	case 1:
		write_list(b, depth);
		return;
	case 2:
		write_members(b, depth);
		return;
	case 3:
		buf_append_cstr(b, "if ");
		write_program(b, depth - 1);
		buf_append_cstr(b, " then ");
		write_program(b, depth - 1);
		if (dice(3) == 0)
			buf_append_cstr(b, " elif .a then 7");
		buf_append_cstr(b, " else ");
		write_program(b, depth - 1);
		buf_append_cstr(b, " end");
		return;
	case 4:
		buf_append_cstr(b, PICK("error(", "select(", "-(", "("));
		write_program(b, depth - 1);
		buf_append_char(b, ')');
		return;
	default:
		write_program(b, depth - 1);
		buf_append_cstr(b, pick(infix, ARRAY_LEN(infix)));
		write_program(b, depth - 1);
	}
}

static struct value random_item(int depth)
{
	struct value kids[8];
	uint32_t n = 0;

	switch (dice(depth > 0 ? 11 : 8)) {
	case 0:
		return value_null();
	case 1:
		return value_bool(dice(2));
	case 2:
	case 3:
		return value_int((int64_t)dice(20) - 8);
	case 4:
		return value_double((dice(100) - 50.0) / 8 + 0.03125);
	case 5:
	case 6:
		return value_cstr(PICK("", "a", "ab,c", "x", "\xc3\xa9 und",
				       "a long text that has to be cut"));
	case 7:
		/* none that repeats a string to some 100 MB */
		return value_int((int64_t)1
				 << (dice(2) ? dice(12) : 36 + dice(14)));
	case 8:
		for (n = 0; n < dice(4); n++)
			kids[n] = random_item(depth - 1);
		return value_array(kids, n);
	default:
		for (; n < 3; n++) {
			kids[2 * n] = value_cstr(n == 0	  ? "a"
						 : n == 1 ? "b"
							  : PICK("n", "s"));
			kids[2 * n + 1] = random_item(depth - 1);
		}
		return value_object(kids, n);
	}
}

static const struct rx_vars no_vars = {.index = -1};

/* All that a program is run on. */
struct env {
	struct value item; /* ours, as are those in vars */
	struct rx_vars vars;
};

static struct env random_env(void)
{
	struct env env = {.item = random_item(3)};

	env.vars.acc = random_item(2);
	env.vars.key = random_item(1);
	env.vars.index = dice(5);
	return env;
}

static void env_fini(struct env *env)
{
	value_unref(env->item);
	value_unref(env->vars.acc);
	value_unref(env->vars.key);
}

/* jq tells -0 from 0, integers do not. */
static void drop_signs_of_zero(char *s)
{
	char *hit = s;

	while ((hit = strstr(hit, "-0"))) {
		if (hit[2] == '.' || (hit > s && hit[-1] == 'e'))
			hit++;
		else
			memmove(hit, hit + 1, strlen(hit));
	}
}

static bool same_text(const char *a, const char *b)
{
	char x[4096];
	char y[4096];

	snprintf(x, sizeof x, "%s", a);
	snprintf(y, sizeof y, "%s", b);
	drop_signs_of_zero(x);
	drop_signs_of_zero(y);
	return !strcmp(x, y);
}

static bool same_string(struct value a, struct value b)
{
	char *x = mem_strndup(value_str(a).p, a.len);
	char *y = mem_strndup(value_str(b).p, b.len);
	bool same = value_equal(a, b) || same_text(x, y);

	mem_free(x);
	mem_free(y);
	return same;
}

/* Numbers of both within rounding: an exact integer here may have lost its
 * last digits there. */
static bool alike(struct value a, struct value b)
{
	if (value_is_number(a) && value_is_number(b)) {
		double x = value_to_double(a);
		double y = value_to_double(b);
		double d = x > y ? x - y : y - x;

		return d <= 1e-12 * (x < 0 ? -x : x) || d == 0;
	}
	if (value_type(a) == VALUE_STRING && value_type(b) == VALUE_STRING)
		return same_string(a, b);
	if (value_type(a) != value_type(b) || value_type(a) < VALUE_ARRAY)
		return value_equal(a, b);
	if (value_len(a) != value_len(b))
		return false;
	for (uint32_t i = 0; i < value_len(a); i++) {
		const struct value *x = value_nodes(a);
		struct value y;

		if (value_type(a) == VALUE_ARRAY) {
			if (!alike(x[i], value_nodes(b)[i]))
				return false;
		} else if (!value_find(b, value_str(x[2 * i]), &y) ||
			   !alike(x[2 * i + 1], y)) {
			return false;
		}
	}
	return true;
}

static void print_value(const char *what, struct value v)
{
	struct buf b = {0};

	json_write(v, &b);
	print_error("  %s %.*s\n", what, STR_FMT(buf_str(&b)));
	buf_fini(&b);
}

static void print_result(const char *who, int rc, struct value v,
			 const struct weir_error *err)
{
	if (rc < 0)
		print_error("  %s error %s\n", who, err->message);
	else if (rc == NATIVE_EMPTY)
		print_error("  %s nothing\n", who);
	else
		print_value(who, v);
}

static bool same_on(const struct native *n, struct jqprog *jq,
		    const struct env *env)
{
	struct weir_error e1 = {0};
	struct weir_error e2 = {0};
	struct value v1 = value_null();
	struct value v2 = value_null();
	int rc1 = native_eval(n, env->item, &env->vars, &v1, &e1);
	int rc2 = jqprog_run(jq, env->item, &env->vars, &v2, &e2);
	bool same = rc1 == rc2 && (rc1 < 0 ? same_text(e1.message, e2.message)
					   : alike(v1, v2));

	if (!same) {
		print_value("item", env->item);
		print_value("$acc", env->vars.acc);
		print_value("$key", env->vars.key);
		print_result("native", rc1, v1, &e1);
		print_result("libjq", rc2, v2, &e2);
	}
	value_unref(v1);
	value_unref(v2);
	return same;
}

/* Returns whether the program was run at all. */
static bool check_program(struct str text, int items)
{
	unsigned uses;
	struct native *n = native_parse(text, ALL_VARS, &uses);
	struct weir_error err = {0};
	struct jqprog *jq;

	if (!n)
		return false;
	if (jqprog_open(text, ALL_VARS, &jq, &err) < 0) {
		print_error("native takes what libjq refuses: %.*s\n  %s\n",
			    STR_FMT(text), err.message);
		fail();
	}
	for (int i = 0; i < items; i++) {
		struct env env = random_env();

		if (!same_on(n, jq, &env)) {
			print_error("  program %.*s\n", STR_FMT(text));
			fail();
		}
		env_fini(&env);
	}
	jqprog_close(jq);
	native_destroy(n);
	return true;
}

static void random_programs_give_what_libjq_gives(void **state)
{
	const char *rounds = getenv("WEIR_TEST_ROUNDS");
	int n = rounds ? atoi(rounds) : 150;
	const char *seed = getenv("WEIR_TEST_SEED");
	int ran = 0;

	dice_state = seed ? strtoull(seed, NULL, 10) : 7;
	for (int i = 0; i < n; i++) {
		struct buf b = {0};

		write_program(&b, 4);
		ran += check_program(buf_str(&b), 30);
		buf_fini(&b);
	}
	/* A test that falls back to libjq everywhere would prove nothing. */
	assert_true(ran * 2 > n);
}

static const char *const usual[] = {
	".",
	".v > 3",
	".a.b == \"x\"",
	". % 2 == 0",
	"$acc + .n",
	"{id, f: (.c * 1.8 + 32)}",
	"[.k, .v]",
	"if . > 11 then error(\"big\") else . end",
	"[$key, .]",
	"$index % 2 == 1",
	".a // 0",
	"\"caught: \" + tostring",
	"(13 - .) * 10",
	".[1].v - .[0].v",
	". != 3 and (. > 2 or . == 1)",
	"[[.], [length, [.]]]",
	"select(.a) | .b",
	".a | length",
	"0 - .v",
	"-1 * 2 + .a",
	"1 - -1",
	"{a: 1} + {b: 2, a: .}",
	"$acc.n // \"none\" | tostring",
	"[.a, .b] | length > 1",
	"{$key, $index}",
};

static void the_usual_programs_are_native(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(usual); i++)
		if (!check_program(str_of(usual[i]), 20)) {
			print_error("not native: %s\n", usual[i]);
			fail();
		}
}

/* One or two bytes put in or replaced: what native still takes,
 * libjq has to take as well, and to mean the same by. (No e among them: jq
 * takes the field .e2 for a broken number, we do not.) */
static void programs_with_slips_give_what_libjq_gives(void **state)
{
	static const char bytes[] = " .|,:;()[]{}\"$+-*/%=!<>?#ab01_\\";
	const char *rounds = getenv("WEIR_TEST_ROUNDS");
	int n = rounds ? 20 * atoi(rounds) : 1000;

	for (int i = 0; i < n; i++) {
		struct buf b = {0};

		buf_append_cstr(&b, usual[dice(ARRAY_LEN(usual))]);
		for (uint32_t edits = 1 + dice(2); edits; edits--) {
			size_t len = buf_len(&b);
			size_t at = dice((uint32_t)len);
			char *p;

			buf_append_char(&b, ' ');
			p = buf_bytes(&b);
			if (dice(2)) {
				memmove(p + at + 1, p + at, len - at);
			} else {
				b.end--;
			}
			p[at] = bytes[dice(sizeof bytes - 1)];
		}
		check_program(buf_str(&b), 3);
		buf_fini(&b);
	}
}

/* The same node on the same item, by the function of its shape and by that of
 * its meaning. */
static bool same_the_long_way(const struct native *n, const struct env *env)
{
	struct weir_error e1 = {0};
	struct weir_error e2 = {0};
	struct value v1 = value_null();
	struct value v2 = value_null();
	int rc1 = native_eval(n, env->item, &env->vars, &v1, &e1);
	int rc2 = native_binary(n, env->item, &env->vars, &v2, &e2);
	bool same = rc1 == rc2 && (rc1 < 0 ? strcmp(e1.message, e2.message) == 0
					   : value_type(v1) == value_type(v2) &&
						     value_equal(v1, v2));

	value_unref(v1);
	value_unref(v2);
	return same;
}

static void each_shape_is_quick_and_gives_what_the_long_way_gives(void **state)
{
	static const char *const infix[] = {"==", "!=", "<", "<=", ">", ">=",
					    "+",  "-",	"*", "/",  "%"};
	static const char *const operands[] = {
		".",
		"$acc",
		".a",
		".a.b",
		".[0]",
		"$index",
		"3",
		"(-3)",
		"0.5",
		"\"x\"",
		"(. + 1)",
		"(.a | tostring)",
		"9223372036854775807",
		"error(\"bad\")",
		"empty",
	};
	uint32_t quick = 0;

	for (size_t i = 0;
	     i < ARRAY_LEN(infix) * ARRAY_LEN(operands) * ARRAY_LEN(operands);
	     i++) {
		size_t pair = i / ARRAY_LEN(infix);
		char text[80];
		unsigned uses;
		struct native *n;

		snprintf(text, sizeof text, "%s %s %s",
			 operands[pair / ARRAY_LEN(operands)],
			 infix[i % ARRAY_LEN(infix)],
			 operands[pair % ARRAY_LEN(operands)]);
		n = native_parse(str_of(text), ALL_VARS, &uses);
		if (!n)
			continue; /* two constants: libjq folds them */
		quick += n->eval != native_binary;
		for (int k = 0; k < 20; k++) {
			struct env env = random_env();

			if (!same_the_long_way(n, &env))
				fail_msg("%s", text);
			env_fini(&env);
		}
		native_destroy(n);
	}
	assert_true(quick > 600);
}

/* Grammar that looks like ours and is not. Native may not take these. */
static const char *const refused[] = {
	"",
	"1 < 2 < 3",
	"{a: 1 + 2}",
	".a b",
	".foo.[0]",
	"[1,2,]",
	"{a: .x // 1}",
	". foo",
	"'a'",
	"1 +",
	")",
	"if 1 then 2 end",
	"$nobody",
	"1 / 0",
	"{a: if 1 then 2 else 3 end}",
	"[1,2|3]",
	"..",
	"\"\\(.a)\"",
	".[]",
	".a?",
	"1, 2",
	"def f: 1; f",
	".a = 1",
	"@base64",
};

static void what_is_beyond_the_grammar_is_left_to_libjq(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		unsigned uses;
		struct native *n =
			native_parse(str_of(refused[i]), ALL_VARS, &uses);

		if (n) {
			print_error("taken: %s\n", refused[i]);
			fail();
		}
	}
}

static struct value eval_text(const char *program, const char *item)
{
	struct weir_error err = {0};
	struct value out = value_null();
	struct value v;
	unsigned uses;
	struct native *n = native_parse(str_of(program), ALL_VARS, &uses);

	assert_non_null(n);
	assert_int_equal(json_parse(str_of(item), &v, &err), 0);
	if (native_eval(n, v, &no_vars, &out, &err) < 0)
		fail_msg("%s", err.message);
	value_unref(v);
	native_destroy(n);
	return out;
}

static void expect(const char *program, const char *item, const char *result)
{
	struct value v = eval_text(program, item);
	struct buf b = {0};

	json_write(v, &b);
	buf_append_char(&b, '\0');
	assert_string_equal(buf_bytes(&b), result);
	buf_fini(&b);
	value_unref(v);
}

static void large_integers_stay_exact(void **state)
{
	expect(". + 1", "9007199254740993", "9007199254740994");
	expect(". * 3", "3074457345618258602", "9223372036854775806");
	expect(". - 1", "9223372036854775808", "9223372036854775807");
	expect(". / 3", "9223372036854775806", "3074457345618258602");
	expect("tostring", "9223372036854775807", "\"9223372036854775807\"");
	expect(". == 9007199254740992", "9007199254740993", "false");
}

static void the_remainder_that_traps_in_libjq_is_zero(void **state)
{
	expect(".[0] % .[1]", "[-9223372036854775808, -1]", "0");
	expect(".[0] % .[1]", "[1e300, -1]", "0");
}

static void a_trap_in_libjq_is_an_error_of_the_item(void **state)
{
	struct weir_error err = {0};
	struct jqprog *jq;
	struct value out;
	struct value v;

	assert_int_equal(json_parse(STR("[-1e300, -1]"), &v, &err), 0);
	assert_int_equal(jqprog_open(STR("[.[0] % .[1]][]"), 0, &jq, &err), 0);
	assert_int_equal(jqprog_run(jq, v, &no_vars, &out, &err), WEIR_EITEM);
	assert_string_equal(err.message,
			    "an arithmetic overflow in the program");
	value_unref(v);
	/* and the program still works */
	assert_int_equal(json_parse(STR("[7, 4]"), &v, &err), 0);
	assert_int_equal(jqprog_run(jq, v, &no_vars, &out, &err), 0);
	assert_int_equal(out.i, 3);
	value_unref(v);
	jqprog_close(jq);
}

static void a_repeated_string_has_a_bound(void **state)
{
	struct weir_error err = {0};
	struct value out;
	unsigned uses;
	struct native *n = native_parse(STR("\"abc\" * ."), ALL_VARS, &uses);

	assert_int_equal(native_eval(n, value_int(1000000000), &no_vars, &out,
				     &err),
			 WEIR_EITEM);
	native_destroy(n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_programs_give_what_libjq_gives),
		cmocka_unit_test(the_usual_programs_are_native),
		cmocka_unit_test(programs_with_slips_give_what_libjq_gives),
		cmocka_unit_test(
			each_shape_is_quick_and_gives_what_the_long_way_gives),
		cmocka_unit_test(what_is_beyond_the_grammar_is_left_to_libjq),
		cmocka_unit_test(large_integers_stay_exact),
		cmocka_unit_test(the_remainder_that_traps_in_libjq_is_zero),
		cmocka_unit_test(a_trap_in_libjq_is_an_error_of_the_item),
		cmocka_unit_test(a_repeated_string_has_a_bound),
	};

	hash_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
